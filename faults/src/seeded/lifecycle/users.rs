//! Users who are created, recreated or deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, Millis, Operation, Request, SuccessBody, UserEntry};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    ENABLE, MISSING, asked, devices_of, dissociate, done, on, on_each, on_refusal, owner_of, refuse, refused_with,
};

fn user_created_again_takes_anothers_device() -> Altered {
    let former: Mutex<BTreeSet<String>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if let Effect::RemoveUser(user) = effect
            && let Some(user) = account.user(*user)
        {
            lock(&former).insert(user.entry.user_name.clone());
        }
        account.apply(effect, Some(body), now);
        if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
            && lock(&former).contains(&entry.user_name)
            && let Some(user) = account.find_user(&entry.user_name)
        {
            let assigned = account.devices_after("").map(|(id, _)| id);
            let newest = assigned.filter(|id| owner_of(account, *id).is_some()).max();
            if let Some(device) = newest {
                account.apply(&Effect::Associate(device, user), None, now);
            }
        }
    })
}

/// Creates an entry for each requested name.
fn makes_users_of_names() -> Altered {
    let asked: Mutex<BTreeSet<String>> = Mutex::default();
    on_each(move |named, decision| {
        let absent = named.user_name.filter(|_| named.user.is_none() && named.device.is_some());
        let Some(name) = absent.filter(|_| refused_with(&decision) == Some(MISSING)) else { return decision };
        if lock(&asked).insert(name.to_owned()) { decision } else { done(Effect::None) }
    })
}

/// Gives a recreated device to the owner of the former one.
fn gives_devices_back() -> Altered {
    let former: Mutex<BTreeMap<String, UserId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if let Effect::Dissociate(id) = effect
            && let (Some(device), Some(owner)) = (account.device(*id), owner_of(account, *id))
        {
            lock(&former).insert(device.serial_number.to_string(), owner);
        }
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) = (effect, body)
            && let Some(owner) = lock(&former).remove(serial_number).filter(|owner| account.user(*owner).is_some())
            && let Some(device) = account.find_device(serial_number)
        {
            account.apply(&Effect::Associate(device, owner), None, now);
        }
    })
}

/// Deletes assigned devices, and still counts them for their users.
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
                lock(&counted).extend(owner_of(situation.account, device));
                done(Effect::RemoveDevice(device))
            }
            (Operation::DeleteUser, Decision::CarryOut { effect: Effect::RemoveUser(user), .. })
                if lock(&counted).contains(user) =>
            {
                refuse(ErrorCode::DeleteConflict)
            }
            _ => decision,
        }
    })
}

/// Deletes a user after its last device is dissociated, like a cascade on the wrong side.
fn cascades() -> Altered {
    carries_out(|account, effect, body, now| {
        let owner = match effect {
            Effect::Dissociate(device) => owner_of(account, *device),
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some(owner) = owner.filter(|owner| devices_of(account, *owner).is_empty()) {
            account.apply(&Effect::RemoveUser(owner), None, now);
        }
    })
}

/// Creates a record for each user that it doesn't find.
fn makes_who_is_missing() -> Altered {
    decides(|situation, request, decision| {
        let enabled = asked(ENABLE, situation, request);
        let absent = enabled.filter(|named| named.user.is_none()).and_then(|named| named.user_name);
        let Some(name) = absent.filter(|_| refused_with(&decision) == Some(MISSING)) else { return decision };
        let entry = UserEntry {
            user_name: name.to_owned(),
            arn: format!("arn:aws:iam::123456789012:user/{name}"),
            user_id: format!("AIDA{:017}", situation.now.0),
            path: "/".to_owned(),
            create_date: "2026-01-01T00:00:00Z".to_owned(),
            tags: Vec::new(),
        };
        let message = format!("The user with name {name} cannot be found.");
        Decision::FailAfter { effect: Effect::AddUser, body: SuccessBody::User(entry), code: MISSING, message }
    })
}

/// Clears the list of a device's last owner when the device is deleted.
fn clears_its_last_users_list() -> Altered {
    let last: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        match effect {
            Effect::Associate(device, user) => {
                lock(&last).insert(*device, *user);
            }
            Effect::RemoveDevice(device) => {
                if let Some(user) = lock(&last).remove(device) {
                    dissociate(account, &devices_of(account, user), now);
                }
            }
            _ => {}
        }
    })
}

/// Keeps an Enable that it refused because its user is absent, and executes it when that user is created.
fn waits_for_the_user() -> Altered {
    let waiting: Arc<Mutex<BTreeMap<String, DeviceId>>> = Arc::default();
    let kept = Arc::clone(&waiting);
    on_refusal(ENABLE, MISSING, move |named| {
        let device = named.id().filter(|_| named.user.is_none() && named.owner().is_none())?;
        lock(&waiting).insert(named.user_name?.to_ascii_lowercase(), device);
        None
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body) else { return };
        let device = lock(&kept).remove(&entry.user_name.to_ascii_lowercase());
        let free = device.filter(|device| account.device(*device).is_some() && owner_of(account, *device).is_none());
        if let Some((device, user)) = free.zip(account.find_user(&entry.user_name)) {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Keeps the owners of a device by name, and treats a recreated user as an owner.
fn remembers_names() -> Altered {
    let had: Arc<Mutex<BTreeMap<(DeviceId, String), UserId>>> = Arc::default();
    let kept = Arc::clone(&had);
    on(ENABLE, move |named, decision| {
        let (Some(device), Some(user), Some(name)) = (named.id(), named.user, named.user_name) else { return decision };
        let former = lock(&had).get(&(device, name.to_ascii_lowercase())).copied();
        let is_another = former.is_some_and(|former| former != user);
        if is_another && refused_with(&decision).is_none() { refuse(ErrorCode::EntityAlreadyExists) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect
            && let Some(record) = account.user(*user)
        {
            lock(&kept).insert((*device, record.entry.user_name.to_ascii_lowercase()), *user);
        }
    })
}

/// Gives a new user the deactivated devices of an earlier user of its name.
fn inherits() -> Altered {
    let last: Mutex<BTreeMap<DeviceId, String>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut last = lock(&last);
        if let Effect::Associate(device, user) = effect
            && let Some(user) = account.user(*user)
        {
            last.insert(*device, user.entry.user_name.clone());
        }
        account.apply(effect, Some(body), now);
        let SuccessBody::User(entry) = body else { return };
        let Some(user) = account.find_user(&entry.user_name).filter(|_| *effect == Effect::AddUser) else {
            return;
        };
        let free =
            account.devices_after("").filter(|(_, device)| device.owner.is_none() && device.enabled_at > Millis(0));
        let inherited: Vec<DeviceId> =
            free.map(|(id, _)| id).filter(|id| last.get(id) == Some(&entry.user_name)).collect();
        for device in inherited {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("user-created-again-takes-anothers-device", user_created_again_takes_anothers_device),
    ("absent-user-found-at-the-second-call", makes_users_of_names),
    ("recreated-device-is-its-former-users", gives_devices_back),
    ("deleted-device-holds-its-user", counts_deleted_devices),
    ("last-device-takes-its-user-along", cascades),
    ("refused-enable-creates-the-user", makes_who_is_missing),
    ("deleted-device-clears-its-last-user", clears_its_last_users_list),
    ("refused-enable-waits-for-its-user", waits_for_the_user),
    ("former-device-refused-to-a-recreated-user", remembers_names),
    ("recreated-users-inherit", inherits),
];
