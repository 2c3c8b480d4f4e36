//! The recorded words of AWS's refusals. Another wording is noted, and diverges only in strict mode.

use std::collections::BTreeSet;

use mfa_reference::belief::{Entity, Lookup};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::{Answer as Seen, Permitted, Transition};
use mfa_reference::service::recorded_refusals;
use mfa_reference::{Caller, Constraints, ErrorCode, Operation, Request};

use super::observation::Observation;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, ObservedClass};

/// The text between the number of broken constraints and the constraints.
const DETECTED: &str = " detected: ";

impl Oracle {
    /// Compares the message of a conforming refusal with the recorded words, if any.
    pub(super) fn check_words(
        &mut self,
        observation: &Observation<'_>,
        permitted: &Permitted,
        code: ErrorCode,
        message: &str,
    ) -> Option<Divergence> {
        if observation.operation.under_test().is_none() {
            return self.check_support_words(observation, code, message);
        }
        let is_fault = |step: &&Transition| !step.expect.is_success() && !step.transient && !step.doubtful;
        let faults = permitted.transitions.iter().filter(is_fault).filter(|step| step.departs.is_none()).count();
        let constraints = Constraints::default();
        let request = Request::read(observation.request, &constraints).ok()?;
        let violations = request.violations().len();
        // If the call has several faults, the message may be about another one.
        let told = Seen::Error(code);
        let doubted = permitted.transitions.iter().any(|step| step.doubtful && step.expect.matches(self.state(), told));
        if doubted
            || faults == 0
            || (faults > 1 && faults != violations)
            || self.belief.is_split()
            || self.state().unknown_owners().len() > 0
        {
            return None;
        }
        let state = self.state();
        let caller = observation.caller.and_then(|name| state.find_user(name).id());
        let caller = caller.map_or(Caller::Administrator, Caller::User);
        let absent = request_serial(observation).is_some_and(|serial| state.find_device(serial).id().is_none());
        if absent
            && observation.operation != Operation::DeactivateMfaDevice
            && code == ErrorCode::NoSuchEntity
            && faults == 1
        {
            // AWS was never recorded enabling or resynchronizing an absent device.
            return None;
        }
        let refusals = recorded_refusals(state.account(), caller, &request, observation.window.from);
        let mut recorded = refusals.iter().filter(|(known, _)| *known == code).map(|(_, words)| words);
        let words = recorded.next()?;
        let several = violations > 1;
        let (same, clause) = if several {
            let (told, whole) = (constraints_of(message), constraints_of(words));
            // The message has only some of the recorded constraints.
            let kept_back = told.is_subset(&whole) && told != whole;
            self.tally.tested(ClauseId::ValidationAllAtOnce, Side::Reject);
            (told == whole, if kept_back { ClauseId::ValidationAllAtOnce } else { ClauseId::MessageWords })
        } else {
            (message == words || recorded.any(|words| message == words), ClauseId::MessageWords)
        };
        self.tally.tested(ClauseId::MessageWords, Side::Reject);
        if same {
            return None;
        }
        self.recorded(observation, clause, "other words than AWS's", format!("the message {words:?}"))
    }

    /// Compares the messages of the other operations with the recorded words, if any.
    fn check_support_words(
        &mut self,
        observation: &Observation<'_>,
        code: ErrorCode,
        message: &str,
    ) -> Option<Divergence> {
        let state = self.state();
        let user = observation.request.get("UserName").map(|name| state.find_user(name));
        let has_device = user
            .and_then(Lookup::id)
            .filter(|user| state.surely_exists(Entity::User(*user)))
            .and_then(|user| state.user(user))
            .is_some_and(|user| !user.has_no_device());
        let is_recorded = match (observation.operation, code) {
            (Operation::CreateUser | Operation::CreateVirtualMfaDevice, ErrorCode::EntityAlreadyExists)
            | (Operation::DeleteVirtualMfaDevice, ErrorCode::NoSuchEntity | ErrorCode::DeleteConflict) => true,
            (
                Operation::DeleteUser | Operation::GetUser | Operation::UpdateUser | Operation::CreateAccessKey,
                ErrorCode::NoSuchEntity,
            ) => matches!(user, Some(Lookup::Absent)),
            (Operation::DeleteUser, ErrorCode::DeleteConflict) => has_device,
            _ => false,
        };
        if !is_recorded || state.unknown_owners().len() > 0 {
            return None;
        }
        let constraints = Constraints::default();
        let request = Request::read(observation.request, &constraints).ok()?;
        let refusals = recorded_refusals(state.account(), Caller::Administrator, &request, observation.window.from);
        let words = refusals.into_iter().find(|(known, _)| *known == code)?.1;
        self.tally.tested(ClauseId::MessageWords, Side::Reject);
        if message == words {
            return None;
        }
        self.recorded(observation, ClauseId::MessageWords, "other words than AWS's", format!("the message {words:?}"))
    }

    /// Checks that no two replies have the same id.
    pub(super) fn check_request_id(
        &mut self,
        observation: &Observation<'_>,
        side: Side,
        id: Option<&str>,
    ) -> Option<Divergence> {
        let id = id.filter(|id| !id.is_empty())?;
        let clause = ClauseId::WireRequestIdUnique;
        self.tally.tested(clause, side);
        if self.request_ids.insert(id.to_owned()) {
            return None;
        }
        self.recorded(observation, clause, "a RequestId that came before", "a RequestId of its own".to_owned())
    }

    /// Reports a departure from a Recorded clause: as a note, or as a divergence in strict mode.
    fn recorded(
        &mut self,
        observation: &Observation<'_>,
        clause: ClauseId,
        class: &'static str,
        expected: String,
    ) -> Option<Divergence> {
        let class = ObservedClass::Envelope(class);
        if self.strict {
            let expected = Expected::Words(expected);
            return Some(Divergence {
                clause,
                also: Vec::new(),
                operation: observation.operation,
                class,
                expected,
                permitted: None,
            });
        }
        *self.tally.departures.entry((clause, class.to_string())).or_default() += 1;
        None
    }
}

fn request_serial<'a>(observation: &Observation<'a>) -> Option<&'a str> {
    observation.request.get("SerialNumber")
}

/// The constraints in a message.
fn constraints_of(message: &str) -> BTreeSet<&str> {
    let whole = message.split_once(DETECTED).map_or(message, |(_, constraints)| constraints);
    whole.split("; ").collect()
}
