//! Which of several errors is sent, and what is refused where the documents leave a choice.

use std::sync::atomic::{AtomicU64, Ordering};

use mfa_reference::clause::Parameter;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Check::{Assignment, Codes, Device, User};
use mfa_reference::service::rules::{Check, Documented};
use mfa_reference::value::Constraint;
use mfa_reference::{Caller, Constraints, ErrorCode, MfaOperation, Operation, Outcome, Request};

use crate::altered::{Altered, decides, documented, documented_reply, renders, rules};
use crate::entry::Registered;
use crate::parts::named::{ENABLE, asked, devices_of, named, on_each, refuse, refused_with};
use crate::parts::support::supporting;

fn other_texts() -> Altered {
    on_each(|_, decision| match decision {
        Decision::Refuse { code, .. } => Decision::refuse(code, format!("Non: {code} ñ \u{2603}")),
        other => other,
    })
}

fn ordered(order: [Check; 4]) -> Altered {
    rules(Documented { order, ..Documented::default() })
}

/// Reports only the first broken constraint.
fn first_violation(text: &str) -> String {
    let first = text.split("; ").next().unwrap_or_default();
    match first.split_once(" detected: ") {
        Some((_, what)) => format!("1 validation error detected: {what}"),
        None => first.to_owned(),
    }
}

fn first_violation_alone() -> Altered {
    on_each(|_, decision| match decision {
        Decision::Refuse { code: ErrorCode::ValidationError, message } => {
            Decision::refuse(ErrorCode::ValidationError, first_violation(&message))
        }
        other => other,
    })
}

/// Refuses broken constraints with another code, for the operations that the code is listed for.
fn validates_with(code: ErrorCode) -> Altered {
    on_each(move |named, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError)
            if code != ErrorCode::InvalidAuthenticationCode || named.operation != MfaOperation::Deactivate =>
        {
            refuse(code)
        }
        _ => decision,
    })
}

/// Checks no lengths and no characters: a wrong value names nothing that exists, or is not a code.
fn unconstrained() -> Altered {
    let mut constraints = Constraints::default();
    for parameter in Parameter::ALL {
        // An empty name is not a name, and digits outside ASCII are not a code. The widest pattern ensures that.
        let class = mfa_reference::value::CharacterClass::SerialNumber;
        let constraint = Constraint { min: 1, max: 100_000, class, ..*parameter.constraint() };
        constraints.set(parameter, constraint);
    }
    documented().and_constraints(constraints)
}

fn non_ascii_refused() -> Altered {
    on_each(|named, decision| {
        let odd = |text: Option<&str>| text.is_some_and(|text| !text.is_ascii());
        // If the value breaks a constraint, the refusal already has AWS's words.
        let invalid = matches!(decision, Decision::Refuse { code: ErrorCode::ValidationError, .. });
        if !invalid && (odd(named.user_name) || odd(named.serial)) {
            refuse(ErrorCode::ValidationError)
        } else {
            decision
        }
    })
}

fn prose_marks_refused() -> Altered {
    on_each(|named, decision| {
        let odd =
            named.operation != MfaOperation::Resync && named.serial.is_some_and(|serial| serial.contains(['+', '_']));
        if odd { refuse(ErrorCode::ValidationError) } else { decision }
    })
}

fn absent_device_as_wrong_codes() -> Altered {
    on_each(|named, decision| {
        let absent = named.device.is_none() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
        if absent && named.operation != MfaOperation::Deactivate && named.user.is_some() {
            refuse(ErrorCode::InvalidAuthenticationCode)
        } else {
            decision
        }
    })
}

fn denied(code: ErrorCode) -> Altered {
    decides(move |situation, request, decision| match (situation.caller, named(situation, request)) {
        (Caller::User(_), Some(_)) => refuse(code),
        _ => decision,
    })
}

fn administrator_without_a_user_name_denied() -> Altered {
    decides(|situation, request, decision| match (request, situation.caller) {
        (Request::Deactivate { user_name, .. }, Caller::Administrator) if user_name.text.is_none() => {
            refuse(ErrorCode::AccessDenied)
        }
        _ => decision,
    })
}

/// Lets users have this many devices.
fn quota(devices: usize) -> Altered {
    decides(move |situation, request, decision| {
        let Some(named) = asked(ENABLE, situation, request) else { return decision };
        let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
        if count >= devices && refused_with(&decision).is_none() { refuse(ErrorCode::LimitExceeded) } else { decision }
    })
}

fn validation_errors_as_422() -> Altered {
    renders(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if matches!(outcome, Outcome::Error { code: ErrorCode::ValidationError, .. }) {
            reply.status = 422;
        }
        reply
    })
}

fn users_with_devices_as_invalid_input() -> Altered {
    supporting(Operation::DeleteUser, |account, user, decision| {
        let has = user.is_some_and(|user| !devices_of(account, user).is_empty());
        if has && refused_with(&decision) == Some(ErrorCode::DeleteConflict) {
            refuse(ErrorCode::InvalidInput)
        } else {
            decision
        }
    })
}

fn unknown_actions_as_validation_errors() -> Altered {
    renders(|operation, outcome, id| match (operation, outcome) {
        (None, Outcome::Error { message, code: ErrorCode::InvalidAction }) => {
            let outcome = Outcome::Error { code: ErrorCode::ValidationError, message: message.clone() };
            documented_reply(operation, &outcome, id)
        }
        _ => documented_reply(operation, outcome, id),
    })
}

/// The most enabled devices in the account.
const ACCOUNT_LIMIT: usize = 25;

fn account_limit_of_twenty_five() -> Altered {
    decides(|situation, request, decision| {
        let enables = named(situation, request).is_some_and(|named| named.operation == MfaOperation::Enable);
        let is_full = situation.account.assigned_devices() >= ACCOUNT_LIMIT;
        if enables && is_full && refused_with(&decision).is_none() {
            Decision::refuse(ErrorCode::LimitExceeded, "The account has its 25 devices.")
        } else {
            decision
        }
    })
}

fn existence_before_constraints() -> Altered {
    on_each(|named, decision| {
        let no_user = named.user_name.is_some() && named.user.is_none();
        let no_device = named.serial.is_some() && named.device.is_none();
        match refused_with(&decision) {
            Some(ErrorCode::ValidationError) if no_user || no_device => {
                Decision::refuse(ErrorCode::NoSuchEntity, "The user or the device does not exist.")
            }
            _ => decision,
        }
    })
}

fn users_keep_to_themselves() -> Altered {
    decides(|situation, request, decision| match (situation.caller, named(situation, request)) {
        (Caller::User(caller), Some(named)) if named.user != Some(caller) => refuse(ErrorCode::AccessDenied),
        _ => decision,
    })
}

/// Checks the codes first in every second call, and last in the others.
#[derive(Default)]
struct OrderOfTheDay(AtomicU64);

impl Rules for OrderOfTheDay {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let usual = Documented::default();
        let codes_first = Documented { order: [Check::Codes, Check::User, Check::Device, Check::Assignment], ..usual };
        let is_odd = self.0.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if is_odd { codes_first } else { usual }.decide(situation, request, memory)
    }
}

/// How many devices a user may have.
const DEVICES: usize = 3;

/// Asks before anything else whether the user has three devices.
fn counts_devices_first() -> Altered {
    decides(|situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let held = enable.and_then(|named| named.user).map_or(0, |user| devices_of(situation.account, user).len());
        if held >= DEVICES && refused_with(&decision) != Some(ErrorCode::ValidationError) {
            Decision::refuse(ErrorCode::LimitExceeded, "The user has its three devices.")
        } else {
            decision
        }
    })
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("other-texts", other_texts),
    ("device-before-user", || ordered([Device, User, Codes, Assignment])),
    ("codes-before-user", || ordered([Codes, User, Device, Assignment])),
    ("codes-before-assignment", || ordered([User, Device, Codes, Assignment])),
    ("assignment-first", || ordered([Assignment, Codes, Device, User])),
    ("user-last", || ordered([Device, Codes, Assignment, User])),
    ("first-violation-alone", first_violation_alone),
    ("violations-as-invalid-parameter-values", || validates_with(ErrorCode::InvalidParameterValue)),
    ("violations-as-missing-parameters", || validates_with(ErrorCode::MissingParameter)),
    ("violations-as-absence", || validates_with(ErrorCode::NoSuchEntity)),
    ("violations-as-wrong-codes", || validates_with(ErrorCode::InvalidAuthenticationCode)),
    ("no-lengths-and-patterns", unconstrained),
    ("non-ascii-refused", non_ascii_refused),
    ("prose-marks-refused", prose_marks_refused),
    ("absent-device-as-wrong-codes", absent_device_as_wrong_codes),
    ("users-denied", || denied(ErrorCode::AccessDenied)),
    ("no-access-keys-known", || denied(ErrorCode::InvalidClientTokenId)),
    ("administrator-without-a-user-name-denied", administrator_without_a_user_name_denied),
    ("quota-of-twenty", || rules(Documented { devices_per_user: 20, ..Documented::default() })),
    ("quota-of-two", || quota(2)),
    ("quota-of-one", || quota(1)),
    ("validation-errors-as-422", validation_errors_as_422),
    ("users-with-devices-as-invalid-input", users_with_devices_as_invalid_input),
    ("unknown-actions-as-validation-errors", unknown_actions_as_validation_errors),
    ("account-limit-of-twenty-five", account_limit_of_twenty_five),
    ("existence-before-constraints", existence_before_constraints),
    ("users-keep-to-themselves", users_keep_to_themselves),
    ("codes-checked-first-in-every-second-call", || rules(OrderOfTheDay::default())),
    ("limit-of-three-told-first", counts_devices_first),
];
