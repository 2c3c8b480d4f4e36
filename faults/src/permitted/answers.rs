//! Services that tell another of several errors, or fail for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::DeviceId;
use mfa_reference::clause::{ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::rules::{Check, Documented};
use mfa_reference::value::Constraint;
use mfa_reference::{Caller, Constraints, ErrorCode as E, MfaOperation, Millis, Operation, Outcome, Request};

use crate::altered::{Altered, decides, documented, documented_reply, renders, rules};
use crate::entry::{Permitted, permit};
use crate::line::held;
use crate::parts::{devices_of, named, on, on_each, refuse, refused_with};
use crate::seeded::support::supporting;

use Check::{Assignment, Codes, Device, User};

fn ordered(order: [Check; 4]) -> Altered {
    rules(Documented { order, ..Documented::default() })
}

/// Refuses broken constraints with another code, for the operations that the code is listed for.
fn validates_with(code: E) -> Altered {
    on_each(move |named, decision| match refused_with(&decision) {
        Some(E::ValidationError)
            if code != E::InvalidAuthenticationCode || named.operation != MfaOperation::Deactivate =>
        {
            refuse(code)
        }
        _ => decision,
    })
}

/// Answers every fiftieth call of each kind with a passing failure; with its effect, if that is to happen.
fn fails_now_and_then(code: E, carried_out: bool) -> Altered {
    let calls = Mutex::new(0_u32);
    decides(move |_, _, decision| {
        let mut calls = held(&calls);
        *calls += 1;
        if !calls.is_multiple_of(50) {
            return decision;
        }
        match decision {
            Decision::CarryOut { effect, body } if carried_out => {
                Decision::FailAfter { effect, body, code, message: "Try again.".to_owned() }
            }
            Decision::CarryOut { .. } | Decision::Refuse { .. } | Decision::FailAfter { .. } => refuse(code),
        }
    })
}

/// Refuses to change what was changed less than this long ago.
fn keeps_young_entities(millis: i64) -> Altered {
    let asked: Mutex<BTreeMap<String, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let serial = named.serial.unwrap_or_default().to_owned();
        let first = *held(&asked).entry(serial).or_insert(situation.now);
        let young = named.device.is_some() && situation.now.0 - first.0 < millis;
        let modifies = named.operation != MfaOperation::Resync;
        if modifies && young && refused_with(&decision).is_none() {
            refuse(E::EntityTemporarilyUnmodifiable)
        } else {
            decision
        }
    })
}

/// Lets users have this many devices.
fn quota(devices: usize) -> Altered {
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.operation == MfaOperation::Enable) else {
            return decision;
        };
        let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
        if count >= devices && refused_with(&decision).is_none() { refuse(E::LimitExceeded) } else { decision }
    })
}

/// Looks at no length and no character: what is wrong names nothing that exists, or is not a code.
fn unconstrained() -> Altered {
    let mut constraints = Constraints::default();
    for parameter in Parameter::ALL {
        // An empty name is no name, and digits outside ASCII are no code: a pattern as wide as any name's does it.
        let class = mfa_reference::value::CharacterClass::SerialNumber;
        let constraint = Constraint { min: 1, max: 100_000, class, ..*parameter.constraint() };
        constraints.set(parameter, constraint);
    }
    documented().and_constraints(constraints)
}

/// Tells of the first broken constraint alone.
fn first_violation(text: &str) -> String {
    let first = text.split("; ").next().unwrap_or_default();
    match first.split_once(" detected: ") {
        Some((_, what)) => format!("1 validation error detected: {what}"),
        None => first.to_owned(),
    }
}

fn denied(code: E) -> Altered {
    decides(move |situation, request, decision| match (situation.caller, named(situation, request)) {
        (Caller::User(_), Some(_)) => refuse(code),
        _ => decision,
    })
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit("other-texts", "Messages have other words.", &[C::MessageWords], || {
        on_each(|_, decision| match decision {
            Decision::Refuse { code, .. } => Decision::refuse(code, format!("Non: {code} ñ \u{2603}")),
            other => other,
        })
    }),
    permit("device-before-user", "The device is looked for before the user.", &[C::ErrorsOrder], || {
        ordered([Device, User, Codes, Assignment])
    }),
    permit("codes-before-user", "The codes are looked at first.", &[C::ErrorsOrder], || {
        ordered([Codes, User, Device, Assignment])
    }),
    permit("codes-before-assignment", "The codes are looked at before whose the device is.", &[C::ErrorsOrder], || {
        ordered([User, Device, Codes, Assignment])
    }),
    permit("assignment-first", "Whose the device is is looked at first.", &[C::ErrorsOrder, C::MessageWords], || {
        ordered([Assignment, Codes, Device, User])
    }),
    permit("user-last", "The user is looked for last.", &[C::ErrorsOrder, C::MessageWords], || {
        ordered([Device, Codes, Assignment, User])
    }),
    permit(
        "first-violation-alone",
        "Of several broken constraints the first is told.",
        &[C::ValidationAllAtOnce],
        || {
            on_each(|_, decision| match decision {
                Decision::Refuse { code: E::ValidationError, message } => {
                    Decision::refuse(E::ValidationError, first_violation(&message))
                }
                other => other,
            })
        },
    ),
    permit(
        "violations-as-invalid-parameter-values",
        "A broken constraint is an InvalidParameterValue.",
        &[C::ValidationCode],
        || validates_with(E::InvalidParameterValue),
    ),
    permit(
        "violations-as-missing-parameters",
        "A broken constraint is a MissingParameter.",
        &[C::ValidationCode],
        || validates_with(E::MissingParameter),
    ),
    permit(
        "violations-as-absence",
        "What breaks a constraint is not found.",
        &[C::ValidationBeforeExistence, C::MessageWords],
        || validates_with(E::NoSuchEntity),
    ),
    permit(
        "violations-as-wrong-codes",
        "What breaks a constraint is answered as wrong codes.",
        &[C::ValidationBeforeExistence],
        || validates_with(E::InvalidAuthenticationCode),
    ),
    permit(
        "no-lengths-and-patterns",
        "Lengths and patterns are not looked at, but for the characters that no name may have.",
        &[C::MessageWords, C::ValidationAllAtOnce, C::ValidationBeforeExistence],
        unconstrained,
    ),
    permit("non-ascii-refused", "A value with a character outside ASCII is refused with ValidationError.", &[], || {
        on_each(|named, decision| {
            let odd = |text: Option<&str>| text.is_some_and(|text| !text.is_ascii());
            // Where the value breaks a constraint, the refusal has AWS's words already.
            let invalid = matches!(decision, Decision::Refuse { code: E::ValidationError, .. });
            if !invalid && (odd(named.user_name) || odd(named.serial)) { refuse(E::ValidationError) } else { decision }
        })
    }),
    // Its refusals have words of their own.
    permit(
        "prose-marks-refused",
        "The marks that the prose on SerialNumber leaves out are refused.",
        &[C::MessageWords],
        || {
            on_each(|named, decision| {
                let odd = named.operation != MfaOperation::Resync
                    && named.serial.is_some_and(|serial| serial.contains(['+', '_']));
                if odd { refuse(E::ValidationError) } else { decision }
            })
        },
    ),
    permit(
        "absent-device-as-wrong-codes",
        "The codes of an absent device are not recognised.",
        &[C::EnableDeviceExistsCode],
        || {
            on_each(|named, decision| {
                let absent = named.device.is_none() && refused_with(&decision) == Some(E::NoSuchEntity);
                if absent && named.operation != MfaOperation::Deactivate && named.user.is_some() {
                    refuse(E::InvalidAuthenticationCode)
                } else {
                    decision
                }
            })
        },
    ),
    permit("users-denied", "Users may call none of the operations.", &[], || denied(E::AccessDenied)),
    permit("no-access-keys-known", "Calls by a user's key are answered InvalidClientTokenId.", &[], || {
        denied(E::InvalidClientTokenId)
    }),
    permit(
        "administrator-without-a-user-name-denied",
        "Without UserName, a caller that is no user is denied.",
        &[],
        || {
            decides(|situation, request, decision| match (request, situation.caller) {
                (Request::Deactivate { user_name, .. }, Caller::Administrator) if user_name.text.is_none() => {
                    refuse(E::AccessDenied)
                }
                _ => decision,
            })
        },
    ),
    permit("quota-of-twenty", "A user has at most twenty devices.", &[C::EnableLimitQuota], || {
        rules(Documented { devices_per_user: 20, ..Documented::default() })
    }),
    permit("quota-of-two", "A user has at most two devices.", &[C::EnableLimitQuota], || quota(2)),
    permit("quota-of-one", "A user has at most one device.", &[C::EnableLimitQuota], || quota(1)),
    permit("throttles", "Every fiftieth call is throttled.", &[], || fails_now_and_then(E::Throttling, false)),
    permit("fails-now-and-then", "Every fiftieth call is answered ServiceFailure.", &[], || {
        fails_now_and_then(E::ServiceFailure, false)
    }),
    permit(
        "fails-now-and-then-with-effect",
        "Every fiftieth call is answered ServiceFailure and carried out.",
        &[],
        || fails_now_and_then(E::ServiceFailure, true),
    ),
    permit(
        "internal-failures-with-effect",
        "Every fiftieth call is answered InternalFailure and carried out.",
        &[],
        || fails_now_and_then(E::InternalFailure, true),
    ),
    permit("unavailable-now-and-then", "Every fiftieth call is answered ServiceUnavailable.", &[], || {
        fails_now_and_then(E::ServiceUnavailable, false)
    }),
    permit(
        "young-entities-unmodifiable",
        "What was first asked for a moment ago is temporarily unmodifiable.",
        &[],
        || keeps_young_entities(12),
    ),
    permit(
        "resync-limited-now-and-then",
        "The first ResyncMFADevice of a device is answered LimitExceeded.",
        &[],
        || {
            let seen: Mutex<BTreeSet<Option<DeviceId>>> = Mutex::default();
            on(MfaOperation::Resync, move |named, decision| {
                let first = held(&seen).insert(named.id());
                if first && refused_with(&decision).is_none() { refuse(E::LimitExceeded) } else { decision }
            })
        },
    ),
    permit(
        "failures-sent-by-the-sender",
        "ServiceFailure is told to be the sender's fault.",
        &[C::WireErrorType],
        || {
            fails_now_and_then(E::ServiceFailure, false).and_renderer(|operation, outcome, id| {
                let reply = documented_reply(operation, outcome, id);
                crate::altered::edited(reply, |text| text.replace("<Type>Receiver<", "<Type>Sender<"))
            })
        },
    ),
    permit(
        "validation-errors-as-422",
        "ValidationError has the status 422.",
        &[C::ErrorStatus(E::ValidationError)],
        || {
            renders(|operation, outcome, id| {
                let mut reply = documented_reply(operation, outcome, id);
                if matches!(outcome, Outcome::Error { code: E::ValidationError, .. }) {
                    reply.status = 422;
                }
                reply
            })
        },
    ),
    permit(
        "users-with-devices-as-invalid-input",
        "DeleteUser of a user with a device is answered InvalidInput.",
        &[C::DeleteUserCode],
        || {
            supporting(Operation::DeleteUser, |account, user, decision| {
                let has = user.is_some_and(|user| !devices_of(account, user).is_empty());
                if has && refused_with(&decision) == Some(E::DeleteConflict) {
                    refuse(E::InvalidInput)
                } else {
                    decision
                }
            })
        },
    ),
    permit(
        "unknown-actions-as-validation-errors",
        "An unknown action or version is a ValidationError.",
        &[C::WireUnknownAction, C::WireUnknownVersion],
        || {
            renders(|operation, outcome, id| match (operation, outcome) {
                (None, Outcome::Error { message, code: E::InvalidAction }) => {
                    let outcome = Outcome::Error { code: E::ValidationError, message: message.clone() };
                    documented_reply(operation, &outcome, id)
                }
                _ => documented_reply(operation, outcome, id),
            })
        },
    ),
];
