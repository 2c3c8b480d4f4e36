//! Faults that show only with one value, or one combination.

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::wire::HttpRequest;
use mfa_reference::{Caller, MfaOperation};

use crate::altered::{Altered, decides, documented};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{by_get, laid, map_values, parameters, with_parameters, without};
use crate::parts::{devices_of, done, named, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::request::{is_under_test, misreads};

/// Deactivates the first of the caller's devices where the caller has the one named.
fn takes_the_callers_first() -> Altered {
    rereads(|situation, named| {
        let own = match situation.caller {
            Caller::User(caller) if named.operation == MfaOperation::Deactivate && named.user_name.is_none() => {
                devices_of(situation.account, caller)
            }
            Caller::User(_) | Caller::Administrator => Vec::new(),
        };
        let is_own = named.id().is_some_and(|id| own.contains(&id));
        let first = own.first().filter(|_| is_own).and_then(|id| situation.account.device(*id));
        Instead { user_name: None, serial: first.map(|device| device.serial_number.to_string()) }
    })
}

/// A value in which the escapes of characters that need none are escaped again.
fn keeping_needless_escapes(value: &str) -> String {
    let mut pieces = value.split('%');
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let byte = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let is_needless = byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        kept.push_str(if is_needless { "%25" } else { "%" });
        kept.push_str(piece);
    }
    kept
}

/// Doesn't look who has signed a GET.
fn takes_gets_for_the_administrators() -> Altered {
    documented().behind(laid(|incoming, service| {
        let read = parameters(&incoming.request);
        if !by_get(&incoming.request) || !is_under_test(&read) {
            return Ok(service(&incoming.request).into());
        }
        let unsigned = without(&read, |_, name| name == "X-Amz-Credential");
        let request = HttpRequest { authorization: None, ..incoming.request };
        Ok(with_parameters(&request, &unsigned, service).into())
    }))
}

/// Lets the newer of two changes win by its whole seconds, and the older one where they are the same.
fn compares_seconds() -> Altered {
    decides(|situation, request, decision| {
        let deactivated = named(situation, request)
            .filter(|named| named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none());
        let device = deactivated.and_then(|named| named.device);
        let same = device.is_some_and(|(_, device)| device.enabled_at.seconds() == situation.now.seconds());
        if same { done(Effect::None) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "caller-without-a-user-name-loses-the-first-device",
        "DeactivateMFADevice of an own device without UserName dissociates the first of the caller's.",
        C::DeactivateDefaultUser,
        // Another than the one named goes, and the one named stays.
        &[C::DeactivateDissociates, C::DeactivateOnlyThatDevice, C::StateDurable],
        Narrow,
        takes_the_callers_first,
    ),
    row(
        "needless-escapes-kept",
        "An escape of a character that needs none isn't decoded: %2D stays %2D.",
        C::WireFormEncoding,
        // The percent sign that is left is no character of any pattern.
        &[
            C::SerialNumberOwnArn,
            C::EnableFreshPair,
            C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
        ],
        Narrow,
        || {
            // Whoever escapes all of a request escapes its Action, too: which operation it asks for isn't seen here.
            misreads(|_, parameters| map_values(parameters, |_, value| keeping_needless_escapes(value)))
        },
    ),
    row(
        "gets-taken-for-the-administrators",
        "A GET is taken for the administrator's, whoever's key has signed it.",
        C::WireGet,
        // Without a user, the name is asked for.
        &[C::DeactivateDefaultUser, C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        takes_gets_for_the_administrators,
    ),
    row(
        "deactivate-in-the-second-of-its-enable-forgotten",
        "DeactivateMFADevice in the same second as the EnableMFADevice answers 200 and keeps the device.",
        C::DeactivateDissociates,
        // The device is enabled after a 200: again, a second Deactivate is carried out, and the user can't go.
        &[
            C::DeactivateTwice,
            C::DeactivateReEnable,
            C::DeactivateDefaultUser,
            C::DeleteUserRequiresDeactivation,
            C::StateSettles,
        ],
        Narrow,
        compares_seconds,
    ),
];
