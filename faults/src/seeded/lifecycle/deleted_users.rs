//! Wrong refusals and effects of `DeleteUser`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Decision, Situation};
use mfa_reference::totp::Seed;
use mfa_reference::{DeviceExtras, ErrorCode, MfaOperation, Operation, Request, SuccessBody};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    ENABLE, MISSING, asked, devices_of, dissociate, done, named, owner_of, refuse, refuse_after, refused_with,
};
use crate::parts::support::supporting;

fn delete_conflict(decision: &Decision) -> bool {
    refused_with(decision) == Some(ErrorCode::DeleteConflict)
}

fn delete_user_with_a_device() -> Altered {
    supporting(Operation::DeleteUser, |_, user, decision| match user {
        Some(user) if delete_conflict(&decision) => done(Effect::RemoveUser(user)),
        _ => decision,
    })
}

fn delete_user_with_two_devices() -> Altered {
    supporting(Operation::DeleteUser, |account, user, decision| match user {
        Some(user) if delete_conflict(&decision) && devices_of(account, user).len() > 1 => {
            done(Effect::RemoveUser(user))
        }
        _ => decision,
    })
    .and_effects(|account, effect, body, now| {
        if let Effect::RemoveUser(user) = effect {
            let devices = devices_of(account, *user);
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    })
}

fn delete_user_refused_and_dissociated() -> Altered {
    supporting(Operation::DeleteUser, |account, user, decision| {
        let device = user.and_then(|user| devices_of(account, user).into_iter().next());
        match device {
            Some(device) if delete_conflict(&decision) => {
                refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
}

fn delete_user_never() -> Altered {
    let had: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut had = lock(&had);
        if let Decision::CarryOut { effect: Effect::Associate(_, user), .. } = &decision {
            had.insert(*user);
        }
        match (request, &decision) {
            (Request::Support(support), Decision::CarryOut { effect: Effect::RemoveUser(user), .. })
                if support.operation == Operation::DeleteUser
                    && had.contains(user)
                    && situation.account.user(*user).is_some() =>
            {
                refuse(ErrorCode::DeleteConflict)
            }
            _ => decision,
        }
    })
}

fn refused_delete_user_frees_anothers_device() -> Altered {
    supporting(Operation::DeleteUser, |account, user, decision| {
        let others = account.devices_after("").map(|(id, _)| id);
        let other = others.filter(|id| owner_of(account, *id).is_some_and(|owner| Some(owner) != user)).max();
        match other {
            Some(device) if delete_conflict(&decision) => {
                refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
}

/// The decision that creates another device of a taken name, with the same serial number.
fn made_again(
    situation: &Situation<'_>,
    request: &Request<'_>,
    decision: &Decision,
    effect: Effect,
) -> Option<Decision> {
    let Request::Support(support) = request else { return None };
    if support.operation != Operation::CreateVirtualMfaDevice
        || refused_with(decision) != Some(ErrorCode::EntityAlreadyExists)
    {
        return None;
    }
    let name = support.name.text?;
    let mut known = situation.account.devices_after("").map(|(_, device)| device);
    let taken = known.find(|device| device.serial_number.ends_with(&format!("/{name}")))?;
    let body = SuccessBody::VirtualDevice {
        serial_number: taken.serial_number.to_string(),
        seed_blob: Seed::from_bytes(name.as_bytes()).to_blob(),
        extras: DeviceExtras::default(),
    };
    Some(Decision::CarryOut { effect, body })
}

fn deleted_device_stays_listed_and_is_made_again() -> Altered {
    decides(|situation, request, decision| match request {
        Request::Support(support)
            if support.operation == Operation::DeleteVirtualMfaDevice && delete_conflict(&decision) =>
        {
            done(Effect::None)
        }
        _ => made_again(situation, request, &decision, Effect::None).unwrap_or(decision),
    })
}

fn taken_device_name_made_again() -> Altered {
    decides(|situation, request, decision| {
        made_again(situation, request, &decision, Effect::AddDevice).unwrap_or(decision)
    })
}

/// Keeps owners as indices into the list of users, and doesn't update them when a user is deleted.
fn keeps_owners_as_places() -> Altered {
    carries_out(|account, effect, body, now| {
        let moves = match effect {
            Effect::RemoveUser(gone) => moves_up(account, *gone),
            _ => Vec::new(),
        };
        account.apply(effect, Some(body), now);
        for (device, next) in moves {
            let since = account.device(device).map_or(now, |device| device.enabled_at);
            let effect = next.map_or(Effect::Dissociate(device), |next| Effect::Associate(device, next));
            account.apply(&effect, None, since);
        }
    })
}

/// The owners of devices after each index moves to the next user.
fn moves_up(account: &Account, gone: UserId) -> Vec<(DeviceId, Option<UserId>)> {
    let later: BTreeSet<UserId> = account.users().map(|(id, _)| id).filter(|id| *id > gone).collect();
    let next = |user: UserId| later.iter().copied().find(|other| *other > user);
    later.iter().flat_map(|user| devices_of(account, *user).into_iter().map(move |id| (id, next(*user)))).collect()
}

/// Overlooks a device whose status a Resync has spelled differently.
fn spells_the_status_otherwise() -> Altered {
    let resynced: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if let Some(named) = named(situation, request) {
            let mut resynced = lock(&resynced);
            match (named.operation, refused_with(&decision), named.id()) {
                (MfaOperation::Resync, None, Some(device)) => {
                    resynced.insert(device);
                }
                (MfaOperation::Enable, None, Some(device)) => {
                    resynced.remove(&device);
                }
                _ => {}
            }
            return decision;
        }
        let Request::Support(support) = request else { return decision };
        let account = situation.account;
        let user = support.name.text.and_then(|name| account.find_user(name));
        let Some(user) = user.filter(|_| support.operation == Operation::DeleteUser) else { return decision };
        let holds_no_key = account.user(user).is_some_and(|user| user.keys().next().is_none());
        let unseen = devices_of(account, user).iter().all(|device| lock(&resynced).contains(device));
        match refused_with(&decision) {
            Some(ErrorCode::DeleteConflict) if unseen && holds_no_key => done(Effect::RemoveUser(user)),
            _ => decision,
        }
    })
}

/// Never removes devices from users' lists, and checks the list when a user is deleted.
fn keeps_former_devices() -> Altered {
    let ever: Mutex<BTreeMap<UserId, BTreeSet<DeviceId>>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        match effect {
            Effect::Associate(device, user) => {
                lock(&ever).entry(*user).or_default().insert(*device);
            }
            Effect::RemoveUser(user) => {
                let former = lock(&ever).remove(user).unwrap_or_default();
                dissociate(account, &former.into_iter().collect::<Vec<_>>(), now);
            }
            _ => {}
        }
    })
}

/// Marks a user as deleted before it checks for devices, and checks the mark when a device is enabled.
fn hides_users() -> Altered {
    let marked: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = lock(&marked);
        if let Request::Support(support) = request {
            let user = support.name.text.and_then(|name| situation.account.find_user(name));
            let is_refused = refused_with(&decision) == Some(ErrorCode::DeleteConflict);
            if support.operation == Operation::DeleteUser && is_refused {
                marked.extend(user);
            }
            return decision;
        }
        let enabled = asked(ENABLE, situation, request);
        let is_marked = enabled.and_then(|named| named.user).is_some_and(|user| marked.contains(&user));
        if is_marked && refused_with(&decision) != Some(ErrorCode::ValidationError) {
            refuse(MISSING)
        } else {
            decision
        }
    })
}

/// Deletes a user's devices by a name prefix that other users may share.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveUser(gone) = effect
            && let Some(name) = account.user(*gone).map(|user| user.entry.user_name.clone())
        {
            let alike = account.users().filter(|(_, user)| user.entry.user_name.starts_with(&name));
            let devices: Vec<DeviceId> = alike.flat_map(|(id, _)| devices_of(account, id)).collect();
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("delete-user-with-a-device", delete_user_with_a_device),
    ("delete-user-with-two-devices", delete_user_with_two_devices),
    ("delete-user-refused-and-dissociated", delete_user_refused_and_dissociated),
    ("delete-user-never", delete_user_never),
    ("refused-delete-user-frees-anothers-device", refused_delete_user_frees_anothers_device),
    ("deleted-device-stays-listed-and-is-made-again", deleted_device_stays_listed_and_is_made_again),
    ("taken-device-name-made-again", taken_device_name_made_again),
    ("owners-shift-when-a-user-goes", keeps_owners_as_places),
    ("resynced-device-holds-no-user", spells_the_status_otherwise),
    ("deleted-user-takes-former-devices", keeps_former_devices),
    ("refused-delete-user-hides-the-user", hides_users),
    ("delete-user-takes-names-that-begin-alike", deletes_by_prefix),
];
