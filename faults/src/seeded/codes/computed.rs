//! Codes that are computed by another seed, clock or algorithm.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Request, TimeStep};
use sha2::{Digest, Sha256};

use crate::altered::{Altered, decides, recognises, recognises_at};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{named, refuse, refused_with};
use crate::parts::pairs::{NEAR, emitted, fresh, neighbours};

/// Checks codes by another clock.
fn by_clock(near: Adjacent, clock: fn(Millis) -> Millis) -> Altered {
    recognises_at(move |seed, one, two, now| near.recognise(seed, one, two, clock(now), None))
}

/// Accepts only some right pairs, by both codes, their second time step and the time.
fn accepts_only(accepted: impl Fn(&str, &str, TimeStep, Millis) -> bool + Send + Sync + 'static) -> Altered {
    recognises_at(move |seed, one, two, now| {
        NEAR.recognise(seed, one, two, now, None).filter(|step| accepted(one, two, *step, now))
    })
}

/// Computes the code of a time step differently.
fn by_code(code: fn(&Seed, TimeStep) -> String) -> Altered {
    recognises(move |seed, one, two, now| neighbours(now, (one, two), |step| code(seed, step)))
}

/// Only the current time step.
const EXACT: Adjacent = Adjacent { steps_behind: 0, steps_ahead: 0 };

/// The current time step and the next.
const EXACT_OR_NEXT: Adjacent = Adjacent { steps_behind: 0, steps_ahead: 1 };

/// Accepts no pair between two milliseconds of each time step.
fn deaf(from: i64, to: i64) -> Altered {
    accepts_only(move |_, _, _, now| !(from..to).contains(&(now.0 - now.step().start().0)))
}

/// Accepts a pair only if both of its time steps are in one minute.
fn within_a_minute() -> Altered {
    accepts_only(|_, _, second, _| second.0.div_euclid(2) == second.plus(-1).0.div_euclid(2))
}

/// Reads a code that begins with a zero as an octal number.
fn octal() -> Altered {
    let is_number = |code: &str| !code.starts_with('0') || !code.contains(['8', '9']);
    accepts_only(move |one, two, _, _| is_number(one) && is_number(two))
}

/// Checks codes by a time that it reads only every ninety seconds.
fn reads_the_clock_seldom() -> Altered {
    let read: Mutex<Option<Millis>> = Mutex::default();
    recognises_at(move |seed, one, two, now| {
        let mut read = lock(&read);
        let clock = read.filter(|read| now.0 - read.0 < 90_000).unwrap_or(now);
        *read = Some(clock);
        NEAR.recognise(seed, one, two, clock, None)
    })
}

fn enable_current_code_too_new() -> Altered {
    recognises(|seed, one, two, now| {
        let last = now.plus(-1);
        (fresh(seed, last) == (one.to_owned(), two.to_owned())).then_some(last)
    })
}

fn late_enable_never_in_sync_again() -> Altered {
    let late = Mutex::new(BTreeSet::new());
    decides(move |situation, request, decision| {
        let (Request::Codes { code2, .. }, Some(named)) = (request, named(situation, request)) else { return decision };
        let (Some((id, device)), None) = (named.device, refused_with(&decision)) else { return decision };
        let current = device.seed.as_ref().map(|seed| seed.code(situation.now.step()).to_string());
        match named.operation {
            MfaOperation::Enable if current.as_deref() != code2.text => {
                lock(&late).insert(id);
                decision
            }
            MfaOperation::Enable => {
                lock(&late).remove(&id);
                decision
            }
            MfaOperation::Resync if lock(&late).contains(&id) => refuse(ErrorCode::InvalidAuthenticationCode),
            MfaOperation::Resync | MfaOperation::Deactivate => decision,
        }
    })
    .and_recogniser(Adjacent { steps_behind: 100, steps_ahead: 1 })
}

fn seed_text_taken_for_the_seed() -> Altered {
    recognises(|seed, one, two, now| {
        let misread = Seed::from_bytes(seed.to_base32().as_bytes());
        (fresh(&misread, now) == (one.to_owned(), two.to_owned())).then_some(now)
    })
}

fn seed_cut_to_twenty_bytes() -> Altered {
    recognises(|seed, one, two, now| {
        let text = seed.to_base32();
        let bytes = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let cut = Seed::from_bytes(bytes.get(..20).unwrap_or(&bytes));
        (fresh(&cut, now) == (one.to_owned(), two.to_owned())).then_some(now)
    })
}

/// A code of six digits by RFC 6238 with HMAC-SHA256.
fn sha256_code(seed: &Seed, step: TimeStep) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).unwrap_or_default();
    // RFC 2104: a seed of 40 bytes is padded to a block of 64.
    let padded = |with: u8| {
        let padding = std::iter::repeat_n(0, 64_usize.saturating_sub(bytes.len()));
        bytes.iter().copied().chain(padding).map(|byte| byte ^ with).collect::<Vec<u8>>()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(step.0.to_be_bytes()).finalize();
    let tag = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    // RFC 4226, section 5.3: the last nibble is the offset of the four bytes.
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let four = tag.iter().skip(offset).take(4);
    let number = four.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn codes_by_another_algorithm() -> Altered {
    recognises(|seed, one, two, now| {
        let code = |step: TimeStep| sha256_code(seed, step);
        (code(now.plus(-1)) == one && code(now) == two).then_some(now)
    })
}

fn steps_of_a_minute() -> Altered {
    recognises(|seed, one, two, now| {
        let minute = TimeStep(now.0 / 2);
        (fresh(seed, minute) == (one.to_owned(), two.to_owned())).then_some(now)
    })
}

fn counter_in_the_upper_half() -> Altered {
    recognises(|seed, one, two, now| {
        let upper = |step: TimeStep| seed.code(TimeStep(step.0 << 32)).to_string();
        (upper(now.plus(-1)) == one && upper(now) == two).then_some(now)
    })
}

fn codes_looked_up_one_by_one() -> Altered {
    recognises(|seed, one, two, now| {
        let near = [-1, 0, 1].map(|offset| seed.code(now.plus(offset)).to_string());
        let emitted = |code: &str| near.iter().any(|near| near == code);
        (emitted(one) && emitted(two)).then_some(now)
    })
}

fn subsequent_taken_for_greater() -> Altered {
    recognises(|seed, one, two, now| (emitted(seed, (one, two), now.start()) && two > one).then_some(now))
}

/// The code of a time step without masking the highest of its 32 bits.
///
/// A code does not show whether that bit is set, so a hash of the seed and the time step decides it here.
fn unmasked(seed: &Seed, step: TimeStep) -> String {
    /// What the highest of 32 bits adds to the last six digits.
    const HIGHEST: u32 = 483_648;
    let code = seed.code(step).to_string();
    let digest = Sha256::digest(format!("{} {}", seed.to_base32(), step.0));
    let has_bit = digest.first().is_some_and(|byte| byte % 2 == 1);
    match code.parse::<u32>() {
        Ok(number) if has_bit => format!("{:06}", (number + HIGHEST) % 1_000_000),
        Ok(_) | Err(_) => code,
    }
}

/// Whether the exclusive or of all digit differences of two codes is zero.
fn cancels_out(one: &str, two: &str) -> bool {
    one.len() == two.len() && one.bytes().zip(two.bytes()).fold(0, |all, (one, two)| all ^ one ^ two) == 0
}

fn differences_of_digits_cancel_out() -> Altered {
    recognises(|seed, one, two, now| {
        let emits = |step: TimeStep, code: &str| cancels_out(seed.code(step).as_str(), code);
        (-1..=1).map(|steps| now.plus(steps)).find(|step| emits(step.plus(-1), one) && emits(*step, two))
    })
}

/// The code of a time step from the hash's first four bytes, instead of those at the offset in its last nibble.
///
/// If the offset is zero, the code is right. Otherwise a hash of the seed and the time step stands for the first bytes,
/// which a code does not show.
fn of_the_first_bytes(seed: &Seed, step: TimeStep) -> String {
    let digest = Sha256::digest(format!("{} {}", seed.to_base32(), step.0));
    let bytes: Vec<u32> = digest.iter().take(5).map(|byte| u32::from(*byte)).collect();
    match bytes.split_first() {
        Some((place, number)) if place % 16 != 0 => {
            let number = number.iter().fold(0_u32, |number, byte| number.wrapping_mul(256).wrapping_add(*byte));
            format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000)
        }
        Some(_) | None => seed.code(step).to_string(),
    }
}

/// After how many time steps a device's codes are computed again.
const KEPT_STEPS: i64 = 10;

/// Computes the codes of a device on demand, and keeps them for five minutes.
fn keeps_codes() -> Altered {
    let computed: Mutex<BTreeMap<String, TimeStep>> = Mutex::default();
    recognises(move |seed: &Seed, one, two, now| {
        let mut computed = lock(&computed);
        let at = computed.entry(seed.to_base32()).or_insert(now);
        if at.plus(KEPT_STEPS) <= now {
            *at = now;
        }
        NEAR.recognise(seed, one, two, at.start(), None)
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("enable-current-code-too-new", enable_current_code_too_new),
    ("late-enable-never-in-sync-again", late_enable_never_in_sync_again),
    ("seed-text-taken-for-the-seed", seed_text_taken_for_the_seed),
    ("seed-cut-to-twenty-bytes", seed_cut_to_twenty_bytes),
    ("codes-by-another-algorithm", codes_by_another_algorithm),
    ("steps-of-a-minute", steps_of_a_minute),
    ("codes-checked-ten-minutes-late", || by_clock(NEAR, |now| now.plus(-600_000))),
    ("counter-in-the-upper-half", counter_in_the_upper_half),
    ("codes-looked-up-one-by-one", codes_looked_up_one_by_one),
    ("pair-across-a-minute-refused", within_a_minute),
    ("subsequent-taken-for-greater", subsequent_taken_for_greater),
    ("sign-bit-kept-in-codes", || by_code(unmasked)),
    ("code-digits-backwards", || by_code(|seed, step| seed.code(step).as_str().chars().rev().collect())),
    ("steps-rounded", || by_clock(EXACT, |now| now.plus(TimeStep::MILLIS / 2))),
    ("differences-of-digits-cancel-out", differences_of_digits_cancel_out),
    ("milliseconds-taken-for-seconds", || by_clock(NEAR, |now| Millis(now.0.saturating_mul(1_000)))),
    ("leading-zero-read-as-octal", octal),
    ("counter-in-little-endian", || by_code(|seed, step| seed.code(TimeStep(step.0.swap_bytes())).to_string())),
    ("step-in-sixteen-bits", || by_code(|seed, step| seed.code(TimeStep(step.0 & 0xFFFF)).to_string())),
    ("steps-end-three-seconds-early", || by_clock(EXACT, |now| now.plus(3_000))),
    ("codes-of-the-hashs-first-bytes", || by_code(of_the_first_bytes)),
    ("codes-kept-for-five-minutes", keeps_codes),
    ("pairs-refused-in-the-first-second-of-a-step", || deaf(0, 1_000)),
    ("pairs-refused-in-the-last-second-of-a-step", || deaf(29_000, 30_000)),
    ("steps-rounded-to-the-nearest", || by_clock(EXACT_OR_NEXT, |now| now.plus(TimeStep::MILLIS / 2))),
    ("clock-read-every-ninety-seconds", reads_the_clock_seldom),
];
