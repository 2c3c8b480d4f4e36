//! Faults that show only with one value, or one combination.

use mfa_reference::account::{DeviceId, Effect, User};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{Caller, ErrorCode, Outcome, Request};

use crate::altered::{Altered, carries_out, decides, documented_reply, writes};
use crate::entry::Difficulty::{Narrow, Shallow};
use crate::entry::{FaultRow, row};
use crate::line::{by_get, map_values, without};
use crate::parts::{devices_of, dissociate, refuse};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::request::{is_under_test, misreads};

/// Deletes what a user has by a key that begins with the user's name, which other users' can begin with as well.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveUser(gone) = effect
            && let Some(name) = account.user(*gone).map(|user| user.entry.user_name.clone())
        {
            let alike = account.users().filter(|(_, user)| user.entry.user_name.starts_with(&name));
            let devices: Vec<DeviceId> = alike.flat_map(|(id, _)| devices_of(account, id)).collect();
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// The number that a name is, without the zeros before it.
fn number(name: &str) -> Option<&str> {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| name.trim_start_matches('0'))
}

/// Finds a user by a name that is the same number.
fn compares_numbers() -> Altered {
    rereads(|situation, named| {
        let wanted = named.user_name.filter(|_| named.user.is_none()).and_then(number);
        let Some(wanted) = wanted else { return Instead::default() };
        let mut names = situation.account.users().map(|(_, user)| &user.entry.user_name);
        Instead { user_name: names.find(|name| number(name) == Some(wanted)).cloned(), serial: None }
    })
}

/// Puts the serial number of a GET in small letters.
fn small_in_gets() -> Altered {
    misreads(|incoming, parameters| {
        if !by_get(&incoming.request) || !is_under_test(parameters) {
            return parameters.to_owned();
        }
        map_values(
            parameters,
            |name, value| {
                if name == "SerialNumber" { value.to_ascii_lowercase() } else { value.to_owned() }
            },
        )
    })
}

/// Repeats the values that are wrong in its message.
fn repeats_values() -> Altered {
    decides(|_, request, decision| {
        if request.operation().under_test().is_none() {
            return decision;
        }
        match decision {
            Decision::Refuse { code: ErrorCode::ValidationError, message } => {
                let violations = request.violations();
                let texts: Vec<&str> = violations.iter().filter_map(|violation| violation.text).collect();
                Decision::refuse(ErrorCode::ValidationError, format!("{message}: {}", texts.join(", ")))
            }
            other => other,
        }
    })
}

/// An error whose message stands in a CDATA section, which ends where the message says so.
fn in_cdata(text: &str, message: &str) -> String {
    let allowed = |character: &char| !character.is_control() && !matches!(character, '\u{FFFE}' | '\u{FFFF}');
    let message: String = message.chars().filter(allowed).collect();
    match (text.split_once("<Message>"), text.split_once("</Message>")) {
        (Some((head, _)), Some((_, tail))) => format!("{head}<Message><![CDATA[{message}]]></Message>{tail}"),
        _ => text.to_owned(),
    }
}

/// Writes messages in CDATA sections.
fn writes_cdata() -> Altered {
    let renderer = writes(|_, outcome, text| match outcome {
        Outcome::Error { message, .. } => in_cdata(&text, message),
        Outcome::Success(_) => text,
    })
    .behaviour
    .renderer;
    repeats_values().and_renderer(move |operation, outcome, id| renderer.render(operation, outcome, id))
}

/// A text in Latin-1, with a question mark for what isn't in it.
fn in_latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

/// Writes replies in Latin-1.
fn writes_latin_1() -> Altered {
    repeats_values().and_renderer(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if operation.is_some_and(|operation| operation.under_test().is_some()) {
            reply.body = in_latin_1(&String::from_utf8_lossy(&reply.body));
        }
        reply
    })
}

/// The parameters from the action on.
fn from_the_action(parameters: &str) -> String {
    let action = parameters.split('&').position(|part| part.starts_with("Action="));
    without(parameters, |index, _| action.is_some_and(|action| index < action))
}

/// Takes what follows the first slash of its caller's ARN for the caller's name.
fn reads_callers_from_arns() -> Altered {
    decides(|situation, request, decision| match (request, situation.caller) {
        (Request::Deactivate { user_name, .. }, Caller::User(caller)) if user_name.text.is_none() => {
            let is_under_path = |user: &User| user.entry.path != "/";
            let is_valid = request.violations().is_empty();
            if is_valid && situation.account.user(caller).is_some_and(is_under_path) {
                refuse(ErrorCode::NoSuchEntity)
            } else {
                decision
            }
        }
        _ => decision,
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "delete-user-takes-names-that-begin-alike",
        "DeleteUser dissociates the devices of users, too, whose names begin with the name of the one deleted.",
        C::DeleteUserLeavesOthers,
        // A call on one user changes another's devices.
        &[C::StateIsolation, C::StateDurable],
        Narrow,
        deletes_by_prefix,
    ),
    row(
        "names-of-digits-compared-as-numbers",
        "A UserName of digits finds a user whose name is the same number: 07 is taken for 7, and nobody is called 07.",
        C::EnableUserExists,
        // It is the same for each operation.
        &[C::ResyncUserExists, C::DeactivateUserExists],
        Narrow,
        compares_numbers,
    ),
    row(
        "serial-numbers-of-gets-in-small-letters",
        "The SerialNumber of a GET is put in small letters: NoSuchEntity for a device with a capital in its name.",
        C::WireGet,
        // The device's own ARN isn't found, and a right call is refused.
        &[C::SerialNumberOwnArn, C::EnableFreshPair, C::ResyncSynchronizes, C::DeactivateByAdministrator],
        Narrow,
        small_in_gets,
    ),
    row(
        "messages-in-cdata",
        "Messages repeat a wrong value in a CDATA section, which one that holds ]]> ends early.",
        C::WireNoCdata,
        // What isn't well-formed has neither code nor id.
        &[C::WireWellFormed, C::WireErrorEnvelope],
        Shallow,
        writes_cdata,
    ),
    row(
        "messages-in-latin-1",
        "Messages repeat a value in Latin-1 and don't say so: one with an umlaut in it is no UTF-8.",
        C::WireWellFormed,
        // What isn't well-formed has neither code nor id.
        &[C::WireErrorEnvelope],
        Narrow,
        writes_latin_1,
    ),
    row(
        "parameters-before-the-action-dropped",
        "Parameters are read from Action on: one that comes before it is taken for absent.",
        C::WireParameterOrder,
        &[],
        Narrow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { from_the_action(parameters) } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "caller-under-a-path-not-found",
        "DeactivateMFADevice without UserName, by the key of a user who was created under a path, answers NoSuchEntity.",
        C::DeactivateDefaultUser,
        // The call isn't judged for the caller, who is a user.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        reads_callers_from_arns,
    ),
];
