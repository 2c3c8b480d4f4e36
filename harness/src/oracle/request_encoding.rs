//! The manner of a call is how it was put on the wire, whatever it means: by GET, in another order, with characters
//! that are encoded in more than one way. The clauses on it are broken only together with another one.

use mfa_reference::ErrorCode;
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::{Answer, Permitted};

use super::observation::Observation;
use super::verdict::Tally;
use crate::wire::{Escapes, Method};

/// The clauses on the manner of a call of an operation under test.
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

/// The clause on the manner of a call that alone explains the answer: a service that finds no action in a GET that has
/// one doesn't read its query.
pub(super) fn cause(observation: &Observation<'_>, answer: Answer<'_>) -> Option<ClauseId> {
    let unread = matches!(answer, Answer::Error(ErrorCode::MissingAction));
    clauses(observation).find(|clause| unread && *clause == ClauseId::WireGet)
}

/// Counts the clauses on the manner of a call as tested: one that is not understood is answered otherwise.
pub(super) fn count(observation: &Observation<'_>, permitted: &Permitted, tally: &mut Tally) {
    let side = if permitted.allows_success() { Side::Accept } else { Side::Reject };
    clauses(observation).for_each(|clause| tally.tested(clause, side));
}
