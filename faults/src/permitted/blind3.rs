//! Variants written from the documents alone, without a look at the oracle: here those that decide otherwise.

pub(crate) mod travel;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{
    Adjacent, AsRecorded, Behaviour, Decision, LastPair, Recogniser, Rules, Situation,
};
use mfa_reference::service::rules::{Check, Documented};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode as E, MfaOperation, Millis, Request, SuccessBody, TimeStep};

use crate::altered::{Altered, decides, documented, rules};
use crate::entry::{Permitted, permit, permit_exactly};
use crate::line::held;
use crate::parts::{devices_of, named, newest_user, on_success, refuse, refuse_after, refused_with};

/// How long a device rests once it was deactivated, in milliseconds.
const DEVICE_RESTS_MS: i64 = 4_000;
/// How long a new user has to be left alone, in milliseconds.
const USER_RESTS_MS: i64 = 2_000;
/// How long a new access key isn't known, in milliseconds.
const KEY_UNKNOWN_MS: i64 = 8_000;
/// How many calls of the operations under test are let through in a second.
const CALLS_A_SECOND: u32 = 20;
/// How many devices a user may have.
const DEVICES: usize = 3;
/// The pairs that the documented service takes.
const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Lets each step of a device be carried once, in a request that is refused as well.
#[derive(Default)]
struct SpentByAnyRequest(Mutex<BTreeMap<String, TimeStep>>);

impl Recogniser for SpentByAnyRequest {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let mut newest = held(&self.0);
        let before = newest.get(&seed.to_base32()).copied();
        let near = (-2..=1).map(|offset| now.step().plus(offset));
        let carried = near.filter(|step| [one, two].contains(&seed.code(*step).as_str())).max();
        if let Some(carried) = carried.max(before) {
            newest.insert(seed.to_base32(), carried);
        }
        let second = NEAR.recognise(seed, one, two, now, None)?;
        before.is_none_or(|before| second.plus(-1) > before).then_some(second)
    }
}

/// Takes what AWS takes from a device that took no pair before.
struct AsIfNew;

impl Recogniser for AsIfNew {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        AsRecorded.recognise(seed, one, two, now, None)
    }
}

/// Takes near pairs alone, and each step once.
struct NearAndNewer;

impl Recogniser for NearAndNewer {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let second = NEAR.recognise(seed, one, two, now, None)?;
        last.is_none_or(|last| second.plus(-1) > last.second).then_some(second)
    }
}

/// Checks the codes first in every second call, and last in the others.
#[derive(Default)]
struct OrderOfTheDay(AtomicU64);

impl Rules for OrderOfTheDay {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let usual = Documented::default();
        let codes_first = Documented { order: [Check::Codes, Check::User, Check::Device, Check::Assignment], ..usual };
        let is_odd = self.0.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if is_odd { codes_first } else { usual }.decide(situation, request, memory)
    }
}

/// Lets twenty calls of the operations under test through in a second.
fn throttles_bursts() -> Altered {
    let counted: Mutex<(i64, u32)> = Mutex::default();
    decides(move |situation, request, decision| {
        if request.operation().under_test().is_none() {
            return decision;
        }
        let mut counted = held(&counted);
        if counted.0 != situation.now.seconds() {
            *counted = (situation.now.seconds(), 0);
        }
        counted.1 += 1;
        if counted.1 > CALLS_A_SECOND { Decision::refuse(E::Throttling, "Rate exceeded.") } else { decision }
    })
}

/// Answers that a device can't be modified for a while after it was deactivated.
fn rests_deactivated_devices() -> Altered {
    let deactivated: Arc<Mutex<BTreeMap<DeviceId, Millis>>> = Arc::default();
    let noted = Arc::clone(&deactivated);
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let since = enable.and_then(|named| named.id()).and_then(|device| held(&deactivated).get(&device).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < DEVICE_RESTS_MS);
        if rests && refused_with(&decision).is_none() {
            Decision::refuse(E::EntityTemporarilyUnmodifiable, "The device was deactivated a moment ago and rests.")
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Dissociate(device) = effect {
            held(&noted).insert(*device, now);
        }
    })
}

/// Answers that a new user can't be modified until it was left alone for two seconds.
fn wants_new_users_left_alone() -> Altered {
    let disturbed: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let created = Arc::clone(&disturbed);
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let user = enable.and_then(|named| named.user).filter(|_| refused_with(&decision).is_none());
        let Some(user) = user else { return decision };
        let mut disturbed = held(&disturbed);
        match disturbed.get(&user).copied() {
            Some(last) if situation.now.0 - last.0 < USER_RESTS_MS => {
                disturbed.insert(user, situation.now);
                Decision::refuse(E::EntityTemporarilyUnmodifiable, "The user is new: leave it alone for a while.")
            }
            Some(_) | None => {
                disturbed.remove(&user);
                decision
            }
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddUser, Some(user)) = (effect, newest_user(account)) {
            held(&created).insert(user, now);
        }
    })
}

/// Knows no user's key that was made a moment ago.
fn learns_keys_late() -> Altered {
    let made: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let making = Arc::clone(&made);
    decides(move |situation, _, decision| {
        let Caller::User(caller) = situation.caller else { return decision };
        let since = held(&made).get(&caller).copied();
        if since.is_some_and(|since| situation.now.0 - since.0 < KEY_UNKNOWN_MS) {
            refuse(E::InvalidClientTokenId)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect {
            held(&making).insert(*user, now);
        }
    })
}

/// Plays an account of another partition: all its ARNs begin with it.
fn plays_another_partition() -> Altered {
    let moved = |arn: &str| arn.replacen("arn:aws:", "arn:aws-us-gov:", 1);
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut {
            effect: effect @ Effect::AddDevice,
            body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras },
        } => {
            let serial_number = moved(&serial_number);
            if situation.account.find_device(&serial_number).is_some() {
                return Decision::refuse(E::EntityAlreadyExists, "MFA device already exists.");
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        Decision::CarryOut { effect: effect @ Effect::AddUser, body: SuccessBody::User(mut entry) } => {
            entry.arn = moved(&entry.arn);
            Decision::CarryOut { effect, body: SuccessBody::User(entry) }
        }
        other => other,
    })
}

/// Answers each twentieth Deactivate with a failure, although it was carried out.
fn fails_after_deactivations() -> Altered {
    let deactivations = AtomicU32::new(0);
    on_success(MfaOperation::Deactivate, move |named| {
        let number = deactivations.fetch_add(1, Ordering::SeqCst) + 1;
        let device = named.id().filter(|_| number.is_multiple_of(20))?;
        Some(refuse_after(E::ServiceFailure, Effect::Dissociate(device)))
    })
}

/// Asks before anything else whether the user has three devices.
fn counts_devices_first() -> Altered {
    decides(|situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let held = enable.and_then(|named| named.user).map_or(0, |user| devices_of(situation.account, user).len());
        if held >= DEVICES && refused_with(&decision) != Some(E::ValidationError) {
            Decision::refuse(E::LimitExceeded, "The user has its three devices.")
        } else {
            decision
        }
    })
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit(
        "steps-spent-by-any-request",
        "A pair is refused if a request about the device carried one of its steps before, or a later one.",
        &[],
        || documented().and_recogniser(SpentByAnyRequest::default()),
    ),
    permit(
        "pairs-of-eight-hours-taken-again",
        "Pairs up to 999 steps from now are taken, as often as they come.",
        &[],
        || documented().and_recogniser(AsIfNew),
    ),
    permit_exactly(
        "as-recorded-but-near",
        "Self-management needs MFA and no pair is taken twice, as recorded, but pairs must be near.",
        &[C::EnableCodesWindow, C::ResyncCodesWindow],
        || {
            let behaviour = Behaviour { self_management_needs_mfa: true, ..documented().behaviour };
            Altered { behaviour, ..documented() }.and_recogniser(NearAndNewer)
        },
    ),
    permit(
        "codes-checked-first-in-every-second-call",
        "Every second call has its codes checked before the user, the device and the assignment are looked at.",
        &[C::ErrorsOrder],
        || rules(OrderOfTheDay::default()),
    ),
    permit(
        "bursts-throttled",
        "Of the calls in one second, those from the twenty-first on are answered Throttling.",
        &[],
        throttles_bursts,
    ),
    permit(
        "deactivated-devices-rest-four-seconds",
        "EnableMFADevice is answered EntityTemporarilyUnmodifiable for four seconds after the device's deactivation.",
        &[],
        rests_deactivated_devices,
    ),
    permit(
        "new-users-want-to-be-left-alone",
        "A new user is unmodifiable until nobody has tried to enable a device for it for two seconds.",
        &[],
        wants_new_users_left_alone,
    ),
    permit(
        "limit-of-three-told-first",
        "EnableMFADevice for a user with three devices is answered LimitExceeded, whatever else is wrong.",
        &[C::EnableLimitQuota, C::ErrorsOrder],
        counts_devices_first,
    ),
    permit(
        "young-keys-unknown",
        "A user's call in the first eight seconds of its newest access key is answered InvalidClientTokenId.",
        &[],
        learns_keys_late,
    ),
    permit("account-of-another-partition", "ARNs begin with arn:aws-us-gov.", &[], plays_another_partition),
    permit(
        "twentieth-deactivation-fails-once-done",
        "Each twentieth DeactivateMFADevice that is carried out is answered ServiceFailure.",
        &[],
        fails_after_deactivations,
    ),
];
