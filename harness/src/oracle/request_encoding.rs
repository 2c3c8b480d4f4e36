//! The clauses on a call's encoding, which doesn't change its meaning: GET, another order, or other escapes. They are
//! broken only together with another clause.

use mfa_reference::ErrorCode;
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::{Answer, Permitted};

use super::observation::Observation;
use super::verdict::Tally;
use crate::wire::{Escapes, Method};

/// The clauses on the encoding of a call of an operation under test.
pub(super) fn clauses(observation: &Observation<'_>) -> impl Iterator<Item = ClauseId> {
    let parameters = observation.request.parameters.as_slice();
    let under_test = observation.operation.under_test().is_some();
    let reordered = parameters.iter().position(|(name, _)| name == "Action").is_some_and(|index| index > 0);
    let encoded = observation.style.escapes != Escapes::Reserved
        || parameters.iter().any(|(_, value)| value.contains(['+', ' ', '%']));
    let used = [
        (observation.style.method == Method::Get, ClauseId::WireGet),
        (reordered, ClauseId::WireParameterOrder),
        (encoded, ClauseId::WireFormEncoding),
    ];
    used.into_iter().filter(move |(used, _)| under_test && *used).map(|(_, clause)| clause)
}

/// The clause on the encoding that alone explains the answer: a service that misses the action of a GET doesn't read
/// the query.
pub(super) fn cause(observation: &Observation<'_>, answer: Answer<'_>) -> Option<ClauseId> {
    let unread = matches!(answer, Answer::Error(ErrorCode::MissingAction));
    clauses(observation).find(|clause| unread && *clause == ClauseId::WireGet)
}

/// Counts the clauses on a call's encoding as tested: a target that doesn't understand it answers differently.
pub(super) fn count(observation: &Observation<'_>, permitted: &Permitted, tally: &mut Tally) {
    let side = if permitted.allows_success() { Side::Accept } else { Side::Reject };
    clauses(observation).for_each(|clause| tally.tested(clause, side));
}
