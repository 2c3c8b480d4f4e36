//! Faults of how associations are filed, which show only in a certain state.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, Request, SuccessBody, VirtualDeviceEntry};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{on_each, owner_of, refuse, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// Writes a new name into all associations, for want of a condition.
fn renames_everywhere() -> Altered {
    carries_out(|account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::RenameUser(user, _) = effect {
            let all: Vec<DeviceId> = account.devices_after("").map(|(id, _)| id).collect();
            let others = |id: &DeviceId| owner_of(account, *id).is_some_and(|owner| owner != *user);
            for device in all.into_iter().filter(|id| others(id)).collect::<Vec<_>>() {
                account.apply(&Effect::Associate(device, *user), None, now);
            }
        }
    })
}

/// Puts a device on the list of those that are assigned when it is enabled first, and never again.
fn lists_once() -> Altered {
    let counts: Arc<Mutex<BTreeMap<DeviceId, u32>>> = Arc::default();
    let counted = Arc::clone(&counts);
    decides(move |situation, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) }) => {
            let counts = held(&counts);
            let is_lost = |id: &DeviceId| counts.get(id).is_some_and(|count| *count > 1);
            let is_shown = |item: &VirtualDeviceEntry| {
                let id = situation.account.find_device(&item.serial_number);
                item.user.is_none() || !id.is_some_and(|id| is_lost(&id))
            };
            if support.assignment_status == Some("Assigned") {
                page.items.retain(is_shown);
            } else {
                for item in page.items.iter_mut().filter(|item| !is_shown(item)) {
                    (item.user, item.enable_date) = (None, None);
                }
            }
            if support.assignment_status == Some("Unassigned") {
                let all = situation.account.devices_after("");
                let lost = all.filter(|(id, _)| is_lost(id) && owner_of(situation.account, *id).is_some());
                page.items.extend(lost.map(|(_, device)| VirtualDeviceEntry {
                    serial_number: device.serial_number.to_string(),
                    ..VirtualDeviceEntry::default()
                }));
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        (_, decision) => decision,
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Associate(device, _) = effect {
            *held(&counted).entry(*device).or_default() += 1;
        }
        account.apply(effect, Some(body), now);
    })
}

/// The associations that a device has had, the latest at the end, and which of them count.
#[derive(Default)]
struct Rows(Vec<(UserId, bool)>);

impl Rows {
    /// Adds a row, and makes all rows of the device count again.
    fn enable(&mut self, user: UserId) {
        self.0.retain(|(known, _)| *known != user);
        self.0.push((user, true));
        for (_, counts) in &mut self.0 {
            *counts = true;
        }
    }

    /// Makes a user's row count no more, and tells whose the latest is of those that do.
    fn deactivate(&mut self, user: Option<UserId>, account: &Account) -> Option<UserId> {
        for (known, counts) in &mut self.0 {
            *counts = *counts && Some(*known) != user;
        }
        let mut left = self.0.iter().rev().filter(|(user, counts)| *counts && account.user(*user).is_some());
        left.next().map(|(user, _)| *user)
    }
}

/// Deletes associations by marking them, and takes the marks off all of a device when it is enabled.
fn deletes_softly() -> Altered {
    let rows: Mutex<BTreeMap<DeviceId, Rows>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut rows = held(&rows);
        let left = match effect {
            Effect::Associate(device, user) => {
                rows.entry(*device).or_default().enable(*user);
                None
            }
            Effect::Dissociate(device) => {
                let owner = owner_of(account, *device);
                rows.get_mut(device).and_then(|rows| rows.deactivate(owner, account)).map(|user| (*device, user))
            }
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some((device, user)) = left {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Whether a search by halves finds a serial number in a list, sorted or not.
fn is_found(list: &[&str], wanted: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        match list.get(middle).map_or(Ordering::Greater, |serial| (*serial).cmp(wanted)) {
            Ordering::Equal => return true,
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    false
}

/// A device on the list that is searched.
struct Filed {
    device: DeviceId,
    user: UserId,
    serial: Box<str>,
}

/// Searches a user's devices by halves, in the order in which they were enabled.
fn searches_by_halves() -> Altered {
    let list: Arc<Mutex<Vec<Filed>>> = Arc::default();
    let kept = Arc::clone(&list);
    on_each(move |named, decision| {
        let own = named.device.zip(named.user).filter(|(_, user)| named.owner() == Some(*user));
        let Some(((_, device), user)) = own.filter(|_| named.operation != MfaOperation::Enable) else {
            return decision;
        };
        let list = held(&list);
        let serials: Vec<&str> = list.iter().filter(|filed| filed.user == user).map(|filed| &*filed.serial).collect();
        let is_valid = refused_with(&decision) != Some(ErrorCode::ValidationError);
        if is_valid && !is_found(&serials, &device.serial_number) { refuse(MISSING) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut list = held(&kept);
        match effect {
            Effect::Associate(device, user) => {
                let serial = account.device(*device).map(|known| known.serial_number.clone());
                list.extend(serial.map(|serial| Filed { device: *device, user: *user, serial }));
            }
            Effect::Dissociate(device) | Effect::RemoveDevice(device) => list.retain(|filed| filed.device != *device),
            _ => {}
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "rename-takes-every-association",
        "UpdateUser writes the new name into all associations, so that everybody's devices are the renamed user's.",
        C::StateIsolation,
        // An association ends by a call on another user.
        &[C::StateDurable],
        Stateful,
        renames_everywhere,
    ),
    row(
        "second-enable-among-the-unassigned",
        "ListVirtualMFADevices shows a device that was enabled for the second time among those that are nobody's.",
        C::EnableAssociates,
        // After other calls than an Enable the state is what they left.
        &[C::DeactivateReEnable, C::StateIsolation, C::StateDurable],
        Stateful,
        lists_once,
    ),
    row(
        "deactivated-device-goes-to-its-former-user",
        "EnableMFADevice revives a device's deleted associations, so that after DeactivateMFADevice a former user has it.",
        C::DeactivateDissociates,
        // A call on one user gives another a device, which can't be enabled.
        &[C::StateIsolation, C::DeactivateReEnable, C::EnableFreshPair],
        Stateful,
        deletes_softly,
    ),
    row(
        "devices-searched-by-halves-unsorted",
        "A user's devices are searched by halves in the order of being enabled, so that some of them aren't found.",
        C::DeactivateByAdministrator,
        // The device is there and is the user's, whatever else the call asks for and whatever came before.
        &[
            C::DeactivateDefaultUser,
            C::DeactivateRejectedNoEffect,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncCodesRecognised,
            C::ResyncAfterLateEnable,
            C::SerialNumberOwnArn,
        ],
        Stateful,
        searches_by_halves,
    ),
];
