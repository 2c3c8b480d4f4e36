//! Services that take the wrong codes, or don't take the right ones.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::service::behaviour::Adjacent;
use mfa_reference::totp::Seed;
use mfa_reference::world::Effect;
use mfa_reference::{ErrorCode, MfaOperation, Request, Step};

use super::{Fault, done, fault, on, refuse, refused_with};
use crate::support::broken::{decides, named, recognises};

/// The codes of the last completed step and the current one.
fn fresh(seed: &Seed, now: Step) -> (String, String) {
    (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string())
}

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "takes any two codes",
        || recognises(|_, _, _, now| Some(now)),
        &[
            "document-sample-enable-codes",
            "document-sample-resync-codes",
            "enable-both-codes-wrong",
            "enable-zeros",
            "enable-pair-of-an-unassigned-device",
            "enable-pair-of-another-users-device",
            "enable-pair-of-the-users-other-device",
            "resync-both-codes-wrong",
            "resync-pair-of-another-users-device",
        ],
    ),
    fault(
        "looks at the second code only",
        || recognises(|seed, _, code2, now| (fresh(seed, now).1 == code2).then_some(now)),
        &[
            "enable-first-code-wrong",
            "enable-a-digit-of-the-first-code-changed",
            "enable-same-code-twice",
            "resync-first-code-wrong",
            "resync-same-code-twice",
        ],
    ),
    fault(
        "looks at the first code only",
        || recognises(|seed, code1, _, now| (fresh(seed, now).0 == code1).then_some(now)),
        &["enable-second-code-wrong", "enable-a-digit-of-the-second-code-changed", "resync-second-code-wrong"],
    ),
    fault(
        "takes the codes in either order",
        || {
            recognises(|seed, code1, code2, now| {
                let (last, current) = fresh(seed, now);
                let both = [last.as_str(), current.as_str()];
                (both == [code1, code2] || both == [code2, code1]).then_some(now)
            })
        },
        &["enable-codes-reversed", "resync-codes-reversed"],
    ),
    fault(
        "compares codes as numbers without their last digit",
        || {
            recognises(|seed, code1, code2, now| {
                let (last, current) = fresh(seed, now);
                let alike = |one: &str, other: &str| one.get(..5) == other.get(..5);
                (alike(&last, code1) && alike(&current, code2)).then_some(now)
            })
        },
        &["enable-a-digit-of-the-first-code-changed", "enable-a-digit-of-the-second-code-changed"],
    ),
    fault(
        "takes the codes of any device",
        || {
            decides(|situation, request, decision| {
                let Request::Codes { code1, code2, .. } = request else { return decision };
                let (Some(code1), Some(code2)) = (code1.text, code2.text) else { return decision };
                let now = situation.now.step();
                let emitted = situation.world.devices_after("").any(|(_, device)| {
                    let seed = device.seed.as_ref();
                    seed.is_some_and(|seed| fresh(seed, now) == (code1.to_owned(), code2.to_owned()))
                });
                match (refused_with(&decision), named(situation, request)) {
                    (Some(ErrorCode::InvalidAuthenticationCode), Some(named)) if emitted => {
                        match (named.operation, named.user, named.device) {
                            (MfaOperation::Enable, Some(user), Some((device, _))) => {
                                done(Effect::Associate(device, user))
                            }
                            _ => done(Effect::None),
                        }
                    }
                    _ => decision,
                }
            })
        },
        &[
            "enable-pair-of-an-unassigned-device",
            "enable-pair-of-another-users-device",
            "enable-pair-of-the-users-other-device",
            "resync-pair-of-another-users-device",
        ],
    ),
    fault(
        "takes a step of any device only once",
        || {
            let used = Mutex::new(BTreeSet::new());
            recognises(move |seed, code1, code2, now| {
                let new = used.lock().unwrap().insert(now);
                let (last, current) = fresh(seed, now);
                (new && last == code1 && current == code2).then_some(now)
            })
        },
        &[
            "enable-second-device-in-the-same-step",
            "enable-own-pair-after-another-devices-pair",
            "enable-eight-devices-of-one-user",
        ],
    ),
    fault(
        "recognises no codes",
        || recognises(|_, _, _, _| None),
        &[
            "enable-fresh-pair",
            "enable-one-devices-whole-life",
            "enable-user-name-of-64-characters",
            "enable-rejected-leaves-the-device-usable",
            "wire-enable-by-get",
            "wire-parameters-reversed",
        ],
    ),
    fault(
        "recognises no codes of a device that was refused once",
        || {
            let refused = Mutex::new(BTreeSet::new());
            decides(move |situation, request, decision| {
                let Request::Codes { serial_number, .. } = request else { return decision };
                let serial = serial_number.text.unwrap_or_default().to_owned();
                let mut refused = refused.lock().unwrap();
                if refused.contains(&serial) && named(situation, request).is_some() {
                    return refuse(ErrorCode::InvalidAuthenticationCode);
                }
                if refused_with(&decision).is_some() {
                    refused.insert(serial);
                }
                decision
            })
        },
        &["enable-rejected-leaves-the-device-usable", "enable-rejected-for-an-absent-user-leaves-the-device-usable"],
    ),
    fault(
        "takes late codes and is never in sync again",
        || {
            on(MfaOperation::Resync, |_, _| refuse(ErrorCode::InvalidAuthenticationCode))
                .and_recogniser(Adjacent { steps_behind: 100, steps_ahead: 1 })
        },
        &["enable-late-codes-then-resync"],
    ),
];
