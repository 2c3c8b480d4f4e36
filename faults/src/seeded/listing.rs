//! Services whose listings are wrong or late.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::{
    ErrorCode, MfaDeviceEntry, Millis, Operation, Page, Request, SuccessBody, UserEntry, VirtualDeviceEntry,
};

use crate::altered::{Altered, decides, rules};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, owner_of, refused_with};

/// Answers listings from what was so this long ago.
pub(crate) struct Lagging {
    past: Mutex<Vec<(Millis, Account)>>,
    millis: i64,
}

impl Lagging {
    pub(crate) fn new(millis: i64) -> Self {
        Self { past: Mutex::default(), millis }
    }
}

impl Rules for Lagging {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut past = held(&self.past);
        past.push((situation.now, situation.account.clone()));
        let then = situation.now.plus(-self.millis);
        // The state that a call found is the one since the call before it.
        let index = past.iter().position(|(at, _)| *at > then).unwrap_or_default();
        past.drain(..index);
        let listing = matches!(request.operation(), Operation::ListMfaDevices | Operation::ListVirtualMfaDevices);
        let old = past.first().filter(|_| listing);
        let account = old.map_or(situation.account, |(_, account)| account);
        let decision = Documented::default().decide(&Situation { account, ..*situation }, request, memory);
        match refused_with(&decision) {
            Some(ErrorCode::NoSuchEntity) if listing => Documented::default().decide(situation, request, memory),
            _ => decision,
        }
    }
}

/// Changes the listings of users' devices.
pub(super) fn lists(
    change: impl Fn(&Account, &str, Vec<MfaDeviceEntry>) -> Vec<MfaDeviceEntry> + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
            let items = change(situation.account, support.name.text.unwrap_or_default(), page.items);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
        }
        (_, decision) => decision,
    })
}

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

fn somebody(account: &Account) -> Option<UserEntry> {
    account.users().next().map(|(_, user)| user.entry.clone())
}

pub(super) fn entry_of(account: &Account, id: DeviceId, user_name: &str) -> Option<MfaDeviceEntry> {
    let device = account.device(id)?;
    Some(MfaDeviceEntry {
        user_name: user_name.to_owned(),
        serial_number: device.serial_number.to_string(),
        enable_date: "2025-06-15T00:00:00Z".to_owned(),
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "everybodys-devices-listed",
        "ListMFADevices lists the devices of all users.",
        C::EnableAssociates,
        // Whoever's call it was after, another's listing shows the device.
        &[C::StateIsolation],
        Shallow,
        || {
            lists(|account, name, _| {
                let assigned = account.devices_after("").filter(|(_, device)| device.owner.is_some());
                assigned.filter_map(|(id, _)| entry_of(account, id, name)).collect()
            })
        },
    ),
    row("devices-listed-twice", "ListMFADevices lists each device twice.", C::EnableAssociates, &[], Shallow, || {
        lists(|_, _, items| items.iter().chain(&items).cloned().collect())
    }),
    row(
        "second-enable-listed-twice",
        "A device that was enabled for the second time is listed twice.",
        C::EnableAssociates,
        &[C::DeactivateReEnable],
        Stateful,
        || {
            let enabled: std::sync::Arc<Mutex<BTreeMap<DeviceId, u32>>> = std::sync::Arc::default();
            let seen = std::sync::Arc::clone(&enabled);
            lists(move |account, _, items| {
                let enabled = held(&enabled);
                let again = |item: &MfaDeviceEntry| {
                    let id = account.find_device(&item.serial_number);
                    id.and_then(|id| enabled.get(&id)).is_some_and(|count| *count > 1)
                };
                items.iter().chain(items.iter().filter(|item| again(item))).cloned().collect()
            })
            .and_effects(move |account, effect, body, now| {
                if let Effect::Associate(device, _) = effect {
                    *held(&seen).entry(*device).or_default() += 1;
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "eighth-device-not-shown",
        "ListMFADevices shows seven devices at most, and no marker.",
        C::EnableAssociates,
        &[],
        Stateful,
        || lists(|_, _, items| items.into_iter().take(7).collect()),
    ),
    row(
        "second-device-not-shown",
        "ListMFADevices shows one device at most, and no marker.",
        C::EnableAssociates,
        &[C::DeactivateOnlyThatDevice, C::StateIsolation],
        Stateful,
        || lists(|_, _, items| items.into_iter().take(1).collect()),
    ),
    row("listed-under-another-name", "ListMFADevices names another user.", C::EnableAssociates, &[], Shallow, || {
        lists(|_, _, items| {
            let renamed = |item: MfaDeviceEntry| MfaDeviceEntry { user_name: format!("{}x", item.user_name), ..item };
            items.into_iter().map(renamed).collect()
        })
    }),
    row(
        "namesakes-devices-listed",
        "ListMFADevices lists the devices of users whose names begin alike, too.",
        C::EnableAssociates,
        &[C::StateIsolation],
        Stateful,
        || {
            lists(|account, name, _| {
                let stem: String = name.chars().take(name.chars().count().saturating_sub(1)).collect();
                let users = account.users().filter(|(_, user)| user.entry.user_name.starts_with(&stem));
                users.flat_map(|(id, _)| devices_of(account, id)).filter_map(|id| entry_of(account, id, name)).collect()
            })
        },
    ),
    row(
        "account-listing-without-owners",
        "ListVirtualMFADevices shows nobody's name.",
        C::EnableAssociates,
        // After other calls than an Enable the state is what they left.
        &[C::StateIsolation, C::StateDurable],
        Narrow,
        || lists_all(|_, items| items.into_iter().map(|item| VirtualDeviceEntry { user: None, ..item }).collect()),
    ),
    row(
        "account-listing-with-a-wrong-owner",
        "ListVirtualMFADevices shows the first user as each device's owner.",
        C::EnableAssociates,
        &[C::StateIsolation, C::DeactivateDissociates],
        Narrow,
        || {
            lists_all(|account, items| {
                items.into_iter().map(|item| VirtualDeviceEntry { user: somebody(account), ..item }).collect()
            })
        },
    ),
    row(
        "account-listing-keeps-owners",
        "ListVirtualMFADevices shows a deactivated device as its last owner's.",
        C::DeactivateDissociates,
        &[C::DeactivateReEnable],
        Narrow,
        || {
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
        },
    ),
    row(
        "account-listing-without-assigned-devices",
        "ListVirtualMFADevices leaves assigned devices out.",
        C::EnableAssociates,
        &[C::StateIsolation, C::StateDurable],
        Narrow,
        || lists_all(|_, items| items.into_iter().filter(|item| item.user.is_none()).collect()),
    ),
    row(
        "listings-ten-seconds-old",
        "Listings show what was so ten seconds ago.",
        C::StateSettles,
        // What they show is what the call before should have changed.
        &[C::EnableAssociates, C::DeactivateDissociates],
        Shallow,
        || rules(Lagging::new(10_000)),
    ),
    row(
        "settles-late-after-deactivate",
        "The listing shows a deactivated device for three seconds more.",
        C::DeactivateDissociates,
        &[C::StateSettles],
        Stateful,
        || {
            let gone: std::sync::Arc<Mutex<BTreeMap<DeviceId, (Millis, String)>>> = std::sync::Arc::default();
            let kept = std::sync::Arc::clone(&gone);
            let clock = std::sync::Arc::new(Mutex::new(Millis(0)));
            let ticks = std::sync::Arc::clone(&clock);
            let altered = decides(move |situation, request, decision| {
                *held(&ticks) = situation.now;
                match (request, decision) {
                    (
                        Request::Support(support),
                        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) },
                    ) => {
                        let name = support.name.text.unwrap_or_default();
                        let gone = held(&gone);
                        let late = gone.iter().filter(|(_, (at, user))| user == name && at.plus(3_000) > situation.now);
                        page.items.extend(late.filter_map(|(id, _)| entry_of(situation.account, *id, name)));
                        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
                    }
                    (_, decision) => decision,
                }
            });
            altered.and_effects(move |account, effect, body, now| {
                if let Effect::Dissociate(device) = effect
                    && let Some(owner) = owner_of(account, *device).and_then(|owner| account.user(owner))
                {
                    held(&kept).insert(*device, (now, owner.entry.user_name.clone()));
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
];
