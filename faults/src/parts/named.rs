//! The entities that a request for an operation under test names, and services that decide differently about it.

use mfa_reference::account::{Account, Device, DeviceId, Effect, User, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Request, SuccessBody};

use crate::altered::{Altered, decides};

pub(crate) const ENABLE: MfaOperation = MfaOperation::Enable;
pub(crate) const RESYNC: MfaOperation = MfaOperation::Resync;
pub(crate) const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

pub(crate) const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
pub(crate) const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;
pub(crate) const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
pub(crate) const IN_THE_WAY: ErrorCode = ErrorCode::DeleteConflict;

/// The entities that a request for an operation under test names.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) operation: MfaOperation,
    /// The user that it names, or the caller if it names none.
    pub(crate) user: Option<UserId>,
    pub(crate) device: Option<(DeviceId, &'a Device)>,
    pub(crate) user_name: Option<&'a str>,
    pub(crate) serial: Option<&'a str>,
}

impl Named<'_> {
    /// The device's owner, if any.
    pub(crate) fn owner(&self) -> Option<UserId> {
        self.device?.1.owner
    }

    pub(crate) fn id(&self) -> Option<DeviceId> {
        self.device.map(|(id, _)| id)
    }

    /// The effect that the call asks for, if what it names exists.
    pub(crate) fn effect(&self) -> Effect {
        match (self.operation, self.id(), self.user) {
            (MfaOperation::Enable, Some(device), Some(user)) => Effect::Associate(device, user),
            (MfaOperation::Deactivate, Some(device), _) => Effect::Dissociate(device),
            _ => Effect::None,
        }
    }

    /// Executes the call, if what it names exists.
    pub(crate) fn carried_out(&self) -> Decision {
        done(self.effect())
    }
}

/// The entities that a request for an operation under test names; `None` for other operations.
pub(crate) fn named<'a>(situation: &Situation<'a>, request: &Request<'a>) -> Option<Named<'a>> {
    let operation = request.operation().under_test()?;
    let (user_name, serial) = match request {
        Request::Codes { user_name, serial_number, .. } | Request::Deactivate { user_name, serial_number } => {
            (user_name.text, serial_number.text)
        }
        Request::Support(_) => return None,
    };
    let account = situation.account;
    let device = serial.and_then(|serial| account.find_device(serial));
    let user = match (user_name, situation.caller) {
        (Some(name), _) => account.find_user(name),
        (None, Caller::User(caller)) => Some(caller),
        (None, Caller::Administrator) => None,
    };
    Some(Named { operation, user, device: device.and_then(|id| Some((id, account.device(id)?))), user_name, serial })
}

/// The entities that a request for one operation under test names; `None` for others.
pub(crate) fn asked<'a>(
    operation: MfaOperation,
    situation: &Situation<'a>,
    request: &Request<'a>,
) -> Option<Named<'a>> {
    named(situation, request).filter(|named| named.operation == operation)
}

/// Changes decisions about one operation under test.
pub(crate) fn on(
    operation: MfaOperation,
    otherwise: impl Fn(&Named<'_>, Decision) -> Decision + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) if named.operation == operation => otherwise(&named, decision),
        Some(_) | None => decision,
    })
}

/// Changes decisions about any operation under test.
pub(crate) fn on_each(otherwise: impl Fn(&Named<'_>, Decision) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) => otherwise(&named, decision),
        None => decision,
    })
}

/// Changes refusals of one operation with one code.
pub(crate) fn on_refusal(
    operation: MfaOperation,
    code: ErrorCode,
    otherwise: impl Fn(&Named<'_>) -> Option<Decision> + Send + Sync + 'static,
) -> Altered {
    on(
        operation,
        move |named, decision| {
            if refused_with(&decision) == Some(code) { otherwise(named).unwrap_or(decision) } else { decision }
        },
    )
}

/// Changes successes of one operation.
pub(crate) fn on_success(
    operation: MfaOperation,
    otherwise: impl Fn(&Named<'_>) -> Option<Decision> + Send + Sync + 'static,
) -> Altered {
    on(
        operation,
        move |named, decision| {
            if refused_with(&decision).is_none() { otherwise(named).unwrap_or(decision) } else { decision }
        },
    )
}

pub(crate) const fn done(effect: Effect) -> Decision {
    Decision::CarryOut { effect, body: SuccessBody::Empty }
}

/// The code of a refusal.
pub(crate) const fn refused_with(decision: &Decision) -> Option<ErrorCode> {
    match decision {
        Decision::Refuse { code, .. } | Decision::FailAfter { code, .. } => Some(*code),
        Decision::CarryOut { .. } => None,
    }
}

pub(crate) fn refuse(code: ErrorCode) -> Decision {
    Decision::refuse(code, "The request was refused.")
}

/// Refuses a call, but executes it.
pub(crate) fn refuse_after(code: ErrorCode, effect: Effect) -> Decision {
    let message = "The request was refused.".to_owned();
    Decision::FailAfter { effect, body: SuccessBody::Empty, code, message }
}

/// The devices of a user.
pub(crate) fn devices_of(account: &Account, user: UserId) -> Vec<DeviceId> {
    account.user(user).into_iter().flat_map(User::devices).collect()
}

/// Dissociates devices.
pub(crate) fn dissociate(account: &mut Account, devices: &[DeviceId], now: Millis) {
    for device in devices {
        account.apply(&Effect::Dissociate(*device), None, now);
    }
}

/// The owner of a device.
pub(crate) fn owner_of(account: &Account, device: DeviceId) -> Option<UserId> {
    account.device(device)?.owner
}

/// The newest user.
pub(crate) fn newest_user(account: &Account) -> Option<UserId> {
    account.users().map(|(id, _)| id).max()
}

/// The newest device.
pub(crate) fn newest_device(account: &Account) -> Option<DeviceId> {
    account.devices_after("").map(|(id, _)| id).max()
}
