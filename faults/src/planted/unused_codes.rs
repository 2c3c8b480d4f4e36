//! Services that take wrong codes only while the codes are unused: a wrong pair right after a right one is refused.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Request, Step};

use super::codes::fresh;
use crate::altered::{Altered, rules};
use crate::entry::Difficulty::Stateful;
use crate::entry::{Planted, plant};
use crate::parts::{named, refused_with};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;

/// Whether a pair passes, given the fresh one.
type Measure = fn((&str, &str), (&str, &str)) -> bool;

/// Takes pairs that pass this measure from a device whose codes were accepted before, if they are newer than those.
struct WhileUnused {
    operation: MfaOperation,
    passes: Measure,
}

impl WhileUnused {
    fn is_right(&self, seed: &Seed, pair: (&str, &str), now: Step) -> bool {
        let (one, two) = fresh(seed, now);
        (self.passes)(pair, (&one, &two))
    }
}

impl Rules for WhileUnused {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == self.operation) else {
            return decision;
        };
        let Some((id, device)) = named.device else { return decision };
        let (Some(last), Some(seed)) = (memory.last_accepted.get(&id), &device.seed) else { return decision };
        let now = situation.now.step();
        if now.plus(-1) > last.second && self.is_right(seed, (one, two), now) { named.carried_out() } else { decision }
    }
}

fn takes(operation: MfaOperation, passes: Measure) -> Altered {
    rules(WhileUnused { operation, passes })
}

pub(crate) const FAULTS: &[Planted] = &[
    plant(
        "resync-unused-pair-reversed-taken",
        "ResyncMFADevice takes a fresh pair in either order, if no code of it was used.",
        C::ResyncCode2Subsequent,
        &[],
        (Stateful, 4),
        || takes(RESYNC, |(one, two), (first, second)| (one, two) == (second, first)),
    ),
    plant(
        "resync-unused-code-twice-taken",
        "ResyncMFADevice takes the current code twice, if it was not used.",
        C::ResyncCode2Subsequent,
        &[],
        (Stateful, 4),
        || takes(RESYNC, |(one, two), (_, second)| (one, two) == (second, second)),
    ),
    plant(
        "resync-unused-first-code-suffices",
        "ResyncMFADevice looks at the first code only, if it was not used.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        (Stateful, 4),
        || takes(RESYNC, |(one, _), (first, _)| one == first),
    ),
    plant(
        "resync-unused-second-code-suffices",
        "ResyncMFADevice looks at the second code only, if it was not used.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        (Stateful, 4),
        || takes(RESYNC, |(_, two), (_, second)| two == second),
    ),
    plant(
        "enable-again-unused-pair-reversed-taken",
        "EnableMFADevice takes a fresh pair in either order from a device that was enabled before.",
        C::EnableCode2Subsequent,
        &[],
        (Stateful, 5),
        || takes(ENABLE, |(one, two), (first, second)| (one, two) == (second, first)),
    ),
    plant(
        "enable-again-unused-first-code-suffices",
        "EnableMFADevice looks at the first code only of a device that was enabled before.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent],
        (Stateful, 5),
        || takes(ENABLE, |(one, _), (first, _)| one == first),
    ),
];
