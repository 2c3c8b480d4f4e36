//! What `ListVirtualMFADevices` shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{Account, DeviceId, Effect};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{MfaOperation, Millis, Page, Request, SuccessBody, UserEntry, VirtualDeviceEntry};

use crate::altered::{Altered, decides, documented, rules};
use crate::entry::Registered;
use crate::line::{lock, misread};
use crate::parts::listings::Lagging;
use crate::parts::named::{named, owner_of, refused_with};

/// Changes the account-wide listing.
fn lists_all(change: fn(&Account, Vec<VirtualDeviceEntry>) -> Vec<VirtualDeviceEntry>) -> Altered {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } => {
            let items = change(situation.account, page.items);
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
        }
        other => other,
    })
}

fn account_listing_without_owners() -> Altered {
    lists_all(|_, items| items.into_iter().map(|item| VirtualDeviceEntry { user: None, ..item }).collect())
}

fn somebody(account: &Account) -> Option<UserEntry> {
    account.users().next().map(|(_, user)| user.entry.clone())
}

fn account_listing_with_a_wrong_owner() -> Altered {
    lists_all(|account, items| {
        items.into_iter().map(|item| VirtualDeviceEntry { user: somebody(account), ..item }).collect()
    })
}

fn account_listing_keeps_owners() -> Altered {
    lists_all(|account, items| {
        let used = |item: &VirtualDeviceEntry| {
            let device = account.find_device(&item.serial_number).and_then(|id| account.device(id));
            item.user.is_none() && device.is_some_and(|device| device.enabled_at > Millis(0))
        };
        let kept = |item: VirtualDeviceEntry| {
            if used(&item) { VirtualDeviceEntry { user: somebody(account), ..item } } else { item }
        };
        items.into_iter().map(kept).collect()
    })
}

fn account_listing_without_assigned_devices() -> Altered {
    lists_all(|_, items| items.into_iter().filter(|item| item.user.is_none()).collect())
}

/// An entry without its owner, if it is one of these.
fn disowned(entry: VirtualDeviceEntry, serials: &BTreeSet<String>) -> VirtualDeviceEntry {
    if serials.contains(&entry.serial_number) { VirtualDeviceEntry { user: None, ..entry } } else { entry }
}

/// Rewrites a device at a Resync, and omits its owner in the account-wide listing.
fn writes_without_the_owner() -> Altered {
    let resynced: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    decides(move |situation, request, decision| {
        let mut resynced = lock(&resynced);
        if let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) {
            let serial = named.serial.unwrap_or_default();
            if named.operation == MfaOperation::Resync {
                resynced.insert(serial.to_owned());
            } else {
                resynced.remove(serial);
            }
        }
        match decision {
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } => {
                let items = page.items.into_iter().map(|entry| disowned(entry, &resynced)).collect();
                Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
            }
            other => other,
        }
    })
}

/// The parameters of an account-wide listing.
type Asked = [Option<String>; 3];

/// Keeps the listing of the account until a device is created or deleted.
fn caches_the_account() -> Altered {
    let cache: Mutex<BTreeMap<Asked, Page<VirtualDeviceEntry>>> = Mutex::default();
    decides(move |_, request, decision| {
        let mut cache = lock(&cache);
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }) => {
                let asked = [support.assignment_status, support.marker, support.max_items].map(|it| it.map(Into::into));
                let page = cache.entry(asked).or_insert(page).clone();
                Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
            }
            (_, decision) => {
                if let Decision::CarryOut { effect: Effect::AddDevice | Effect::RemoveDevice(_), .. } = &decision {
                    cache.clear();
                }
                decision
            }
        }
    })
}

/// Adds a device to the list of assigned ones when it is enabled for the first time, and never again.
fn lists_once() -> Altered {
    let counts: Arc<Mutex<BTreeMap<DeviceId, u32>>> = Arc::default();
    let counted = Arc::clone(&counts);
    decides(move |situation, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) }) => {
            let counts = lock(&counts);
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
            *lock(&counted).entry(*device).or_default() += 1;
        }
        account.apply(effect, Some(body), now);
    })
}

/// Truncates the listing of all devices, or of the assigned ones, and reports no further page.
fn lists_at_most(most: usize, assigned_alone: bool) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            let is_assigned = page.items.iter().all(|item| item.user.is_some());
            if page.items.len() >= most && (is_assigned || !assigned_alone) {
                page.items.truncate(most);
                page.next = None;
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        Decision::CarryOut { .. } | Decision::Refuse { .. } | Decision::FailAfter { .. } => decision,
    })
}

/// Sends ARNs instead of names for the users of devices.
fn tells_arns() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            for user in page.items.iter_mut().filter_map(|item| item.user.as_mut()) {
                user.user_name.clone_from(&user.arn);
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        other => other,
    })
}

fn unassigned_devices_listed_on_request_alone() -> Altered {
    documented().behind(misread(|_, parameters| {
        let lists = parameters.contains("Action=ListVirtualMFADevices");
        let asked = lists && !parameters.contains("AssignmentStatus=");
        format!("{parameters}{}", if asked { "&AssignmentStatus=Assigned" } else { "" })
    }))
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("account-listing-without-owners", account_listing_without_owners),
    ("account-listing-with-a-wrong-owner", account_listing_with_a_wrong_owner),
    ("account-listing-keeps-owners", account_listing_keeps_owners),
    ("account-listing-without-assigned-devices", account_listing_without_assigned_devices),
    ("listings-ten-seconds-old", || rules(Lagging::new(10_000))),
    ("resynced-device-without-an-owner", writes_without_the_owner),
    ("account-listing-cached-until-a-device-is-made", caches_the_account),
    ("second-enable-among-the-unassigned", lists_once),
    ("all-devices-listed-to-the-hundredth", || lists_at_most(100, false)),
    ("assigned-devices-listed-to-the-fifth", || lists_at_most(5, true)),
    ("user-told-by-its-arn", tells_arns),
    ("unassigned-devices-listed-on-request-alone", unassigned_devices_listed_on_request_alone),
];
