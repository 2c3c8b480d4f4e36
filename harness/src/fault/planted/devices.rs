//! Services that associate and dissociate wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::world::{DeviceId, Effect, Fact};
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Request};

use crate::fault::altered::{Altered, carries_out, decides};
use crate::fault::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::fault::entry::{Planted, plant};
use crate::fault::line::held;
use crate::fault::parts::{
    devices_of, dissociate, done, named, newest_user, on, on_refusal, on_success, owner_of, refuse, refuse_after,
    refused_with,
};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// Counts how often a device was enabled, and refuses from the given time on with a code.
fn wears_out(operation: MfaOperation, times: u32, code: ErrorCode) -> Altered {
    let enabled: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(id), None) = (named.id(), refused_with(&decision)) else { return decision };
        let mut enabled = held(&enabled);
        let count = enabled.entry(id).or_default();
        if named.operation == ENABLE {
            *count += 1;
        }
        if named.operation == operation && *count >= times { refuse(code) } else { decision }
    })
}

/// Changes an association to another user than the one named.
fn associates_with(
    whom: fn(&mfa_reference::world::World, mfa_reference::world::UserId) -> Option<mfa_reference::world::UserId>,
) -> Altered {
    carries_out(move |world, effect, body, now| match effect {
        Effect::Associate(device, user) => {
            let user = whom(world, *user).unwrap_or(*user);
            world.apply(&Effect::Associate(*device, user), Some(body), now);
        }
        other => world.apply(other, Some(body), now),
    })
}

pub(in crate::fault) const FAULTS: &[Planted] = &[
    plant(
        "enable-forgotten",
        "EnableMFADevice answers 200 and associates nothing.",
        C::EnableAssociates,
        &[],
        (Shallow, 3),
        || on_success(ENABLE, |_| Some(done(Effect::None))),
    ),
    plant(
        "enable-for-the-newest-user",
        "EnableMFADevice gives the device to the user that was created last.",
        C::EnableAssociates,
        // The named user lacks the device and another has got it.
        &[C::StateIsolation],
        (Stateful, 4),
        || associates_with(|world, _| newest_user(world)),
    ),
    plant(
        "enable-takes-the-users-other-devices",
        "EnableMFADevice dissociates the devices that the user had before.",
        C::EnableAssociates,
        // A device that no call was about is gone.
        &[C::StateIsolation, C::StateDurable],
        (Stateful, 5),
        || {
            carries_out(|world, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices = devices_of(world, *user);
                    dissociate(world, &devices, now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "eighth-device-not-listed",
        "A user's eighth device is answered 200 and associated with nobody.",
        C::EnableAssociates,
        &[],
        (Stateful, 17),
        || {
            carries_out(|world, effect, body, now| match effect {
                Effect::Associate(_, user) if devices_of(world, *user).len() == 7 => {}
                other => world.apply(other, Some(body), now),
            })
        },
    ),
    plant(
        "eighth-device-refused",
        "A user's eighth device is refused with InvalidAuthenticationCode.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice],
        (Stateful, 17),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.operation == ENABLE) else {
                    return decision;
                };
                let count = named.user.map_or(0, |user| devices_of(situation.world, user).len());
                if count == 7 && refused_with(&decision).is_none() {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                } else {
                    decision
                }
            })
        },
    ),
    plant(
        "third-device-takes-the-first",
        "A user's third device takes the place of the first one.",
        C::EnableAssociates,
        &[C::StateIsolation, C::StateDurable],
        (Stateful, 7),
        || {
            carries_out(|world, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices = devices_of(world, *user);
                    if devices.len() == 2 {
                        dissociate(world, devices.get(..1).unwrap_or_default(), now);
                    }
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "enable-invents-success-for-an-absent-user",
        "EnableMFADevice for an absent user answers 200.",
        C::EnableUserExists,
        &[],
        (Shallow, 1),
        || on_refusal(ENABLE, MISSING, |named| named.user.is_none().then(|| done(Effect::None))),
    ),
    plant(
        "enable-invents-success-for-an-absent-device",
        "EnableMFADevice of an absent device answers 200.",
        C::EnableDeviceExists,
        &[],
        (Shallow, 2),
        || {
            on_refusal(ENABLE, MISSING, |named| {
                (named.device.is_none() && named.user.is_some()).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "enable-invents-a-device",
        "EnableMFADevice of an absent device creates it and associates it.",
        C::EnableDeviceExists,
        &[],
        (Shallow, 2),
        || {
            let wanted: Mutex<Option<(String, mfa_reference::world::UserId)>> = Mutex::default();
            let wanted = std::sync::Arc::new(wanted);
            let noted = std::sync::Arc::clone(&wanted);
            decides(move |situation, request, decision| match named(situation, request) {
                Some(named)
                    if named.operation == ENABLE
                        && named.device.is_none()
                        && refused_with(&decision) == Some(MISSING) =>
                {
                    *held(&noted) = named.serial.map(str::to_owned).zip(named.user);
                    if named.user.is_some() { done(Effect::None) } else { decision }
                }
                Some(_) | None => decision,
            })
            .and_effects(move |world, effect, body, now| {
                world.apply(effect, Some(body), now);
                if let Some((serial, user)) = held(&wanted).take() {
                    let device = world.add_device(&serial, None);
                    world.apply(&Effect::Associate(device, user), None, now);
                }
            })
        },
    ),
    plant(
        "enable-moves-a-device",
        "EnableMFADevice of another user's device moves it to the user named.",
        C::EnableAlreadyEnabled,
        &[],
        (Stateful, 5),
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                (named.owner() != named.user).then(|| named.carried_out())
            })
        },
    ),
    plant(
        "enable-twice-for-the-same-user",
        "EnableMFADevice of a device that the user has answers 200.",
        C::EnableAlreadyEnabled,
        &[],
        (Stateful, 4),
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                (named.owner() == named.user).then(|| named.carried_out())
            })
        },
    ),
    plant(
        "enable-refused-and-moved",
        "EnableMFADevice of another user's device is refused, and moves the device.",
        C::EnableRejectedNoEffect,
        // "The association stays as it was" is said of the enabled device, too.
        &[C::EnableAlreadyEnabled],
        (Stateful, 5),
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                let (id, user) = named.id().zip(named.user).filter(|(_, user)| Some(*user) != named.owner())?;
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Associate(id, user)))
            })
        },
    ),
    plant(
        "enable-refused-and-dissociated",
        "EnableMFADevice of an enabled device is refused, and dissociates it.",
        C::EnableRejectedNoEffect,
        &[C::EnableAlreadyEnabled],
        (Stateful, 4),
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Dissociate(named.id()?)))
            })
        },
    ),
    plant(
        "enable-wrong-codes-refused-and-enabled",
        "EnableMFADevice with wrong codes is refused, and associates the device.",
        C::EnableRejectedNoEffect,
        &[],
        (Shallow, 3),
        || {
            on_refusal(ENABLE, ErrorCode::InvalidAuthenticationCode, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_none())?;
                Some(refuse_after(ErrorCode::InvalidAuthenticationCode, Effect::Associate(id, user)))
            })
        },
    ),
    plant(
        "fifth-enable-refused",
        "A device is enabled four times in its life, then its codes are refused.",
        C::EnableFreshPair,
        // Each of them says that the fifth Enable succeeds.
        &[C::DeactivateReEnable, C::EnableCodesByDevice],
        (Stateful, 11),
        || wears_out(ENABLE, 5, ErrorCode::InvalidAuthenticationCode),
    ),
    plant(
        "second-enable-already-exists",
        "A device that was deactivated is answered EntityAlreadyExists when it is enabled again.",
        C::DeactivateReEnable,
        // It belongs to nobody.
        &[C::EnableAlreadyEnabled],
        (Stateful, 5),
        || wears_out(ENABLE, 2, ErrorCode::EntityAlreadyExists),
    ),
    plant(
        "second-enable-for-another-user-refused",
        "A device that was deactivated is enabled again for the same user only.",
        C::DeactivateReEnable,
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        (Stateful, 6),
        || {
            let owners: Mutex<BTreeMap<DeviceId, mfa_reference::world::UserId>> = Mutex::default();
            on_success(ENABLE, move |named| {
                let (id, user) = named.id().zip(named.user)?;
                let first = *held(&owners).entry(id).or_insert(user);
                (first != user).then(|| refuse(ErrorCode::InvalidAuthenticationCode))
            })
        },
    ),
    plant(
        "fourth-deactivate-forgotten",
        "The fourth DeactivateMFADevice of a device answers 200 and keeps it.",
        C::DeactivateDissociates,
        &[],
        (Stateful, 10),
        || {
            let enabled: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
            on_success(DEACTIVATE, move |named| {
                let mut enabled = held(&enabled);
                let count = enabled.entry(named.id()?).or_default();
                *count += 1;
                (*count == 4).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "resync-does-nothing-for-absent-users",
        "ResyncMFADevice for an absent user answers 200.",
        C::ResyncUserExists,
        &[],
        (Shallow, 1),
        || on_refusal(RESYNC, MISSING, |named| named.user.is_none().then(|| done(Effect::None))),
    ),
    plant(
        "resync-does-nothing-for-absent-devices",
        "ResyncMFADevice of an absent device answers 200.",
        C::ResyncDeviceExists,
        &[],
        (Shallow, 2),
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.device.is_none()).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "resync-looks-at-the-serial-number-alone",
        "ResyncMFADevice of another user's device answers 200.",
        C::ResyncOtherUsers,
        &[],
        (Stateful, 5),
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.owner().is_some()).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "resync-of-an-unassigned-device",
        "ResyncMFADevice of a device that is nobody's answers 200.",
        C::ResyncUnassigned,
        &[],
        (Shallow, 3),
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.device.is_some() && named.owner().is_none()).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "resync-enables",
        "ResyncMFADevice of a device that is nobody's enables it.",
        C::ResyncUnassigned,
        &[C::ResyncKeepsAssociation],
        (Shallow, 3),
        || {
            on_refusal(RESYNC, MISSING, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_none())?;
                Some(done(Effect::Associate(id, user)))
            })
        },
    ),
    plant(
        "resync-dissociates",
        "ResyncMFADevice dissociates the device.",
        C::ResyncKeepsAssociation,
        &[],
        (Shallow, 4),
        || on_success(RESYNC, |named| Some(done(Effect::Dissociate(named.id()?)))),
    ),
    plant(
        "resync-refused-and-dissociated",
        "ResyncMFADevice with wrong codes is refused, and dissociates the device.",
        C::ResyncRejectedNoEffect,
        // No association changes "by success or by error".
        &[C::ResyncKeepsAssociation],
        (Shallow, 4),
        || {
            on_refusal(RESYNC, ErrorCode::InvalidAuthenticationCode, |named| {
                Some(refuse_after(ErrorCode::InvalidAuthenticationCode, Effect::Dissociate(named.id()?)))
            })
        },
    ),
    plant(
        "resync-in-anothers-name-moves-the-device",
        "ResyncMFADevice of another user's device is refused, and moves the device.",
        C::ResyncRejectedNoEffect,
        // "Both associations stand" is said of the other user's device, too.
        &[C::ResyncOtherUsers, C::ResyncKeepsAssociation],
        (Stateful, 5),
        || {
            on_refusal(RESYNC, MISSING, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_some())?;
                Some(refuse_after(MISSING, Effect::Associate(id, user)))
            })
        },
    ),
    plant(
        "second-resync-refused",
        "ResyncMFADevice succeeds once for each device.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        (Stateful, 6),
        || {
            let seen: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
            on_success(RESYNC, move |named| {
                let mut seen = held(&seen);
                let count = seen.entry(named.id()?).or_default();
                *count += 1;
                (*count > 1).then(|| refuse(ErrorCode::InvalidAuthenticationCode))
            })
        },
    ),
    plant(
        "deactivate-forgotten",
        "DeactivateMFADevice answers 200 and keeps the device.",
        C::DeactivateDissociates,
        &[],
        (Shallow, 4),
        || on_success(DEACTIVATE, |_| Some(done(Effect::None))),
    ),
    plant(
        "deactivate-all-of-the-users-devices",
        "DeactivateMFADevice dissociates all devices of the user.",
        C::DeactivateOnlyThatDevice,
        &[],
        (Stateful, 6),
        || {
            carries_out(|world, effect, body, now| {
                if let Effect::Dissociate(device) = effect
                    && let Some(owner) = owner_of(world, *device)
                {
                    let devices = devices_of(world, owner);
                    dissociate(world, &devices, now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "deactivate-the-users-first-device",
        "DeactivateMFADevice dissociates the first of the user's devices, whichever is named.",
        C::DeactivateDissociates,
        // The named device stays and another one goes.
        &[C::DeactivateOnlyThatDevice],
        (Stateful, 6),
        || {
            carries_out(|world, effect, body, now| match effect {
                Effect::Dissociate(device) => {
                    let owner = owner_of(world, *device);
                    let first = owner.and_then(|owner| devices_of(world, owner).into_iter().next());
                    dissociate(world, &[first.unwrap_or(*device)], now);
                }
                other => world.apply(other, Some(body), now),
            })
        },
    ),
    plant(
        "deactivate-everybodys-devices",
        "DeactivateMFADevice dissociates the devices of all users.",
        C::StateIsolation,
        // "So do other users'" devices stay enabled.
        &[C::DeactivateOnlyThatDevice],
        (Stateful, 7),
        || {
            carries_out(|world, effect, body, now| {
                if matches!(effect, Effect::Dissociate(_)) {
                    let devices: Vec<DeviceId> = world.devices_after("").map(|(id, _)| id).collect();
                    dissociate(world, &devices, now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "deactivate-ignores-an-absent-user",
        "DeactivateMFADevice for an absent user dissociates the device.",
        C::DeactivateUserExists,
        &[],
        (Stateful, 1),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_none() && named.user_name.is_some()).then(|| named.carried_out())
            })
        },
    ),
    plant(
        "deactivate-of-an-absent-device",
        "DeactivateMFADevice of an absent device answers 200.",
        C::DeactivateDeviceExists,
        &[],
        (Shallow, 2),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_some() && named.device.is_none()).then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "deactivate-of-an-unassigned-device",
        "DeactivateMFADevice of a device that was never enabled answers 200.",
        C::DeactivateUnassigned,
        &[],
        (Shallow, 3),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let (_, device) = named.device?;
                let never = device.enabled_at == Millis(0) && named.user.is_some();
                never.then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "deactivate-twice",
        "A second DeactivateMFADevice of a device answers 200.",
        C::DeactivateTwice,
        &[],
        (Stateful, 5),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let (_, device) = named.device?;
                let once = device.enabled_at > Millis(0) && device.owner == Fact::Known(None) && named.user.is_some();
                once.then(|| done(Effect::None))
            })
        },
    ),
    plant(
        "deactivate-another-users-device",
        "DeactivateMFADevice dissociates another user's device.",
        C::DeactivateOtherUsers,
        &[],
        (Stateful, 5),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_some() && named.owner().is_some() && named.user_name.is_some())
                    .then(|| named.carried_out())
            })
        },
    ),
    plant(
        "deactivate-refused-and-dissociated",
        "DeactivateMFADevice of another user's device is refused, and dissociates it.",
        C::DeactivateRejectedNoEffect,
        // "Nobody's association changes" is said of the other user's device, too.
        &[C::DeactivateOtherUsers],
        (Stateful, 5),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let id = named.id().filter(|_| named.user.is_some() && named.owner().is_some())?;
                Some(refuse_after(MISSING, Effect::Dissociate(id)))
            })
        },
    ),
    plant(
        "deactivate-for-an-absent-user-refused-and-dissociated",
        "DeactivateMFADevice for an absent user is refused, and dissociates the device.",
        C::DeactivateRejectedNoEffect,
        &[],
        (Stateful, 4),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let id = named.id().filter(|_| named.user.is_none())?;
                Some(refuse_after(MISSING, Effect::Dissociate(id)))
            })
        },
    ),
    plant(
        "deactivate-by-the-user-alone",
        "DeactivateMFADevice of a user that is named is denied.",
        C::DeactivateByAdministrator,
        &[C::DeactivateDissociates],
        (Shallow, 3),
        || {
            on(DEACTIVATE, |named, decision| {
                if named.user_name.is_some() && refused_with(&decision).is_none() {
                    refuse(ErrorCode::AccessDenied)
                } else {
                    decision
                }
            })
        },
    ),
    plant(
        "deactivate-needs-a-code",
        "DeactivateMFADevice without AuthenticationCode1 is answered MissingParameter.",
        C::DeactivateNoCodeNeeded,
        // A call with what the page demands is refused.
        &[
            C::DeactivateDissociates,
            C::Parameter(
                mfa_reference::clause::Parameter::DeactivateSerialNumber,
                mfa_reference::clause::Aspect::Required,
            ),
        ],
        (Shallow, 4),
        || on_success(DEACTIVATE, |_| Some(refuse(ErrorCode::MissingParameter))),
    ),
    plant(
        "deactivate-anybodys-device-without-a-user-name",
        "DeactivateMFADevice without UserName dissociates the device, whosever it is.",
        C::DeactivateDefaultUser,
        // It is another user's device.
        &[C::DeactivateOtherUsers],
        (Stateful, 6),
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user_name.is_none() && named.user.is_some() && named.owner().is_some())
                    .then(|| named.carried_out())
            })
        },
    ),
    plant(
        "deactivate-own-device-not-found-without-a-user-name",
        "DeactivateMFADevice without UserName is answered NoSuchEntity.",
        C::DeactivateDefaultUser,
        &[],
        (Stateful, 5),
        || {
            decides(|situation, request, decision| match (request, situation.caller) {
                (Request::Deactivate { user_name, .. }, Caller::User(_)) if user_name.text.is_none() => refuse(MISSING),
                _ => decision,
            })
        },
    ),
    plant(
        "deactivate-without-a-user-name-forgotten",
        "DeactivateMFADevice without UserName answers 200 and keeps the device.",
        C::DeactivateDissociates,
        // The caller's own device does not go.
        &[C::DeactivateDefaultUser],
        (Stateful, 5),
        || on_success(DEACTIVATE, |named| named.user_name.is_none().then(|| done(Effect::None))),
    ),
    plant(
        "deactivate-deletes-another-device",
        "DeactivateMFADevice dissociates the newest assigned device, too.",
        C::StateIsolation,
        &[C::DeactivateOnlyThatDevice],
        (Narrow, 7),
        || {
            carries_out(|world, effect, body, now| {
                world.apply(effect, Some(body), now);
                if matches!(effect, Effect::Dissociate(_)) {
                    let newest = world.devices_after("").filter(|(_, device)| device.owner != Fact::Known(None));
                    if let Some(id) = newest.map(|(id, _)| id).max() {
                        dissociate(world, &[id], now);
                    }
                }
            })
        },
    ),
    plant(
        "deactivated-device-stays-listed-and-unusable",
        "A deactivated device is listed and can never be enabled again: its codes are refused.",
        C::DeactivateReEnable,
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        (Stateful, 5),
        || {
            on(ENABLE, |named, decision| match named.device {
                Some((_, device)) if device.owner == Fact::Known(None) && device.enabled_at > Millis(0) => {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                }
                Some(_) | None => decision,
            })
        },
    ),
];
