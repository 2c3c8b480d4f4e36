//! What AWS was recorded to do where the documents leave a choice. A step that departs from it is marked: it is
//! permitted by default, and not under `--strict`.
//!
//! Where nothing was recorded, nothing is marked.

use super::code_clauses::CodeClauses;
use super::step::{Expect, Permitted, Step};
use crate::account::UserId;
use crate::belief::{Entity, Lookup, State};
use crate::clause::{ClauseId, Side};
use crate::context::{Caller, Context, DeviceHistory};
use crate::operation::MfaOperation;
use crate::outcome::ErrorCode;
use crate::service::behaviour::AsRecorded;
use crate::time::Step as Time;
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
            let outside = |now: Time| (first.0 - now.0).abs() > AsRecorded::RADIUS;
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
            let by_codes = |step: &Step| {
                let open = [clauses.late, clauses.early, clauses.replayed, clauses.adjacent];
                step.doubtful && step.clauses.first().is_some_and(|clause| open.contains(clause))
            };
            let refusals = permitted.steps.iter_mut().filter(|step| by_codes(step) && step.departs.is_none());
            let mut refused = false;
            for step in refusals {
                step.departs = Some(clauses.window);
                refused = true;
            }
            if refused {
                permitted.tested.push((clauses.window, Side::Accept));
            }
        }
        Recorded::Refuses(clause) if succeeds => {
            for step in permitted.steps.iter_mut().filter(|step| step.expect.is_success() && step.departs.is_none()) {
                step.departs = Some(clause);
            }
            permitted.tested.push((clause, Side::Reject));
        }
        Recorded::Accepts | Recorded::Refuses(_) | Recorded::Nothing => {}
    }
}

/// Marks the refusals that name a later fault than the one that AWS names. `order` holds the clauses of the faults whose
/// order was recorded, the first to be checked first.
pub(super) fn mark_order(permitted: &mut Permitted, order: &[&[ClauseId]]) {
    let is_fault = |step: &Step| matches!(step.expect, Expect::Error(_)) && !step.doubtful && !step.transient;
    let rank = |step: &Step| {
        let clause = step.clauses.first()?;
        order.iter().position(|clauses| clauses.contains(clause))
    };
    // Beside a fault whose place in the order wasn't recorded, nothing is known.
    let faults = || permitted.steps.iter().filter(|step| is_fault(step) && step.departs.is_none());
    if faults().any(|step| rank(step).is_none()) {
        return;
    }
    let Some(first) = faults().filter_map(rank).min() else { return };
    let later = |step: &Step| is_fault(step) && rank(step).is_some_and(|rank| rank > first);
    let mut several = false;
    for step in permitted.steps.iter_mut().filter(|step| later(step) && step.departs.is_none()) {
        step.departs = Some(ClauseId::ErrorsOrder);
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
    let denied = |step: &Step| match step.expect {
        Expect::Error(codes) => codes.contains(ErrorCode::AccessDenied),
        Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => false,
    };
    // A broken constraint comes first at AWS's neighbours; of these operations it wasn't recorded.
    let constraint = |step: &Step| match step.expect {
        Expect::Error(codes) => codes.contains(ErrorCode::ValidationError),
        Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => false,
    };
    if permitted.steps.iter().any(|step| constraint(step) && !denied(step)) {
        return;
    }
    for step in permitted.steps.iter_mut().filter(|step| !denied(step) && !step.transient && step.departs.is_none()) {
        step.departs = Some(clause);
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
