//! What a pair of authentication codes permits, the same for `EnableMFADevice` and `ResyncMFADevice` but for the
//! clauses' names.

use super::code_clauses::{CodeClauses, OutOfSync};
use super::recorded::{Recorded, of_pair};
use super::ruling::{CONSTRAINT_CODES, INVALID_CODE, NO_SUCH_ENTITY, Ruling, is_usual};
use crate::account::{DeviceId, UserId};
use crate::belief::{Lookup, State};
use crate::clause::{ClauseId, Parameter, Side};
use crate::context::Context;
use crate::request::Argument;
use crate::time::TimeStep;
use crate::totp::{Recognition, recognise_within};
use crate::value::{AuthenticationCode, CharacterClass, SerialNumber, UserName};

/// The arguments of the two operations.
pub(super) struct Arguments<'r, 'a> {
    pub(super) user_name: &'r Argument<'a, UserName<'a>>,
    pub(super) serial_number: &'r Argument<'a, SerialNumber<'a>>,
    pub(super) code1: &'r Argument<'a, AuthenticationCode<'a>>,
    pub(super) code2: &'r Argument<'a, AuthenticationCode<'a>>,
}

/// Judges the pair, for a device that exists or may exist, and says what AWS was recorded to do with it.
pub(super) fn judge(
    ruling: &mut Ruling,
    clauses: &CodeClauses,
    arguments: &Arguments<'_, '_>,
    state: &State,
    id: DeviceId,
    context: &Context<'_>,
) -> Recorded {
    let (Some(code1), Some(code2)) = (arguments.code1.value, arguments.code2.value) else { return Recorded::Nothing };
    let Some(seed) = state.device(id).and_then(|device| device.seed.as_ref()) else {
        // Two right guesses on two other devices are impossible enough (probability below 1 in 10^9).
        if context.history.guesses_beside(id) >= 2 {
            ruling.fault(INVALID_CODE, &[clauses.recognised]);
        } else {
            ruling.doubt(INVALID_CODE, ClauseId::SupportSeedUsable);
        }
        return Recorded::Nothing;
    };
    let history = context.history.device(id);
    let steps = context.search.steps(context.window, history);
    let recognition = recognise_within(seed, code1.as_str(), code2.as_str(), context.window, &steps);
    ruling.recognition(recognition);
    let used = |step: TimeStep| history.newest_carried.is_some_and(|newest| newest >= step);
    match recognition {
        Recognition::Fresh { current } => {
            if used(current.plus(-1)) {
                ruling.doubt(INVALID_CODE, clauses.replayed);
            } else if history.out_of_sync {
                match clauses.out_of_sync {
                    OutOfSync::Open => ruling.doubt(INVALID_CODE, clauses.late),
                    OutOfSync::Succeeds(clause) => ruling.demand(clause, INVALID_CODE),
                }
            } else {
                // A call with nothing unusual in it, refused: that it succeeds says it best.
                ruling.demand(clauses.fresh, INVALID_CODE.union(CONSTRAINT_CODES));
                if code1.as_str().starts_with('0') || code2.as_str().starts_with('0') {
                    ruling.demand(ClauseId::CodesLeadingZeros, INVALID_CODE);
                }
                ruling.demand(clauses.by_device, INVALID_CODE);
            }
        }
        Recognition::Pair { first, second } => {
            let clause = if second > first.plus(1) {
                clauses.adjacent
            } else if used(first) {
                clauses.replayed
            } else if second > context.window.to.step() {
                clauses.early
            } else {
                clauses.late
            };
            ruling.doubt(INVALID_CODE, clause);
        }
        Recognition::NotSubsequent => ruling.fault(INVALID_CODE, &[clauses.subsequent]),
        Recognition::Unrecognised => ruling.fault(INVALID_CODE, &[clauses.recognised]),
    }
    of_pair(clauses, recognition, !state.was_ever_owned(id), history, context)
}

/// Demands that what exists is found: a name or serial number with something unusual in it names a refusal best.
pub(super) fn exists(ruling: &mut Ruling, user: (ClauseId, Option<&str>), serial_number: Option<&str>) {
    let odd_name = |name: &str| name.len() >= 64 || !is_usual(CharacterClass::Name, name);
    let odd_serial = |serial: &str| serial.len() >= 128 || !is_usual(CharacterClass::SerialNumber, serial);
    let odd = (user.1.is_some_and(odd_name), serial_number.is_some_and(odd_serial));
    ruling.demand_of(ClauseId::SerialNumberOwnArn, NO_SUCH_ENTITY, odd.1);
    ruling.demand_of(user.0, NO_SUCH_ENTITY, odd.0);
}

/// Looks for the user that a request names.
pub(super) fn user(
    ruling: &mut Ruling,
    state: &State,
    argument: &Argument<'_, UserName<'_>>,
    exists: ClauseId,
) -> Option<UserId> {
    let name = argument.value?.as_str();
    let found = state.find_user(name);
    match found {
        Lookup::Absent => ruling.fault(NO_SUCH_ENTITY, &[exists]),
        Lookup::Perhaps(_) => ruling.doubt(NO_SUCH_ENTITY, ClauseId::StateSettles),
        Lookup::Present(id) => {
            if state.user(id).is_some_and(|user| user.entry.user_name != name) {
                ruling.tested(ClauseId::CallerCase, Side::Accept);
                ruling.tolerate_departing(NO_SUCH_ENTITY, exists, ClauseId::CallerCase);
            }
        }
    }
    found.id()
}

/// The rules of a serial number's constraint. A device's own serial number is never the client's fault, and where
/// prose and pattern disagree either may refuse.
pub(super) fn serial_number(
    ruling: &mut Ruling,
    parameter: Parameter,
    argument: &Argument<'_, SerialNumber<'_>>,
    found: Lookup<DeviceId>,
    left_out_of_prose: &[u8],
) {
    let own = found.id().is_some();
    let beyond = own.then_some(ClauseId::SerialNumberOwnArnBeyond);
    ruling.constraint(parameter, argument, beyond);
    if let Some(serial) = argument.value {
        let unusable_otherwise = own && parameter == Parameter::ResyncSerialNumber;
        let left_out = serial.as_str().bytes().any(|byte| left_out_of_prose.contains(&byte));
        if left_out && !unusable_otherwise {
            ruling.doubt(super::CONSTRAINT_CODES, ClauseId::SerialNumberProse);
        }
    }
}
