//! What alterations are put together from.

use mfa_reference::account::{Account, Device, DeviceId, Effect, User, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Request, SuccessBody};

use super::altered::{Altered, decides};

/// What a request for an operation under test names.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) operation: MfaOperation,
    /// The user that it names, or the caller where it names none.
    pub(super) user: Option<UserId>,
    pub(super) device: Option<(DeviceId, &'a Device)>,
    pub(super) user_name: Option<&'a str>,
    pub(super) serial: Option<&'a str>,
}

impl Named<'_> {
    /// Whose the device is, if it is somebody's.
    pub(super) fn owner(&self) -> Option<UserId> {
        self.device?.1.owner
    }

    pub(super) fn id(&self) -> Option<DeviceId> {
        self.device.map(|(id, _)| id)
    }

    /// Carries the call out as far as what it names exists.
    pub(super) fn carried_out(&self) -> Decision {
        done(match (self.operation, self.id(), self.user) {
            (MfaOperation::Enable, Some(device), Some(user)) => Effect::Associate(device, user),
            (MfaOperation::Deactivate, Some(device), _) => Effect::Dissociate(device),
            _ => Effect::None,
        })
    }
}

/// What a request for an operation under test names; `None` for other operations.
pub(super) fn named<'a>(situation: &Situation<'a>, request: &Request<'a>) -> Option<Named<'a>> {
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

/// Changes decisions about one operation under test.
pub(super) fn on(
    operation: MfaOperation,
    otherwise: impl Fn(&Named<'_>, Decision) -> Decision + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) if named.operation == operation => otherwise(&named, decision),
        Some(_) | None => decision,
    })
}

/// Changes decisions about any operation under test.
pub(super) fn on_each(otherwise: impl Fn(&Named<'_>, Decision) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) => otherwise(&named, decision),
        None => decision,
    })
}

/// Changes refusals of one operation with one code.
pub(super) fn on_refusal(
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

/// Changes what succeeds of one operation.
pub(super) fn on_success(
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

pub(super) const fn done(effect: Effect) -> Decision {
    Decision::CarryOut { effect, body: SuccessBody::Empty }
}

/// The code of a refusal.
pub(super) const fn refused_with(decision: &Decision) -> Option<ErrorCode> {
    match decision {
        Decision::Refuse { code, .. } | Decision::FailAfter { code, .. } => Some(*code),
        Decision::CarryOut { .. } => None,
    }
}

pub(super) fn refuse(code: ErrorCode) -> Decision {
    Decision::refuse(code, "The request was refused.")
}

/// Refuses, and carries out all the same.
pub(super) fn refuse_after(code: ErrorCode, effect: Effect) -> Decision {
    let message = "The request was refused.".to_owned();
    Decision::FailAfter { effect, body: SuccessBody::Empty, code, message }
}

/// The devices of a user.
pub(super) fn devices_of(account: &Account, user: UserId) -> Vec<DeviceId> {
    account.user(user).into_iter().flat_map(User::devices).collect()
}

/// Makes devices nobody's.
pub(super) fn dissociate(account: &mut Account, devices: &[DeviceId], now: Millis) {
    for device in devices {
        account.apply(&Effect::Dissociate(*device), None, now);
    }
}

/// The owner of a device.
pub(super) fn owner_of(account: &Account, device: DeviceId) -> Option<UserId> {
    account.device(device)?.owner
}

/// The user that was created last.
pub(super) fn newest_user(account: &Account) -> Option<UserId> {
    account.users().map(|(id, _)| id).max()
}

/// The device that was created last.
pub(super) fn newest_device(account: &Account) -> Option<DeviceId> {
    account.devices_after("").map(|(id, _)| id).max()
}
