//! Faults that show only with one value, or one combination.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::world::{DeviceId, Effect};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Page, Step, SuccessBody, VirtualDeviceEntry};

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
    carries_out(|world, effect, body, now| {
        let Effect::Dissociate(device) = effect else { return world.apply(effect, Some(body), now) };
        let second = |id: DeviceId| world.device(id).map(|device| device.enabled_at.seconds());
        let all = owner_of(world, *device).map_or_else(Vec::new, |owner| devices_of(world, owner));
        let same: Vec<DeviceId> = all.into_iter().filter(|id| second(*id) == second(*device)).collect();
        dissociate(world, &same, now);
    })
}

/// Rounds the time to the nearest step and allows for no other.
struct Rounded;

impl Recogniser for Rounded {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<Step> {
        Adjacent { steps_behind: 0, steps_ahead: 0 }.recognise(seed, one, two, now.plus(Step::MILLIS / 2), last)
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
    carries_out(move |world, effect, body, now| {
        let mut enabled = held(&enabled);
        let gone = match effect {
            Effect::Associate(device, _) => {
                enabled.retain(|known| known != device);
                enabled.push(*device);
                return world.apply(effect, Some(body), now);
            }
            Effect::Dissociate(device) => *device,
            _ => return world.apply(effect, Some(body), now),
        };
        let owner = owner_of(world, gone);
        let of_owner = |id: &DeviceId| owner.is_some() && owner_of(world, *id) == owner;
        let place = world.devices_after("").map(|(id, _)| id).filter(of_owner).position(|id| id == gone);
        let taken = place.and_then(|place| enabled.iter().copied().filter(of_owner).nth(place)).unwrap_or(gone);
        dissociate(world, &[taken], now);
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
        (Narrow, 6),
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
        (Narrow, 3),
        || documented().and_recogniser(Rounded),
    ),
    row(
        "differences-of-digits-cancel-out",
        "Codes are compared in constant time with ^= for |=, so that one with two digits exchanged is taken.",
        C::EnableCodesRecognised,
        // It is the same for both operations, and a pair in reverse can have the same differences.
        &[C::ResyncCodesRecognised, C::EnableCode2Subsequent, C::ResyncCode2Subsequent],
        (Narrow, 3),
        || {
            recognises(|seed, one, two, now| {
                let emits = |step: Step, code| cancels_out(seed.code(step).as_str(), code);
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
        (Narrow, 1),
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
        (Narrow, 6),
        mixes_orders_up,
    ),
    row(
        "braces-filled-in-messages",
        "A value that is wrong and has a brace in it is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words, and no 4xx.
        REJECTED,
        (Narrow, 1),
        fills_values,
    ),
    row(
        "resynced-device-without-an-owner",
        "ListVirtualMFADevices shows a device that was resynchronized without its user.",
        C::ResyncKeepsAssociation,
        // A listing doesn't show the association.
        &[C::EnableAssociates, C::StateSettles],
        (Narrow, 4),
        writes_without_the_owner,
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::wire::{HttpRequest, HttpResponse};

    use super::*;
    use crate::line::Incoming;
    use crate::seeded::late2::played::Played;

    const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

    /// A service with a user and these devices, which are nobody's.
    fn with(altered: Altered, devices: &[&str]) -> Played {
        let mut played = Played::on(altered);
        assert_eq!(played.user("CreateUser", "bob"), None);
        for device in devices {
            assert_eq!(played.make_device(device), None);
        }
        played
    }

    #[test]
    fn devices_that_were_enabled_in_one_second_go_together() {
        let mut played = with(keys_by_the_second(), &["one", "two", "three"]);
        assert_eq!((played.enable("bob", "one"), played.enable("bob", "two")), (None, None));
        played.now = played.now.plus(1_000);
        assert_eq!((played.enable("bob", "three"), played.listed("bob")), (None, 3));
        assert_eq!((played.deactivate("bob", "two"), played.listed("bob")), (None, 1));
        assert_eq!(played.deactivate("bob", "three"), None);
    }

    #[test]
    fn a_fresh_pair_is_late_in_the_second_half_of_a_step() {
        let (seed, start) = (Seed::from_bytes(b"12345678901234567890"), Step(60_000_000).start());
        let [one, two] = [-1, 0].map(|steps| seed.code(start.step().plus(steps)).to_string());
        for (after, taken) in [(0, true), (14_999, true), (15_000, false), (29_999, false)] {
            assert_eq!(Rounded.recognise(&seed, &one, &two, start.plus(after), None).is_some(), taken, "{after}");
        }
    }

    #[test]
    fn exchanged_digits_are_taken_and_others_are_not() {
        let fault = FAULTS.iter().find(|fault| fault.name == "differences-of-digits-cancel-out").unwrap();
        let recogniser = (fault.service)().behaviour.recogniser;
        let (seed, now) = (Seed::from_bytes(b"12345678901234567890"), Step(60_000_000).start());
        let [one, two] = [-1, 0].map(|steps| seed.code(now.step().plus(steps)).to_string());
        let backwards: String = two.chars().rev().collect();
        let other = format!("{}{}", &two[..5], if two.ends_with('0') { '1' } else { '0' });
        for (second, taken) in [(two.as_str(), true), (&backwards, true), (&other, false), (&two[..5], false)] {
            assert_eq!(recogniser.recognise(&seed, &one, second, now, None).is_some(), taken, "{two} {second}");
        }
    }

    #[test]
    fn a_query_ends_after_256_bytes_and_a_form_does_not() {
        let fault = FAULTS.iter().find(|fault| fault.name == "long-queries-cut-off").unwrap();
        let mut line = ((fault.service)().lay)();
        let parameters = format!("Action=EnableMFADevice&UserName={}", "b".repeat(300));
        let mut read = |method| {
            let target = format!("/?{parameters}");
            let body = parameters.as_bytes();
            let request = HttpRequest { method, target: &target, content_type: None, authorization: None, body };
            let mut seen = (0, 0);
            let incoming = Incoming { request, now: Millis(0), calls: 0, carried: 0 };
            let sent = line.pass(&incoming, &mut |request| {
                seen = (request.target.len(), request.body.len());
                HttpResponse::xml(200, "", String::new())
            });
            assert!(sent.is_ok());
            seen
        };
        assert_eq!((read("GET").0, read("POST").1), (2 + QUERY, parameters.len()));
    }

    #[test]
    fn the_device_at_the_same_place_in_the_other_order_goes() {
        let mut played = with(mixes_orders_up(), &["a", "b"]);
        assert_eq!((played.enable("bob", "b"), played.enable("bob", "a")), (None, None));
        assert_eq!((played.deactivate("bob", "b"), played.deactivate("bob", "a")), (None, Some(MISSING)));
        assert_eq!((played.deactivate("bob", "b"), played.listed("bob")), (None, 0));
    }

    #[test]
    fn a_brace_fails_and_another_mark_is_refused() {
        let mut played = with(fills_values(), &["one"]);
        assert_eq!(played.deactivate("bob{0}", "one"), Some(ErrorCode::InternalFailure));
        assert_eq!(played.deactivate("bob", "one}"), Some(ErrorCode::InternalFailure));
        assert_eq!(played.deactivate("bob!", "one"), Some(ErrorCode::ValidationError));
    }

    #[test]
    fn a_resynchronized_device_is_shown_without_its_user() {
        let mut played = with(writes_without_the_owner(), &["one", "two"]);
        assert_eq!((played.enable("bob", "one"), played.enable("bob", "two"), played.owned()), (None, None, 2));
        assert_eq!((played.resync("bob", "one"), played.owned(), played.listed("bob")), (None, 1, 2));
        assert_eq!((played.deactivate("bob", "one"), played.enable("bob", "one"), played.owned()), (None, None, 2));
    }
}
