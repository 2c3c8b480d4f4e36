//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Operation, Request};

use crate::altered::{Altered, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, done, named, on, refuse, refused_with};
use crate::seeded::late2::pair::{emitted, pair};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const IN_THE_WAY: ErrorCode = ErrorCode::DeleteConflict;

/// Counts a user's devices before it looks whether the device is the user's already.
fn counts_twice() -> Altered {
    let counted: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut counted = held(&counted);
        if let Some(named) = named(situation, request) {
            let is_own = named.user.is_some() && named.owner() == named.user;
            if named.operation == MfaOperation::Enable && is_own && refused_with(&decision) == Some(TAKEN) {
                counted.extend(named.user);
            }
            return decision;
        }
        match &decision {
            Decision::CarryOut { effect: Effect::RemoveUser(user), .. } if counted.contains(user) => refuse(IN_THE_WAY),
            _ => decision,
        }
    })
}

/// Writes a device back with who called as its user.
fn writes_its_caller_down() -> Altered {
    decides(|situation, request, decision| {
        let resynced = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        match (resynced.and_then(|named| named.id()), situation.caller) {
            (Some(device), Caller::User(caller)) if refused_with(&decision).is_none() => {
                done(Effect::Associate(device, caller))
            }
            _ => decision,
        }
    })
}

/// Takes a device's place in the order of serial numbers for that of its seed, and appends the seeds of new devices.
fn appends_seeds() -> Altered {
    decides(|situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let is_about_codes = matches!(refused_with(&decision), None | Some(WRONG_CODES));
        let Some(device) = named.id().filter(|_| is_about_codes) else { return decision };
        let sorted: Vec<DeviceId> = situation.account.devices_after("").map(|(id, _)| id).collect();
        let appended: BTreeSet<DeviceId> = sorted.iter().copied().collect();
        let place = sorted.into_iter().position(|id| id == device);
        let other = place.and_then(|place| appended.into_iter().nth(place)).filter(|other| *other != device);
        let Some(other) = other.and_then(|other| situation.account.device(other)) else { return decision };
        if !other.seed.as_deref().is_some_and(|seed| emitted(seed, codes, situation.now)) {
            return refuse(WRONG_CODES);
        }
        match named.operation {
            MfaOperation::Enable if named.owner().is_some() => refuse(TAKEN),
            MfaOperation::Resync if named.owner() != named.user => refuse(MISSING),
            MfaOperation::Enable | MfaOperation::Resync | MfaOperation::Deactivate => named.carried_out(),
        }
    })
}

/// Keeps the names of deleted users, and strikes one off when a user is created, but not when one is renamed.
fn keeps_freed_names() -> Altered {
    let freed: Mutex<BTreeSet<String>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut freed = held(&freed);
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

/// Writes back the list of a user's devices that was read before the newest was put on it.
fn writes_an_older_list_back() -> Altered {
    decides(|situation, request, decision| {
        let resynced = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        let Some(named) = resynced.filter(|_| refused_with(&decision).is_none()) else { return decision };
        let account = situation.account;
        let all = named.user.map_or_else(Vec::new, |user| devices_of(account, user));
        let newest = all.into_iter().max_by_key(|id| (account.device(*id).map(|device| device.enabled_at), *id));
        newest.filter(|newest| Some(*newest) != named.id()).map_or(decision, |newest| done(Effect::Dissociate(newest)))
    })
}

/// Notes who asks for a device that is another's, and gives it to the last of them when it comes free.
fn lets_wait() -> Altered {
    let waiting: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let next = Arc::clone(&waiting);
    on(MfaOperation::Enable, move |named, decision| {
        let is_anothers = named.owner().is_some() && named.owner() != named.user;
        if let Some((device, user)) = named.id().zip(named.user)
            && is_anothers
            && refused_with(&decision) == Some(TAKEN)
        {
            held(&waiting).insert(device, user);
        }
        decision
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Dissociate(device) = effect
            && let Some(user) = held(&next).remove(device).filter(|user| account.user(*user).is_some())
        {
            account.apply(&Effect::Associate(*device, user), None, now);
        }
    })
}

/// Writes down whose a device is when it is enabled first, and looks there when it is resynchronized.
fn keeps_the_first_owner() -> Altered {
    let first: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let mut first = held(&first);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, None) => {
                first.entry(device).or_insert(user);
                decision
            }
            (MfaOperation::Resync, None) if first.get(&device).is_some_and(|first| *first != user) => refuse(MISSING),
            _ => decision,
        }
    })
}

/// Marks a device as deleted before it looks whether it is assigned.
fn hides_devices() -> Altered {
    let marked: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = held(&marked);
        if let Request::Support(support) = request {
            let is_refused = refused_with(&decision) == Some(IN_THE_WAY);
            if support.operation == Operation::DeleteVirtualMfaDevice && is_refused {
                marked.extend(support.serial_number.text.and_then(|serial| situation.account.find_device(serial)));
            }
            return decision;
        }
        let looked_up = named(situation, request).filter(|named| named.operation != MfaOperation::Enable);
        let is_marked = looked_up.and_then(|named| named.id()).is_some_and(|device| marked.contains(&device));
        if is_marked && refused_with(&decision) != Some(ErrorCode::ValidationError) {
            refuse(MISSING)
        } else {
            decision
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "own-device-enabled-again-counts-twice",
        "A refused EnableMFADevice of a device that the user has counts it again: DeleteConflict when all are deactivated.",
        C::DeleteUserRequiresDeactivation,
        // It is the refused call that did it.
        &[C::EnableRejectedNoEffect],
        Stateful,
        counts_twice,
    ),
    row(
        "resync-writes-its-caller-down",
        "ResyncMFADevice of one user's device, signed by the key of another, makes the device that other user's.",
        C::ResyncKeepsAssociation,
        // One user's device goes by a call on it and comes to a user whom the call doesn't name.
        &[C::StateIsolation],
        Stateful,
        writes_its_caller_down,
    ),
    row(
        "seeds-in-order-of-creation",
        "A device's place by serial number is looked up among seeds in order of creation: codes are another device's.",
        C::EnableFreshPair,
        // Its own codes are refused, and the other device's are taken.
        &[
            C::EnableCodesByDevice,
            C::EnableCodesRecognised,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncCodesRecognised,
            C::ResyncAfterLateEnable,
        ],
        Stateful,
        appends_seeds,
    ),
    row(
        "freed-name-not-found-after-a-rename",
        "A user who was renamed to a deleted user's name is answered NoSuchEntity by each of the operations.",
        C::EnableFreshPair,
        // The user is there, whatever else the call asks for.
        &[
            C::EnableUserExists,
            C::EnableCodesByDevice,
            C::EnableCodesRecognised,
            C::EnableAlreadyEnabled,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::SerialNumberOwnArn,
        ],
        Stateful,
        keeps_freed_names,
    ),
    row(
        "resync-writes-an-older-list-back",
        "ResyncMFADevice of a device that isn't the last that its user got makes the last one nobody's.",
        C::ResyncKeepsAssociation,
        // An association ends by a call on another device.
        &[C::StateDurable],
        Stateful,
        writes_an_older_list_back,
    ),
    row(
        "refused-enable-waits-its-turn",
        "EnableMFADevice of another's device is refused, and carried out when that user's DeactivateMFADevice frees it.",
        C::EnableRejectedNoEffect,
        // A deactivated device is somebody's, and can't be enabled.
        &[
            C::DeactivateDissociates,
            C::DeactivateReEnable,
            C::EnableAlreadyEnabled,
            C::EnableAssociates,
            C::EnableFreshPair,
            C::StateIsolation,
        ],
        Stateful,
        lets_wait,
    ),
    row(
        "resync-looks-for-the-first-owner",
        "ResyncMFADevice of a device that was another user's first is answered NoSuchEntity for its present user.",
        C::ResyncSynchronizes,
        // Whatever the pair is, the device is enabled for the user.
        &[C::ResyncCodesByDevice, C::ResyncAfterLateEnable, C::SerialNumberOwnArn],
        Stateful,
        keeps_the_first_owner,
    ),
    row(
        "refused-delete-of-a-device-hides-it",
        "A device that DeleteVirtualMFADevice was refused for is answered NoSuchEntity when it is deactivated or resynced.",
        C::DeactivateByAdministrator,
        // The device is there and is the user's, who can never be deleted.
        &[
            C::DeactivateDefaultUser,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncCodesRecognised,
            C::ResyncAfterLateEnable,
            C::SerialNumberOwnArn,
            C::DeleteUserRequiresDeactivation,
        ],
        Stateful,
        hides_devices,
    ),
];
