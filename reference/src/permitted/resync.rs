//! The rules of `ResyncMFADevice`.

use super::code_clauses::{CodeClauses, OutOfSync};
use super::codes::{Arguments, exists, judge, serial_number, user};
use super::recorded::{Recorded, mark_order, mark_pair};
use super::ruling::{INVALID_CODE, NO_SUCH_ENTITY, Ruling};
use super::transition::Permitted;
use crate::belief::{Fact, Lookup, State, Update};
use crate::clause::{ClauseId, Parameter};
use crate::context::{Caller, Context};
use crate::operation::MfaOperation;

const CODES: CodeClauses = CodeClauses {
    operation: MfaOperation::Resync,
    fresh: ClauseId::ResyncSynchronizes,
    recognised: ClauseId::ResyncCodesRecognised,
    subsequent: ClauseId::ResyncCode2Subsequent,
    adjacent: ClauseId::ResyncCode2Adjacent,
    late: ClauseId::ResyncDrifted,
    early: ClauseId::ResyncDrifted,
    replayed: ClauseId::ResyncReplayedCodes,
    by_device: ClauseId::ResyncCodesByDevice,
    window: ClauseId::ResyncCodesWindow,
    order: ClauseId::ResyncCodesOrder,
    out_of_sync: OutOfSync::Succeeds(ClauseId::ResyncAfterLateEnable),
};

/// The order in which AWS was recorded to check.
const ORDER: &[&[ClauseId]] = &[
    &[ClauseId::ResyncUnassigned, ClauseId::ResyncOtherUsers],
    &[ClauseId::ResyncCodesRecognised, ClauseId::ResyncCode2Subsequent],
];

pub(super) fn rules(state: &State, caller: Caller, arguments: &Arguments<'_, '_>, context: &Context<'_>) -> Permitted {
    let mut ruling = Ruling::new(MfaOperation::Resync);
    let found = arguments.serial_number.text.map_or(Lookup::Absent, |serial| state.find_device(serial));
    ruling.constraint(Parameter::ResyncUserName, arguments.user_name, None);
    serial_number(&mut ruling, Parameter::ResyncSerialNumber, arguments.serial_number, found, b":/");
    ruling.constraint(Parameter::ResyncCode1, arguments.code1, None);
    ruling.constraint(Parameter::ResyncCode2, arguments.code2, None);
    let user = user(&mut ruling, state, arguments.user_name, ClauseId::ResyncUserExists);
    match found {
        Lookup::Absent if arguments.serial_number.value.is_some() => {
            // An absent device has no right codes either, and nothing was recorded: both codes conform.
            ruling.fault(NO_SUCH_ENTITY.union(INVALID_CODE), &[ClauseId::ResyncDeviceExists]);
        }
        Lookup::Absent | Lookup::Present(_) => {}
        Lookup::Perhaps(device) => {
            ruling.may_have_vanished(device, state.was_ever_owned(device));
        }
    }
    let mut recorded = Recorded::Nothing;
    if let Some(id) = found.id() {
        recorded = judge(&mut ruling, &CODES, arguments, state, id, context);
        match state.owner(id) {
            Fact::Known(None) => ruling.fault(NO_SUCH_ENTITY, &[ClauseId::ResyncUnassigned]),
            Fact::Known(Some(owner)) if user.is_some_and(|user| user != owner) => {
                ruling.fault(NO_SUCH_ENTITY, &[ClauseId::ResyncOtherUsers]);
            }
            Fact::Known(Some(_)) => {}
            Fact::Unknown => ruling.doubt(NO_SUCH_ENTITY, ClauseId::StateSettles),
        }
    }
    super::deactivate::caller_may_be_denied(&mut ruling, caller);
    exists(&mut ruling, (ClauseId::ResyncUserExists, arguments.user_name.text), arguments.serial_number.text);
    ruling.ordinary_values(&[
        Parameter::ResyncUserName,
        Parameter::ResyncSerialNumber,
        Parameter::ResyncCode1,
        Parameter::ResyncCode2,
    ]);
    let effect = found.id().zip(user).map(|_| Update::NONE);
    let mut permitted = ruling.into_permitted(effect, user.is_some() || found.id().is_some(), context);
    mark_pair(&mut permitted, &CODES, recorded);
    mark_order(&mut permitted, ORDER);
    permitted
}
