//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::world::DeviceId;
use mfa_reference::{ErrorCode, MfaDeviceEntry, MfaOperation, Step};

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
    let used: Mutex<BTreeMap<DeviceId, Step>> = Mutex::default();
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
    let computed: Mutex<BTreeMap<String, Step>> = Mutex::default();
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
        (Stateful, 4),
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
        (Stateful, 4),
        uses_steps_up,
    ),
    row(
        "last-device-listed-for-each",
        "ListMFADevices fills one and the same entry in for each device, so that all of them are the last one.",
        C::EnableAssociates,
        // The other device's association seems to have ended by a call on another.
        &[C::StateDurable],
        (Stateful, 5),
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
        (Stateful, 5),
        keeps_codes,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::late2::played::Played;

    /// A service with the user ann and devices one and two.
    fn with(altered: Altered) -> Played {
        let mut played = Played::on(altered);
        assert_eq!(played.user("CreateUser", "ann"), None);
        assert_eq!(["one", "two"].map(|device| played.make_device(device)), [None; 2]);
        played
    }

    #[test]
    fn a_device_stays_locked() {
        let mut played = with(leaves_a_lock());
        let locked = Some(ErrorCode::ConcurrentModification);
        assert_eq!(played.codes("EnableMFADevice", "ann", "one", [0, -1]), Some(WRONG_CODES));
        assert_eq!((played.enable("eve", "one"), played.enable("ann", "two")), (Some(ErrorCode::NoSuchEntity), None));
        played.now.0 += 600_000;
        assert_eq!((played.enable("ann", "one"), played.deactivate("ann", "one")), (locked, locked));
    }

    #[test]
    fn a_step_is_used_up_by_wrong_codes() {
        let mut played = with(uses_steps_up());
        assert_eq!(played.codes("EnableMFADevice", "ann", "one", [0, -1]), Some(WRONG_CODES));
        assert_eq!((played.enable("ann", "one"), played.enable("ann", "two")), (Some(WRONG_CODES), None));
        played.now.0 += Step::MILLIS;
        assert_eq!(played.enable("ann", "one"), Some(WRONG_CODES));
        played.now.0 += Step::MILLIS;
        assert_eq!((played.enable("ann", "one"), played.resync("ann", "one")), (None, None));
    }

    #[test]
    fn the_last_device_stands_for_each() {
        let entry = |serial: &str| MfaDeviceEntry {
            user_name: "ann".to_owned(),
            serial_number: serial.to_owned(),
            enable_date: String::new(),
        };
        assert_eq!(all_the_last(vec![entry("one"), entry("two")]), [entry("two"), entry("two")]);
        assert_eq!(all_the_last(vec![entry("one")]), [entry("one")]);
        assert_eq!(all_the_last(Vec::new()), []);
    }

    #[test]
    fn codes_are_those_of_the_first_time() {
        let mut played = with(keeps_codes());
        assert_eq!((played.enable("ann", "one"), played.resync("ann", "one")), (None, None));
        played.now.0 += 2 * Step::MILLIS;
        assert_eq!((played.resync("ann", "one"), played.enable("ann", "two")), (Some(WRONG_CODES), None));
        played.now.0 += 8 * Step::MILLIS;
        assert_eq!((played.resync("ann", "one"), played.resync("ann", "two")), (None, Some(WRONG_CODES)));
    }
}
