//! Services that accept wrong codes only while the codes are unused, and whose other mistakes hide behind used codes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::UserId;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Request, TimeStep};

use super::codes::fresh;
use super::late2::pair::pair;
use crate::altered::{Altered, decides, rules};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{named, owner_of, refuse, refused_with};

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
    fn is_right(&self, seed: &Seed, pair: (&str, &str), now: TimeStep) -> bool {
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

/// Takes the fresh codes of other assigned devices: of those of the same user, or of those of others.
struct OfOthers {
    operation: MfaOperation,
    own: bool,
}

impl Rules for OfOthers {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let now = situation.now.step();
        let is_theirs = situation.account.devices_after("").any(|(id, device)| {
            let owner = owner_of(situation.account, id);
            let is_unused = memory.last_accepted.get(&id).is_some_and(|last| now.plus(-1) > last.second);
            let fits = owner.is_some() && (owner == named.user) == self.own && named.id() != Some(id) && is_unused;
            fits && device.seed.as_ref().is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()))
        });
        if named.operation == self.operation && is_theirs { named.carried_out() } else { decision }
    }
}

fn takes_of_others(operation: MfaOperation, own: bool) -> Altered {
    rules(OfOthers { operation, own })
}

/// Refuses used codes before it looks whose the device is, and takes the first owner of a name for its owner.
struct FormerNames {
    names: Mutex<BTreeMap<String, UserId>>,
}

impl Rules for FormerNames {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut first_owners = held(&self.names);
        for (id, user) in situation.account.users() {
            first_owners.entry(user.entry.user_name.clone()).or_insert(id);
        }
        let decision = Documented::default().decide(situation, request, memory);
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let first = named.user_name.and_then(|name| first_owners.get(name).copied());
        let is_first = first.is_some() && first == named.owner() && first != named.user;
        if named.operation != RESYNC || !is_first || named.user.is_none() {
            return decision;
        }
        let now = situation.now.step();
        let Some((id, device)) = named.device else { return decision };
        let is_unused = memory.last_accepted.get(&id).is_none_or(|last| now.plus(-1) > last.second);
        let is_right = device.seed.as_ref().is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()));
        if is_unused && is_right { named.carried_out() } else { refuse(ErrorCode::InvalidAuthenticationCode) }
    }
}

/// Also takes the codes of deleted devices that had the same name.
fn keeps_seeds_of_deleted_devices() -> Altered {
    let seeds: Mutex<BTreeMap<Box<str>, Vec<Arc<Seed>>>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut seeds = held(&seeds);
        for (_, device) in situation.account.devices_after("") {
            let known = seeds.entry(device.serial_number.clone()).or_default();
            known.extend(device.seed.iter().filter(|seed| !known.contains(seed)).cloned().collect::<Vec<_>>());
        }
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let former = named.serial.and_then(|serial| seeds.get(serial));
        let pair = (one.to_owned(), two.to_owned());
        let emitted = |seeds: &Vec<Arc<Seed>>| seeds.iter().any(|seed| fresh(seed, situation.now.step()) == pair);
        if former.is_some_and(emitted) { named.carried_out() } else { decision }
    })
}

/// Takes the code that comes first and is right, whatever the other parameter holds, while codes are unused.
struct FirstCodeSuffices;

impl Rules for FirstCodeSuffices {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let malformed = code2.text.is_none_or(|code| code.len() != 6) && refused_with(&decision).is_some();
        let Some(named) = named(situation, request).filter(|named| malformed && named.operation == RESYNC) else {
            return decision;
        };
        let Some((id, device)) = named.device.filter(|_| named.user.is_some() && named.owner() == named.user) else {
            return decision;
        };
        let now = situation.now.step();
        let is_unused = memory.last_accepted.get(&id).is_none_or(|last| now.plus(-1) > last.second);
        let is_right = device.seed.as_ref().is_some_and(|seed| code1.text == Some(&*fresh(seed, now).0));
        if is_unused && is_right { named.carried_out() } else { decision }
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "resync-unused-pair-reversed-taken",
        "ResyncMFADevice takes a fresh pair in either order, if no code of it was used.",
        C::ResyncCode2Subsequent,
        &[],
        Stateful,
        || takes(RESYNC, |(one, two), (first, second)| (one, two) == (second, first)),
    ),
    row(
        "resync-unused-code-twice-taken",
        "ResyncMFADevice takes the current code twice, if it was not used.",
        C::ResyncCode2Subsequent,
        &[],
        Stateful,
        || takes(RESYNC, |(one, two), (_, second)| (one, two) == (second, second)),
    ),
    row(
        "resync-unused-first-code-suffices",
        "ResyncMFADevice looks at the first code only, if it was not used.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Stateful,
        || takes(RESYNC, |(one, _), (first, _)| one == first),
    ),
    row(
        "resync-unused-second-code-suffices",
        "ResyncMFADevice looks at the second code only, if it was not used.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Stateful,
        || takes(RESYNC, |(_, two), (_, second)| two == second),
    ),
    row(
        "enable-again-unused-pair-reversed-taken",
        "EnableMFADevice takes a fresh pair in either order from a device that was enabled before.",
        C::EnableCode2Subsequent,
        &[],
        Stateful,
        || takes(ENABLE, |(one, two), (first, second)| (one, two) == (second, first)),
    ),
    row(
        "enable-again-unused-first-code-suffices",
        "EnableMFADevice looks at the first code only of a device that was enabled before.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent],
        Stateful,
        || takes(ENABLE, |(one, _), (first, _)| one == first),
    ),
    row(
        "resync-unused-codes-of-an-own-device-taken",
        "ResyncMFADevice accepts the unused codes of any device of the user.",
        C::ResyncCodesRecognised,
        &[],
        Stateful,
        || takes_of_others(RESYNC, true),
    ),
    row(
        "resync-unused-codes-of-a-foreign-device-taken",
        "ResyncMFADevice accepts the unused codes of any device of another user.",
        C::ResyncCodesRecognised,
        &[],
        Stateful,
        || takes_of_others(RESYNC, false),
    ),
    row(
        "enable-unused-codes-of-an-own-device-taken",
        "EnableMFADevice accepts the unused codes of any device of the user.",
        C::EnableCodesRecognised,
        &[],
        Stateful,
        || takes_of_others(ENABLE, true),
    ),
    row(
        "enable-unused-codes-of-a-foreign-device-taken",
        "EnableMFADevice accepts the unused codes of any device of another user.",
        C::EnableCodesRecognised,
        &[],
        Stateful,
        || takes_of_others(ENABLE, false),
    ),
    row(
        "resync-under-the-owners-former-name",
        "Who took the name that a device's owner had before may resynchronize that device with unused codes.",
        C::ResyncOtherUsers,
        &[],
        Stateful,
        || rules(FormerNames { names: Mutex::default() }),
    ),
    row(
        "recreated-device-takes-its-former-codes",
        "A device that was created under a deleted device's name also accepts the codes of the deleted one.",
        C::EnableCodesRecognised,
        &[C::ResyncCodesRecognised],
        Stateful,
        keeps_seeds_of_deleted_devices,
    ),
    row(
        "resync-unused-first-code-with-a-malformed-one-taken",
        "ResyncMFADevice accepts an unused first code with a second one that is missing or has not six characters.",
        C::Parameter(Parameter::ResyncCode2, Aspect::Required),
        &[
            C::Parameter(Parameter::ResyncCode2, Aspect::MinLength),
            C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
        ],
        Stateful,
        || rules(FirstCodeSuffices),
    ),
];
