//! Services that don't take the right codes.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Adjacent;
use mfa_reference::totp::Seed;
use mfa_reference::{CodeOperation, ErrorCode, MfaOperation, Request, TimeStep};

use super::codes::fresh;
use crate::altered::{Altered, decides, documented, recognises};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{named, refuse, refused_with};
use mfa_reference::Millis;

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
        let into = situation.now.0.rem_euclid(TimeStep::MILLIS);
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

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;

/// A code of six digits by RFC 6238 with HMAC-SHA256.
fn sha256_code(seed: &Seed, step: TimeStep) -> String {
    use sha2::{Digest, Sha256};
    let bytes = data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).unwrap_or_default();
    // RFC 2104: a seed of 40 bytes is padded to a block of 64.
    let padded = |with: u8| {
        let padding = std::iter::repeat_n(0, 64_usize.saturating_sub(bytes.len()));
        bytes.iter().copied().chain(padding).map(|byte| byte ^ with).collect::<Vec<u8>>()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(step.0.to_be_bytes()).finalize();
    let tag = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    // RFC 4226, section 5.3: the last nibble tells where the four bytes begin.
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let four = tag.iter().skip(offset).take(4);
    let number = four.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Recognises codes by a clock that is ten minutes late.
struct Late;

impl mfa_reference::service::behaviour::Recogniser for Late {
    fn recognise(
        &self,
        seed: &mfa_reference::totp::Seed,
        code1: &str,
        code2: &str,
        now: Millis,
        last: Option<mfa_reference::service::LastPair>,
    ) -> Option<mfa_reference::TimeStep> {
        use mfa_reference::service::behaviour::Adjacent;
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, code1, code2, now.plus(-600_000), last)
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-step-used-up-by-another-device",
        "EnableMFADevice refuses a device's codes if another device was enabled in the same step.",
        C::EnableCodesByDevice,
        // A fresh pair is refused: just as plain a break.
        &[C::EnableFreshPair],
        Stateful,
        || uses_steps_up(ENABLE),
    ),
    row(
        "resync-step-used-up-by-another-device",
        "ResyncMFADevice refuses a device's codes if another device was resynchronized in the same step.",
        C::ResyncCodesByDevice,
        &[C::ResyncSynchronizes],
        Stateful,
        || uses_steps_up(RESYNC),
    ),
    row("enable-fresh-pair-refused", "EnableMFADevice recognises no codes.", C::EnableFreshPair, &[], Shallow, || {
        refuses_some(CodeOperation::Enable, |_, _| true)
    }),
    row(
        "resync-fresh-pair-refused",
        "ResyncMFADevice recognises no codes.",
        C::ResyncSynchronizes,
        &[],
        Shallow,
        || refuses_some(CodeOperation::Resync, |_, _| true),
    ),
    row(
        "enable-fresh-pair-refused-now-and-then",
        "EnableMFADevice refuses every seventh fresh pair.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::DeactivateReEnable],
        Stateful,
        || refuses_now_and_then(ENABLE, 7),
    ),
    row(
        "resync-fresh-pair-refused-now-and-then",
        "ResyncMFADevice refuses every fifth fresh pair.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        Stateful,
        || refuses_now_and_then(RESYNC, 5),
    ),
    row(
        "enable-fresh-pair-refused-at-a-steps-edge",
        "EnableMFADevice refuses fresh pairs in the first four seconds of a step.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice, C::DeactivateReEnable],
        Narrow,
        || blind_at_the_edge(ENABLE, 4_000),
    ),
    row(
        "resync-fresh-pair-refused-at-a-steps-edge",
        "ResyncMFADevice refuses fresh pairs in the first four seconds of a step.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        Narrow,
        || blind_at_the_edge(RESYNC, 4_000),
    ),
    row(
        "enable-current-code-too-new",
        "EnableMFADevice recognises completed steps only.",
        C::EnableFreshPair,
        &[],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let last = now.plus(-1);
                (fresh(seed, last) == (one.to_owned(), two.to_owned())).then_some(last)
            })
        },
    ),
    row(
        "enable-leading-zero-refused",
        "EnableMFADevice refuses codes that begin with a zero.",
        C::CodesLeadingZeros,
        // It is a fresh pair that is refused.
        &[C::EnableFreshPair, C::EnableCodesByDevice, C::DeactivateReEnable],
        Narrow,
        || refuses_some(CodeOperation::Enable, |one, two| one.starts_with('0') || two.starts_with('0')),
    ),
    row(
        "resync-leading-zero-refused",
        "ResyncMFADevice refuses codes that begin with a zero.",
        C::CodesLeadingZeros,
        // Each of them demands that a fresh pair is taken.
        &[C::ResyncSynchronizes, C::ResyncCodesByDevice, C::ResyncAfterLateEnable],
        Narrow,
        || refuses_some(CodeOperation::Resync, |one, two| one.starts_with('0') || two.starts_with('0')),
    ),
    row(
        "enable-locked-out-after-a-refusal",
        "EnableMFADevice recognises no codes of a device whose codes it has refused once.",
        C::EnableRejectedNoEffect,
        // What shows it is a fresh pair that is refused.
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        Stateful,
        || locks_out(ENABLE),
    ),
    row(
        "resync-locked-out-after-a-refusal",
        "ResyncMFADevice recognises no codes of a device whose codes it has refused once.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice, C::ResyncRejectedNoEffect],
        Stateful,
        || locks_out(RESYNC),
    ),
    row(
        "late-enable-never-in-sync-again",
        "A device that was enabled with late codes is refused by every ResyncMFADevice.",
        C::ResyncAfterLateEnable,
        &[],
        Stateful,
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
    row(
        "seed-text-taken-for-the-seed",
        "Codes are checked with the base32 text's bytes as the seed.",
        C::EnableFreshPair,
        &[],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let misread = Seed::from_bytes(seed.to_base32().as_bytes());
                (fresh(&misread, now) == (one.to_owned(), two.to_owned())).then_some(now)
            })
        },
    ),
    row(
        "seed-cut-to-twenty-bytes",
        "Codes are checked with the first 20 bytes of the seed.",
        C::EnableFreshPair,
        &[],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let text = seed.to_base32();
                let bytes = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap_or_default();
                let cut = Seed::from_bytes(bytes.get(..20).unwrap_or(&bytes));
                (fresh(&cut, now) == (one.to_owned(), two.to_owned())).then_some(now)
            })
        },
    ),
    row(
        "codes-by-another-algorithm",
        "Codes are checked with HMAC-SHA256 instead of HMAC-SHA1.",
        C::EnableFreshPair,
        &[],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let code = |step: TimeStep| sha256_code(seed, step);
                (code(now.plus(-1)) == one && code(now) == two).then_some(now)
            })
        },
    ),
    row("steps-of-a-minute", "Codes are checked in steps of 60 seconds.", C::EnableFreshPair, &[], Shallow, || {
        recognises(|seed, one, two, now| {
            let minute = TimeStep(now.0 / 2);
            (fresh(seed, minute) == (one.to_owned(), two.to_owned())).then_some(now)
        })
    }),
    row(
        "old-seed-of-a-recreated-device",
        "A device that is deleted and created again is checked with its old seed.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice, C::SupportSeedUsable],
        Stateful,
        || {
            use mfa_reference::{DeviceExtras, SuccessBody};
            let seeds: Mutex<std::collections::BTreeMap<String, String>> = Mutex::default();
            documented().and_effects(move |account, effect, body, now| {
                let SuccessBody::VirtualDevice { serial_number, seed_blob, .. } = body else {
                    return account.apply(effect, Some(body), now);
                };
                let mut seeds = held(&seeds);
                let kept = seeds.entry(serial_number.clone()).or_insert_with(|| seed_blob.clone()).clone();
                let body = SuccessBody::VirtualDevice {
                    serial_number: serial_number.clone(),
                    seed_blob: kept,
                    extras: DeviceExtras::default(),
                };
                account.apply(effect, Some(&body), now);
            })
        },
    ),
    row(
        "codes-checked-ten-minutes-late",
        "Codes are checked by a clock that is ten minutes late; Date tells the right time.",
        C::EnableFreshPair,
        &[C::ResyncSynchronizes],
        Shallow,
        || documented().and_recogniser(Late),
    ),
];
