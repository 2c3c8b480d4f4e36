//! What the form of a request permits beyond its meaning: a parameter may come twice, or be one that no page names.
//!
//! AWS was recorded taking the first value and ignoring what it doesn't know. A service that takes the last value, or
//! refuses such a request, departs from what was recorded and from nothing else.

use super::ruling::{CONSTRAINT_CODES, NO_SUCH_ENTITY};
use super::transition::Demand;
use super::transition::{Clauses, Permitted, Transition};
use super::{permitted, permitted_without_action};
use crate::belief::State;
use crate::clause::{ClauseId, Parameter, Side};
use crate::context::{Caller, Context};
use crate::operation::{MfaOperation, Operation};
use crate::request::{Constraints, RawRequest, Request};

/// Adds what is permitted because of parameters that come twice or that are not known. `transitions` is what is permitted
/// for the request otherwise.
pub fn widen(
    transitions: &mut Permitted,
    state: &State,
    caller: Caller,
    raw: &RawRequest,
    constraints: &Constraints,
    context: &Context<'_>,
) {
    let action = raw.get("Action").and_then(Operation::from_name);
    let Some(operation) = action.and_then(Operation::under_test) else { return };
    if raw.parameters.iter().any(|(name, _)| !is_known(operation, name)) {
        may_refuse(transitions, ClauseId::WireUnknownParameter);
    }
    let all = || raw.parameters.iter().enumerate();
    if !all().any(|(index, (name, _))| all().take(index).any(|(_, (earlier, _))| earlier == name)) {
        return;
    }
    let clause = ClauseId::WireDuplicateParameter;
    may_refuse(transitions, clause);
    let otherwise = match Request::read(&last_values(raw), constraints) {
        Ok(request) => permitted(state, caller, &request, context),
        Err(no_action) => permitted_without_action(&no_action),
    };
    for transition in otherwise.transitions.into_iter().filter(|transition| !transition.transient) {
        transitions.push(Transition { clauses: Clauses::from_slice(&[clause]), ..transition }.departing_from(clause));
    }
}

fn is_known(operation: MfaOperation, name: &str) -> bool {
    name == "Action" || name == "Version" || Parameter::of(operation, name).is_some()
}

fn may_refuse(transitions: &mut Permitted, clause: ClauseId) {
    let side = if transitions.allows_success() { Side::Accept } else { Side::Reject };
    if side == Side::Accept {
        let forbids = CONSTRAINT_CODES.union(NO_SUCH_ENTITY);
        transitions.demands.insert(0, Demand { clause, forbids, at_edge: true });
    }
    if clause.clause().sides.contains(&side) {
        transitions.tested.push((clause, side));
    }
    transitions.push(Transition::error(CONSTRAINT_CODES, &[clause]).departing_from(clause));
}

/// The request with the last value of each parameter.
fn last_values(raw: &RawRequest) -> RawRequest {
    let mut parameters: Vec<(String, String)> = Vec::with_capacity(raw.parameters.len());
    for (name, value) in &raw.parameters {
        match parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, earlier)) => earlier.clone_from(value),
            None => parameters.push((name.clone(), value.clone())),
        }
    }
    RawRequest { parameters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::context::{History, Limits, Search};
    use crate::permitted::transition::Answer;
    use crate::time::{Millis, Window};
    use crate::{ErrorCode, SuccessBody};

    fn judged(parameters: &[(&str, &str)], answer: Answer<'_>) -> Vec<Option<ClauseId>> {
        let raw = RawRequest::new("DeactivateMFADevice", parameters);
        let mut account = Account::EMPTY;
        account.add_device("arn:aws:iam::1:mfa/d", None);
        let state = State::from(account);
        let history = History::default();
        let window = Window::instant(Millis(0));
        let context =
            Context { window, search: Search::Near, history: &history, overlapped: false, limits: Limits::UNKNOWN };
        let constraints = Constraints::default();
        let request = Request::read(&raw, &constraints).unwrap();
        let mut transitions = permitted(&state, Caller::Administrator, &request, &context);
        widen(&mut transitions, &state, Caller::Administrator, &raw, &constraints, &context);
        let matching = transitions.transitions.iter().filter(|transition| transition.expect.matches(&state, answer));
        matching.map(|transition| transition.departs).collect()
    }

    const SERIAL: (&str, &str) = ("SerialNumber", "arn:aws:iam::1:mfa/d");

    #[test]
    fn the_last_of_two_values_may_count_as_a_departure() {
        let twice = [SERIAL, ("UserName", "nobody"), ("UserName", "a b")];
        let invalid = Answer::Error(ErrorCode::ValidationError);
        assert!(judged(&twice, invalid).contains(&Some(ClauseId::WireDuplicateParameter)));
        assert!(!judged(&twice, invalid).contains(&None));
        assert!(judged(&twice, Answer::Error(ErrorCode::NoSuchEntity)).contains(&None));
        assert!(judged(&twice, Answer::Success(&SuccessBody::Empty)).is_empty());
    }

    #[test]
    fn the_last_of_two_versions_may_be_none_that_is_known() {
        let twice = [SERIAL, ("UserName", "nobody"), ("Version", "2010-05-09")];
        let departs = judged(&twice, Answer::Error(ErrorCode::InvalidAction));
        assert_eq!(departs.first(), Some(&Some(ClauseId::WireDuplicateParameter)), "{departs:?}");
        assert!(judged(&[SERIAL, ("UserName", "nobody")], Answer::Error(ErrorCode::InvalidAction)).is_empty());
    }

    #[test]
    fn an_unknown_parameter_may_be_refused_as_a_departure() {
        let unknown = [SERIAL, ("UserName", "nobody"), ("Comment", "none")];
        let invalid = Answer::Error(ErrorCode::ValidationError);
        assert_eq!(judged(&unknown, invalid), [Some(ClauseId::WireUnknownParameter)]);
        assert!(judged(&[SERIAL, ("UserName", "nobody")], invalid).is_empty());
    }
}
