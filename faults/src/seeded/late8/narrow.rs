//! Faults that show only with one value, or one combination.

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::world::Effect;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Step};

use crate::altered::{Altered, decides, documented, documented_reply, edited};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{by_get, map_values};
use crate::parts::{done, named, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::request::{is_under_test, misreads};

/// How far the clock is ahead by which codes are checked.
const AHEAD_MS: i64 = 3_000;

/// The parameters as they are split by who decodes the separator first.
fn split_at_escapes(parameters: &str) -> String {
    if is_under_test(parameters) { parameters.replace("%26", "&") } else { parameters.to_owned() }
}

/// The parameters with what looks like a number read as one.
fn with_numbers(parameters: &str) -> String {
    map_values(parameters, |_, value| {
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        match value.trim_start_matches('0') {
            "" if is_number => "0".to_owned(),
            number if is_number => number.to_owned(),
            _ => value.to_owned(),
        }
    })
}

/// A text with each character that needs two units in UTF-16 as a reference to either.
fn in_units(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut all, character| {
        let mut units = [0; 2];
        match character.encode_utf16(&mut units) {
            [high, low] => all.extend([format!("&#{high};"), format!("&#{low};")]),
            _ => all.push(character),
        }
        all
    })
}

/// Repeats what is wrong, and escapes it unit by unit.
fn writes_units() -> Altered {
    decides(|_, request, decision| match decision {
        Decision::Refuse { code: ErrorCode::ValidationError, message }
            if request.operation().under_test().is_some() =>
        {
            let texts = request.violations().into_iter().filter_map(|violation| violation.text);
            let wrong: String = texts.flat_map(str::chars).filter(|character| !character.is_control()).collect();
            Decision::refuse(ErrorCode::ValidationError, format!("{message}: {wrong}"))
        }
        other => other,
    })
    .and_renderer(|operation, outcome, id| edited(documented_reply(operation, outcome, id), |text| in_units(&text)))
}

/// What a user is filed under: the name with one mark for each that isn't a letter or a digit.
fn slug(name: &str) -> String {
    name.chars().map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' }).collect()
}

/// Finds users by what they are filed under.
fn finds_by_slug() -> Altered {
    rereads(|situation, named| {
        let is_name = |name: &&str| name.chars().all(|each| each.is_ascii_alphanumeric() || "_+=,.@-".contains(each));
        let absent = named.user_name.filter(|_| named.user.is_none());
        let Some(asked) = absent.filter(is_name).map(slug) else { return Instead::default() };
        let mut names = situation.world.users().map(|(_, user)| &user.entry.user_name);
        Instead { user_name: names.find(|name| slug(name) == asked).cloned(), serial: None }
    })
}

/// The serial number of the device that an ARN of another kind would name.
fn as_device(arn: &str) -> Option<String> {
    let (account, resource) = arn.rsplit_once(':')?;
    let (kind, rest) = resource.split_once('/')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    is_kind.then(|| format!("{account}:mfa/{rest}"))
}

/// Checks codes by a clock that is ahead, and takes none but its current one.
struct Hasty;

impl Recogniser for Hasty {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<Step> {
        Adjacent { steps_behind: 0, steps_ahead: 0 }.recognise(seed, one, two, now.plus(AHEAD_MS), last)
    }
}

/// Looks for the device among its caller's before it looks among those of the user who is named.
fn looks_among_its_callers() -> Altered {
    decides(|situation, request, decision| {
        let deactivated = named(situation, request).filter(|named| named.operation == MfaOperation::Deactivate);
        let (Some(named), Caller::User(caller)) = (deactivated, situation.caller) else { return decision };
        match named.id() {
            Some(device)
                if named.user.is_some()
                    && named.owner() == Some(caller)
                    && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) =>
            {
                done(Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
}

/// What a value with an ampersand at its end breaks.
const WITH_AMPERSAND: &[C] = &[
    C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
    C::Parameter(Parameter::EnableCode1, Aspect::Pattern),
    C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
    C::Parameter(Parameter::EnableCode2, Aspect::Pattern),
    C::Parameter(Parameter::EnableCode2, Aspect::MaxLength),
    C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
    C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
    C::Parameter(Parameter::ResyncCode1, Aspect::Pattern),
    C::Parameter(Parameter::ResyncCode1, Aspect::MaxLength),
    C::Parameter(Parameter::ResyncCode2, Aspect::Pattern),
    C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
    C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
    C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
    C::WireFormEncoding,
];

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "escaped-ampersand-ends-a-value",
        "An ampersand that is escaped separates parameters as well, so that a wrong value is taken for what precedes it.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        // It is the same for each parameter.
        WITH_AMPERSAND,
        (Narrow, 3),
        || misreads(|_, parameters| split_at_escapes(parameters)),
    ),
    row(
        "numbers-in-queries-lose-their-zeros",
        "What looks like a number in the query of a GET is read as one: 000123 is taken for 123, which is too short.",
        C::CodesLeadingZeros,
        // A right call by GET is refused for the code's length; a name of digits stands for another.
        &[
            C::WireGet,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::EnableUserExists,
            C::ResyncUserExists,
            C::DeactivateUserExists,
        ],
        (Narrow, 3),
        || {
            misreads(|incoming, parameters| {
                let is_read = by_get(&incoming.request) && is_under_test(parameters);
                if is_read { with_numbers(parameters) } else { parameters.to_owned() }
            })
        },
    ),
    row(
        "astral-characters-as-two-references",
        "Messages repeat a wrong value with a character beyond U+FFFF as references to two surrogates, which XML forbids.",
        C::WireWellFormed,
        // What isn't well-formed has neither code nor id.
        &[C::WireErrorEnvelope],
        (Narrow, 1),
        writes_units,
    ),
    row(
        "marks-in-user-names-all-the-same",
        "Users are filed under their names with a hyphen for each mark, so that a name with another mark finds one.",
        C::EnableUserExists,
        // It is the same for each operation.
        &[C::ResyncUserExists, C::DeactivateUserExists],
        (Narrow, 3),
        finds_by_slug,
    ),
    row(
        "resource-type-of-a-serial-number-ignored",
        "Whatever stands for mfa in a serial number is let pass: the ARN of a user names the device of the same name.",
        C::SerialNumberUnique,
        // The device that is named doesn't exist.
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        (Narrow, 3),
        || {
            rereads(|situation, named| {
                let asked = named.serial.filter(|_| named.device.is_none()).and_then(as_device);
                let exists = |serial: &String| situation.world.find_device(serial).id().is_some();
                Instead { user_name: None, serial: asked.filter(exists) }
            })
        },
    ),
    row(
        "steps-end-three-seconds-early",
        "Codes are checked by a clock three seconds ahead, and no step but its current one is allowed for.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::ResyncRejectedNoEffect,
        ],
        (Narrow, 3),
        || documented().and_recogniser(Hasty),
    ),
    row(
        "callers-own-device-found-whoever-is-named",
        "DeactivateMFADevice of an own device in another user's name, signed by the owner's key, dissociates it.",
        C::DeactivateOtherUsers,
        // A call on one user changes another's device.
        &[C::StateIsolation],
        (Narrow, 6),
        looks_among_its_callers,
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::service::Service;
    use mfa_reference::{Outcome, RawRequest};

    use super::*;
    use crate::seeded::late2::played::Played;

    const AT: Millis = Millis(1_800_000_000_000);

    /// What a service answers a caller.
    fn answer(service: &mut Service, action: &str, given: &[(&str, &str)], caller: Caller) -> Option<ErrorCode> {
        match service.answer(&RawRequest::new(action, given), caller, AT).1 {
            Outcome::Success(_) => None,
            Outcome::Error { code, .. } => Some(code),
        }
    }

    #[test]
    fn an_escaped_ampersand_separates() {
        let read = split_at_escapes("Action=EnableMFADevice&UserName=bob%26&SerialNumber=a%3D");
        assert_eq!(read, "Action=EnableMFADevice&UserName=bob&&SerialNumber=a%3D");
        assert_eq!(split_at_escapes("Action=CreateUser&UserName=bob%26"), "Action=CreateUser&UserName=bob%26");
    }

    #[test]
    fn numbers_have_no_zeros_before_them() {
        let sent = "AuthenticationCode1=000120&AuthenticationCode2=000000&UserName=0x&SerialNumber=";
        let read = "AuthenticationCode1=120&AuthenticationCode2=0&UserName=0x&SerialNumber=";
        assert_eq!(with_numbers(sent), read);
    }

    #[test]
    fn a_wrong_value_is_repeated_in_surrogates() {
        let altered = writes_units();
        let mut service = Service::new(altered.behaviour.clone(), 1);
        let mut text = |name: &str| {
            let given = [("UserName", name), ("SerialNumber", "123456789")];
            let request = RawRequest::new("DeactivateMFADevice", &given);
            let (operation, outcome) = service.answer(&request, Caller::Administrator, AT);
            String::from_utf8(altered.behaviour.renderer.render(operation, &outcome, "id").body).unwrap()
        };
        let odd = text("b!\u{1F600}");
        assert!(odd.contains("b!&#55357;&#56832;</Message>"), "{odd}");
        let right = text("b!\u{F6}");
        assert!(right.contains("b!\u{F6}</Message>"), "{right}");
    }

    #[test]
    fn a_name_with_another_mark_is_found() {
        let mut played = Played::on(finds_by_slug());
        assert_eq!((played.user("CreateUser", "an-n"), played.make_device("one")), (None, None));
        assert_eq!(played.enable("ann", "one"), Some(ErrorCode::NoSuchEntity));
        assert_eq!(played.enable("an!n", "one"), Some(ErrorCode::ValidationError));
        assert_eq!((played.enable("an.n", "one"), played.listed("an-n")), (None, 1));
    }

    #[test]
    fn an_arn_of_a_user_names_a_device() {
        let fault = FAULTS.iter().find(|fault| fault.name == "resource-type-of-a-serial-number-ignored").unwrap();
        let mut played = Played::on((fault.service)());
        assert_eq!((played.user("CreateUser", "bob"), played.make_device("one")), (None, None));
        assert_eq!(played.enable("bob", "one"), None);
        let mut deactivate =
            |serial: &str| played.call("DeactivateMFADevice", &[("UserName", "bob"), ("SerialNumber", serial)]);
        let missing = Some(ErrorCode::NoSuchEntity);
        assert_eq!(deactivate("arn:aws:iam::123456789012:user/two"), missing);
        assert_eq!(deactivate("arn:aws:iam::210987654321:user/one"), missing);
        assert_eq!(deactivate("arn:aws:iam::123456789012:user/one"), None);
    }

    #[test]
    fn a_step_ends_before_its_end() {
        let seed = Seed::from_bytes(b"12345678901234567890");
        let taken = |seconds: i64| {
            let now = AT.plus(seconds * 1_000);
            let [one, two] = [-1, 0].map(|steps| seed.code(now.step().plus(steps)).to_string());
            Hasty.recognise(&seed, &one, &two, now, None).is_some()
        };
        assert_eq!([0, 13, 26, 27, 29].map(taken), [true, true, true, false, false]);
    }

    #[test]
    fn an_own_device_goes_in_anothers_name() {
        let mut service = Service::new(looks_among_its_callers().behaviour, 1);
        for user in ["ann", "bob"] {
            assert_eq!(answer(&mut service, "CreateUser", &[("UserName", user)], Caller::Administrator), None);
        }
        let name = [("VirtualMFADeviceName", "one")];
        assert_eq!(answer(&mut service, "CreateVirtualMFADevice", &name, Caller::Administrator), None);
        let serial = "arn:aws:iam::123456789012:mfa/one";
        let seed = service.world().find_device(serial).id().and_then(|id| service.world().device(id)?.seed.clone());
        let [one, two] = [-1, 0].map(|steps| seed.as_ref().unwrap().code(AT.step().plus(steps)).to_string());
        let codes = [("AuthenticationCode1", one.as_str()), ("AuthenticationCode2", &two)];
        let enabled = [&[("UserName", "ann"), ("SerialNumber", serial)], &codes[..]].concat();
        assert_eq!(answer(&mut service, "EnableMFADevice", &enabled, Caller::Administrator), None);
        let by = |service: &Service, name: &str| Caller::User(service.world().find_user(name).id().unwrap());
        let (ann, bob) = (by(&service, "ann"), by(&service, "bob"));
        let missing = Some(ErrorCode::NoSuchEntity);
        for (name, caller, expected) in
            [("bob", Caller::Administrator, missing), ("bob", bob, missing), ("eve", ann, missing), ("bob", ann, None)]
        {
            let given = [("UserName", name), ("SerialNumber", serial)];
            assert_eq!(answer(&mut service, "DeactivateMFADevice", &given, caller), expected, "{name} {caller:?}");
        }
        assert_eq!(service.world().assigned_devices(), 0);
    }
}
