//! What `ListMFADevices` shows from a cache.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaDeviceEntry, Millis, Operation, Page, Request, SuccessBody, Support};

use crate::altered::{Altered, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::listings::{entry_of, lists};
use crate::parts::named::{
    ENABLE, RESYNC, WRONG_CODES, asked, devices_of, dissociate, done, named, owner_of, refuse, refused_with,
};
use crate::parts::pairs::{emitted, pair};

fn second_enable_listed_twice() -> Altered {
    let enabled: Arc<Mutex<BTreeMap<DeviceId, u32>>> = Arc::default();
    let seen = Arc::clone(&enabled);
    lists(move |account, _, items| {
        let enabled = lock(&enabled);
        let again = |item: &MfaDeviceEntry| {
            let id = account.find_device(&item.serial_number);
            id.and_then(|id| enabled.get(&id)).is_some_and(|count| *count > 1)
        };
        items.iter().chain(items.iter().filter(|item| again(item))).cloned().collect()
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Associate(device, _) = effect {
            *lock(&seen).entry(*device).or_default() += 1;
        }
        account.apply(effect, Some(body), now);
    })
}

fn settles_late_after_deactivate() -> Altered {
    let gone: Arc<Mutex<BTreeMap<DeviceId, (Millis, String)>>> = Arc::default();
    let kept = Arc::clone(&gone);
    let clock = Arc::new(Mutex::new(Millis(0)));
    let ticks = Arc::clone(&clock);
    let altered = decides(move |situation, request, decision| {
        *lock(&ticks) = situation.now;
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) }) => {
                let name = support.name.text.unwrap_or_default();
                let gone = lock(&gone);
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
            lock(&kept).insert(*device, (now, owner.entry.user_name.clone()));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Dissociates a device when it is listed this many times.
fn forgets_when_listed(times: u32) -> Altered {
    let listed: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let due: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&due);
    lists(move |_, _, items| {
        let mut listed = lock(&listed);
        for item in &items {
            let count = listed.entry(item.serial_number.clone()).or_default();
            *count += 1;
            if *count == times {
                lock(&noted).push(item.serial_number.clone());
            }
        }
        items
    })
    .and_effects(move |account, effect, body, now| {
        for serial in std::mem::take(&mut *lock(&due)) {
            let device = account.find_device(&serial);
            dissociate(account, device.as_slice(), now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Caches a user's listing until the user gets a device.
fn caches_listings() -> Altered {
    let read: Arc<Mutex<BTreeMap<UserId, Vec<MfaDeviceEntry>>>> = Arc::default();
    let changed = Arc::clone(&read);
    let altered = decides(move |situation, request, decision| {
        let whole = match request {
            // A page of a listing has its own key.
            Request::Support(support) if support.marker.is_none() && support.max_items.is_none() => support.name.text,
            _ => None,
        };
        let user = whole.and_then(|name| situation.account.find_user(name));
        match (user, decision) {
            (Some(user), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
                let items = lock(&read).entry(user).or_insert(page.items).clone();
                Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
            }
            (_, decision) => decision,
        }
    });
    altered.and_effects(move |account, effect, body, now| {
        if let Effect::Associate(_, user) = effect {
            lock(&changed).remove(user);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Gives each new user a key, and lists the devices of all users with the same key.
fn lists_by_key<K: Ord + Send + 'static>(key: fn(&Account, &str) -> K) -> Altered {
    let keys: Arc<Mutex<BTreeMap<UserId, K>>> = Arc::default();
    let given = Arc::clone(&keys);
    lists(move |account, name, mut items| {
        let keys = lock(&keys);
        let Some(user) = account.find_user(name) else { return items };
        let own = keys.get(&user);
        let others = account.users().map(|(other, _)| other).filter(|other| *other != user);
        for other in others.filter(|other| own.is_some() && keys.get(other) == own) {
            items.extend(devices_of(account, other).into_iter().filter_map(|id| entry_of(account, id, name)));
        }
        items
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
            && let Some(user) = account.find_user(&entry.user_name)
        {
            lock(&given).insert(user, key(account, &entry.user_name));
        }
    })
}

/// Numbers a user by the count of users, and lists devices by their owner's number.
fn numbers_users_by_their_count() -> Altered {
    lists_by_key(|account, _| account.users().count())
}

/// Stores devices under their user's first name, and lists them by that name.
fn files_by_first_name() -> Altered {
    lists_by_key(|_, name| name.to_ascii_lowercase())
}

/// A user's devices and, in a separate list, their seeds.
#[derive(Default)]
struct Lists {
    devices: Vec<DeviceId>,
    seeds: Vec<Option<Arc<Seed>>>,
}

/// Finds a seed by its device's index, and removes only the device at a Deactivate.
fn keeps_seeds_beside() -> Altered {
    let lists: Arc<Mutex<BTreeMap<UserId, Lists>>> = Arc::default();
    let kept = Arc::clone(&lists);
    decides(move |situation, request, decision| {
        let resynced = asked(RESYNC, situation, request);
        let Some((named, codes)) = resynced.zip(pair(request)) else { return decision };
        let is_about_codes = matches!(refused_with(&decision), None | Some(WRONG_CODES));
        let Some(user) = named.user.filter(|user| is_about_codes && named.owner() == Some(*user)) else {
            return decision;
        };
        let lists = lock(&lists);
        let Some(own) = lists.get(&user) else { return decision };
        let place = own.devices.iter().position(|device| Some(*device) == named.id());
        let seed = place.and_then(|place| own.seeds.get(place)?.as_deref());
        if seed.is_some_and(|seed| emitted(seed, codes, situation.now)) {
            done(Effect::None)
        } else {
            refuse(WRONG_CODES)
        }
    })
    .and_effects(move |account, effect, body, now| {
        match effect {
            Effect::Associate(device, user) => {
                let mut kept = lock(&kept);
                let own = kept.entry(*user).or_default();
                own.devices.push(*device);
                own.seeds.push(account.device(*device).and_then(|device| device.seed.clone()));
            }
            Effect::Dissociate(gone) => {
                if let Some(owner) = owner_of(account, *gone)
                    && let Some(own) = lock(&kept).get_mut(&owner)
                {
                    own.devices.retain(|device| device != gone);
                }
            }
            _ => {}
        }
        account.apply(effect, Some(body), now);
    })
}

/// Keeps a row for each user who ever had a device, and the status with the device.
fn joins_former_users() -> Altered {
    let ever: Arc<Mutex<BTreeSet<(DeviceId, UserId)>>> = Arc::default();
    let kept = Arc::clone(&ever);
    lists(move |account, name, mut items| {
        let Some(user) = account.find_user(name) else { return items };
        let ever = lock(&ever);
        let had = ever.iter().filter(|(_, known)| *known == user).map(|(device, _)| *device);
        let of_others = had.filter(|device| owner_of(account, *device).is_some_and(|owner| owner != user));
        items.extend(of_others.filter_map(|device| entry_of(account, device, name)));
        items
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            lock(&kept).insert((*device, *user));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Lists a device as enabled for some time after an Enable with wrong codes was refused.
fn shows_refused_enables(from_ms: i64, until_ms: i64) -> Altered {
    let shown: Mutex<BTreeMap<DeviceId, (UserId, Millis)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut shown = lock(&shown);
        if let Some(named) = named(situation, request) {
            if let (Some(device), Some(user), Some(ErrorCode::InvalidAuthenticationCode)) =
                (named.id(), named.user, refused_with(&decision).filter(|_| named.operation == ENABLE))
            {
                shown.insert(device, (user, situation.now));
            }
            return decision;
        }
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) }) => {
                let name = support.name.text.unwrap_or_default();
                let listed = situation.account.find_user(name);
                for (device, (user, at)) in &*shown {
                    let age = situation.now.0 - at.0;
                    let is_nobodys = owner_of(situation.account, *device).is_none();
                    if Some(*user) == listed && is_nobodys && (from_ms..until_ms).contains(&age) {
                        page.items.extend(entry_of(situation.account, *device, name));
                    }
                }
                Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
            }
            (_, decision) => decision,
        }
    })
}

/// Whether a call is a whole listing of one user's devices.
fn lists_devices_of<'a>(support: &Support<'a>) -> Option<&'a str> {
    let is_whole = support.marker.is_none() && support.max_items.is_none();
    support.name.text.filter(|_| is_whole && support.operation == Operation::ListMfaDevices)
}

/// Keeps listings until a change comes. A Deactivate without `UserName` does not count as one.
fn keeps_listings() -> Altered {
    let kept: Mutex<BTreeMap<String, Page<MfaDeviceEntry>>> = Mutex::default();
    decides(move |_, request, decision| {
        if let Request::Support(support) = request {
            if let (Some(name), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) =
                (lists_devices_of(support), &decision)
            {
                let page = lock(&kept).entry(name.to_owned()).or_insert_with(|| page.clone()).clone();
                return Decision::CarryOut { effect: effect.clone(), body: SuccessBody::MfaDevices(page) };
            }
            if support.operation.is_read() {
                return decision;
            }
        }
        if !matches!(request, Request::Deactivate { user_name, .. } if user_name.text.is_none()) {
            lock(&kept).clear();
        }
        decision
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("second-enable-listed-twice", second_enable_listed_twice),
    ("settles-late-after-deactivate", settles_late_after_deactivate),
    ("third-listing-forgets", || forgets_when_listed(3)),
    ("listing-cached-until-the-next-enable", caches_listings),
    ("users-numbered-by-their-count", numbers_users_by_their_count),
    ("devices-filed-under-the-first-name", files_by_first_name),
    ("seeds-stay-in-their-list", keeps_seeds_beside),
    ("former-user-shown-with-the-present-ones-device", joins_former_users),
    ("refused-enables-listed-for-a-second", || shows_refused_enables(0, 1_200)),
    ("refused-enables-listed-after-700-ms", || shows_refused_enables(700, i64::MAX)),
    ("refused-enables-listed-after-three-seconds", || shows_refused_enables(3_000, i64::MAX)),
    ("listing-kept-over-a-deactivation-without-user-name", keeps_listings),
];
