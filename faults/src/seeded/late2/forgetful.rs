//! Faults that show only in a certain state: what is left behind when a device goes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, Operation, Request, SuccessBody};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{done, owner_of, refuse, refused_with};

/// Gives a device that is created again to the user who had the former one.
fn gives_devices_back() -> Altered {
    let former: Mutex<BTreeMap<String, UserId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if let Effect::Dissociate(id) = effect
            && let (Some(device), Some(owner)) = (account.device(*id), owner_of(account, *id))
        {
            held(&former).insert(device.serial_number.to_string(), owner);
        }
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) = (effect, body)
            && let Some(owner) = held(&former).remove(serial_number).filter(|owner| account.user(*owner).is_some())
            && let Some(device) = account.find_device(serial_number)
        {
            account.apply(&Effect::Associate(device, owner), None, now);
        }
    })
}

/// Deletes assigned devices, and goes on counting them for their users.
fn counts_deleted_devices() -> Altered {
    let counted: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Request::Support(support) = request else { return decision };
        match (support.operation, &decision) {
            (Operation::DeleteVirtualMfaDevice, refused)
                if refused_with(refused) == Some(ErrorCode::DeleteConflict) =>
            {
                let serial = support.serial_number.text.unwrap_or_default();
                let Some(device) = situation.account.find_device(serial) else { return decision };
                held(&counted).extend(owner_of(situation.account, device));
                done(Effect::RemoveDevice(device))
            }
            (Operation::DeleteUser, Decision::CarryOut { effect: Effect::RemoveUser(user), .. })
                if held(&counted).contains(user) =>
            {
                refuse(ErrorCode::DeleteConflict)
            }
            _ => decision,
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "recreated-device-is-its-former-users",
        "A device that is deleted and created again belongs at once to the user it was last deactivated for.",
        C::DeactivateDissociates,
        // Another call than Enable has given it to a user, and an Enable finds it assigned.
        &[
            C::StateIsolation,
            C::StateSettles,
            C::StateDurable,
            C::EnableAssociates,
            C::EnableFreshPair,
            C::EnableAlreadyEnabled,
        ],
        Stateful,
        gives_devices_back,
    ),
    row(
        "deleted-device-holds-its-user",
        "DeleteVirtualMFADevice of an assigned device succeeds, and its user can't be deleted any more.",
        C::DeleteVirtualDeviceFreesUser,
        // The user has no device, and is refused.
        &[C::DeleteUserRequiresDeactivation],
        Stateful,
        counts_deleted_devices,
    ),
];
