//! Users who are renamed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Decision, Situation};
use mfa_reference::{ErrorCode, MfaOperation, Operation, Request};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    IN_THE_WAY, MISSING, Named, TAKEN, devices_of, dissociate, done, named, owner_of, refuse, refuse_after,
    refused_with,
};
use crate::parts::pairs::{emitted, pair};

/// The user that a support operation names, if it is this one.
fn about(situation: &Situation<'_>, request: &Request<'_>, operation: Operation) -> Option<UserId> {
    let Request::Support(support) = request else { return None };
    let name = support.name.text.filter(|_| support.operation == operation)?;
    situation.account.find_user(name)
}

/// Deletes a user if `takes` says that the user has no devices. `takes` receives all other decisions too.
fn deletes_with_devices<S: Default + Send + 'static>(
    takes: impl Fn(&mut S, Option<UserId>, Option<&Named<'_>>, &Decision) -> bool + Send + Sync + 'static,
) -> Altered {
    let state: Mutex<S> = Mutex::default();
    decides(move |situation, request, decision| {
        let user = about(situation, request, Operation::DeleteUser);
        let is_free = takes(&mut lock(&state), user, named(situation, request).as_ref(), &decision);
        match user.filter(|_| is_free && refused_with(&decision) == Some(IN_THE_WAY)) {
            Some(user) => done(Effect::RemoveUser(user)),
            None => decision,
        }
    })
}

/// Counts down a user's devices before it checks the device's owner.
fn counts_refused_deactivations() -> Altered {
    deletes_with_devices::<BTreeSet<UserId>>(|uncounted, user, named, decision| {
        if let Some(named) = named.filter(|named| named.operation == MfaOperation::Deactivate)
            && refused_with(decision) == Some(MISSING)
        {
            uncounted.extend(named.user);
        }
        user.is_some_and(|user| uncounted.contains(&user))
    })
}

/// Keeps one flag for all devices of a user: an Enable sets it, and any Deactivate clears it.
fn keeps_one_flag() -> Altered {
    deletes_with_devices::<BTreeSet<UserId>>(|cleared, user, named, decision| {
        if let Some((named, of)) = named.and_then(|named| Some((named, named.user?)))
            && refused_with(decision).is_none()
        {
            match named.operation {
                MfaOperation::Enable => cleared.remove(&of),
                MfaOperation::Deactivate => cleared.insert(of),
                MfaOperation::Resync => false,
            };
        }
        user.is_some_and(|user| cleared.contains(&user))
    })
}

/// Looks for the devices of the first user of the name.
fn looks_for_the_first_users_devices() -> Altered {
    let deleted: Mutex<BTreeSet<String>> = Mutex::default();
    decides(move |situation, request, decision| {
        let user = about(situation, request, Operation::DeleteUser);
        let name = user.and_then(|user| situation.account.user(user)).map(|user| user.entry.user_name.clone());
        let Some((user, name)) = user.zip(name) else { return decision };
        let mut deleted = lock(&deleted);
        match refused_with(&decision) {
            None => {
                deleted.insert(name);
                decision
            }
            Some(IN_THE_WAY) if deleted.contains(&name) => done(Effect::RemoveUser(user)),
            Some(_) => decision,
        }
    })
}

/// Deletes a user's keys before it finds the device and refuses.
fn deletes_keys_first() -> Altered {
    decides(|situation, request, decision| {
        let user = about(situation, request, Operation::DeleteUser).and_then(|user| situation.account.user(user));
        let key = user.and_then(|user| user.keys().next());
        match key.filter(|_| refused_with(&decision) == Some(IN_THE_WAY)) {
            Some(key) => refuse_after(IN_THE_WAY, Effect::RemoveKey(key.into())),
            None => decision,
        }
    })
}

/// Treats a device as assigned if its owner's first name still belongs to a user.
fn forgets_renamed_owners() -> Altered {
    let renamed: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if refused_with(&decision).is_none() {
            lock(&renamed).extend(about(situation, request, Operation::UpdateUser));
        }
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let is_right = named.device.and_then(|(_, device)| device.seed.as_deref());
        let is_right = is_right.is_some_and(|seed| emitted(seed, codes, situation.now));
        let owner = named.owner().filter(|owner| lock(&renamed).contains(owner) && Some(*owner) != named.user);
        if owner.is_some() && is_right && refused_with(&decision) == Some(TAKEN) {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Keeps an old name as a link to the new one, and loops forever if a user is renamed back.
fn links_old_names() -> Altered {
    let had: Mutex<BTreeMap<UserId, BTreeSet<String>>> = Mutex::default();
    let circle: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if let Request::Support(support) = request {
            let user = about(situation, request, Operation::UpdateUser).filter(|_| refused_with(&decision).is_none());
            if let (Some(user), Some(old), Some(new)) = (user, support.name.text, support.new_name.text) {
                let mut had = lock(&had);
                let names = had.entry(user).or_default();
                names.insert(old.to_owned());
                if names.contains(new) {
                    lock(&circle).insert(user);
                } else {
                    lock(&circle).remove(&user);
                }
            }
            return decision;
        }
        let user = named(situation, request).filter(|named| named.user_name.is_some()).and_then(|named| named.user);
        let lost = user.is_some_and(|user| lock(&circle).contains(&user));
        if lost && refused_with(&decision) != Some(ErrorCode::ValidationError) { refuse(MISSING) } else { decision }
    })
}

/// Moves the devices before it finds that the name is taken.
fn renames_devices_first() -> Altered {
    decides(|situation, request, decision| {
        let Request::Support(support) = request else { return decision };
        let user = about(situation, request, Operation::UpdateUser);
        let next = support.new_name.text.and_then(|name| situation.account.find_user(name));
        let device = user.and_then(|user| devices_of(situation.account, user).into_iter().next());
        match device.zip(next).filter(|(_, next)| Some(*next) != user && refused_with(&decision) == Some(TAKEN)) {
            Some((device, next)) => refuse_after(TAKEN, Effect::Associate(device, next)),
            None => decision,
        }
    })
}

/// Writes the user under the new name and then deletes the old name, even if they are equal.
fn deletes_the_old_name() -> Altered {
    decides(|situation, request, decision| {
        let Request::Support(support) = request else { return decision };
        let same = support.name.text == support.new_name.text;
        let user = about(situation, request, Operation::UpdateUser).filter(|_| same);
        user.map_or(decision, |user| done(Effect::RemoveUser(user)))
    })
}

/// Replaces the name in every owner's name that begins with it.
fn replaces_within_names() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RenameUser(renamed, _) = effect
            && let Some(name) = account.user(*renamed).map(|user| user.entry.user_name.clone())
        {
            let others = account.users().filter(|(id, user)| id != renamed && user.entry.user_name.starts_with(&name));
            let devices: Vec<DeviceId> = others.flat_map(|(id, _)| devices_of(account, id)).collect();
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Doesn't find renamed users by their access keys.
fn knows_keys_by_name() -> Altered {
    let renamed: Arc<Mutex<BTreeSet<UserId>>> = Arc::default();
    let noted = Arc::clone(&renamed);
    decides(move |situation, request, decision| {
        let by_key = named(situation, request).filter(|named| named.user_name.is_none());
        let user = by_key.and_then(|named| named.user).filter(|_| refused_with(&decision).is_none());
        match user {
            Some(user) if lock(&renamed).contains(&user) => refuse(ErrorCode::NoSuchEntity),
            Some(_) | None => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RenameUser(id, name) = effect
            && account.user(*id).is_some_and(|user| !user.entry.user_name.eq_ignore_ascii_case(name))
        {
            lock(&noted).insert(*id);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Keeps the names of deleted users, and removes one when a user is created, but not when one is renamed.
fn keeps_freed_names() -> Altered {
    let freed: Mutex<BTreeSet<String>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut freed = lock(&freed);
        if let Request::Support(support) = request {
            let name = support.name.text.unwrap_or_default().to_ascii_lowercase();
            match (support.operation, refused_with(&decision)) {
                (Operation::DeleteUser, None) => {
                    freed.insert(name);
                }
                (Operation::CreateUser, None) => {
                    freed.remove(&name);
                }
                _ => {}
            }
            return decision;
        }
        let name = named(situation, request).and_then(|named| named.user_name);
        let is_freed = name.is_some_and(|name| freed.contains(&name.to_ascii_lowercase()));
        if is_freed && refused_with(&decision) != Some(ErrorCode::ValidationError) { refuse(MISSING) } else { decision }
    })
}

/// Writes a new name into all associations, because a condition is missing.
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

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("refused-deactivation-counts", counts_refused_deactivations),
    ("one-flag-for-all-devices", keeps_one_flag),
    ("recreated-user-deleted-with-a-device", looks_for_the_first_users_devices),
    ("refused-deletion-takes-the-keys", deletes_keys_first),
    ("renamed-owners-device-free", forgets_renamed_owners),
    ("renamed-back-in-a-circle", links_old_names),
    ("refused-renaming-hands-a-device-over", renames_devices_first),
    ("renamed-to-its-own-name-and-gone", deletes_the_old_name),
    ("renaming-replaces-within-names", replaces_within_names),
    ("renamed-users-key-finds-nobody", knows_keys_by_name),
    ("freed-name-not-found-after-a-rename", keeps_freed_names),
    ("rename-takes-every-association", renames_everywhere),
];
