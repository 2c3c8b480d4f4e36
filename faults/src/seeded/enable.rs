//! Services that enable wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode, MfaOperation};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{
    devices_of, dissociate, done, named, newest_user, on_refusal, on_success, refuse, refuse_after, refused_with,
};

const ENABLE: MfaOperation = MfaOperation::Enable;
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
    whom: fn(
        &mfa_reference::account::Account,
        mfa_reference::account::UserId,
    ) -> Option<mfa_reference::account::UserId>,
) -> Altered {
    carries_out(move |account, effect, body, now| match effect {
        Effect::Associate(device, user) => {
            let user = whom(account, *user).unwrap_or(*user);
            account.apply(&Effect::Associate(*device, user), Some(body), now);
        }
        other => account.apply(other, Some(body), now),
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-forgotten",
        "EnableMFADevice answers 200 and associates nothing.",
        C::EnableAssociates,
        &[],
        Shallow,
        || on_success(ENABLE, |_| Some(done(Effect::None))),
    ),
    row(
        "enable-for-the-newest-user",
        "EnableMFADevice gives the device to the user that was created last.",
        C::EnableAssociates,
        // The named user lacks the device and another has got it.
        &[C::StateIsolation],
        Stateful,
        || associates_with(|account, _| newest_user(account)),
    ),
    row(
        "enable-takes-the-users-other-devices",
        "EnableMFADevice dissociates the devices that the user had before.",
        C::EnableAssociates,
        // A device that no call was about is gone.
        &[C::StateIsolation, C::StateDurable],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices = devices_of(account, *user);
                    dissociate(account, &devices, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "eighth-device-not-listed",
        "A user's eighth device is answered 200 and associated with nobody.",
        C::EnableAssociates,
        &[],
        Stateful,
        || {
            carries_out(|account, effect, body, now| match effect {
                Effect::Associate(_, user) if devices_of(account, *user).len() == 7 => {}
                other => account.apply(other, Some(body), now),
            })
        },
    ),
    row(
        "eighth-device-refused",
        "A user's eighth device is refused with InvalidAuthenticationCode.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice],
        Stateful,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.operation == ENABLE) else {
                    return decision;
                };
                let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
                if count == 7 && refused_with(&decision).is_none() {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                } else {
                    decision
                }
            })
        },
    ),
    row(
        "third-device-takes-the-first",
        "A user's third device takes the place of the first one.",
        C::EnableAssociates,
        &[C::StateIsolation, C::StateDurable],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices = devices_of(account, *user);
                    if devices.len() == 2 {
                        dissociate(account, devices.get(..1).unwrap_or_default(), now);
                    }
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "enable-invents-success-for-an-absent-user",
        "EnableMFADevice for an absent user answers 200.",
        C::EnableUserExists,
        &[],
        Shallow,
        || on_refusal(ENABLE, MISSING, |named| named.user.is_none().then(|| done(Effect::None))),
    ),
    row(
        "enable-invents-success-for-an-absent-device",
        "EnableMFADevice of an absent device answers 200.",
        C::EnableDeviceExists,
        &[],
        Shallow,
        || {
            on_refusal(ENABLE, MISSING, |named| {
                (named.device.is_none() && named.user.is_some()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "enable-invents-a-device",
        "EnableMFADevice of an absent device creates it and associates it.",
        C::EnableDeviceExists,
        &[],
        Shallow,
        || {
            let wanted: Mutex<Option<(String, mfa_reference::account::UserId)>> = Mutex::default();
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
            .and_effects(move |account, effect, body, now| {
                account.apply(effect, Some(body), now);
                if let Some((serial, user)) = held(&wanted).take() {
                    let device = account.add_device(&serial, None);
                    account.apply(&Effect::Associate(device, user), None, now);
                }
            })
        },
    ),
    row(
        "enable-moves-a-device",
        "EnableMFADevice of another user's device moves it to the user named.",
        C::EnableAlreadyEnabled,
        &[],
        Stateful,
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                (named.owner() != named.user).then(|| named.carried_out())
            })
        },
    ),
    row(
        "enable-twice-for-the-same-user",
        "EnableMFADevice of a device that the user has answers 200.",
        C::EnableAlreadyEnabled,
        &[],
        Stateful,
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                (named.owner() == named.user).then(|| named.carried_out())
            })
        },
    ),
    row(
        "enable-refused-and-moved",
        "EnableMFADevice of another user's device is refused, and moves the device.",
        C::EnableRejectedNoEffect,
        // "The association stays as it was" is said of the enabled device, too.
        &[C::EnableAlreadyEnabled],
        Stateful,
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                let (id, user) = named.id().zip(named.user).filter(|(_, user)| Some(*user) != named.owner())?;
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Associate(id, user)))
            })
        },
    ),
    row(
        "enable-refused-and-dissociated",
        "EnableMFADevice of an enabled device is refused, and dissociates it.",
        C::EnableRejectedNoEffect,
        &[C::EnableAlreadyEnabled],
        Stateful,
        || {
            on_refusal(ENABLE, ErrorCode::EntityAlreadyExists, |named| {
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Dissociate(named.id()?)))
            })
        },
    ),
    row(
        "enable-wrong-codes-refused-and-enabled",
        "EnableMFADevice with wrong codes is refused, and associates the device.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || {
            on_refusal(ENABLE, ErrorCode::InvalidAuthenticationCode, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_none())?;
                Some(refuse_after(ErrorCode::InvalidAuthenticationCode, Effect::Associate(id, user)))
            })
        },
    ),
    row(
        "fifth-enable-refused",
        "A device is enabled four times in its life, then its codes are refused.",
        C::EnableFreshPair,
        // Each of them says that the fifth Enable succeeds.
        &[C::DeactivateReEnable, C::EnableCodesByDevice],
        Stateful,
        || wears_out(ENABLE, 5, ErrorCode::InvalidAuthenticationCode),
    ),
    row(
        "second-enable-already-exists",
        "A device that was deactivated is answered EntityAlreadyExists when it is enabled again.",
        C::DeactivateReEnable,
        // It belongs to nobody.
        &[C::EnableAlreadyEnabled],
        Stateful,
        || wears_out(ENABLE, 2, ErrorCode::EntityAlreadyExists),
    ),
    row(
        "second-enable-for-another-user-refused",
        "A device that was deactivated is enabled again for the same user only.",
        C::DeactivateReEnable,
        &[C::EnableFreshPair, C::EnableCodesByDevice],
        Stateful,
        || {
            let owners: Mutex<BTreeMap<DeviceId, mfa_reference::account::UserId>> = Mutex::default();
            on_success(ENABLE, move |named| {
                let (id, user) = named.id().zip(named.user)?;
                let first = *held(&owners).entry(id).or_insert(user);
                (first != user).then(|| refuse(ErrorCode::InvalidAuthenticationCode))
            })
        },
    ),
];
