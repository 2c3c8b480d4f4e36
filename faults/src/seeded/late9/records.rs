//! Faults of what is kept beside an association, which show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::{Caller, ErrorCode, MfaOperation, Request};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, dissociate, done, named, on_refusal, on_success, owner_of, refuse, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// Keeps a copy of the user with the access key, and takes that for the caller.
fn copies_the_user() -> Altered {
    let copies: Arc<Mutex<BTreeMap<UserId, BTreeSet<DeviceId>>>> = Arc::default();
    let kept = Arc::clone(&copies);
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        let device = named(situation, request).and_then(|named| named.id());
        let has = |device| held(&copies).get(&caller).is_some_and(|devices| devices.contains(&device));
        let is_own = user_name.text.is_none() && refused_with(&decision).is_none();
        if is_own && !device.is_some_and(has) { refuse(MISSING) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect {
            held(&kept).insert(*user, devices_of(account, *user).into_iter().collect());
        }
    })
}

/// Drops a user's list of devices when it gets empty, and adds to it later without looking whether it is there.
fn drops_empty_lists() -> Altered {
    let dropped: Arc<Mutex<BTreeSet<UserId>>> = Arc::default();
    let kept = Arc::clone(&dropped);
    on_success(MfaOperation::Enable, move |named| {
        held(&dropped).contains(&named.user?).then(|| refuse(ErrorCode::InternalFailure))
    })
    .and_effects(move |account, effect, body, now| {
        let owner = match effect {
            Effect::Dissociate(device) => owner_of(account, *device),
            _ => None,
        };
        account.apply(effect, Some(body), now);
        held(&kept).extend(owner.filter(|owner| devices_of(account, *owner).is_empty()));
    })
}

/// Clears the list of the user that a device was enabled for last when the device is deleted.
fn clears_its_last_users_list() -> Altered {
    let last: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        match effect {
            Effect::Associate(device, user) => {
                held(&last).insert(*device, *user);
            }
            Effect::RemoveDevice(device) => {
                if let Some(user) = held(&last).remove(device) {
                    dissociate(account, &devices_of(account, user), now);
                }
            }
            _ => {}
        }
    })
}

/// Strikes the device off the user's list, and leaves the user with the device, where a resynchronization looks.
fn resyncs_who_was_left() -> Altered {
    let left: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let kept = Arc::clone(&left);
    on_refusal(MfaOperation::Resync, MISSING, move |named| {
        let (device, user) = named.id().zip(named.user)?;
        let is_left = named.owner().is_none() && held(&left).get(&device) == Some(&user);
        is_left.then(|| done(Effect::None))
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect {
            held(&kept).insert(*device, *user);
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "key-holds-a-copy-of-its-user",
        "DeactivateMFADevice without UserName finds those devices only that its caller had when the key was made.",
        C::DeactivateDefaultUser,
        // The call isn't judged for the caller as it is.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Stateful,
        copies_the_user,
    ),
    row(
        "emptied-list-never-filled-again",
        "EnableMFADevice for a user whose only device was deactivated is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words; the device can't be enabled again, or another.
        &[C::RobustnessNoCrash, C::DeactivateReEnable, C::EnableFreshPair],
        Stateful,
        drops_empty_lists,
    ),
    row(
        "deleted-device-clears-its-last-user",
        "DeleteVirtualMFADevice takes all devices from the user that the device was enabled for last.",
        C::StateDurable,
        // The user's next calls about them find nothing, and the device can be enabled for another.
        &[C::StateIsolation, C::EnableAlreadyEnabled, C::ResyncSynchronizes, C::DeactivateByAdministrator],
        Stateful,
        clears_its_last_users_list,
    ),
    row(
        "resync-of-what-was-the-users",
        "ResyncMFADevice of a device that is nobody's answers 200 for the user for whom it was deactivated last.",
        C::ResyncUnassigned,
        &[],
        Stateful,
        resyncs_who_was_left,
    ),
];
