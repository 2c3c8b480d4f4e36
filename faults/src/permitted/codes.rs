//! Other accepted pairs of codes, where the documents leave a choice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::DeviceId;
use mfa_reference::service::Behaviour;
use mfa_reference::service::behaviour::{Adjacent, AsRecorded, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Request, TimeStep};

use crate::altered::{Altered, as_recorded, decides, documented};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{named, refuse, refused_with};

/// Accepts only codes that are newer than those accepted before (RFC 6238, section 5.2).
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

/// Accepts no time step whose code any request on the device has contained, refused or not.
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
        let mut burnt = lock(&burnt);
        let again = carried.iter().any(|step| burnt.contains(step));
        burnt.extend(carried);
        if again && refused_with(&decision).is_none() { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

fn takes(steps_behind: i64, steps_ahead: i64) -> Altered {
    documented().and_recogniser(Adjacent { steps_behind, steps_ahead })
}

/// Accepts any two codes within twenty minutes, if the second is later than the first.
struct WithGaps;

impl Recogniser for WithGaps {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let near = || (-40..=40).map(|offset| now.step().plus(offset));
        let first = near().find(|step| seed.code(*step).as_str() == code1)?;
        near().rev().find(|step| *step > first && seed.code(*step).as_str() == code2)
    }
}

/// Accepts late codes to enable a device, and then no codes to enable it again before a Resync.
fn late_and_out_of_sync() -> Altered {
    let late: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let (Request::Codes { code2, .. }, Some(named)) = (request, named(situation, request)) else { return decision };
        let (Some((id, device)), None) = (named.device, refused_with(&decision)) else { return decision };
        let current = device.seed.as_ref().map(|seed| seed.code(situation.now.step()).to_string());
        let fresh = current.as_deref() == code2.text;
        let mut late = lock(&late);
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

fn with_any_key() -> Altered {
    let behaviour = Behaviour { recogniser: Arc::new(AsRecorded), ..documented().behaviour };
    Altered { behaviour, ..documented() }
}

fn with_wider_codes() -> Altered {
    as_recorded().and_recogniser(Adjacent { steps_behind: 1, steps_ahead: 1 })
}

/// The pairs that the documented service accepts.
const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Refuses the last accepted pair, but accepts one that overlaps it.
struct SamePairOnce;

impl Recogniser for SamePairOnce {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        NEAR.recognise(seed, one, two, now, None).filter(|step| last.is_none_or(|last| last.second != *step))
    }
}

/// Accepts pairs near the present time, or near the device's own clock as its last pair showed it.
struct NearItsClock;

impl Recogniser for NearItsClock {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let drift = last.map_or(0, |last| last.second.0 - last.at.0).clamp(-10, 10);
        let own = now.step().plus(drift).start();
        NEAR.recognise(seed, one, two, now, None)
            .or_else(|| Adjacent { steps_behind: 2, steps_ahead: 2 }.recognise(seed, one, two, own, None))
    }
}

/// Accepts each time step of a device in one request only, even if that request was refused.
#[derive(Default)]
struct SpentByAnyRequest(Mutex<BTreeMap<String, TimeStep>>);

impl Recogniser for SpentByAnyRequest {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let mut newest = lock(&self.0);
        let before = newest.get(&seed.to_base32()).copied();
        let near = (-2..=1).map(|offset| now.step().plus(offset));
        let carried = near.filter(|step| [one, two].contains(&seed.code(*step).as_str())).max();
        if let Some(carried) = carried.max(before) {
            newest.insert(seed.to_base32(), carried);
        }
        let second = NEAR.recognise(seed, one, two, now, None)?;
        before.is_none_or(|before| second.plus(-1) > before).then_some(second)
    }
}

/// Accepts what AWS accepts from a device without an accepted pair.
struct AsIfNew;

impl Recogniser for AsIfNew {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        AsRecorded.recognise(seed, one, two, now, None)
    }
}

/// Accepts only near pairs, and each time step once.
struct NearAndNewer;

impl Recogniser for NearAndNewer {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let second = NEAR.recognise(seed, one, two, now, None)?;
        last.is_none_or(|last| second.plus(-1) > last.second).then_some(second)
    }
}

fn as_recorded_but_near() -> Altered {
    let behaviour = Behaviour { self_management_needs_mfa: true, ..documented().behaviour };
    Altered { behaviour, ..documented() }.and_recogniser(NearAndNewer)
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("codes-taken-once", || documented().and_recogniser(OneTime)),
    ("codes-used-up-by-refusals", burns_steps),
    ("fresh-pair-only", || takes(0, 0)),
    ("window-of-ten-steps", || takes(10, 10)),
    ("window-of-an-hour", || takes(120, 120)),
    ("window-of-a-day", || takes(2_870, 0)),
    ("gaps-in-pairs", || documented().and_recogniser(WithGaps)),
    ("late-enable-out-of-sync", late_and_out_of_sync),
    ("as-aws", as_recorded),
    ("pairs-as-aws-takes-them", with_any_key),
    ("users-with-a-device-need-a-session", with_wider_codes),
    ("window-of-eight-steps-ahead", || documented().and_recogniser(Adjacent { steps_behind: 1, steps_ahead: 8 })),
    ("same-pair-once", || documented().and_recogniser(SamePairOnce)),
    ("window-follows-the-device", || documented().and_recogniser(NearItsClock)),
    ("steps-spent-by-any-request", || documented().and_recogniser(SpentByAnyRequest::default())),
    ("pairs-of-eight-hours-taken-again", || documented().and_recogniser(AsIfNew)),
    ("as-recorded-but-near", as_recorded_but_near),
];
