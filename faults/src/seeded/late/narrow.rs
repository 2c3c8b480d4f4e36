//! Faults that show only with one value, or one combination.

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, TimeStep};

use super::reread::{Instead, rereads};
use crate::altered::{Altered, documented};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::map_values;
use crate::parts::{Named, on_each, refuse, refused_with};
use crate::seeded::request::{is_under_test, misreads};

/// A number keeps both the pattern and, of one digit, the least length.
const NUMBERS: &[C] = &[
    C::EnableFreshPair,
    C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
    C::Parameter(Parameter::EnableUserName, Aspect::MinLength),
    C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
    C::Parameter(Parameter::ResyncUserName, Aspect::MinLength),
    C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
    C::Parameter(Parameter::DeactivateUserName, Aspect::MinLength),
];

/// Refuses what would succeed with a value like this.
fn refuses_where(code: ErrorCode, odd: fn(&Named<'_>) -> bool) -> Altered {
    on_each(
        move |named, decision| {
            if refused_with(&decision).is_none() && odd(named) { refuse(code) } else { decision }
        },
    )
}

/// What stands after a serial number's last slash.
fn base(serial: &str) -> &str {
    serial.rsplit('/').next().unwrap_or_default()
}

/// The parameters with each escape kept that is written in small letters.
fn keeping_small_escapes(parameters: &str) -> String {
    let mut parts = parameters.split('%');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let small = part.bytes().take(2).any(|byte| byte.is_ascii_lowercase());
        kept.push_str(if small { "%25" } else { "%" });
        kept.push_str(part);
    }
    kept
}

/// Takes a pair only if both of its steps lie in one minute.
struct WithinAMinute;

impl Recogniser for WithinAMinute {
    fn recognise(
        &self,
        seed: &Seed,
        code1: &str,
        code2: &str,
        now: Millis,
        last: Option<LastPair>,
    ) -> Option<TimeStep> {
        let documented = Adjacent { steps_behind: 1, steps_ahead: 1 };
        let second = documented.recognise(seed, code1, code2, now, last)?;
        (second.0.div_euclid(2) == second.plus(-1).0.div_euclid(2)).then_some(second)
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "escaped-equals-sign-ends-a-value",
        "Parameters are decoded before they are split, so that a value ends before its first equals sign.",
        C::WireFormEncoding,
        // A user whose name has the sign isn't found; a value with a second part that breaks the pattern is taken.
        &[
            C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
            C::SerialNumberOwnArn,
            C::EnableUserExists,
        ],
        Narrow,
        || {
            misreads(|_, parameters| {
                if !is_under_test(parameters) {
                    return parameters.to_owned();
                }
                map_values(parameters, |_, value| {
                    let end = ["%3D", "%3d"].iter().filter_map(|sign| value.find(sign)).min();
                    end.and_then(|end| value.get(..end)).unwrap_or(value).to_owned()
                })
            })
        },
    ),
    row(
        "escapes-in-small-letters-kept",
        "An escape in small letters isn't decoded: %2f stays %2f.",
        C::WireFormEncoding,
        // The percent sign that is left is no character of any pattern.
        &[C::SerialNumberOwnArn, C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern), C::EnableFreshPair],
        Narrow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { keeping_small_escapes(parameters) } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "pair-across-a-minute-refused",
        "A pair is recognised only if both of its steps lie in the same minute.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::DeactivateReEnable, C::ResyncSynchronizes, C::ResyncCodesByDevice],
        Narrow,
        || documented().and_recogniser(WithinAMinute),
    ),
    row(
        "user-name-of-digits-not-found",
        "A user whose name is a number is answered NoSuchEntity.",
        C::EnableUserExists,
        NUMBERS,
        Narrow,
        || {
            refuses_where(ErrorCode::NoSuchEntity, |named| {
                named.user_name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
            })
        },
    ),
    row(
        "serial-number-with-a-path-refused",
        "The serial number of a device under a path of its own is answered ValidationError.",
        C::SerialNumberOwnArn,
        // The slash is in the pattern.
        &[C::EnableFreshPair, C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern)],
        Narrow,
        || {
            refuses_where(ErrorCode::ValidationError, |named| {
                named.serial.is_some_and(|serial| serial.matches('/').count() > 1)
            })
        },
    ),
    row(
        "codes-operations-default-to-the-caller",
        "EnableMFADevice and ResyncMFADevice without UserName are carried out for the user whose key signs the call.",
        C::Parameter(Parameter::EnableUserName, Aspect::Required),
        &[C::Parameter(Parameter::ResyncUserName, Aspect::Required)],
        Narrow,
        || {
            rereads(|situation, named| match situation.caller {
                Caller::User(caller) if named.user_name.is_none() && named.operation != MfaOperation::Deactivate => {
                    let caller = situation.account.user(caller);
                    Instead { user_name: caller.map(|user| user.entry.user_name.clone()), serial: None }
                }
                Caller::User(_) | Caller::Administrator => Instead::default(),
            })
        },
    ),
    row(
        "devices-keyed-without-their-path",
        "A serial number stands for the newest device of that name, under whichever path.",
        C::SerialNumberUnique,
        // The other device's codes are asked for, and the other device is changed.
        &[C::EnableFreshPair, C::EnableCodesByDevice, C::EnableAssociates],
        Narrow,
        || {
            rereads(|situation, named| {
                let asked = named.serial.filter(|_| named.device.is_some()).map(base);
                let all = situation.account.devices_after("");
                let same = all.filter(|(_, device)| Some(base(&device.serial_number)) == asked);
                let newest = same.max_by_key(|(id, _)| *id).map(|(_, device)| device.serial_number.to_string());
                Instead { user_name: None, serial: newest }
            })
        },
    ),
];
