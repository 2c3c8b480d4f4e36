//! Decisions about set-up calls.

use mfa_reference::account::{Account, DeviceId, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, Operation, Request};

use crate::altered::{Altered, decides};
use crate::parts::named::refused_with;

/// Changes decisions about `DeleteVirtualMFADevice` of an assigned device.
pub(crate) fn deleting_assigned(otherwise: impl Fn(DeviceId) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| match request {
        Request::Support(support)
            if support.operation == Operation::DeleteVirtualMfaDevice
                && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
        {
            let serial = support.serial_number.text.unwrap_or_default();
            situation.account.find_device(serial).map_or(decision, &otherwise)
        }
        _ => decision,
    })
}

/// Changes decisions about one set-up operation, by the account and the named user.
pub(crate) fn supporting(
    operation: Operation,
    otherwise: impl Fn(&Account, Option<UserId>, Decision) -> Decision + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match request {
        Request::Support(support) if support.operation == operation => {
            let user = support.name.text.and_then(|name| situation.account.find_user(name));
            otherwise(situation.account, user, decision)
        }
        _ => decision,
    })
}
