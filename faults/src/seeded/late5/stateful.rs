//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, User, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::service::rules::Documented;
use mfa_reference::{ErrorCode, MfaOperation, Millis, SuccessBody, TimeStep};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, dissociate, named, on_each, owner_of, refuse, refused_with};
use crate::seeded::late2::pair::pair;
use crate::seeded::listing::{entry_of, lists};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// How long a user whose codes were right is believed.
const BELIEVED_MS: i64 = 60_000;

/// Notes of a user, not of a device, that codes were right, and asks for no more of them for a while.
fn believes_users() -> Altered {
    let verified: Mutex<BTreeMap<UserId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, user)) = named(situation, request).and_then(|named| Some((named, named.user?))) else {
            return decision;
        };
        let mut verified = held(&verified);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable | MfaOperation::Resync, None) => {
                verified.insert(user, situation.now.plus(BELIEVED_MS));
                return decision;
            }
            (_, Some(WRONG_CODES)) if verified.get(&user).is_some_and(|until| *until > situation.now) => {}
            _ => return decision,
        }
        let devices = situation.account.user(user).map_or(0, User::device_count);
        match (named.operation, named.owner()) {
            (MfaOperation::Enable, Some(_)) => refuse(ErrorCode::EntityAlreadyExists),
            (MfaOperation::Enable, None) if devices >= Documented::DEVICES_PER_USER => refuse(ErrorCode::LimitExceeded),
            (MfaOperation::Resync, owner) if owner != Some(user) => refuse(ErrorCode::NoSuchEntity),
            _ => named.carried_out(),
        }
    })
}

/// Strikes a device off nobody's list of devices, and goes through that of a user who is deleted.
fn keeps_former_devices() -> Altered {
    let ever: Mutex<BTreeMap<UserId, BTreeSet<DeviceId>>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        match effect {
            Effect::Associate(device, user) => {
                held(&ever).entry(*user).or_default().insert(*device);
            }
            Effect::RemoveUser(user) => {
                let former = held(&ever).remove(user).unwrap_or_default();
                dissociate(account, &former.into_iter().collect::<Vec<_>>(), now);
            }
            _ => {}
        }
    })
}

/// Marks serial numbers as deleted, and marks none of them as made again.
fn keeps_tombstones() -> Altered {
    let buried: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let deleted = Arc::clone(&buried);
    on_each(move |named, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        _ if named.serial.is_some_and(|serial| held(&buried).contains(serial)) => refuse(ErrorCode::NoSuchEntity),
        _ => decision,
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            held(&deleted).extend(account.device(*gone).map(|device| device.serial_number.to_string()));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Gives a device another status when it is resynchronized, which `DeactivateMFADevice` doesn't take back.
fn keeps_the_status() -> Altered {
    let resynced: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(device) = named.id().filter(|_| refused_with(&decision).is_none()) else { return decision };
        match named.operation {
            MfaOperation::Enable if held(&resynced).contains(&device) => refuse(ErrorCode::EntityAlreadyExists),
            MfaOperation::Resync => {
                held(&resynced).insert(device);
                decision
            }
            MfaOperation::Enable | MfaOperation::Deactivate => decision,
        }
    })
}

/// Takes the place of the last association that ended for the next one, and leaves its device there.
fn takes_places_again() -> Altered {
    let freed: Mutex<Option<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut freed = held(&freed);
        match effect {
            Effect::Dissociate(device) => *freed = Some(*device),
            Effect::Associate(_, user) => {
                let is_free = |id: &DeviceId| account.device(*id).is_some() && owner_of(account, *id).is_none();
                if let Some(left) = freed.take().filter(is_free) {
                    return account.apply(&Effect::Associate(left, *user), Some(body), now);
                }
            }
            _ => {}
        }
        account.apply(effect, Some(body), now);
    })
}

/// Files devices under the name that their user was created with, and lists what is filed there.
fn files_by_first_name() -> Altered {
    let first_names: Arc<Mutex<BTreeMap<UserId, String>>> = Arc::default();
    let given = Arc::clone(&first_names);
    lists(move |account, name, mut items| {
        let first_names = held(&first_names);
        let Some(user) = account.find_user(name) else { return items };
        let first = first_names.get(&user);
        let others = account.users().map(|(other, _)| other).filter(|other| *other != user);
        for other in others.filter(|other| first.is_some() && first_names.get(other) == first) {
            items.extend(devices_of(account, other).into_iter().filter_map(|id| entry_of(account, id, name)));
        }
        items
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
            && let Some(user) = account.find_user(&entry.user_name)
        {
            held(&given).insert(user, entry.user_name.to_ascii_lowercase());
        }
    })
}

/// Takes no step of a device twice, and knows devices by their serial numbers, which others can have had.
fn notes_steps_by_serial_number() -> Altered {
    let newest: Mutex<BTreeMap<String, TimeStep>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) else {
            return decision;
        };
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };
        let taken = seed
            .zip(pair(request))
            .and_then(|(seed, (one, two))| adjacent.recognise(seed, one, two, situation.now, None));
        let Some((step, serial)) = taken.zip(named.serial) else { return decision };
        let mut newest = held(&newest);
        if newest.get(serial).is_some_and(|known| *known >= step) {
            return refuse(WRONG_CODES);
        }
        newest.insert(serial.to_owned(), step);
        decision
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "verified-user-believed-for-a-minute",
        "For a minute after a user's codes were right, any codes of the user's are taken, for whichever device.",
        C::EnableCodesRecognised,
        // It is the same for both operations, and for pairs that the device has emitted in another order.
        &[C::ResyncCodesRecognised, C::EnableCode2Subsequent, C::ResyncCode2Subsequent],
        Stateful,
        believes_users,
    ),
    row(
        "deleted-user-takes-former-devices",
        "DeleteUser dissociates all devices that the user ever had, whosever they are meanwhile.",
        C::DeleteUserLeavesOthers,
        // Another user's association is changed, and no call that names the device has done it.
        &[C::StateIsolation, C::StateDurable],
        Stateful,
        keeps_former_devices,
    ),
    row(
        "tombstone-hides-a-recreated-device",
        "A device that was deleted and created again is answered NoSuchEntity.",
        C::EnableFreshPair,
        // Its own ARN isn't found, whatever the codes are.
        &[C::SerialNumberOwnArn, C::EnableCodesRecognised, C::EnableCode2Subsequent, C::EnableCodesByDevice],
        Stateful,
        keeps_tombstones,
    ),
    row(
        "resynced-device-never-free-again",
        "A device that was resynchronized and then deactivated is answered EntityAlreadyExists when it is enabled.",
        C::DeactivateReEnable,
        // It is nobody's, and its pair is fresh.
        &[C::EnableFreshPair, C::EnableAlreadyEnabled, C::EnableCodesByDevice],
        Stateful,
        keeps_the_status,
    ),
    row(
        "freed-place-is-taken-again",
        "EnableMFADevice after a DeactivateMFADevice associates the device that was deactivated, whichever is named.",
        C::EnableAssociates,
        // The one that was deactivated is somebody's again, and can't be enabled; it wasn't named.
        &[C::DeactivateDissociates, C::DeactivateReEnable, C::StateDurable, C::StateIsolation, C::StateSettles],
        Stateful,
        takes_places_again,
    ),
    row(
        "devices-filed-under-the-first-name",
        "ListMFADevices looks for devices by the name that their user was created with, which others can have got since.",
        C::EnableAssociates,
        // Another user's listing shows the device as well.
        &[C::StateIsolation],
        Stateful,
        files_by_first_name,
    ),
    row(
        "recreated-device-inherits-used-steps",
        "The steps that a device has used are refused to another that is created under its name.",
        C::EnableFreshPair,
        // It is another device that has used them.
        &[C::EnableCodesByDevice],
        Stateful,
        notes_steps_by_serial_number,
    ),
    row(
        "access-key-ends-associations",
        "CreateAccessKey writes the user anew with the key alone, so that the user's devices are nobody's.",
        C::StateDurable,
        // The device is in no listing, and the user's next calls about it find nothing.
        &[
            C::EnableAssociates,
            C::EnableAlreadyEnabled,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
            C::StateSettles,
        ],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                account.apply(effect, Some(body), now);
                if let Effect::AddKey(user) = effect {
                    let devices = devices_of(account, *user);
                    dissociate(account, &devices, now);
                }
            })
        },
    ),
];
