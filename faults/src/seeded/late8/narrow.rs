//! Faults that show only with one value, or one combination.

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, TimeStep};

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
        let mut names = situation.account.users().map(|(_, user)| &user.entry.user_name);
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
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
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
        Narrow,
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
        Narrow,
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
        Narrow,
        writes_units,
    ),
    row(
        "marks-in-user-names-all-the-same",
        "Users are filed under their names with a hyphen for each mark, so that a name with another mark finds one.",
        C::EnableUserExists,
        // It is the same for each operation.
        &[C::ResyncUserExists, C::DeactivateUserExists],
        Narrow,
        finds_by_slug,
    ),
    row(
        "resource-type-of-a-serial-number-ignored",
        "Whatever stands for mfa in a serial number is let pass: the ARN of a user names the device of the same name.",
        C::SerialNumberUnique,
        // The device that is named doesn't exist.
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        Narrow,
        || {
            rereads(|situation, named| {
                let asked = named.serial.filter(|_| named.device.is_none()).and_then(as_device);
                let exists = |serial: &String| situation.account.find_device(serial).is_some();
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
        Narrow,
        || documented().and_recogniser(Hasty),
    ),
    row(
        "callers-own-device-found-whoever-is-named",
        "DeactivateMFADevice of an own device in another user's name, signed by the owner's key, dissociates it.",
        C::DeactivateOtherUsers,
        // A call on one user changes another's device.
        &[C::StateIsolation],
        Narrow,
        looks_among_its_callers,
    ),
];
