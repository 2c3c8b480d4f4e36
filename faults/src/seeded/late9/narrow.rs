//! Faults that show only with one value, or one combination.

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::{Caller, ErrorCode, MfaOperation};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{by_get, laid, parameters};
use crate::parts::{named, on_each, refuse, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::late2::pair::pair;
use crate::seeded::request::is_under_test;

/// How many characters of a user's name are kept with an association.
const KEPT_CHARACTERS: usize = 32;
/// How many characters of a user's name a query takes.
const ASKED_CHARACTERS: usize = 64;

/// Files a device under as much of its user's name as there is room for.
fn cuts_names() -> Altered {
    carries_out(|account, effect, body, now| {
        let Effect::Associate(device, user) = effect else { return account.apply(effect, Some(body), now) };
        let name = account.user(*user).map(|user| user.entry.user_name.clone()).unwrap_or_default();
        let cut: String = name.chars().take(KEPT_CHARACTERS).collect();
        if let Some(kept) = account.find_user(&cut) {
            account.apply(&Effect::Associate(*device, kept), Some(body), now);
        }
    })
}

/// Refuses what looks like the beginning of a comment in SQL.
fn fears_comments() -> Altered {
    on_each(|named, decision| {
        let is_feared = [named.user_name, named.serial].into_iter().flatten().any(|value| value.contains("--"));
        if is_feared { refuse(ErrorCode::ValidationError) } else { decision }
    })
}

/// Expects codes as the digits behind the point of a fraction, where zeros at the end aren't written.
fn writes_fractions() -> Altered {
    decides(|_, request, decision| match pair(request) {
        Some((one, two)) if refused_with(&decision).is_none() && (one.ends_with('0') || two.ends_with('0')) => {
            refuse(ErrorCode::InvalidAuthenticationCode)
        }
        Some(_) | None => decision,
    })
}

/// Decodes the caller's name, which was never encoded.
fn decodes_its_caller() -> Altered {
    decides(|situation, request, decision| {
        let own = named(situation, request).filter(|named| named.user_name.is_none());
        let (Some(named), Caller::User(caller)) = (own, situation.caller) else { return decision };
        let has_plus = situation.account.user(caller).is_some_and(|user| user.entry.user_name.contains('+'));
        let is_lost = has_plus && named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none();
        if is_lost { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Sends what a GET asks for a second time, as something between that holds it to be without effect.
fn repeats_gets() -> Altered {
    documented().behind(laid(|incoming, service| {
        if by_get(&incoming.request) && is_under_test(&parameters(&incoming.request)) {
            let _lost = service(&incoming.request);
        }
        Ok(service(&incoming.request).into())
    }))
}

/// A serial number tidied up as the path of a file is.
fn tidied(serial: &str) -> String {
    let parts: Vec<&str> = serial.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// Finds devices by their tidied serial numbers.
fn tidies_serial_numbers() -> Altered {
    rereads(|situation, named| {
        let asked = named.serial.filter(|_| named.device.is_none()).map(tidied);
        let exists = |serial: &String| situation.account.find_device(serial).is_some();
        Instead { user_name: None, serial: asked.filter(exists) }
    })
}

/// Fails where a user isn't there whose name is longer than the column that it is compared with.
fn fails_on_long_names() -> Altered {
    on_each(|named, decision| {
        let length = named.user_name.map_or(0, |name| name.chars().count());
        let is_absent = named.user.is_none() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
        if is_absent && length > ASKED_CHARACTERS { refuse(ErrorCode::InternalFailure) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "long-user-names-cut-with-a-device",
        "EnableMFADevice keeps the first 32 characters of the user's name, so that a longer-named user gets nothing.",
        C::EnableAssociates,
        // Whoever has the shorter name gets the device.
        &[C::StateIsolation],
        Narrow,
        cuts_names,
    ),
    row(
        "two-hyphens-taken-for-an-attack",
        "A UserName or a SerialNumber with two hyphens in a row is refused with ValidationError, as a comment in SQL.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        // It is the same for each operation and for either value; a device is refused by its own name; and an absent user
        // should be told, whose name is right.
        &[
            C::EnableUserExists,
            C::ResyncUserExists,
            C::DeactivateUserExists,
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
            C::SerialNumberOwnArn,
            C::EnableFreshPair,
        ],
        Narrow,
        fears_comments,
    ),
    row(
        "zeros-at-a-codes-end-lost",
        "Codes that end in a zero are never right, as the digits of a fraction from which the last zeros are dropped.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well, and zero is a digit.
        &[
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::ResyncRejectedNoEffect,
            C::Parameter(Parameter::EnableCode1, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::Pattern),
            C::Parameter(Parameter::ResyncCode1, Aspect::Pattern),
            C::Parameter(Parameter::ResyncCode2, Aspect::Pattern),
        ],
        Narrow,
        writes_fractions,
    ),
    row(
        "callers-name-decoded",
        "DeactivateMFADevice without UserName, by the key of a user whose name has a plus, is answered NoSuchEntity.",
        C::DeactivateDefaultUser,
        // The call isn't judged for the caller, who is a user.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        decodes_its_caller,
    ),
    row(
        "gets-carried-out-twice",
        "A call by GET is carried out twice, as one that may be repeated, and the second answer is told.",
        C::WireGet,
        // The second of two equal calls finds what the first has done.
        &[C::EnableFreshPair, C::EnableAlreadyEnabled, C::DeactivateDissociates, C::DeactivateNoCodeNeeded],
        Narrow,
        repeats_gets,
    ),
    row(
        "serial-numbers-tidied-as-paths",
        "A serial number is tidied up as a path is: one with a slash more, or one at its end, names the device.",
        C::SerialNumberUnique,
        // The device that is named doesn't exist.
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        Narrow,
        tidies_serial_numbers,
    ),
    row(
        "absent-long-names-fail",
        "A call for an absent user whose name has more than 64 characters is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words; the length is allowed, and the absence should be told.
        &[
            C::RobustnessNoCrash,
            C::EnableUserExists,
            C::ResyncUserExists,
            C::DeactivateUserExists,
            C::Parameter(Parameter::EnableUserName, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncUserName, Aspect::MaxLength),
            C::Parameter(Parameter::DeactivateUserName, Aspect::MaxLength),
        ],
        Narrow,
        fails_on_long_names,
    ),
];
