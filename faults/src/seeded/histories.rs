//! Services that lose track of users and devices that come back, are renamed or refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::{ErrorCode, MfaOperation, Operation, Request, TimeStep};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{Named, devices_of, dissociate, done, named, on_each, refuse, refuse_after, refused_with};
use crate::seeded::late2::pair::{emitted, pair};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const IN_THE_WAY: ErrorCode = ErrorCode::DeleteConflict;

/// The user that a support operation names, if it is this one.
fn about(situation: &Situation<'_>, request: &Request<'_>, operation: Operation) -> Option<UserId> {
    let Request::Support(support) = request else { return None };
    let name = support.name.text.filter(|_| support.operation == operation)?;
    situation.account.find_user(name)
}

/// Deletes a user whom it takes for one without devices: `takes` says so, and sees each other decision.
fn deletes_with_devices<S: Default + Send + 'static>(
    takes: impl Fn(&mut S, Option<UserId>, Option<&Named<'_>>, &Decision) -> bool + Send + Sync + 'static,
) -> Altered {
    let state: Mutex<S> = Mutex::default();
    decides(move |situation, request, decision| {
        let user = about(situation, request, Operation::DeleteUser);
        let is_free = takes(&mut held(&state), user, named(situation, request).as_ref(), &decision);
        match user.filter(|_| is_free && refused_with(&decision) == Some(IN_THE_WAY)) {
            Some(user) => done(Effect::RemoveUser(user)),
            None => decision,
        }
    })
}

/// Counts a device down before it looks whose it is.
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

/// Keeps one flag for all devices of a user: a device enabled sets it, any deactivated clears it.
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

/// Looks for the devices of the user who had the name first.
fn looks_for_the_first_users_devices() -> Altered {
    let deleted: Mutex<BTreeSet<String>> = Mutex::default();
    decides(move |situation, request, decision| {
        let user = about(situation, request, Operation::DeleteUser);
        let name = user.and_then(|user| situation.account.user(user)).map(|user| user.entry.user_name.clone());
        let Some((user, name)) = user.zip(name) else { return decision };
        let mut deleted = held(&deleted);
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

/// Makes an entry for each name that it is asked for.
fn makes_users_of_names() -> Altered {
    let asked: Mutex<BTreeSet<String>> = Mutex::default();
    on_each(move |named, decision| {
        let absent = named.user_name.filter(|_| named.user.is_none() && named.device.is_some());
        let Some(name) = absent.filter(|_| refused_with(&decision) == Some(MISSING)) else { return decision };
        if held(&asked).insert(name.to_owned()) { decision } else { done(Effect::None) }
    })
}

/// Tells whether a device is assigned by whether its owner's name, as it was at first, is a user's.
fn forgets_renamed_owners() -> Altered {
    let renamed: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if refused_with(&decision).is_none() {
            held(&renamed).extend(about(situation, request, Operation::UpdateUser));
        }
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let is_right = named.device.and_then(|(_, device)| device.seed.as_deref());
        let is_right = is_right.is_some_and(|seed| emitted(seed, codes, situation.now));
        let owner = named.owner().filter(|owner| held(&renamed).contains(owner) && Some(*owner) != named.user);
        if owner.is_some() && is_right && refused_with(&decision) == Some(TAKEN) {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Keeps a device's owners in the order in which they came first, the last one being the present one.
fn keeps_owners_in_order() -> Altered {
    let owners: Mutex<BTreeMap<DeviceId, Vec<UserId>>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let Effect::Associate(device, user) = effect else { return account.apply(effect, Some(body), now) };
        let mut owners = held(&owners);
        let all = owners.entry(*device).or_default();
        if !all.contains(user) {
            all.push(*user);
        }
        let last = all.last().copied().filter(|last| account.user(*last).is_some());
        account.apply(&Effect::Associate(*device, last.unwrap_or(*user)), Some(body), now);
    })
}

/// Remembers for good that a device was refused to a user.
fn remembers_taken_devices() -> Altered {
    let taken: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(both) = named.id().zip(named.user).filter(|_| named.operation == MfaOperation::Enable) else {
            return decision;
        };
        match refused_with(&decision) {
            Some(TAKEN) if named.owner() != named.user => {
                held(&taken).insert(both);
                decision
            }
            None if held(&taken).contains(&both) => refuse(TAKEN),
            _ => decision,
        }
    })
}

/// Keeps an old name as a link to the new one, and goes round in a circle where a user is renamed back.
fn links_old_names() -> Altered {
    let had: Mutex<BTreeMap<UserId, BTreeSet<String>>> = Mutex::default();
    let circle: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if let Request::Support(support) = request {
            let user = about(situation, request, Operation::UpdateUser).filter(|_| refused_with(&decision).is_none());
            if let (Some(user), Some(old), Some(new)) = (user, support.name.text, support.new_name.text) {
                let mut had = held(&had);
                let names = had.entry(user).or_default();
                names.insert(old.to_owned());
                if names.contains(new) {
                    held(&circle).insert(user);
                } else {
                    held(&circle).remove(&user);
                }
            }
            return decision;
        }
        let user = named(situation, request).filter(|named| named.user_name.is_some()).and_then(|named| named.user);
        let lost = user.is_some_and(|user| held(&circle).contains(&user));
        if lost && refused_with(&decision) != Some(ErrorCode::ValidationError) { refuse(MISSING) } else { decision }
    })
}

/// Moves the devices first and finds then that the name is taken.
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

/// Writes the user under the new name and deletes the old one then, which is the same.
fn deletes_the_old_name() -> Altered {
    decides(|situation, request, decision| {
        let Request::Support(support) = request else { return decision };
        let same = support.name.text == support.new_name.text;
        let user = about(situation, request, Operation::UpdateUser).filter(|_| same);
        user.map_or(decision, |user| done(Effect::RemoveUser(user)))
    })
}

/// Replaces the name wherever an owner's name begins with it.
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

/// Leaves a pending association where the codes are wrong, and completes it when the device is resynchronized.
fn completes_refused_associations() -> Altered {
    let pending: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_deref());
        let is_right = seed.is_some_and(|seed| emitted(seed, codes, situation.now));
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, Some(WRONG_CODES)) => {
                held(&pending).insert((device, user));
            }
            (MfaOperation::Resync, Some(_))
                if is_right && named.owner().is_none() && held(&pending).remove(&(device, user)) =>
            {
                return done(Effect::Associate(device, user));
            }
            _ => {}
        }
        decision
    })
}

/// Keeps the newest used step on the user, written by `EnableMFADevice` and looked at by `ResyncMFADevice`.
fn keeps_steps_by_user() -> Altered {
    let steps: Mutex<BTreeMap<UserId, (TimeStep, DeviceId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) else {
            return decision;
        };
        let Some((user, device)) = named.user.zip(named.id()) else { return decision };
        let (mut steps, now) = (held(&steps), situation.now.step());
        match named.operation {
            MfaOperation::Enable => {
                steps.insert(user, (now, device));
                decision
            }
            MfaOperation::Resync if steps.get(&user).is_some_and(|used| used.0 == now && used.1 != device) => {
                refuse(WRONG_CODES)
            }
            MfaOperation::Resync | MfaOperation::Deactivate => decision,
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "refused-deactivation-counts",
        "DeactivateMFADevice counts a user's device down before it looks whose it is: DeleteUser takes who has one still.",
        C::DeleteUserRequiresDeactivation,
        // It is the refused call that did it.
        &[C::DeactivateRejectedNoEffect],
        Stateful,
        counts_refused_deactivations,
    ),
    row(
        "one-flag-for-all-devices",
        "Any DeactivateMFADevice clears the flag that keeps a user from being deleted, whatever other devices there are.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        keeps_one_flag,
    ),
    row(
        "recreated-user-deleted-with-a-device",
        "DeleteUser of a user who was created again looks for the devices of the one before: it takes who has one.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        looks_for_the_first_users_devices,
    ),
    row(
        "refused-deletion-takes-the-keys",
        "A refused DeleteUser has deleted the user's access key: who signs with it is not known any more.",
        C::DeleteUserRequiresDeactivation,
        // What shows it is the user's own call without UserName, which is refused as if that were required.
        &[C::DeactivateDefaultUser, C::Parameter(Parameter::DeactivateUserName, Aspect::Required), C::StateDurable],
        Stateful,
        deletes_keys_first,
    ),
    row(
        "absent-user-found-at-the-second-call",
        "A call for a user who isn't there makes an entry, which the next one finds: 200.",
        C::EnableUserExists,
        &[C::ResyncUserExists, C::DeactivateUserExists, C::EnableRejectedNoEffect, C::DeactivateRejectedNoEffect],
        Stateful,
        makes_users_of_names,
    ),
    row(
        "renamed-owners-device-free",
        "A device whose user was renamed can be enabled for another one.",
        C::EnableAlreadyEnabled,
        &[],
        Stateful,
        forgets_renamed_owners,
    ),
    row(
        "owners-in-an-ordered-set",
        "A device that comes back to a user stays with the one who had it in between.",
        C::EnableAssociates,
        // Another user has it who isn't named.
        &[C::StateIsolation],
        Stateful,
        keeps_owners_in_order,
    ),
    row(
        "taken-device-remembered",
        "A device that was refused to a user as another's is refused to that user for good.",
        C::DeactivateReEnable,
        &[C::EnableFreshPair, C::EnableRejectedNoEffect],
        Stateful,
        remembers_taken_devices,
    ),
    row(
        "renamed-back-in-a-circle",
        "A user who was renamed and renamed back is answered NoSuchEntity.",
        C::DeactivateByAdministrator,
        &[C::EnableFreshPair, C::ResyncSynchronizes, C::EnableUserExists, C::DeactivateUserExists, C::ResyncUserExists],
        Stateful,
        links_old_names,
    ),
    row(
        "refused-renaming-hands-a-device-over",
        "UpdateUser to a name that is taken is refused, and the user's device is the other one's.",
        C::StateIsolation,
        &[C::StateDurable, C::EnableAssociates],
        Stateful,
        renames_devices_first,
    ),
    row(
        "renamed-to-its-own-name-and-gone",
        "UpdateUser with a user's own name deletes the user.",
        C::StateDurable,
        &[
            C::EnableFreshPair,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::EnableUserExists,
            C::DeactivateUserExists,
            C::ResyncUserExists,
            C::DeleteUserRequiresDeactivation,
        ],
        Stateful,
        deletes_the_old_name,
    ),
    row(
        "renaming-replaces-within-names",
        "Renaming a user makes the devices nobody's of those whose names begin with the old name.",
        C::StateIsolation,
        &[C::StateDurable],
        Stateful,
        replaces_within_names,
    ),
    row(
        "pending-association-completed-by-resync",
        "ResyncMFADevice associates a device with a user for whom EnableMFADevice has refused wrong codes.",
        C::ResyncUnassigned,
        &[C::EnableRejectedNoEffect],
        Stateful,
        completes_refused_associations,
    ),
    row(
        "enabled-step-kept-by-user",
        "ResyncMFADevice refuses codes of the step in which another device of the user was enabled.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        Stateful,
        keeps_steps_by_user,
    ),
];
