//! The rules of `DeactivateMFADevice`.

use super::codes::{exists, serial_number, user};
use super::recorded::mark_self_management;
use super::ruling::{NO_SUCH_ENTITY, Ruling};
use super::transition::{Clauses, Permitted};
use crate::account::{DeviceId, Effect, UserId};
use crate::belief::{Fact, LeftOpen, Lookup, State, Update};
use crate::clause::{Aspect, ClauseId, Parameter};
use crate::context::{Caller, Context};
use crate::operation::MfaOperation;
use crate::outcome::{ErrorCode, ErrorCodes};
use crate::request::Argument;
use crate::time::Millis;
use crate::value::{SerialNumber, UserName};

const DENIED: ErrorCodes = ErrorCodes::of(&[ErrorCode::AccessDenied, ErrorCode::InvalidClientTokenId]);

/// Whom a request speaks of.
#[derive(Clone, Copy)]
enum Subject {
    /// The user that it names.
    Named(Option<UserId>),
    /// The IAM user that makes it (`deactivate.default-user`).
    Caller(UserId),
    /// A caller that is not an IAM user and names none: no device of an IAM user is its own.
    Nobody,
}

pub(super) fn rules(
    state: &State,
    caller: Caller,
    user_name: &Argument<'_, UserName<'_>>,
    serial: &Argument<'_, SerialNumber<'_>>,
    context: &Context<'_>,
) -> Permitted {
    let mut ruling = Ruling::new(MfaOperation::Deactivate);
    let found = serial.text.map_or(Lookup::Absent, |serial| state.find_device(serial));
    ruling.constraint(Parameter::DeactivateUserName, user_name, None);
    serial_number(&mut ruling, Parameter::DeactivateSerialNumber, serial, found, b"_+");
    let subject = match (user_name.text, caller) {
        (Some(_), _) => Subject::Named(user(&mut ruling, state, user_name, ClauseId::DeactivateUserExists)),
        (None, Caller::User(id)) => Subject::Caller(id),
        (None, Caller::Administrator) => Subject::Nobody,
    };
    match found {
        Lookup::Absent if serial.value.is_some() => {
            ruling.fault(NO_SUCH_ENTITY, &[ClauseId::DeactivateDeviceExists]);
        }
        Lookup::Absent | Lookup::Present(_) => {}
        Lookup::Perhaps(device) => {
            ruling.may_have_vanished(device, state.was_ever_owned(device));
        }
    }
    if let Some(id) = found.id() {
        assignment(&mut ruling, subject, state, id);
    }
    if matches!(subject, Subject::Nobody) {
        // Whoever the caller is, it is none of the users for whom the device may have been enabled.
        ruling.fault(ErrorCodes::CLIENT, &[ClauseId::DeactivateDefaultUserOtherCallers]);
    }
    caller_may_be_denied(&mut ruling, caller);
    demands(&mut ruling, subject, caller, user_name.text, serial.text);
    let user = match subject {
        Subject::Named(user) => user,
        Subject::Caller(user) => Some(user),
        Subject::Nobody => None,
    };
    let effect = found.id().filter(|_| user.is_some());
    let effect = effect.map(|device| Update::EffectAnd(Effect::Dissociate(device), LeftOpen::Existence(device)));
    let mut permitted = ruling.into_permitted(effect, user.is_some() || found.id().is_some(), context);
    mark_self_management(&mut permitted, ClauseId::DeactivateSelfManagement, state, caller, user);
    permitted
}

/// The device has to be enabled for the user in question.
fn assignment(ruling: &mut Ruling, subject: Subject, state: &State, device: DeviceId) {
    let user = match subject {
        Subject::Named(Some(user)) | Subject::Caller(user) => user,
        Subject::Named(None) | Subject::Nobody => return,
    };
    let mut clauses = Clauses::new();
    match state.owner(device) {
        Fact::Known(Some(owner)) if owner == user => return,
        Fact::Unknown => {
            ruling.doubt(NO_SUCH_ENTITY, ClauseId::StateSettles);
            return;
        }
        Fact::Known(Some(_)) => {
            if matches!(subject, Subject::Caller(_)) {
                clauses.push(ClauseId::DeactivateDefaultUser);
            }
            clauses.push(ClauseId::DeactivateOtherUsers);
        }
        Fact::Known(None) if state.device(device).is_some_and(|device| device.enabled_at > Millis(0)) => {
            clauses.push(ClauseId::DeactivateTwice);
        }
        Fact::Known(None) => clauses.push(ClauseId::DeactivateUnassigned),
    }
    ruling.fault(NO_SUCH_ENTITY, &clauses);
}

fn demands(ruling: &mut Ruling, subject: Subject, caller: Caller, user_name: Option<&str>, serial: Option<&str>) {
    let asks_for_codes = super::CONSTRAINT_CODES.union(ErrorCodes::of(&[ErrorCode::InvalidAuthenticationCode]));
    match subject {
        Subject::Named(_) => {
            if caller == Caller::Administrator {
                ruling.demand(ClauseId::DeactivateByAdministrator, DENIED.union(NO_SUCH_ENTITY));
            }
            exists(ruling, (ClauseId::DeactivateUserExists, user_name), serial);
            ruling.demand(ClauseId::DeactivateNoCodeNeeded, asks_for_codes);
            // That the name isn't required shows only where it is left out.
            let pattern = ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Pattern);
            ruling.demand(pattern, super::CONSTRAINT_CODES);
        }
        Subject::Caller(_) => {
            ruling.demand(ClauseId::DeactivateDefaultUser, super::CONSTRAINT_CODES.union(NO_SUCH_ENTITY));
            let may_be_absent = ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Required);
            ruling.demand(may_be_absent, super::CONSTRAINT_CODES);
            ruling.demand(ClauseId::DeactivateNoCodeNeeded, asks_for_codes);
        }
        Subject::Nobody => return,
    }
    ruling.ordinary_values(&[Parameter::DeactivateSerialNumber]);
}

/// An IAM user's own key may not be allowed to make the call, or not be known to a service that keeps none.
pub(super) fn caller_may_be_denied(ruling: &mut Ruling, caller: Caller) {
    match caller {
        Caller::Administrator => {}
        Caller::User(_) => ruling.doubt(DENIED, ClauseId::DeactivateDefaultUser),
    }
}
