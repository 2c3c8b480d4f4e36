//! Faults that show only with one value, or one combination.

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::wire::HttpRequest;
use mfa_reference::world::Effect;
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
                devices_of(situation.world, caller)
            }
            Caller::User(_) | Caller::Administrator => Vec::new(),
        };
        let is_own = named.id().is_some_and(|id| own.contains(&id));
        let first = own.first().filter(|_| is_own).and_then(|id| situation.world.device(*id));
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
        (Narrow, 7),
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
        (Narrow, 1),
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
        (Narrow, 3),
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
        (Narrow, 4),
        compares_seconds,
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::wire::HttpResponse;
    use mfa_reference::{ErrorCode, Millis};

    use super::*;
    use crate::line::Incoming;
    use crate::seeded::late2::played::Played;

    /// A service with a user who has these devices.
    fn with(altered: Altered, devices: &[&str]) -> Played {
        let mut played = Played::on(altered);
        assert_eq!(played.user("CreateUser", "bob"), None);
        for device in devices {
            assert_eq!((played.make_device(device), played.enable("bob", device)), (None, None));
        }
        played
    }

    #[test]
    fn a_key_takes_the_first_device_and_a_name_the_one_named() {
        let mut played = with(takes_the_callers_first(), &["one", "two", "three"]);
        assert_eq!((played.user("CreateAccessKey", "bob"), played.deactivate_by_key(0, "three")), (None, None));
        assert_eq!(played.deactivate("bob", "one"), Some(ErrorCode::NoSuchEntity));
        assert_eq!((played.deactivate("bob", "three"), played.listed("bob")), (None, 1));
    }

    #[test]
    fn escapes_of_letters_digits_and_hyphens_stay_and_others_are_decoded() {
        assert_eq!(keeping_needless_escapes("a%2Db%41%2f%3A%"), "a%252Db%2541%2f%3A%");
    }

    #[test]
    fn nobody_has_signed_a_get() {
        let mut line = (takes_gets_for_the_administrators().lay)();
        let mut signed = |method, action| {
            let target = format!("/?Action={action}&X-Amz-Credential=AKI");
            let body = format!("Action={action}");
            let request = HttpRequest {
                method,
                target: &target,
                content_type: None,
                authorization: Some("key"),
                body: body.as_bytes(),
            };
            let mut seen = None;
            let incoming = Incoming { request, now: Millis(0), calls: 0, carried: 0 };
            let sent = line.pass(&incoming, &mut |request| {
                seen = Some((request.authorization.is_some(), request.target.contains("AKI")));
                HttpResponse::xml(200, "", String::new())
            });
            assert!(sent.is_ok());
            seen
        };
        assert_eq!(signed("GET", "DeactivateMFADevice"), Some((false, false)));
        assert_eq!(signed("POST", "DeactivateMFADevice"), Some((true, true)));
        assert_eq!(signed("GET", "ListMFADevices"), Some((true, true)));
    }

    #[test]
    fn a_deactivate_a_second_later_is_carried_out() {
        let mut played = with(compares_seconds(), &["one"]);
        assert_eq!((played.deactivate("bob", "one"), played.listed("bob")), (None, 1));
        played.now = played.now.plus(1_000);
        assert_eq!((played.deactivate("bob", "one"), played.listed("bob")), (None, 0));
    }
}
