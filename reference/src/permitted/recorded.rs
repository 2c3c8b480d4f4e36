//! What AWS was recorded to do where the documents leave a choice. A transition that departs from it is marked: it is
//! permitted by default, and not under `--strict`.
//!
//! Where nothing was recorded, nothing is marked.

use super::code_clauses::CodeClauses;
use super::transition::{Expect, Permitted, Transition};
use crate::account::UserId;
use crate::belief::{Entity, Lookup, State};
use crate::clause::{ClauseId, Side};
use crate::context::{Caller, Context, DeviceHistory};
use crate::operation::MfaOperation;
use crate::outcome::ErrorCode;
use crate::service::behaviour::AsRecorded;
use crate::time::TimeStep;
use crate::totp::Recognition;

/// How far ahead of the device's own clock AWS was recorded to accept a pair, once another one was accepted.
const FARTHEST_AFTER_A_PAIR: i64 = 600;

/// What AWS was recorded to do with a pair of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// It accepts the pair.
    Accepts,
    /// It refuses the pair, by the rule of this clause.
    Refuses(ClauseId),
    /// It was never seen with such a pair.
    Nothing,
}

/// What AWS was recorded to do with a pair that the device emits, by what was accepted on the device before. A new
/// device was never enabled.
pub(super) fn of_pair(
    clauses: &CodeClauses,
    recognition: Recognition,
    is_new: bool,
    history: DeviceHistory,
    context: &Context<'_>,
) -> Recorded {
    let (first, second) = match recognition {
        Recognition::Fresh { current } => (current.plus(-1), current),
        Recognition::Pair { first, second } => (first, second),
        Recognition::NotSubsequent | Recognition::Unrecognised => return Recorded::Nothing,
    };
    if second != first.plus(1) || history.perhaps_accepted {
        return Recorded::Nothing;
    }
    let window = context.window;
    match history.accepted {
        Some(last) if first <= last.second => Recorded::Refuses(clauses.order),
        Some(last) => {
            let fewest = second.0 - window.to.step().0 - last.drift.1;
            let most = second.0 - window.from.step().0 - last.drift.0;
            if fewest >= 0 && most <= FARTHEST_AFTER_A_PAIR { Recorded::Accepts } else { Recorded::Nothing }
        }
        // A device without an accepted pair is a new one, and only Enable has been seen with one.
        None if clauses.operation == MfaOperation::Enable && is_new => {
            let outside = |now: TimeStep| (first.0 - now.0).abs() > AsRecorded::RADIUS;
            match (outside(window.from.step()), outside(window.to.step())) {
                (false, false) => Recorded::Accepts,
                (true, true) => Recorded::Refuses(clauses.window),
                _ => Recorded::Nothing,
            }
        }
        None => Recorded::Nothing,
    }
}

/// Marks what departs from the recordings of pairs.
pub(super) fn mark_pair(permitted: &mut Permitted, clauses: &CodeClauses, recorded: Recorded) {
    let succeeds = permitted.allows_success();
    match recorded {
        Recorded::Accepts if succeeds => {
            let by_codes = |transition: &Transition| {
                let open = [clauses.late, clauses.early, clauses.replayed, clauses.adjacent];
                transition.doubtful && transition.clauses.first().is_some_and(|clause| open.contains(clause))
            };
            let refusals = permitted
                .transitions
                .iter_mut()
                .filter(|transition| by_codes(transition) && transition.departs.is_none());
            let mut refused = false;
            for transition in refusals {
                transition.departs = Some(clauses.window);
                refused = true;
            }
            if refused {
                permitted.tested.push((clauses.window, Side::Accept));
            }
        }
        Recorded::Refuses(clause) if succeeds => {
            for transition in permitted
                .transitions
                .iter_mut()
                .filter(|transition| transition.expect.is_success() && transition.departs.is_none())
            {
                transition.departs = Some(clause);
            }
            permitted.tested.push((clause, Side::Reject));
        }
        Recorded::Accepts | Recorded::Refuses(_) | Recorded::Nothing => {}
    }
}

/// Marks the refusals that name a later fault than the one that AWS names. `order` holds the clauses of the faults whose
/// order was recorded, the first to be checked first.
pub(super) fn mark_order(permitted: &mut Permitted, order: &[&[ClauseId]]) {
    let is_fault = |transition: &Transition| {
        matches!(transition.expect, Expect::Error(_)) && !transition.doubtful && !transition.transient
    };
    let rank = |transition: &Transition| {
        let clause = transition.clauses.first()?;
        order.iter().position(|clauses| clauses.contains(clause))
    };
    // Beside a fault whose place in the order wasn't recorded, nothing is known.
    let faults =
        || permitted.transitions.iter().filter(|transition| is_fault(transition) && transition.departs.is_none());
    if faults().any(|transition| rank(transition).is_none()) {
        return;
    }
    let Some(first) = faults().filter_map(rank).min() else { return };
    let later = |transition: &Transition| is_fault(transition) && rank(transition).is_some_and(|rank| rank > first);
    let mut several = false;
    for transition in
        permitted.transitions.iter_mut().filter(|transition| later(transition) && transition.departs.is_none())
    {
        transition.departs = Some(ClauseId::ErrorsOrder);
        several = true;
    }
    if several {
        permitted.tested.push((ClauseId::ErrorsOrder, Side::Reject));
    }
}

/// Marks whatever answers a user's own key otherwise than with `AccessDenied`, once the user has a device.
pub(super) fn mark_self_management(
    permitted: &mut Permitted,
    clause: ClauseId,
    state: &State,
    caller: Caller,
    user: Option<UserId>,
) {
    let Caller::User(caller) = caller else { return };
    let has_device =
        state.surely_exists(Entity::User(caller)) && state.user(caller).is_some_and(|user| !user.has_no_device());
    if user != Some(caller) || !has_device {
        return;
    }
    let denied = |transition: &Transition| match transition.expect {
        Expect::Error(codes) => codes.contains(ErrorCode::AccessDenied),
        Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => false,
    };
    // A broken constraint comes first at AWS's neighbours; of these operations it wasn't recorded.
    let constraint = |transition: &Transition| match transition.expect {
        Expect::Error(codes) => codes.contains(ErrorCode::ValidationError),
        Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => false,
    };
    if permitted.transitions.iter().any(|transition| constraint(transition) && !denied(transition)) {
        return;
    }
    for transition in permitted
        .transitions
        .iter_mut()
        .filter(|transition| !denied(transition) && !transition.transient && transition.departs.is_none())
    {
        transition.departs = Some(clause);
    }
    permitted.tested.push((clause, Side::Reject));
}

/// The user that a request for Enable or Resync names, if it surely exists.
pub(super) fn certain_user(state: &State, name: Option<&str>) -> Option<UserId> {
    match state.find_user(name?) {
        Lookup::Present(id) => Some(id),
        Lookup::Perhaps(_) | Lookup::Absent => None,
    }
}
