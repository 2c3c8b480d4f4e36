//! Services that take a name for another one, or don't find what is there.

use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, SuccessBody};

use crate::altered::decides;
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::parts::{devices_of, named, on_refusal, on_success, refuse, refused_with};

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "serial-number-prefix-matches",
        "A serial number without its last character names the device.",
        C::SerialNumberUnique,
        &[C::EnableDeviceExists],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let Some(serial) = named.serial.filter(|serial| serial.len() > 20 && named.device.is_none()) else {
                    return decision;
                };
                let mut all = situation.account.devices_after(serial);
                let near = all.next().filter(|(_, device)| device.serial_number.starts_with(serial));
                match near {
                    Some((_, device))
                        if device.serial_number.len() <= serial.len() + 3
                            && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) =>
                    {
                        Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "serial-number-extension-matches",
        "A serial number with one character more names the device.",
        C::SerialNumberUnique,
        &[C::EnableDeviceExists, C::DeactivateDeviceExists, C::ResyncDeviceExists],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let shorter = named.serial.and_then(|serial| serial.get(..serial.len().saturating_sub(1)));
                let near = shorter.and_then(|serial| situation.account.find_device(serial));
                if near.is_some() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
                    Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
                } else {
                    decision
                }
            })
        },
    ),
    row(
        "user-name-extension-matches",
        "A user name with one character more names the user.",
        C::EnableUserExists,
        &[C::DeactivateUserExists, C::ResyncUserExists],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else {
                    return decision;
                };
                let shorter = named.user_name.and_then(|name| name.get(..name.len().saturating_sub(1)));
                let near = shorter.and_then(|name| situation.account.find_user(name));
                let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
                match near.filter(|_| refused && named.device.is_some()) {
                    Some(user) => crate::parts::Named { user: Some(user), ..named }.carried_out(),
                    None => decision,
                }
            })
        },
    ),
    row(
        "user-name-prefix-matches",
        "A user name without its last character names the user.",
        C::EnableUserExists,
        &[C::DeactivateUserExists, C::ResyncUserExists],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else {
                    return decision;
                };
                let name = named.user_name.unwrap_or_default();
                let mut longer = situation.account.users_after(name).filter(|(_, user)| {
                    user.entry.user_name.len() == name.len() + 1 && user.entry.user_name.starts_with(name)
                });
                let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
                match longer.next().filter(|_| refused && named.device.is_some() && !name.is_empty()) {
                    Some((user, _)) => crate::parts::Named { user: Some(user), ..named }.carried_out(),
                    None => decision,
                }
            })
        },
    ),
    row(
        "long-serial-numbers-not-found",
        "A serial number of more than 100 characters is answered NoSuchEntity.",
        C::SerialNumberOwnArn,
        &[C::EnableFreshPair],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let long =
                    named(situation, request).and_then(|named| named.serial).is_some_and(|serial| serial.len() > 100);
                if long && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    row(
        "serial-number-marks-not-found",
        "A serial number with other marks than -, : and / is answered NoSuchEntity.",
        C::SerialNumberOwnArn,
        &[C::EnableFreshPair],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let usual = |mark: char| mark.is_ascii_alphanumeric() || "-:/".contains(mark);
                let serial = named(situation, request).and_then(|named| named.serial);
                let known = serial.is_none_or(|serial| serial.chars().all(usual));
                if known || refused_with(&decision).is_some() { decision } else { refuse(ErrorCode::NoSuchEntity) }
            })
        },
    ),
    row(
        "at-sign-users-not-found",
        "A user whose name has an at sign is answered NoSuchEntity.",
        C::EnableUserExists,
        // The at sign is in the pattern.
        &[C::Parameter(mfa_reference::clause::Parameter::EnableUserName, mfa_reference::clause::Aspect::Pattern)],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let at =
                    named(situation, request).and_then(|named| named.user_name).is_some_and(|name| name.contains('@'));
                if at && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    row(
        "longest-user-name-not-found",
        "A user whose name has 64 characters is answered NoSuchEntity.",
        C::EnableUserExists,
        // 64 characters keep the limit.
        &[
            C::Parameter(mfa_reference::clause::Parameter::EnableUserName, mfa_reference::clause::Aspect::MaxLength),
            C::EnableFreshPair,
        ],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let long =
                    named(situation, request).and_then(|named| named.user_name).is_some_and(|name| name.len() == 64);
                if long && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    row(
        "enable-with-a-comma-forgotten",
        "EnableMFADevice for a user whose name has a comma answers 200 and does nothing.",
        C::EnableAssociates,
        &[],
        Narrow,
        || {
            on_success(MfaOperation::Enable, |named| {
                let comma = named.user_name.is_some_and(|name| name.contains(','));
                comma.then(|| crate::parts::done(Effect::None))
            })
        },
    ),
    row(
        "resync-in-anothers-name-with-two-devices",
        "ResyncMFADevice of another user's device answers 200 if the user named has a device.",
        C::ResyncOtherUsers,
        &[],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let has = named.user.is_some_and(|user| !devices_of(situation.account, user).is_empty());
                let resync = named.operation == MfaOperation::Resync && named.owner().is_some();
                if resync && has && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
                    crate::parts::done(Effect::None)
                } else {
                    decision
                }
            })
        },
    ),
    row(
        "deactivate-in-anothers-name-with-a-device",
        "DeactivateMFADevice of another user's device dissociates the device of the user named.",
        C::DeactivateOtherUsers,
        &[],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let own = named.user.and_then(|user| devices_of(situation.account, user).into_iter().next());
                let asked = named.operation == MfaOperation::Deactivate && named.owner().is_some();
                match own {
                    Some(own) if asked && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) => {
                        crate::parts::done(Effect::Dissociate(own))
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "wrong-codes-for-an-absent-user-enable",
        "EnableMFADevice with wrong codes for an absent user associates the device with the newest user.",
        C::EnableUserExists,
        // Both are wrong: the user and the codes.
        &[C::EnableCodesRecognised, C::EnableRejectedNoEffect],
        Narrow,
        || {
            on_refusal(MfaOperation::Enable, ErrorCode::NoSuchEntity, |named| {
                (named.user.is_none() && named.device.is_some()).then(|| crate::parts::done(Effect::None))
            })
        },
    ),
];
