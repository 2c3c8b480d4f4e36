//! Which clause a reply breaks that matches none of the permitted transitions.

use super::transition::Demand;
use super::transition::{Answer, Clauses, Expect, Mismatch, Permitted, Transition, listing_mismatch, virtual_mismatch};
use crate::account::{DeviceId, UserId};
use crate::belief::{Fact, State};
use crate::clause::{Aspect, ClauseId};
use crate::operation::{MfaOperation, Operation};
use crate::outcome::{ErrorCode, ErrorCodes};

/// The clause that names a divergence, and those that may be meant as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The nearest clause.
    pub clause: ClauseId,
    /// Others that the reply may be said to break.
    pub also: Clauses,
}

impl Attribution {
    fn first_of(mut clauses: Clauses, otherwise: ClauseId) -> Self {
        // No target breaks a clause that either answer keeps; it stands with those that may be meant.
        clauses.sort_by_key(|clause| clause.stance().is_open());
        if clauses.is_empty() {
            return Self { clause: otherwise, also: clauses };
        }
        Self { clause: clauses.remove(0), also: clauses }
    }
}

/// The last call that could change what listings show, for naming what a listing shows wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// The operation.
    pub operation: Operation,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// The user that it named, or the caller.
    pub user: Option<UserId>,
    /// The device that it named.
    pub device: Option<DeviceId>,
}

/// The codes that an operation's page lists, and the common ones that any operation may answer.
#[must_use]
pub fn listed_codes(operation: MfaOperation) -> ErrorCodes {
    const COMMON: ErrorCodes = ErrorCodes::CLIENT
        .without(ErrorCode::ConcurrentModification)
        .without(ErrorCode::DeleteConflict)
        .without(ErrorCode::EntityAlreadyExists)
        .without(ErrorCode::EntityTemporarilyUnmodifiable)
        .without(ErrorCode::LimitExceeded)
        .without(ErrorCode::InvalidAuthenticationCode)
        .without(ErrorCode::NoSuchEntity)
        .without(ErrorCode::InvalidInput);
    const FAILURES: ErrorCodes =
        ErrorCodes::of(&[ErrorCode::ServiceFailure, ErrorCode::InternalFailure, ErrorCode::ServiceUnavailable]);
    const EVERY_PAGE: ErrorCodes =
        ErrorCodes::of(&[ErrorCode::ConcurrentModification, ErrorCode::LimitExceeded, ErrorCode::NoSuchEntity]);
    let own = match operation {
        MfaOperation::Enable => ErrorCodes::of(&[
            ErrorCode::EntityAlreadyExists,
            ErrorCode::EntityTemporarilyUnmodifiable,
            ErrorCode::InvalidAuthenticationCode,
        ]),
        MfaOperation::Resync => ErrorCodes::of(&[ErrorCode::InvalidAuthenticationCode]),
        MfaOperation::Deactivate => ErrorCodes::of(&[ErrorCode::EntityTemporarilyUnmodifiable]),
    };
    COMMON.union(FAILURES).union(EVERY_PAGE).union(own)
}

/// The clause that says which codes an operation may answer.
#[must_use]
pub const fn listed_errors(operation: MfaOperation) -> ClauseId {
    match operation {
        MfaOperation::Enable => ClauseId::WireEnableListedErrors,
        MfaOperation::Resync => ClauseId::WireResyncListedErrors,
        MfaOperation::Deactivate => ClauseId::WireDeactivateListedErrors,
    }
}

/// A parameter that the message of an error speaks of. It decides no verdict: it only tells which of several clauses
/// the service seems to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint<'a> {
    /// The message.
    pub message: &'a str,
    /// The request's `UserName`.
    pub user_name: Option<&'a str>,
    /// The request's `SerialNumber`.
    pub serial_number: Option<&'a str>,
}

impl Hint<'_> {
    /// Whether the message names the parameter that a clause is about, or holds its value.
    fn is_about(&self, clause: ClauseId) -> bool {
        let holds = |value: Option<&str>| value.is_some_and(|value| value.len() > 5 && self.message.contains(value));
        let Some((name, value)) = self.subject(clause) else { return false };
        self.message.to_ascii_lowercase().contains(&name.to_ascii_lowercase()) || holds(value)
    }

    /// The name and the value of the parameter that a clause is about.
    fn subject(&self, clause: ClauseId) -> Option<(&'static str, Option<&str>)> {
        use ClauseId::{DeactivateUserExists, EnableUserExists, Parameter, ResyncUserExists, SerialNumberOwnArn};
        let name = if let Parameter(parameter, _) = clause {
            parameter.wire_name()
        } else if matches!(clause, EnableUserExists | ResyncUserExists | DeactivateUserExists) {
            "UserName"
        } else if clause == SerialNumberOwnArn {
            "SerialNumber"
        } else {
            return None;
        };
        let value = match name {
            "UserName" => self.user_name,
            "SerialNumber" => self.serial_number,
            _ => None,
        };
        Some((name, value))
    }
}

/// Names the clause that an answer breaks. `answer` must match none of the permitted transitions. `after` are the calls that
/// a listing may be wrong because of, the last of them last.
#[must_use]
pub fn attribute(
    state: &State,
    operation: Operation,
    permitted: &Permitted,
    answer: Answer<'_>,
    after: &[After],
    hint: Option<Hint<'_>>,
) -> Attribution {
    match answer {
        Answer::Success(body) => {
            let listing = permitted.transitions.iter().find_map(|transition| match transition.expect {
                Expect::DevicesOf(user) => Some((Some(user), listing_mismatch(state, user, body)?)),
                Expect::VirtualDevices(assignment) => Some((None, virtual_mismatch(state, assignment, body)?)),
                Expect::Success | Expect::Error(_) => None,
            });
            if let Some((user, mismatch)) = listing {
                return Attribution::first_of(listing_clauses(state, user, &mismatch, after), ClauseId::StateDurable);
            }
            let demanded = permitted
                .transitions
                .iter()
                .filter(|transition| is_demanded(transition) && !transition.expect.is_success());
            Attribution::first_of(
                distinct(demanded.flat_map(|transition| transition.clauses.iter().copied())),
                ClauseId::StateDurable,
            )
        }
        Answer::Error(code) => {
            let mut clauses = Clauses::new();
            let listed = permitted.transitions.iter().find_map(|transition| match transition.expect {
                Expect::DevicesOf(user) => Some(user),
                Expect::Success | Expect::VirtualDevices(_) | Expect::Error(_) => None,
            });
            // A call that leaves its user without a listing had an effect that it must not have.
            let ends = |after: &After| !after.succeeded || after.operation.under_test().is_some();
            if let Some(user) = listed
                && after.last().is_some_and(|after| ends(after) && after.user == Some(user))
            {
                clauses = listing_clauses(state, Some(user), &Mismatch::NoListing, after);
            }
            if let (Some(operation), ErrorCode::InvalidAction) = (operation.under_test(), code) {
                clauses.push(match operation {
                    MfaOperation::Enable => ClauseId::OperationEnableExists,
                    MfaOperation::Resync => ClauseId::OperationResyncExists,
                    MfaOperation::Deactivate => ClauseId::OperationDeactivateExists,
                });
            }
            if let (Some(operation), ErrorCode::ConcurrentModification) = (operation.under_test(), code) {
                clauses.push(match operation {
                    MfaOperation::Enable => ClauseId::EnableConcurrentModification,
                    MfaOperation::Resync => ClauseId::ResyncConcurrentModification,
                    MfaOperation::Deactivate => ClauseId::DeactivateConcurrentModification,
                });
            }
            match (operation.under_test(), code) {
                (Some(MfaOperation::Enable), ErrorCode::EntityTemporarilyUnmodifiable) => {
                    clauses.push(ClauseId::EnableTemporarilyUnmodifiable);
                }
                (Some(MfaOperation::Deactivate), ErrorCode::EntityTemporarilyUnmodifiable) => {
                    clauses.push(ClauseId::DeactivateTemporarilyUnmodifiable);
                }
                _ => {}
            }
            if let Some(operation) = operation.under_test()
                && !listed_codes(operation).contains(code)
            {
                clauses.push(listed_errors(operation));
            }
            let forbids = |demand: &&Demand| demand.forbids.contains(code);
            let mut forbidding: Vec<&Demand> = permitted.demands.iter().filter(forbids).collect();
            // What the message speaks of names a refusal best, then a value at the edge; then whatever else the request
            // tests.
            forbidding.sort_by_key(|demand| {
                let meant = hint.is_some_and(|hint| hint.is_about(demand.clause));
                (!meant, !demand.at_edge)
            });
            let all = permitted.allows_success();
            // Whoever says that a parameter is missing means that one, whatever else there is to refuse.
            let is_missed = |demand: &Demand| {
                matches!((demand.clause, code), (ClauseId::Parameter(_, Aspect::Required), ErrorCode::MissingParameter))
                    && hint.is_some_and(|hint| hint.is_about(demand.clause))
            };
            let telling = forbidding.iter().filter(|demand| all || demand.at_edge || is_missed(demand));
            clauses.extend(telling.map(|demand| demand.clause));
            let demanded = permitted.transitions.iter().filter(|transition| is_demanded(transition));
            clauses.extend(demanded.flat_map(|transition| transition.clauses.iter().copied()));
            Attribution::first_of(distinct(clauses.into_iter()), ClauseId::StateDurable)
        }
    }
}

/// A clause is broken only where it demands something.
fn is_demanded(transition: &Transition) -> bool {
    !transition.transient && !transition.doubtful
}

fn distinct(all: impl Iterator<Item = ClauseId>) -> Clauses {
    let mut clauses = Clauses::new();
    for clause in all {
        if !clauses.contains(&clause) {
            clauses.push(clause);
        }
    }
    clauses
}

/// The clauses that a wrong listing breaks, by what was done last.
fn listing_clauses(state: &State, listed_for: Option<UserId>, mismatch: &Mismatch, after: &[After]) -> Clauses {
    let mut clauses = Clauses::new();
    let about = match mismatch {
        Mismatch::Missing(serial)
        | Mismatch::Foreign(serial)
        | Mismatch::Twice(serial)
        | Mismatch::Invented(serial)
        | Mismatch::WrongName { serial_number: serial, .. } => state.find_device(serial).id(),
        Mismatch::WrongStatus(_) => {
            clauses.push(ClauseId::ListAssignmentStatus);
            return clauses;
        }
        Mismatch::NoListing => None,
    };
    // Of several calls, the one that named the device, or else the user, is the likeliest.
    let named_device = after.iter().rev().find(|after| about.is_some() && after.device == about);
    let of_user = |after: &&After| after.user == listed_for && after.operation.under_test().is_some();
    let named_user = || after.iter().rev().filter(|_| listed_for.is_some()).find(of_user);
    let Some(after) = named_device.or_else(named_user).or(after.last()) else {
        clauses.push(ClauseId::StateIsolation);
        return clauses;
    };
    let same_device = about.is_some() && about == after.device;
    let same_user = listed_for.is_none() || listed_for == after.user;
    let listed_user = listed_for.and_then(|id| state.user(id));
    let is_recreated = listed_user.is_some_and(|user| state.had_user(&user.entry.user_name));
    let clause = match (after.operation, after.succeeded) {
        (Operation::EnableMfaDevice, true) if same_device || same_user => ClauseId::EnableAssociates,
        (Operation::EnableMfaDevice, false) if matches!(mismatch, Mismatch::Invented(_)) => {
            clauses.push(ClauseId::EnableDeviceExists);
            ClauseId::EnableRejectedNoEffect
        }
        (Operation::EnableMfaDevice, false) if same_device || same_user => ClauseId::EnableRejectedNoEffect,
        (Operation::ResyncMfaDevice, false) if same_device || same_user => {
            clauses.push(ClauseId::ResyncKeepsAssociation);
            ClauseId::ResyncRejectedNoEffect
        }
        (Operation::ResyncMfaDevice, true) => ClauseId::ResyncKeepsAssociation,
        (Operation::DeactivateMfaDevice, true) if same_device => ClauseId::DeactivateDissociates,
        (Operation::DeactivateMfaDevice, true) if same_user => ClauseId::DeactivateOnlyThatDevice,
        (Operation::DeactivateMfaDevice, false) if same_device || same_user => ClauseId::DeactivateRejectedNoEffect,
        (Operation::DeleteUser, false) if same_user => ClauseId::DeleteUserRequiresDeactivation,
        (Operation::DeleteUser, _) => ClauseId::DeleteUserLeavesOthers,
        // The state doesn't hold a deleted device any more.
        (Operation::DeleteVirtualMfaDevice, true) if same_device || matches!(mismatch, Mismatch::Invented(_)) => {
            ClauseId::DeleteVirtualDeviceFreesUser
        }
        // What only recordings say of the call stands with what the documents say of all.
        (Operation::UpdateUser, _) if same_user => {
            clauses.push(ClauseId::StateIsolation);
            ClauseId::RenameKeepsDevice
        }
        (Operation::CreateUser, _) if same_user && is_recreated => {
            clauses.push(ClauseId::StateIsolation);
            ClauseId::RecreatedUserHasNoDevice
        }
        _ => ClauseId::StateIsolation,
    };
    clauses.insert(0, clause);
    let owner = about.filter(|id| state.device(*id).is_some()).map(|id| state.owner(id));
    if let Mismatch::Invented(serial) = mismatch
        && state.vanished().any(|vanished| vanished == serial)
    {
        clauses.insert(0, ClauseId::DeactivateDeviceUsable);
    }
    // A run asks for the account's listing only now and then, so the listing may have been wrong before the last call.
    // If it omits a device without an owner, the likeliest reason is that it shows assigned devices alone.
    if let (None, Mismatch::Missing(_), Some(Fact::Known(None))) = (listed_for, mismatch, owner) {
        clauses.insert(0, ClauseId::ListAssignmentStatus);
    }
    // The user's own listing has shown that the call left the association as it was.
    let is_associated = owner.is_some_and(is_somebodys);
    let is_to_change = after.succeeded && after.operation != Operation::ResyncMfaDevice;
    if listed_for.is_none() && is_associated && !is_to_change && after.operation.under_test().is_some() {
        clauses.insert(0, ClauseId::EnableAssociates);
    }
    clauses
}

const fn is_somebodys(owner: Fact<Option<UserId>>) -> bool {
    matches!(owner, Fact::Known(Some(_)))
}
