//! Services that resynchronize wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode, MfaOperation};

use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{done, on_refusal, on_success, refuse, refuse_after};

const RESYNC: MfaOperation = MfaOperation::Resync;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "resync-does-nothing-for-absent-users",
        "ResyncMFADevice for an absent user answers 200.",
        C::ResyncUserExists,
        &[],
        Shallow,
        || on_refusal(RESYNC, MISSING, |named| named.user.is_none().then(|| done(Effect::None))),
    ),
    row(
        "resync-does-nothing-for-absent-devices",
        "ResyncMFADevice of an absent device answers 200.",
        C::ResyncDeviceExists,
        &[],
        Shallow,
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.device.is_none()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "resync-looks-at-the-serial-number-alone",
        "ResyncMFADevice of another user's device answers 200.",
        C::ResyncOtherUsers,
        &[],
        Stateful,
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.owner().is_some()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "resync-of-an-unassigned-device",
        "ResyncMFADevice of a device that is nobody's answers 200.",
        C::ResyncUnassigned,
        &[],
        Shallow,
        || {
            on_refusal(RESYNC, MISSING, |named| {
                (named.user.is_some() && named.device.is_some() && named.owner().is_none()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "resync-enables",
        "ResyncMFADevice of a device that is nobody's enables it.",
        C::ResyncUnassigned,
        &[C::ResyncKeepsAssociation],
        Shallow,
        || {
            on_refusal(RESYNC, MISSING, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_none())?;
                Some(done(Effect::Associate(id, user)))
            })
        },
    ),
    row(
        "resync-dissociates",
        "ResyncMFADevice dissociates the device.",
        C::ResyncKeepsAssociation,
        &[],
        Shallow,
        || on_success(RESYNC, |named| Some(done(Effect::Dissociate(named.id()?)))),
    ),
    row(
        "resync-refused-and-dissociated",
        "ResyncMFADevice with wrong codes is refused, and dissociates the device.",
        C::ResyncRejectedNoEffect,
        // No association changes "by success or by error".
        &[C::ResyncKeepsAssociation],
        Shallow,
        || {
            on_refusal(RESYNC, ErrorCode::InvalidAuthenticationCode, |named| {
                Some(refuse_after(ErrorCode::InvalidAuthenticationCode, Effect::Dissociate(named.id()?)))
            })
        },
    ),
    row(
        "resync-in-anothers-name-moves-the-device",
        "ResyncMFADevice of another user's device is refused, and moves the device.",
        C::ResyncRejectedNoEffect,
        // "Both associations stand" is said of the other user's device, too.
        &[C::ResyncOtherUsers, C::ResyncKeepsAssociation],
        Stateful,
        || {
            on_refusal(RESYNC, MISSING, |named| {
                let (id, user) = named.id().zip(named.user).filter(|_| named.owner().is_some())?;
                Some(refuse_after(MISSING, Effect::Associate(id, user)))
            })
        },
    ),
    row(
        "second-resync-refused",
        "ResyncMFADevice succeeds once for each device.",
        C::ResyncSynchronizes,
        &[C::ResyncCodesByDevice],
        Stateful,
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
];
