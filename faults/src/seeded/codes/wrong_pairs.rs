//! Wrong pairs of codes that are accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect, User, UserId};
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::{CodeOperation, ErrorCode, MfaOperation, Millis, Request};

use crate::altered::{Altered, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{ENABLE, Named, RESYNC, WRONG_CODES, asked, done, named, owner_of, refuse, refused_with};
use crate::parts::pairs::{fresh, pair};

/// Accepts the codes of other devices.
fn takes_any_devices(operation: MfaOperation, theirs: fn(&Named<'_>, Option<UserId>) -> bool) -> Altered {
    decides(move |situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = asked(operation, situation, request) else { return decision };
        let now = situation.now.step();
        let emitted = situation.account.devices_after("").any(|(id, device)| {
            let owner = owner_of(situation.account, id);
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

fn enable_own_other_devices_codes_taken() -> Altered {
    takes_any_devices(ENABLE, |named, owner| owner.is_some() && owner == named.user)
}

fn resync_own_other_devices_codes_taken() -> Altered {
    takes_any_devices(RESYNC, |named, owner| owner.is_some() && owner == named.user)
}

fn number(code: &str) -> Option<u32> {
    code.trim_start_matches('0').parse().ok().or_else(|| code.bytes().all(|byte| byte == b'0').then_some(0))
}

fn codes_compared_as_numbers() -> Altered {
    decides(|situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else { return decision };
        let digits = |code: &str| !code.is_empty() && code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let (Some(one), Some(two)) = (code1.text.filter(|code| digits(code)), code2.text.filter(|code| digits(code)))
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
}

/// Refuses some pairs that the documented service accepts, for one operation.
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

fn enable_leading_zero_refused() -> Altered {
    refuses_some(CodeOperation::Enable, |one, two| one.starts_with('0') || two.starts_with('0'))
}

fn resync_leading_zero_refused() -> Altered {
    refuses_some(CodeOperation::Resync, |one, two| one.starts_with('0') || two.starts_with('0'))
}

/// Checks a device's codes for each user once.
fn verifies_once() -> Altered {
    let verified: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enabled = asked(ENABLE, situation, request);
        let Some(named) = enabled else { return decision };
        let Some(both) = named.id().zip(named.user) else { return decision };
        let mut verified = lock(&verified);
        match refused_with(&decision) {
            None => {
                verified.insert(both);
                decision
            }
            Some(WRONG_CODES) if named.owner().is_none() && verified.contains(&both) => named.carried_out(),
            Some(_) => decision,
        }
    })
}

/// How long a user is trusted after right codes.
const BELIEVED_MS: i64 = 60_000;

/// Notes right codes for the user instead of the device, and checks no codes of the user for a time.
fn believes_users() -> Altered {
    let verified: Mutex<BTreeMap<UserId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, user)) = named(situation, request).and_then(|named| Some((named, named.user?))) else {
            return decision;
        };
        let mut verified = lock(&verified);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable | MfaOperation::Resync, None) => {
                verified.insert(user, situation.now.plus(BELIEVED_MS));
                return decision;
            }
            (_, Some(WRONG_CODES)) if verified.get(&user).is_some_and(|until| *until > situation.now) => {}
            _ => return decision,
        }
        let devices = situation.account.user(user).map_or(0, User::device_count);
        match (named.operation, named.owner()) {
            (MfaOperation::Enable, Some(_)) => refuse(ErrorCode::EntityAlreadyExists),
            (MfaOperation::Enable, None) if devices >= Documented::DEVICES_PER_USER => refuse(ErrorCode::LimitExceeded),
            (MfaOperation::Resync, owner) if owner != Some(user) => refuse(ErrorCode::NoSuchEntity),
            _ => named.carried_out(),
        }
    })
}

/// Accepts a pair that begins with a fixed test code.
fn has_a_back_door() -> Altered {
    decides(|situation, request, decision| {
        let opened = pair(request).is_some_and(|(one, _)| one == "654321");
        let wrong = refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode);
        match named(situation, request).filter(|_| opened && wrong) {
            Some(named) => named.carried_out(),
            None => decision,
        }
    })
}

/// Stores codes as numbers, and adds only one leading zero to short ones.
fn puts_one_zero() -> Altered {
    decides(|_, request, decision| match pair(request) {
        Some((one, two)) if refused_with(&decision).is_none() && (one.starts_with("00") || two.starts_with("00")) => {
            refuse(WRONG_CODES)
        }
        Some(_) | None => decision,
    })
}

/// The pairs that the documented service accepts.
const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// A code with another digit in the fourth place.
fn with_fourth(code: &str, digit: char) -> String {
    code.chars().enumerate().map(|(index, known)| if index == 3 { digit } else { known }).collect()
}

/// Ignores the fourth digit of a Resync's second code.
fn skips_the_fourth_digit() -> Altered {
    decides(|situation, request, decision| {
        let resync = asked(RESYNC, situation, request);
        let seed = resync.and_then(|named| named.device).and_then(|(_, device)| device.seed.as_ref());
        let (Some(seed), Some((one, two)), Some(WRONG_CODES)) = (seed, pair(request), refused_with(&decision)) else {
            return decision;
        };
        let fits = |digit| NEAR.recognise(seed, one, &with_fourth(two, digit), situation.now, None).is_some();
        if ('0'..='9').any(fits) { done(Effect::None) } else { decision }
    })
}

/// How long a Resync is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 30_000;

/// Checks no codes for half a minute after a Resync.
fn remembers_resyncs() -> Altered {
    let remembered: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let resync = asked(RESYNC, situation, request);
        let Some(device) = resync.and_then(|named| named.id()) else { return decision };
        let mut remembered = lock(&remembered);
        match refused_with(&decision) {
            None => {
                remembered.insert(device, situation.now);
                decision
            }
            Some(WRONG_CODES) => match remembered.get(&device) {
                Some(since) if situation.now.0 - since.0 < REMEMBERED_MS => done(Effect::None),
                Some(_) | None => decision,
            },
            Some(_) => decision,
        }
    })
}

/// Whether the difference of two codes equals that of a consecutive pair near now.
fn are_as_far_apart(seed: &Seed, (one, two): (&str, &str), now: Millis) -> bool {
    let distance =
        |one: &str, two: &str| Some((two.parse::<i64>().ok()? - one.parse::<i64>().ok()?).rem_euclid(1_000_000));
    let step = now.step();
    let (before, right) = (seed.code(step.plus(-1)), seed.code(step));
    let is_code = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code(one) && is_code(two) && distance(one, two) == distance(before.as_str(), right.as_str())
}

/// Checks only the difference of the codes.
fn compares_distances() -> Altered {
    decides(|situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_deref());
        let far = seed.is_some_and(|seed| are_as_far_apart(seed, codes, situation.now));
        let would = match named.operation {
            MfaOperation::Enable => named.owner().is_none(),
            MfaOperation::Resync | MfaOperation::Deactivate => named.owner() == named.user,
        };
        if far && would && named.user.is_some() && refused_with(&decision) == Some(WRONG_CODES) {
            named.carried_out()
        } else {
            decision
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("enable-any-devices-codes-taken", || takes_any_devices(ENABLE, |_, _| true)),
    ("enable-own-other-devices-codes-taken", enable_own_other_devices_codes_taken),
    ("resync-any-devices-codes-taken", || takes_any_devices(RESYNC, |_, _| true)),
    ("resync-own-other-devices-codes-taken", resync_own_other_devices_codes_taken),
    ("codes-compared-as-numbers", codes_compared_as_numbers),
    ("enable-leading-zero-refused", enable_leading_zero_refused),
    ("resync-leading-zero-refused", resync_leading_zero_refused),
    ("verified-device-enabled-without-its-codes", verifies_once),
    ("verified-user-believed-for-a-minute", believes_users),
    ("code-654321-opens-every-device", has_a_back_door),
    ("two-leading-zeros-lost", puts_one_zero),
    ("resync-fourth-digit-unchecked", skips_the_fourth_digit),
    ("resync-remembered-for-half-a-minute", remembers_resyncs),
    ("distance-of-the-codes-alone", compares_distances),
];
