//! Faults that show only with one value, or one combination.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{Caller, ErrorCode, Millis, Outcome};

use crate::altered::{Altered, carries_out, decides, writes};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{held, map_values};
use crate::parts::{devices_of, dissociate, named, owner_of, refuse, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::late2::pair::pair;
use crate::seeded::request::{is_under_test, misreads};

/// How long a refusal is remembered.
const REMEMBERED_MS: i64 = 30_000;

/// How many bytes of an error fit into the buffer that it is written to.
const BUFFER: usize = 512;

/// Whether a name is matched by another that is read as a regular expression, letters in either case.
fn matches(expression: &[u8], name: &[u8]) -> bool {
    let Some((atom, rest)) = expression.split_first() else { return name.is_empty() };
    let is_atom = |byte: &u8| *atom == b'.' || byte.eq_ignore_ascii_case(atom);
    let Some(tail) = rest.strip_prefix(b"+") else {
        return name.split_first().is_some_and(|(first, name)| is_atom(first) && matches(rest, name));
    };
    let repeated = name.iter().take_while(|byte| is_atom(byte)).count();
    (1..=repeated).any(|count| name.get(count..).is_some_and(|name| matches(tail, name)))
}

/// Whether a name keeps its pattern and holds something that a regular expression takes for a sign.
fn is_expression(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_known) && name.contains(['.', '+'])
}

/// Looks for a user with a regular expression, so that letters match in either case.
fn finds_by_expression() -> Altered {
    rereads(|situation, named| {
        let expression = named.user_name.filter(|name| is_expression(name));
        let user_name = expression.map(|asked| {
            let mut users = situation.account.users().map(|(_, user)| &user.entry.user_name);
            let found = users.find(|name| matches(asked.as_bytes(), name.as_bytes()));
            // What matches nobody is nobody, a user of that very name included.
            found.map_or_else(|| "-".to_owned(), Clone::clone)
        });
        Instead { user_name, serial: None }
    })
}

/// Remembers that a user's pair for a device was refused, whichever operation it was for.
fn remembers_refusals() -> Altered {
    type Asked = [String; 4];
    let refused: Mutex<BTreeMap<Asked, (Millis, Decision)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(user), Some(serial), Some((one, two))) = (named.user_name, named.serial, pair(request)) else {
            return decision;
        };
        let asked = [user, serial, one, two].map(str::to_owned);
        let mut refused = held(&refused);
        refused.retain(|_, (until, _)| *until > situation.now);
        if let Some((_, known)) = refused.get(&asked) {
            return known.clone();
        }
        if refused_with(&decision).is_some() {
            refused.insert(asked, (situation.now.plus(REMEMBERED_MS), decision.clone()));
        }
        decision
    })
}

/// Takes a device from its user with all others of the user whose serial numbers begin like it.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        let mut alike = Vec::new();
        if let Effect::Dissociate(id) = effect
            && let (Some(device), Some(owner)) = (account.device(*id), owner_of(account, *id))
        {
            let begins = |serial: &str| serial.starts_with(&*device.serial_number);
            alike = devices_of(account, owner);
            alike.retain(|other| account.device(*other).is_some_and(|other| begins(&other.serial_number)));
        }
        account.apply(effect, Some(body), now);
        dissociate(account, &alike, now);
    })
}

/// Doesn't find users who aren't at the root of the paths.
fn finds_users_at_the_root() -> Altered {
    decides(|situation, request, decision| {
        let found = named(situation, request).filter(|_| refused_with(&decision).is_none());
        // Whom a key names is found by the key.
        let user = found.filter(|named| named.user_name.is_some()).and_then(|named| named.user);
        match user.and_then(|user| situation.account.user(user)) {
            Some(user) if user.entry.path != "/" => refuse(ErrorCode::NoSuchEntity),
            Some(_) | None => decision,
        }
    })
}

/// What a buffer holds of a document.
fn cut(document: &str) -> String {
    document.get(..BUFFER).unwrap_or(document).to_owned()
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "user-name-taken-for-a-regular-expression",
        "A UserName with a dot or a plus is looked up as a regular expression, so that one with a plus isn't found.",
        C::EnableUserExists,
        // An absent user is found by a dot, or another than the one named; one who exists is not found by a plus.
        &[
            C::EnableFreshPair,
            C::ResyncUserExists,
            C::DeactivateUserExists,
            C::EnableAssociates,
            C::StateIsolation,
            C::DeactivateDissociates,
            C::ResyncSynchronizes,
            C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
            C::WireFormEncoding,
        ],
        Narrow,
        finds_by_expression,
    ),
    row(
        "user-with-a-path-not-found",
        "A user who was created under a path is answered NoSuchEntity.",
        C::EnableFreshPair,
        // Who is named exists, whatever is done about the user.
        &[
            C::EnableUserExists,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::DeactivateDissociates,
            C::DeactivateByAdministrator,
        ],
        Narrow,
        finds_users_at_the_root,
    ),
    row(
        "nul-ends-a-value",
        "A value ends before its first NUL, as strings do in C.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        // What is left of a value that breaks its pattern keeps it; a code is too long as well.
        &[
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode1, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
            C::Parameter(Parameter::EnableCode2, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::ResyncCode1, Aspect::Pattern),
            C::Parameter(Parameter::ResyncCode2, Aspect::Pattern),
            C::Parameter(Parameter::ResyncCode1, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
            C::WireFormEncoding,
        ],
        Narrow,
        || {
            misreads(|_, parameters| {
                if !is_under_test(parameters) {
                    return parameters.to_owned();
                }
                map_values(parameters, |_, value| value.split("%00").next().unwrap_or_default().to_owned())
            })
        },
    ),
    row(
        "signing-user-overrides-the-user-name",
        "A call that a user's key signs is about that user, whoever is named in it.",
        C::EnableAssociates,
        // The user named isn't given the device, or doesn't lose it; another one does.
        &[
            C::StateIsolation,
            C::EnableUserExists,
            C::ResyncUserExists,
            C::ResyncSynchronizes,
            C::ResyncOtherUsers,
            C::DeactivateUserExists,
            C::DeactivateDissociates,
            C::DeactivateOtherUsers,
        ],
        Narrow,
        || {
            rereads(|situation, named| match situation.caller {
                Caller::User(caller) if named.user_name.is_some() => {
                    let caller = situation.account.user(caller);
                    Instead { user_name: caller.map(|user| user.entry.user_name.clone()), serial: None }
                }
                Caller::User(_) | Caller::Administrator => Instead::default(),
            })
        },
    ),
    row(
        "deactivate-takes-devices-that-begin-alike",
        "DeactivateMFADevice dissociates the user's other devices, too, whose serial numbers begin with the one named.",
        C::DeactivateOnlyThatDevice,
        // A prefix is taken for the device.
        &[C::SerialNumberUnique, C::StateIsolation, C::StateDurable],
        Narrow,
        deletes_by_prefix,
    ),
    row(
        "refusal-remembered-without-its-action",
        "A user's pair for a device that was refused is answered the same for 30 seconds, by the other operation, too.",
        C::EnableFreshPair,
        // Resync says what only Enable may; what was refused has an effect on what comes next.
        &[
            C::ResyncUnlistedErrors,
            C::WireResyncListedErrors,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::EnableRejectedNoEffect,
            C::ResyncRejectedNoEffect,
            C::WireRequestBoundary,
            C::EnableUserExists,
            C::ResyncUserExists,
            C::EnableAlreadyEnabled,
            C::ResyncUnassigned,
            C::ResyncOtherUsers,
        ],
        Narrow,
        remembers_refusals,
    ),
    row(
        "long-errors-cut-off",
        "Errors are written to a buffer of 512 bytes, and what is longer is cut off.",
        C::WireWellFormed,
        // What isn't well-formed has neither code nor id.
        &[C::WireErrorEnvelope],
        Narrow,
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Error { .. } => cut(&text),
                Outcome::Success(_) => text,
            })
        },
    ),
];
