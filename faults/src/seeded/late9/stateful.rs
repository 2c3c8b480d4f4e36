//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::DeviceId;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaDeviceEntry, MfaOperation, TimeStep};

use crate::altered::{Altered, decides, recognises};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{named, on_each, refuse, refused_with};
use crate::seeded::listing::lists;

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
/// How many steps it is before a device's codes are computed anew.
const KEPT_STEPS: i64 = 10;

/// Locks a device, and returns without unlocking it where its codes are wrong.
fn leaves_a_lock() -> Altered {
    let locked: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let (Some(device), Some(_)) = (named.id(), named.user) else { return decision };
        let mut locked = held(&locked);
        match refused_with(&decision) {
            Some(ErrorCode::ValidationError) => decision,
            _ if locked.contains(&device) => refuse(ErrorCode::ConcurrentModification),
            Some(WRONG_CODES) => {
                locked.insert(device);
                decision
            }
            Some(_) | None => decision,
        }
    })
}

/// Takes the present step for used whatever the codes were that came in it.
fn uses_steps_up() -> Altered {
    let used: Mutex<BTreeMap<DeviceId, TimeStep>> = Mutex::default();
    decides(move |situation, request, decision| {
        let about = named(situation, request).filter(|named| named.operation != MfaOperation::Deactivate);
        let Some(device) = about.and_then(|named| named.id()) else { return decision };
        let (mut used, now) = (held(&used), situation.now.step());
        match refused_with(&decision) {
            Some(WRONG_CODES) => {
                used.insert(device, now);
                decision
            }
            None if used.get(&device).is_some_and(|step| now.plus(-1) <= *step) => refuse(WRONG_CODES),
            Some(_) | None => decision,
        }
    })
}

/// A listing whose entries are all the same object, which is filled in anew for each.
fn all_the_last(items: Vec<MfaDeviceEntry>) -> Vec<MfaDeviceEntry> {
    let last = items.last().cloned();
    items.into_iter().map(|item| last.clone().unwrap_or(item)).collect()
}

/// Computes the codes of a device when they are asked for, and keeps them for five minutes.
fn keeps_codes() -> Altered {
    let computed: Mutex<BTreeMap<String, TimeStep>> = Mutex::default();
    recognises(move |seed: &Seed, one, two, now| {
        let mut computed = held(&computed);
        let at = computed.entry(seed.to_base32()).or_insert(now);
        if at.plus(KEPT_STEPS) <= now {
            *at = now;
        }
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, at.start(), None)
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "wrong-codes-leave-a-lock",
        "A device whose codes were wrong once stays locked: each later call about it is a ConcurrentModification.",
        C::EnableConcurrentModification,
        // It is the same for each operation, and what was refused has locked the device.
        &[
            C::ResyncConcurrentModification,
            C::DeactivateConcurrentModification,
            C::EnableRejectedNoEffect,
            C::ResyncRejectedNoEffect,
        ],
        Stateful,
        leaves_a_lock,
    ),
    row(
        "wrong-codes-use-the-step-up",
        "Wrong codes use the current step up all the same, so that the device's right ones are refused in it and the next.",
        C::EnableRejectedNoEffect,
        // What shows it is a fresh pair that is refused.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncRejectedNoEffect,
        ],
        Stateful,
        uses_steps_up,
    ),
    row(
        "last-device-listed-for-each",
        "ListMFADevices fills one and the same entry in for each device, so that all of them are the last one.",
        C::EnableAssociates,
        // The other device's association seems to have ended by a call on another.
        &[C::StateDurable],
        Stateful,
        || lists(|_, _, items| all_the_last(items)),
    ),
    row(
        "codes-kept-for-five-minutes",
        "The codes that a device may send are computed when they are asked for, and kept for five minutes.",
        C::ResyncSynchronizes,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::ResyncRejectedNoEffect,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::DeactivateReEnable,
        ],
        Stateful,
        keeps_codes,
    ),
];
