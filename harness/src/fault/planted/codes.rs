//! Services that take the wrong codes, or don't take the right ones.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Adjacent;
use mfa_reference::totp::Seed;
use mfa_reference::{CodeOperation, ErrorCode, MfaOperation, Request, Step};

use crate::fault::altered::{Altered, decides, documented, recognises};
use crate::fault::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::fault::entry::{Planted, plant};
use crate::fault::line::held;
use crate::fault::parts::{Named, named, on_refusal, refuse, refused_with};

/// The codes of the last completed step and the current one.
pub(super) fn fresh(seed: &Seed, now: Step) -> (String, String) {
    (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string())
}

/// Takes pairs that are right by this measure besides those that the documented service takes, for one operation.
fn takes_also(
    operation: MfaOperation,
    right: impl Fn(&Named<'_>, &Seed, (&str, &str), Step) -> bool + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
            return decision;
        };
        let right = |seed: &Seed| right(&named, seed, (one, two), situation.now.step());
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        if refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) && seed.is_some_and(|seed| right(seed))
        {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Takes the codes of any device that is about.
fn takes_any_devices(
    operation: MfaOperation,
    theirs: fn(&Named<'_>, Option<mfa_reference::world::UserId>) -> bool,
) -> Altered {
    decides(move |situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
            return decision;
        };
        let now = situation.now.step();
        let emitted = situation.world.devices_after("").any(|(id, device)| {
            let owner = crate::fault::parts::owner_of(situation.world, id);
            let seed = device.seed.as_ref().filter(|_| theirs(&named, owner));
            seed.is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()))
        });
        let refused = refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode);
        if refused && emitted && named.device.is_some() && named.user.is_some() {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Refuses pairs that the documented service takes, for one operation.
fn refuses_some(operation: CodeOperation, wrong: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Altered {
    decides(move |_, request, decision| match request {
        Request::Codes { operation: asked, code1, code2, .. }
            if *asked == operation
                && refused_with(&decision).is_none()
                && wrong(code1.text.unwrap_or_default(), code2.text.unwrap_or_default()) =>
        {
            refuse(ErrorCode::InvalidAuthenticationCode)
        }
        _ => decision,
    })
}

/// Refuses the codes of a device that was refused once.
fn locks_out(operation: MfaOperation) -> Altered {
    let refused = Mutex::new(BTreeSet::new());
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
            return decision;
        };
        let serial = named.serial.unwrap_or_default().to_owned();
        let mut refused = held(&refused);
        if refused.contains(&serial) {
            return refuse(ErrorCode::InvalidAuthenticationCode);
        }
        if refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) {
            refused.insert(serial);
        }
        decision
    })
}

/// Refuses fresh pairs for the first so many milliseconds of a step.
fn blind_at_the_edge(operation: MfaOperation, millis: i64) -> Altered {
    decides(move |situation, request, decision| {
        let codes = request.operation() == operation.operation() && refused_with(&decision).is_none();
        let into = situation.now.0.rem_euclid(Step::MILLIS);
        if codes && into < millis { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Refuses one fresh pair in so many.
fn refuses_now_and_then(operation: MfaOperation, one_in: u64) -> Altered {
    let calls = Mutex::new(0_u64);
    decides(move |_, request, decision| {
        if request.operation() != operation.operation() || refused_with(&decision).is_some() {
            return decision;
        }
        let mut calls = held(&calls);
        *calls += 1;
        if calls.is_multiple_of(one_in) { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Takes a step of any device only once.
fn uses_steps_up(operation: MfaOperation) -> Altered {
    let used = Mutex::new(BTreeSet::new());
    decides(move |situation, request, decision| {
        if request.operation() != operation.operation() || refused_with(&decision).is_some() {
            return decision;
        }
        let Some(named) = named(situation, request) else { return decision };
        let (step, id) = (situation.now.step(), named.id());
        let mut used = held(&used);
        let others = used.iter().any(|(known, by)| *known == step && *by != id);
        used.insert((step, id));
        used.retain(|(known, _)| *known >= step);
        if others { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

fn number(code: &str) -> Option<u32> {
    code.trim_start_matches('0').parse().ok().or_else(|| code.bytes().all(|byte| byte == b'0').then_some(0))
}

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;

pub(in crate::fault) const FAULTS: &[Planted] = &[
    plant(
        "enable-codes-unchecked",
        "EnableMFADevice takes any two codes.",
        C::EnableCodesRecognised,
        &[],
        (Shallow, 3),
        || on_refusal(ENABLE, ErrorCode::InvalidAuthenticationCode, |named| Some(named.carried_out())),
    ),
    plant(
        "resync-codes-unchecked",
        "ResyncMFADevice takes any two codes.",
        C::ResyncCodesRecognised,
        &[],
        (Shallow, 4),
        || on_refusal(RESYNC, ErrorCode::InvalidAuthenticationCode, |named| Some(named.carried_out())),
    ),
    plant(
        "enable-first-code-unchecked",
        "EnableMFADevice looks at the second code only.",
        C::EnableCodesRecognised,
        // The same code twice is taken, too.
        &[C::EnableCode2Subsequent],
        (Shallow, 3),
        || takes_also(ENABLE, |_, seed, (_, two), now| fresh(seed, now).1 == two),
    ),
    plant(
        "enable-second-code-unchecked",
        "EnableMFADevice looks at the first code only.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent],
        (Shallow, 3),
        || takes_also(ENABLE, |_, seed, (one, _), now| fresh(seed, now).0 == one),
    ),
    plant(
        "resync-first-code-unchecked",
        "ResyncMFADevice looks at the second code only.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        (Shallow, 4),
        || takes_also(RESYNC, |_, seed, (_, two), now| fresh(seed, now).1 == two),
    ),
    plant(
        "resync-second-code-unchecked",
        "ResyncMFADevice looks at the first code only.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        (Shallow, 4),
        || takes_also(RESYNC, |_, seed, (one, _), now| fresh(seed, now).0 == one),
    ),
    plant(
        "enable-reversed-pair-taken",
        "EnableMFADevice takes the fresh pair in either order.",
        C::EnableCode2Subsequent,
        &[],
        (Shallow, 3),
        || takes_also(ENABLE, |_, seed, (one, two), now| fresh(seed, now) == (two.to_owned(), one.to_owned())),
    ),
    plant(
        "resync-reversed-pair-taken",
        "ResyncMFADevice takes the fresh pair in either order.",
        C::ResyncCode2Subsequent,
        &[],
        (Shallow, 4),
        || takes_also(RESYNC, |_, seed, (one, two), now| fresh(seed, now) == (two.to_owned(), one.to_owned())),
    ),
    plant(
        "enable-same-code-twice-taken",
        "EnableMFADevice takes the current code twice.",
        C::EnableCode2Subsequent,
        &[],
        (Shallow, 3),
        || takes_also(ENABLE, |_, seed, (one, two), now| one == two && fresh(seed, now).1 == one),
    ),
    plant(
        "enable-last-code-twice-taken",
        "EnableMFADevice takes the last completed step's code twice.",
        C::EnableCode2Subsequent,
        &[],
        (Narrow, 3),
        || takes_also(ENABLE, |_, seed, (one, two), now| one == two && fresh(seed, now).0 == one),
    ),
    plant(
        "resync-same-code-twice-taken",
        "ResyncMFADevice takes the current code twice.",
        C::ResyncCode2Subsequent,
        &[],
        (Shallow, 4),
        || takes_also(RESYNC, |_, seed, (one, two), now| one == two && fresh(seed, now).1 == one),
    ),
    plant(
        "enable-zeros-taken",
        "EnableMFADevice takes 000000 twice as a master code.",
        C::EnableCodesRecognised,
        &[],
        (Narrow, 3),
        || takes_also(ENABLE, |_, _, pair, _| pair == ("000000", "000000")),
    ),
    plant(
        "enable-sample-codes-taken",
        "EnableMFADevice takes the codes of the documents' sample.",
        C::EnableCodesRecognised,
        &[],
        (Narrow, 3),
        || takes_also(ENABLE, |_, _, pair, _| pair == ("234567", "987654")),
    ),
    plant(
        "enable-last-digit-unchecked",
        "EnableMFADevice compares the first five digits of each code.",
        C::EnableCodesRecognised,
        &[],
        (Narrow, 3),
        || {
            takes_also(ENABLE, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(..5) == one.get(..5) && current.get(..5) == two.get(..5)
            })
        },
    ),
    plant(
        "enable-first-digit-unchecked",
        "EnableMFADevice compares the last five digits of each code.",
        C::EnableCodesRecognised,
        &[],
        (Narrow, 3),
        || {
            takes_also(ENABLE, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(1..) == one.get(1..) && current.get(1..) == two.get(1..)
            })
        },
    ),
    plant(
        "resync-last-digit-unchecked",
        "ResyncMFADevice compares the first five digits of each code.",
        C::ResyncCodesRecognised,
        &[],
        (Narrow, 4),
        || {
            takes_also(RESYNC, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(..5) == one.get(..5) && current.get(..5) == two.get(..5)
            })
        },
    ),
    plant(
        "enable-any-devices-codes-taken",
        "EnableMFADevice takes the fresh pair of any device.",
        C::EnableCodesRecognised,
        &[],
        (Stateful, 4),
        || takes_any_devices(ENABLE, |_, _| true),
    ),
    plant(
        "enable-own-other-devices-codes-taken",
        "EnableMFADevice takes the fresh pair of a device that the user has.",
        C::EnableCodesRecognised,
        &[],
        (Stateful, 5),
        || takes_any_devices(ENABLE, |named, owner| owner.is_some() && owner == named.user),
    ),
    plant(
        "resync-any-devices-codes-taken",
        "ResyncMFADevice takes the fresh pair of any device.",
        C::ResyncCodesRecognised,
        &[],
        (Stateful, 5),
        || takes_any_devices(RESYNC, |_, _| true),
    ),
    plant(
        "resync-own-other-devices-codes-taken",
        "ResyncMFADevice takes the fresh pair of another device of the user.",
        C::ResyncCodesRecognised,
        &[],
        (Stateful, 6),
        || takes_any_devices(RESYNC, |named, owner| owner.is_some() && owner == named.user),
    ),
    plant(
        "enable-step-used-up-by-another-device",
        "EnableMFADevice refuses a device's codes if another device was enabled in the same step.",
        C::EnableCodesByDevice,
        // A fresh pair is refused: just as plain a break.
        &[C::EnableFreshPair],
        (Stateful, 3),
        || uses_steps_up(ENABLE),
    ),
    plant(
        "resync-step-used-up-by-another-device",
        "ResyncMFADevice refuses a device's codes if another device was resynchronized in the same step.",
        C::ResyncCodesByDevice,
        &[C::ResyncSynchronizes],
        (Stateful, 8),
        || uses_steps_up(RESYNC),
    ),
    plant(
        "enable-fresh-pair-refused",
        "EnableMFADevice recognises no codes.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || refuses_some(CodeOperation::Enable, |_, _| true),
    ),
    plant(
        "resync-fresh-pair-refused",
        "ResyncMFADevice recognises no codes.",
        C::ResyncSynchronizes,
        &[],
        (Shallow, 4),
        || refuses_some(CodeOperation::Resync, |_, _| true),
    ),
    plant(
        "enable-fresh-pair-refused-now-and-then",
        "EnableMFADevice refuses every seventh fresh pair.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::DeactivateReEnable],
        (Stateful, 3),
        || refuses_now_and_then(ENABLE, 7),
    ),
    plant(
        "resync-fresh-pair-refused-now-and-then",
        "ResyncMFADevice refuses every fifth fresh pair.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        (Stateful, 4),
        || refuses_now_and_then(RESYNC, 5),
    ),
    plant(
        "enable-fresh-pair-refused-at-a-steps-edge",
        "EnableMFADevice refuses fresh pairs in the first four seconds of a step.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice, C::DeactivateReEnable],
        (Narrow, 3),
        || blind_at_the_edge(ENABLE, 4_000),
    ),
    plant(
        "resync-fresh-pair-refused-at-a-steps-edge",
        "ResyncMFADevice refuses fresh pairs in the first four seconds of a step.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        (Narrow, 4),
        || blind_at_the_edge(RESYNC, 4_000),
    ),
    plant(
        "enable-current-code-too-new",
        "EnableMFADevice recognises completed steps only.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let last = now.plus(-1);
                (fresh(seed, last) == (one.to_owned(), two.to_owned())).then_some(last)
            })
        },
    ),
    plant(
        "enable-leading-zero-refused",
        "EnableMFADevice refuses codes that begin with a zero.",
        C::CodesLeadingZeros,
        // It is a fresh pair that is refused.
        &[C::EnableFreshPair, C::EnableCodesByDevice, C::DeactivateReEnable],
        (Narrow, 3),
        || refuses_some(CodeOperation::Enable, |one, two| one.starts_with('0') || two.starts_with('0')),
    ),
    plant(
        "resync-leading-zero-refused",
        "ResyncMFADevice refuses codes that begin with a zero.",
        C::CodesLeadingZeros,
        &[C::ResyncSynchronizes, C::ResyncCodesByDevice],
        (Narrow, 4),
        || refuses_some(CodeOperation::Resync, |one, two| one.starts_with('0') || two.starts_with('0')),
    ),
    plant(
        "codes-compared-as-numbers",
        "The codes are compared as numbers, so that a code without its leading zeros is taken.",
        C::CodesLeadingZeros,
        // Such a code is shorter than six digits as well.
        &[
            C::Parameter(mfa_reference::clause::Parameter::EnableCode1, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::EnableCode2, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::ResyncCode1, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::ResyncCode2, mfa_reference::clause::Aspect::MinLength),
        ],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let Request::Codes { code1, code2, .. } = request else { return decision };
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let digits =
                    |code: &str| !code.is_empty() && code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_digit());
                let (Some(one), Some(two)) =
                    (code1.text.filter(|code| digits(code)), code2.text.filter(|code| digits(code)))
                else {
                    return decision;
                };
                let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
                let same = seed.is_some_and(|seed| {
                    let (last, current) = fresh(seed, situation.now.step());
                    number(&last) == number(one) && number(&current) == number(two)
                });
                let free = named.owner().is_none() == (named.operation == MfaOperation::Enable);
                let refused = refused_with(&decision) == Some(ErrorCode::ValidationError);
                if refused && same && free { named.carried_out() } else { decision }
            })
        },
    ),
    plant(
        "enable-locked-out-after-a-refusal",
        "EnableMFADevice recognises no codes of a device whose codes it has refused once.",
        C::EnableRejectedNoEffect,
        // What shows it is a fresh pair that is refused.
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        (Stateful, 4),
        || locks_out(ENABLE),
    ),
    plant(
        "resync-locked-out-after-a-refusal",
        "ResyncMFADevice recognises no codes of a device whose codes it has refused once.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice, C::ResyncRejectedNoEffect],
        (Stateful, 5),
        || locks_out(RESYNC),
    ),
    plant(
        "late-enable-never-in-sync-again",
        "A device that was enabled with late codes is refused by every ResyncMFADevice.",
        C::ResyncAfterLateEnable,
        &[],
        (Stateful, 4),
        || {
            let late = Mutex::new(BTreeSet::new());
            decides(move |situation, request, decision| {
                let (Request::Codes { code2, .. }, Some(named)) = (request, named(situation, request)) else {
                    return decision;
                };
                let (Some((id, device)), None) = (named.device, refused_with(&decision)) else { return decision };
                let current = device.seed.as_ref().map(|seed| seed.code(situation.now.step()).to_string());
                match named.operation {
                    MfaOperation::Enable if current.as_deref() != code2.text => {
                        held(&late).insert(id);
                        decision
                    }
                    MfaOperation::Enable => {
                        held(&late).remove(&id);
                        decision
                    }
                    MfaOperation::Resync if held(&late).contains(&id) => refuse(ErrorCode::InvalidAuthenticationCode),
                    MfaOperation::Resync | MfaOperation::Deactivate => decision,
                }
            })
            .and_recogniser(Adjacent { steps_behind: 100, steps_ahead: 1 })
        },
    ),
    plant(
        "seed-text-taken-for-the-seed",
        "Codes are checked with the base32 text's bytes as the seed.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let misread = Seed::from_bytes(seed.to_base32().as_bytes());
                (fresh(&misread, now) == (one.to_owned(), two.to_owned())).then_some(now)
            })
        },
    ),
    plant(
        "seed-cut-to-twenty-bytes",
        "Codes are checked with the first 20 bytes of the seed.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let text = seed.to_base32();
                let bytes = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap_or_default();
                let cut = Seed::from_bytes(bytes.get(..20).unwrap_or(&bytes));
                (fresh(&cut, now) == (one.to_owned(), two.to_owned())).then_some(now)
            })
        },
    ),
    plant(
        "codes-by-another-algorithm",
        "Codes are checked with HMAC-SHA256 instead of HMAC-SHA1.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let code = |step: Step| sha256_code(seed, step);
                (code(now.plus(-1)) == one && code(now) == two).then_some(now)
            })
        },
    ),
    plant(
        "steps-of-a-minute",
        "Codes are checked in steps of 60 seconds.",
        C::EnableFreshPair,
        &[],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let minute = Step(now.0 / 2);
                (fresh(seed, minute) == (one.to_owned(), two.to_owned())).then_some(now)
            })
        },
    ),
    plant(
        "old-seed-of-a-recreated-device",
        "A device that is deleted and created again is checked with its old seed.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice, C::SupportSeedUsable],
        (Stateful, 5),
        || {
            use mfa_reference::SuccessBody;
            let seeds: Mutex<std::collections::BTreeMap<String, String>> = Mutex::default();
            documented().and_effects(move |world, effect, body, now| {
                let SuccessBody::VirtualDevice { serial_number, seed_blob } = body else {
                    return world.apply(effect, Some(body), now);
                };
                let mut seeds = held(&seeds);
                let kept = seeds.entry(serial_number.clone()).or_insert_with(|| seed_blob.clone()).clone();
                let body = SuccessBody::VirtualDevice { serial_number: serial_number.clone(), seed_blob: kept };
                world.apply(effect, Some(&body), now);
            })
        },
    ),
];

/// A code of six digits by RFC 6238 with HMAC-SHA256.
fn sha256_code(seed: &Seed, step: Step) -> String {
    use totp_rs::{Algorithm, Builder};
    let bytes = data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).unwrap_or_default();
    let builder = Builder::new().with_secret(bytes.as_slice()).with_algorithm(Algorithm::SHA256);
    let totp = builder.with_digits(6).with_step_duration(30).build_noncompliant();
    totp.generate(u64::try_from(step.0).unwrap_or(0).saturating_mul(30)).to_string()
}
