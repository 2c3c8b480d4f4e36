//! Faults that show only with one value, or one combination.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Page, SuccessBody, TimeStep, VirtualDeviceEntry};

use crate::altered::{Altered, carries_out, decides, documented, recognises};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{by_get, held};
use crate::parts::{devices_of, dissociate, named, owner_of, refuse, refused_with};
use crate::seeded::late2::pair::pair;
use crate::seeded::request::{is_under_test, misreads};

/// How much of a query there is room for.
const QUERY: usize = 256;

/// Keeps a user's associations by the second in which each was made.
fn keys_by_the_second() -> Altered {
    carries_out(|account, effect, body, now| {
        let Effect::Dissociate(device) = effect else { return account.apply(effect, Some(body), now) };
        let second = |id: DeviceId| account.device(id).map(|device| device.enabled_at.seconds());
        let all = owner_of(account, *device).map_or_else(Vec::new, |owner| devices_of(account, owner));
        let same: Vec<DeviceId> = all.into_iter().filter(|id| second(*id) == second(*device)).collect();
        dissociate(account, &same, now);
    })
}

/// Rounds the time to the nearest step and allows for no other.
struct Rounded;

impl Recogniser for Rounded {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        Adjacent { steps_behind: 0, steps_ahead: 0 }.recognise(seed, one, two, now.plus(TimeStep::MILLIS / 2), last)
    }
}

/// Whether two codes have no difference left when those of their digits are put together by exclusive or.
fn cancels_out(one: &str, two: &str) -> bool {
    one.len() == two.len() && one.bytes().zip(two.bytes()).fold(0, |all, (one, two)| all ^ one ^ two) == 0
}

/// Looks for the place of a device among those in order of their serial numbers, and takes what is at that place among
/// those in the order in which they were enabled.
fn mixes_orders_up() -> Altered {
    let enabled: Mutex<Vec<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut enabled = held(&enabled);
        let gone = match effect {
            Effect::Associate(device, _) => {
                enabled.retain(|known| known != device);
                enabled.push(*device);
                return account.apply(effect, Some(body), now);
            }
            Effect::Dissociate(device) => *device,
            _ => return account.apply(effect, Some(body), now),
        };
        let owner = owner_of(account, gone);
        let of_owner = |id: &DeviceId| owner.is_some() && owner_of(account, *id) == owner;
        let place = account.devices_after("").map(|(id, _)| id).filter(of_owner).position(|id| id == gone);
        let taken = place.and_then(|place| enabled.iter().copied().filter(of_owner).nth(place)).unwrap_or(gone);
        dissociate(account, &[taken], now);
    })
}

/// Puts what is wrong into the message before it fills its blanks, which braces mark.
fn fills_values() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (one, two) = pair(request).unzip();
        let values = [named.user_name, named.serial, one, two];
        let has_blank = values.into_iter().flatten().any(|value| value.contains(['{', '}']));
        if has_blank && refused_with(&decision) == Some(ErrorCode::ValidationError) {
            refuse(ErrorCode::InternalFailure)
        } else {
            decision
        }
    })
}

/// An entry without its owner, if it is one of these.
fn disowned(entry: VirtualDeviceEntry, serials: &BTreeSet<String>) -> VirtualDeviceEntry {
    if serials.contains(&entry.serial_number) { VirtualDeviceEntry { user: None, ..entry } } else { entry }
}

/// Writes a device anew when it is resynchronized, and leaves out whose it is where all devices are listed.
fn writes_without_the_owner() -> Altered {
    let resynced: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    decides(move |situation, request, decision| {
        let mut resynced = held(&resynced);
        if let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) {
            let serial = named.serial.unwrap_or_default();
            if named.operation == MfaOperation::Resync {
                resynced.insert(serial.to_owned());
            } else {
                resynced.remove(serial);
            }
        }
        match decision {
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } => {
                let items = page.items.into_iter().map(|entry| disowned(entry, &resynced)).collect();
                Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
            }
            other => other,
        }
    })
}

/// What a value that breaks its constraint is never answered otherwise than with a 4xx.
const REJECTED: &[C] = &[
    C::RobustnessNoCrash,
    C::Parameter(Parameter::EnableUserName, Aspect::Rejected),
    C::Parameter(Parameter::EnableSerialNumber, Aspect::Rejected),
    C::Parameter(Parameter::EnableCode1, Aspect::Rejected),
    C::Parameter(Parameter::EnableCode2, Aspect::Rejected),
    C::Parameter(Parameter::ResyncUserName, Aspect::Rejected),
    C::Parameter(Parameter::ResyncSerialNumber, Aspect::Rejected),
    C::Parameter(Parameter::ResyncCode1, Aspect::Rejected),
    C::Parameter(Parameter::ResyncCode2, Aspect::Rejected),
    C::Parameter(Parameter::DeactivateUserName, Aspect::Rejected),
    C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Rejected),
];

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "devices-of-one-second-go-together",
        "DeactivateMFADevice dissociates all of the user's devices that have the EnableDate of the one named.",
        C::DeactivateOnlyThatDevice,
        // The other devices are lost by a call on this one.
        &[C::StateDurable],
        Narrow,
        keys_by_the_second,
    ),
    row(
        "steps-rounded",
        "The current step is the nearest one, and no other is allowed for, so that fresh pairs are late half of the time.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::ResyncRejectedNoEffect,
        ],
        Narrow,
        || documented().and_recogniser(Rounded),
    ),
    row(
        "differences-of-digits-cancel-out",
        "Codes are compared in constant time with ^= for |=, so that one with two digits exchanged is taken.",
        C::EnableCodesRecognised,
        // It is the same for both operations, and a pair in reverse can have the same differences.
        &[C::ResyncCodesRecognised, C::EnableCode2Subsequent, C::ResyncCode2Subsequent],
        Narrow,
        || {
            recognises(|seed, one, two, now| {
                let emits = |step: TimeStep, code| cancels_out(seed.code(step).as_str(), code);
                (-1..=1).map(|steps| now.plus(steps)).find(|step| emits(step.plus(-1), one) && emits(*step, two))
            })
        },
    ),
    row(
        "long-queries-cut-off",
        "Of the query of a GET the first 256 bytes are read.",
        C::WireGet,
        // What is at the end is lost: by long values, and by those in which more is escaped than need be.
        &[
            C::WireFormEncoding,
            C::SerialNumberOwnArn,
            C::EnableFreshPair,
            C::ResyncSynchronizes,
            C::Parameter(Parameter::EnableUserName, Aspect::MaxLength),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncUserName, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::MaxLength),
            C::Parameter(Parameter::DeactivateUserName, Aspect::MaxLength),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::MaxLength),
        ],
        Narrow,
        || {
            misreads(|incoming, parameters| {
                let is_read_so = by_get(&incoming.request) && is_under_test(parameters);
                parameters.get(..QUERY).filter(|_| is_read_so).unwrap_or(parameters).to_owned()
            })
        },
    ),
    row(
        "place-in-another-order",
        "DeactivateMFADevice takes a device's place by its serial number for that in the order of being enabled.",
        C::DeactivateDissociates,
        // The one that goes wasn't specified, and the one that was can be deactivated again.
        &[C::DeactivateOnlyThatDevice, C::DeactivateDefaultUser, C::DeactivateTwice, C::StateDurable],
        Narrow,
        mixes_orders_up,
    ),
    row(
        "braces-filled-in-messages",
        "A value that is wrong and has a brace in it is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words, and no 4xx.
        REJECTED,
        Narrow,
        fills_values,
    ),
    row(
        "resynced-device-without-an-owner",
        "ListVirtualMFADevices shows a device that was resynchronized without its user.",
        C::ResyncKeepsAssociation,
        // A listing doesn't show the association.
        &[C::EnableAssociates, C::StateSettles],
        Narrow,
        writes_without_the_owner,
    ),
];
