//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Request, SuccessBody, UserEntry};

use crate::altered::{Altered, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{named, on_refusal, refuse, refuse_after, refused_with};
use crate::seeded::late2::pair::pair;

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const IN_THE_WAY: ErrorCode = ErrorCode::DeleteConflict;

/// Takes the first code's step for the device's present one, and adds what it lacks to the drift it knows of.
fn adds_drift_up() -> Altered {
    let drifts: Mutex<BTreeMap<DeviceId, i64>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let Some((id, device)) = named.device.filter(|_| refused_with(&decision).is_none()) else { return decision };
        let emits = |offset: &i64| {
            let code = |offset| device.seed.as_ref().map(|seed| seed.code(situation.now.step().plus(offset)));
            let is = |offset, wanted| code(offset).is_some_and(|code| code.as_str() == wanted);
            is(offset - 1, codes.0) && is(*offset, codes.1)
        };
        let mut drifts = held(&drifts);
        let drift = drifts.entry(id).or_default();
        match (drift.saturating_sub(1)..=drift.saturating_add(1)).find(emits) {
            None => refuse(WRONG_CODES),
            Some(second) => {
                if named.operation == MfaOperation::Resync {
                    *drift = drift.saturating_add(second - 1);
                }
                decision
            }
        }
    })
}

/// Leaves the mark of a user with a device where the user is the caller.
fn leaves_a_mark() -> Altered {
    let marked: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = held(&marked);
        match (request, situation.caller, &decision) {
            (Request::Deactivate { user_name, .. }, Caller::User(caller), Decision::CarryOut { .. })
                if user_name.text.is_none() =>
            {
                marked.insert(caller);
                decision
            }
            (_, _, Decision::CarryOut { effect: Effect::RemoveUser(user), .. }) if marked.contains(user) => {
                refuse(IN_THE_WAY)
            }
            _ => decision,
        }
    })
}

/// Makes a record for whom it looks for and doesn't find.
fn makes_who_is_missing() -> Altered {
    decides(|situation, request, decision| {
        let enabled = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let absent = enabled.filter(|named| named.user.is_none()).and_then(|named| named.user_name);
        let Some(name) = absent.filter(|_| refused_with(&decision) == Some(MISSING)) else { return decision };
        let entry = UserEntry {
            user_name: name.to_owned(),
            arn: format!("arn:aws:iam::123456789012:user/{name}"),
            user_id: format!("AIDA{:017}", situation.now.0),
            path: "/".to_owned(),
            create_date: "2026-01-01T00:00:00Z".to_owned(),
            tags: Vec::new(),
        };
        let message = format!("The user with name {name} cannot be found.");
        Decision::FailAfter { effect: Effect::AddUser, body: SuccessBody::User(entry), code: MISSING, message }
    })
}

/// Renews an association before it looks whether it may.
fn renews_before_it_looks() -> Altered {
    on_refusal(MfaOperation::Enable, TAKEN, |named| {
        Some(refuse_after(TAKEN, Effect::Associate(named.id()?, named.owner()?)))
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "resync-drift-adds-up",
        "ResyncMFADevice adds the first code's distance to the drift that it knows of: the third fresh pair is too late.",
        C::ResyncSynchronizes,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
        ],
        Stateful,
        adds_drift_up,
    ),
    row(
        "own-deactivate-leaves-its-mark",
        "After a DeactivateMFADevice without UserName its caller counts as one with a device: DeleteUser is refused.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        leaves_a_mark,
    ),
    row(
        "refused-enable-creates-the-user",
        "EnableMFADevice for an absent user is refused with NoSuchEntity, and creates the user.",
        C::EnableRejectedNoEffect,
        // The next call for the user is carried out.
        &[C::EnableUserExists],
        Stateful,
        makes_who_is_missing,
    ),
    row(
        "refused-enable-renews-the-enable-date",
        "EnableMFADevice of an enabled device is refused with EntityAlreadyExists, and sets its EnableDate to now.",
        C::EnableRejectedNoEffect,
        // It changes what is said of the association.
        &[C::EnableAlreadyEnabled],
        Stateful,
        renews_before_it_looks,
    ),
];
