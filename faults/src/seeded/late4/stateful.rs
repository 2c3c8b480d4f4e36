//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{ClauseId as C, Parameter};
use mfa_reference::value::SerialNumber;
use mfa_reference::{ErrorCode, MfaOperation, Millis, SuccessBody};

use crate::altered::{Altered, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, done, named, newest_device, on_each, refuse, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::late2::pair::{emitted, pair};
use crate::seeded::listing::{entry_of, lists};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// How long the cache of users knows one.
const CACHED_MS: i64 = 60_000;

/// Fills the place of a deleted device with the newest one, and goes on looking for that at its old place.
fn removes_by_swapping() -> Altered {
    let lost: Arc<Mutex<BTreeSet<DeviceId>>> = Arc::default();
    let moved = Arc::clone(&lost);
    on_each(move |named, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        Some(_) | None if named.id().is_some_and(|id| held(&lost).contains(&id)) => refuse(MISSING),
        Some(_) | None => decision,
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            held(&moved).extend(newest_device(account).filter(|newest| newest != gone));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Finds users whom an operation under test has found within the last minute.
fn caches_users() -> Altered {
    let cache: Mutex<BTreeMap<String, (UserId, Millis)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some(name) = named.user_name.map(str::to_ascii_lowercase) else { return decision };
        let mut cache = held(&cache);
        cache.retain(|_, (_, until)| *until > situation.now);
        if let Some(user) = named.user {
            cache.insert(name, (user, situation.now.plus(CACHED_MS)));
            return decision;
        }
        // A user who was renamed is written anew, under the new name.
        let is_gone = cache.get(&name).is_some_and(|(user, _)| situation.account.user(*user).is_none());
        let sought = named.operation == MfaOperation::Enable && refused_with(&decision) == Some(MISSING);
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        match seed.zip(pair(request)).filter(|_| is_gone && sought) {
            None => decision,
            Some((seed, codes)) if !emitted(seed, codes, situation.now) => refuse(ErrorCode::InvalidAuthenticationCode),
            Some(_) if named.owner().is_some() => refuse(ErrorCode::EntityAlreadyExists),
            Some(_) => done(Effect::None),
        }
    })
}

/// Numbers a user by how many there are, and lists devices by their owner's number.
fn numbers_users_by_their_count() -> Altered {
    let numbers: Arc<Mutex<BTreeMap<UserId, usize>>> = Arc::default();
    let given = Arc::clone(&numbers);
    lists(move |account, name, mut items| {
        let numbers = held(&numbers);
        let Some(user) = account.find_user(name) else { return items };
        let number = numbers.get(&user);
        let others = account.users().map(|(other, _)| other).filter(|other| *other != user);
        for other in others.filter(|other| number.is_some() && numbers.get(other) == number) {
            items.extend(devices_of(account, other).into_iter().filter_map(|id| entry_of(account, id, name)));
        }
        items
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
            && let Some(user) = account.find_user(&entry.user_name)
        {
            held(&given).insert(user, account.users().count());
        }
    })
}

/// Looks for any association of a user and a device, one that has ended among them.
fn keeps_ended_associations() -> Altered {
    let ever: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(both) = named.id().zip(named.user) else { return decision };
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, None) => {
                held(&ever).insert(both);
                decision
            }
            (MfaOperation::Resync | MfaOperation::Deactivate, Some(MISSING))
                if named.owner().is_some() && held(&ever).contains(&both) =>
            {
                named.carried_out()
            }
            _ => decision,
        }
    })
}

/// Goes through a user's devices, and goes on with the last one where none of them was the one named.
fn falls_out_of_the_loop() -> Altered {
    rereads(|situation, named| {
        let is_valid =
            |serial: &str| SerialNumber::parse(serial, Parameter::DeactivateSerialNumber.constraint()).is_some();
        let looks = named.operation != MfaOperation::Enable && named.serial.is_some_and(is_valid);
        let devices = named.user.map(|user| devices_of(situation.account, user)).unwrap_or_default();
        let found = named.id().is_some_and(|id| devices.contains(&id));
        let last = devices.last().filter(|_| looks && !found).and_then(|id| situation.account.device(*id));
        Instead { user_name: None, serial: last.map(|device| device.serial_number.to_string()) }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "newest-device-lost-when-another-is-deleted",
        "The newest device fills the place of one that is deleted, and isn't found at its own any more: NoSuchEntity.",
        C::EnableFreshPair,
        // Whatever is done about the device; what became of it was done by a call on another.
        &[
            C::SerialNumberOwnArn,
            C::EnableCodesByDevice,
            C::EnableCodesRecognised,
            C::EnableAlreadyEnabled,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncCodesRecognised,
            C::DeactivateDissociates,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
            C::StateIsolation,
            C::StateDurable,
        ],
        Stateful,
        removes_by_swapping,
    ),
    row(
        "deleted-user-found-in-a-cache",
        "EnableMFADevice for a user who was deleted answers 200 if one of the operations found the user a minute ago.",
        C::EnableUserExists,
        // Where the codes or the device stand in the way, it is they that are told of.
        &[],
        Stateful,
        caches_users,
    ),
    row(
        "users-numbered-by-their-count",
        "A user's number is how many there are, so that a new one can have another's, whose devices are listed for both.",
        C::StateIsolation,
        // The device is in another user's listing as well.
        &[C::EnableAssociates],
        Stateful,
        numbers_users_by_their_count,
    ),
    row(
        "ended-association-taken-for-one",
        "A device's former user may resynchronize and deactivate it while it is enabled for another.",
        C::DeactivateOtherUsers,
        // It is another's, who loses it; the former user has deactivated it once.
        &[C::ResyncOtherUsers, C::DeactivateTwice, C::DeactivateDefaultUser, C::StateIsolation],
        Stateful,
        keeps_ended_associations,
    ),
    row(
        "device-that-isnt-the-users-stands-for-the-last",
        "ResyncMFADevice and DeactivateMFADevice of a device that isn't the user's are about the last one that is.",
        C::DeactivateDeviceExists,
        // The device named is absent, nobody's or another's; one that wasn't named goes.
        &[
            C::DeactivateUnassigned,
            C::DeactivateOtherUsers,
            C::DeactivateTwice,
            C::DeactivateOnlyThatDevice,
            C::DeactivateDefaultUser,
            C::ResyncDeviceExists,
            C::ResyncUnassigned,
            C::ResyncOtherUsers,
            C::SerialNumberUnique,
            C::StateDurable,
        ],
        Stateful,
        falls_out_of_the_loop,
    ),
];
