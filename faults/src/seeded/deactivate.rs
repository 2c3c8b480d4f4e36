//! Services that deactivate wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Request};

use crate::altered::{carries_out, decides};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{
    devices_of, dissociate, done, on, on_refusal, on_success, owner_of, refuse, refuse_after, refused_with,
};

const ENABLE: MfaOperation = MfaOperation::Enable;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "fourth-deactivate-forgotten",
        "The fourth DeactivateMFADevice of a device answers 200 and keeps it.",
        C::DeactivateDissociates,
        &[],
        Stateful,
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
    row(
        "deactivate-forgotten",
        "DeactivateMFADevice answers 200 and keeps the device.",
        C::DeactivateDissociates,
        &[],
        Shallow,
        || on_success(DEACTIVATE, |_| Some(done(Effect::None))),
    ),
    row(
        "deactivate-all-of-the-users-devices",
        "DeactivateMFADevice dissociates all devices of the user.",
        C::DeactivateOnlyThatDevice,
        &[],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if let Effect::Dissociate(device) = effect
                    && let Some(owner) = owner_of(account, *device)
                {
                    let devices = devices_of(account, owner);
                    dissociate(account, &devices, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "deactivate-the-users-first-device",
        "DeactivateMFADevice dissociates the first of the user's devices, whichever is named.",
        C::DeactivateDissociates,
        // The named device stays and another one goes.
        &[C::DeactivateOnlyThatDevice],
        Stateful,
        || {
            carries_out(|account, effect, body, now| match effect {
                Effect::Dissociate(device) => {
                    let owner = owner_of(account, *device);
                    let first = owner.and_then(|owner| devices_of(account, owner).into_iter().next());
                    dissociate(account, &[first.unwrap_or(*device)], now);
                }
                other => account.apply(other, Some(body), now),
            })
        },
    ),
    row(
        "deactivate-everybodys-devices",
        "DeactivateMFADevice dissociates the devices of all users.",
        C::StateIsolation,
        // "So do other users'" devices stay enabled.
        &[C::DeactivateOnlyThatDevice],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if matches!(effect, Effect::Dissociate(_)) {
                    let devices: Vec<DeviceId> = account.devices_after("").map(|(id, _)| id).collect();
                    dissociate(account, &devices, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "deactivate-ignores-an-absent-user",
        "DeactivateMFADevice for an absent user dissociates the device.",
        C::DeactivateUserExists,
        &[],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_none() && named.user_name.is_some()).then(|| named.carried_out())
            })
        },
    ),
    row(
        "deactivate-of-an-absent-device",
        "DeactivateMFADevice of an absent device answers 200.",
        C::DeactivateDeviceExists,
        &[],
        Shallow,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_some() && named.device.is_none()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "deactivate-of-an-unassigned-device",
        "DeactivateMFADevice of a device that was never enabled answers 200.",
        C::DeactivateUnassigned,
        &[],
        Shallow,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let (_, device) = named.device?;
                let never = device.enabled_at == Millis(0) && named.user.is_some();
                never.then(|| done(Effect::None))
            })
        },
    ),
    row(
        "deactivate-twice",
        "A second DeactivateMFADevice of a device answers 200.",
        C::DeactivateTwice,
        &[],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let (_, device) = named.device?;
                let once = device.enabled_at > Millis(0) && device.owner.is_none() && named.user.is_some();
                once.then(|| done(Effect::None))
            })
        },
    ),
    row(
        "deactivate-another-users-device",
        "DeactivateMFADevice dissociates another user's device.",
        C::DeactivateOtherUsers,
        &[],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user.is_some() && named.owner().is_some() && named.user_name.is_some())
                    .then(|| named.carried_out())
            })
        },
    ),
    row(
        "deactivate-refused-and-dissociated",
        "DeactivateMFADevice of another user's device is refused, and dissociates it.",
        C::DeactivateRejectedNoEffect,
        // "Nobody's association changes" is said of the other user's device, too.
        &[C::DeactivateOtherUsers],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let id = named.id().filter(|_| named.user.is_some() && named.owner().is_some())?;
                Some(refuse_after(MISSING, Effect::Dissociate(id)))
            })
        },
    ),
    row(
        "deactivate-for-an-absent-user-refused-and-dissociated",
        "DeactivateMFADevice for an absent user is refused, and dissociates the device.",
        C::DeactivateRejectedNoEffect,
        &[],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                let id = named.id().filter(|_| named.user.is_none())?;
                Some(refuse_after(MISSING, Effect::Dissociate(id)))
            })
        },
    ),
    row(
        "deactivate-by-the-user-alone",
        "DeactivateMFADevice of a user that is named is denied.",
        C::DeactivateByAdministrator,
        &[C::DeactivateDissociates],
        Shallow,
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
    row(
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
        Shallow,
        || on_success(DEACTIVATE, |_| Some(refuse(ErrorCode::MissingParameter))),
    ),
    row(
        "deactivate-anybodys-device-without-a-user-name",
        "DeactivateMFADevice without UserName dissociates the device, whosever it is.",
        C::DeactivateDefaultUser,
        // It is another user's device.
        &[C::DeactivateOtherUsers],
        Stateful,
        || {
            on_refusal(DEACTIVATE, MISSING, |named| {
                (named.user_name.is_none() && named.user.is_some() && named.owner().is_some())
                    .then(|| named.carried_out())
            })
        },
    ),
    row(
        "deactivate-own-device-not-found-without-a-user-name",
        "DeactivateMFADevice without UserName is answered NoSuchEntity.",
        C::DeactivateDefaultUser,
        &[],
        Stateful,
        || {
            decides(|situation, request, decision| match (request, situation.caller) {
                (Request::Deactivate { user_name, .. }, Caller::User(_)) if user_name.text.is_none() => refuse(MISSING),
                _ => decision,
            })
        },
    ),
    row(
        "deactivate-without-a-user-name-forgotten",
        "DeactivateMFADevice without UserName answers 200 and keeps the device.",
        C::DeactivateDissociates,
        // The caller's own device does not go.
        &[C::DeactivateDefaultUser],
        Stateful,
        || on_success(DEACTIVATE, |named| named.user_name.is_none().then(|| done(Effect::None))),
    ),
    row(
        "deactivate-deletes-another-device",
        "DeactivateMFADevice dissociates the newest assigned device, too.",
        C::StateIsolation,
        &[C::DeactivateOnlyThatDevice],
        Narrow,
        || {
            carries_out(|account, effect, body, now| {
                account.apply(effect, Some(body), now);
                if matches!(effect, Effect::Dissociate(_)) {
                    let newest = account.devices_after("").filter(|(_, device)| device.owner.is_some());
                    if let Some(id) = newest.map(|(id, _)| id).max() {
                        dissociate(account, &[id], now);
                    }
                }
            })
        },
    ),
    row(
        "deactivated-device-stays-listed-and-unusable",
        "A deactivated device is listed and can never be enabled again: its codes are refused.",
        C::DeactivateReEnable,
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        Stateful,
        || {
            on(ENABLE, |named, decision| match named.device {
                Some((_, device)) if device.owner.is_none() && device.enabled_at > Millis(0) => {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                }
                Some(_) | None => decision,
            })
        },
    ),
];
