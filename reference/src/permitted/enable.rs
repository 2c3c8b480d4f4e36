//! The rules of `EnableMFADevice`.

use super::code_clauses::{CodeClauses, OutOfSync};
use super::codes::{Arguments, exists, judge, serial_number, user};
use super::recorded::{Recorded, certain_user, mark_order, mark_pair, mark_self_management};
use super::ruling::{INVALID_CODE, NO_SUCH_ENTITY, Ruling};
use super::transition::Permitted;
use crate::account::{Effect, User, UserId};
use crate::belief::{Fact, Lookup, State};
use crate::clause::{ClauseId, Parameter, Side};
use crate::context::{Caller, Context};
use crate::operation::MfaOperation;
use crate::outcome::{ErrorCode, ErrorCodes};
use crate::service::rules::Documented;
use crate::time::Millis;

const IN_USE: ErrorCodes = ErrorCodes::of(&[ErrorCode::EntityAlreadyExists]);
const LIMIT: ErrorCodes = ErrorCodes::of(&[ErrorCode::LimitExceeded]);

const CODES: CodeClauses = CodeClauses {
    operation: MfaOperation::Enable,
    fresh: ClauseId::EnableFreshPair,
    recognised: ClauseId::EnableCodesRecognised,
    subsequent: ClauseId::EnableCode2Subsequent,
    adjacent: ClauseId::EnableCode2Adjacent,
    late: ClauseId::EnableLateCodes,
    early: ClauseId::EnableEarlyCodes,
    replayed: ClauseId::EnableReplayedCodes,
    by_device: ClauseId::EnableCodesByDevice,
    window: ClauseId::EnableCodesWindow,
    order: ClauseId::EnableCodesOrder,
    out_of_sync: OutOfSync::Open,
};

/// The order in which AWS was recorded to check.
const ORDER: &[&[ClauseId]] = &[
    &[ClauseId::EnableUserExists],
    &[ClauseId::EnableAlreadyEnabled],
    &[ClauseId::EnableCodesRecognised, ClauseId::EnableCode2Subsequent],
];

pub(super) fn rules(state: &State, caller: Caller, arguments: &Arguments<'_, '_>, context: &Context<'_>) -> Permitted {
    let mut ruling = Ruling::new(MfaOperation::Enable);
    let found = arguments.serial_number.text.map_or(Lookup::Absent, |serial| state.find_device(serial));
    ruling.constraint(Parameter::EnableUserName, arguments.user_name, None);
    serial_number(&mut ruling, Parameter::EnableSerialNumber, arguments.serial_number, found, b"_+");
    ruling.constraint(Parameter::EnableCode1, arguments.code1, None);
    ruling.constraint(Parameter::EnableCode2, arguments.code2, None);
    let user = user(&mut ruling, state, arguments.user_name, ClauseId::EnableUserExists);
    match found {
        Lookup::Absent if arguments.serial_number.value.is_some() => {
            ruling.fault(NO_SUCH_ENTITY, &[ClauseId::EnableDeviceExists]);
            let clauses = [ClauseId::EnableDeviceExists];
            ruling.or_departing(INVALID_CODE, &clauses, ClauseId::EnableDeviceExistsCode);
        }
        Lookup::Absent | Lookup::Present(_) => {}
        Lookup::Perhaps(device) => {
            let was_enabled = state.was_ever_owned(device);
            ruling.may_have_vanished(device, was_enabled);
            if was_enabled {
                ruling.tested(ClauseId::DeactivateDeviceUsable, Side::Accept);
            }
        }
    }
    let mut recorded = Recorded::Nothing;
    if let Some((id, device)) = found.id().and_then(|id| Some((id, state.device(id)?))) {
        recorded = judge(&mut ruling, &CODES, arguments, state, id, context);
        match state.owner(id) {
            Fact::Known(Some(_)) => ruling.fault(IN_USE, &[ClauseId::EnableAlreadyEnabled]),
            Fact::Known(None) if device.enabled_at > Millis(0) => {
                let refusals = INVALID_CODE.union(IN_USE).union(NO_SUCH_ENTITY);
                ruling.demand(ClauseId::DeactivateReEnable, refusals);
            }
            Fact::Known(None) => {}
            Fact::Unknown => ruling.doubt(IN_USE, ClauseId::StateSettles),
        }
    }
    limit(&mut ruling, state, user, context);
    super::deactivate::caller_may_be_denied(&mut ruling, caller);
    exists(&mut ruling, (ClauseId::EnableUserExists, arguments.user_name.text), arguments.serial_number.text);
    ruling.demand(ClauseId::EnableAlreadyEnabled, IN_USE);
    ruling.ordinary_values(&[
        Parameter::EnableUserName,
        Parameter::EnableSerialNumber,
        Parameter::EnableCode1,
        Parameter::EnableCode2,
    ]);
    let effect = found.id().zip(user).map(|(device, user)| Effect::Associate(device, user).into());
    let mut permitted = ruling.into_permitted(effect, user.is_some() || found.id().is_some(), context);
    mark_pair(&mut permitted, &CODES, recorded);
    mark_order(&mut permitted, ORDER);
    let named = certain_user(state, arguments.user_name.text);
    mark_self_management(&mut permitted, ClauseId::EnableSelfManagement, state, caller, named);
    if devices_of(state, user).is_some_and(|devices| devices >= Documented::DEVICES_PER_USER) {
        for transition in permitted.transitions.iter_mut().filter(|transition| transition.expect.is_success()) {
            transition.departs = Some(ClauseId::EnableLimitQuota);
        }
    }
    permitted
}

/// How many devices a user has, if that is known.
fn devices_of(state: &State, user: Option<UserId>) -> Option<usize> {
    let known = state.unknown_owners().len() == 0;
    user.and_then(|user| state.user(user)).filter(|_| known).map(User::device_count)
}

/// `LimitExceeded` is an answer only where the account or the user may have as many devices as it was ever seen to have.
fn limit(ruling: &mut Ruling, state: &State, user: Option<UserId>, context: &Context<'_>) {
    let open = state.unknown_owners().len();
    let user_may_be_full = user
        .and_then(|user| state.user(user))
        .is_some_and(|user| user.device_count() + open >= context.limits.held_by_a_user);
    if user_may_be_full || context.limits.account_may_be_full {
        quota(ruling, state, user);
    } else {
        ruling.demand(ClauseId::EnableLimit, LIMIT);
    }
}

/// An account may have other limits than the published ones; strictly, a user has at most so many devices.
fn quota(ruling: &mut Ruling, state: &State, user: Option<UserId>) {
    match devices_of(state, user) {
        Some(devices) if devices < Documented::DEVICES_PER_USER => {
            if devices + 1 == Documented::DEVICES_PER_USER {
                ruling.tested(ClauseId::EnableLimitQuota, Side::Accept);
            }
            ruling.tolerate_departing(LIMIT, ClauseId::EnableLimit, ClauseId::EnableLimitQuota);
        }
        Some(_) => {
            ruling.tested(ClauseId::EnableLimitQuota, Side::Reject);
            ruling.permit(LIMIT, ClauseId::EnableLimit);
        }
        None => ruling.tolerate(LIMIT, ClauseId::EnableLimit),
    }
}
