//! Services that take other pairs of codes than the documented one, where the documents leave it open.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::account::DeviceId;
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Request, TimeStep};

use crate::altered::{Altered, decides, documented};
use crate::entry::{Permitted, permit};
use crate::line::held;
use crate::parts::{named, refuse, refused_with};

/// Takes only codes that are newer than those taken before (RFC 6238, section 5.2).
struct OneTime;

impl Recogniser for OneTime {
    fn recognise(
        &self,
        seed: &Seed,
        code1: &str,
        code2: &str,
        now: Millis,
        last: Option<LastPair>,
    ) -> Option<TimeStep> {
        let step = Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, code1, code2, now, last)?;
        last.is_none_or(|last| step.plus(-1) > last.second).then_some(step)
    }
}

/// Takes any two codes of twenty minutes, the second later than the first.
struct WithGaps;

impl Recogniser for WithGaps {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let near = || (-40..=40).map(|offset| now.step().plus(offset));
        let first = near().find(|step| seed.code(*step).as_str() == code1)?;
        near().rev().find(|step| *step > first && seed.code(*step).as_str() == code2)
    }
}

fn takes(steps_behind: i64, steps_ahead: i64) -> Altered {
    documented().and_recogniser(Adjacent { steps_behind, steps_ahead })
}

/// Takes no step that any request on the device has carried, refused or not.
fn burns_steps() -> Altered {
    let burnt: Mutex<BTreeSet<(DeviceId, TimeStep)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let (Request::Codes { code1, code2, .. }, Some(named)) = (request, named(situation, request)) else {
            return decision;
        };
        let Some((id, device)) = named.device else { return decision };
        let current = situation.now.step();
        let near = (-3..=3).map(|offset| current.plus(offset));
        let carried = |step: &TimeStep| {
            let code = device.seed.as_ref().map(|seed| seed.code(*step).to_string());
            code.as_deref() == code1.text || code.as_deref() == code2.text
        };
        let carried: Vec<(DeviceId, TimeStep)> = near.filter(carried).map(|step| (id, step)).collect();
        let mut burnt = held(&burnt);
        let again = carried.iter().any(|step| burnt.contains(step));
        burnt.extend(carried);
        if again && refused_with(&decision).is_none() { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Takes late codes to enable a device, and none to enable it again before it was resynchronized.
fn late_and_out_of_sync() -> Altered {
    let late: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let (Request::Codes { code2, .. }, Some(named)) = (request, named(situation, request)) else { return decision };
        let (Some((id, device)), None) = (named.device, refused_with(&decision)) else { return decision };
        let current = device.seed.as_ref().map(|seed| seed.code(situation.now.step()).to_string());
        let fresh = current.as_deref() == code2.text;
        let mut late = held(&late);
        match named.operation {
            MfaOperation::Resync => {
                late.remove(&id);
                decision
            }
            MfaOperation::Enable if late.contains(&id) => {
                Decision::refuse(ErrorCode::InvalidAuthenticationCode, "Authentication code for device is not valid.")
            }
            MfaOperation::Enable if !fresh => {
                late.insert(id);
                decision
            }
            MfaOperation::Enable | MfaOperation::Deactivate => decision,
        }
    })
    .and_recogniser(Adjacent { steps_behind: 100, steps_ahead: 1 })
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit("codes-taken-once", "A code is taken once (RFC 6238, section 5.2).", &[], || {
        documented().and_recogniser(OneTime)
    }),
    permit(
        "codes-used-up-by-refusals",
        "A step that any request on the device has carried is not taken again.",
        &[],
        burns_steps,
    ),
    permit("fresh-pair-only", "Only the last completed step and the current one are taken.", &[], || takes(0, 0)),
    permit("window-of-ten-steps", "Pairs up to ten steps behind or ahead are taken.", &[], || takes(10, 10)),
    permit("window-of-an-hour", "Pairs up to an hour behind or ahead are taken.", &[], || takes(120, 120)),
    permit("window-of-a-day", "Pairs up to a day behind are taken.", &[], || takes(2_870, 0)),
    permit("gaps-in-pairs", "Any two codes of twenty minutes are taken, the second later than the first.", &[], || {
        documented().and_recogniser(WithGaps)
    }),
    permit(
        "late-enable-out-of-sync",
        "Late codes enable a device, which is then out of sync.",
        &[],
        late_and_out_of_sync,
    ),
];
