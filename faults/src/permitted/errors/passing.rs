//! Errors that pass: throttling, failures, and temporarily unmodifiable entities.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mfa_conformance::serve::Answer;
use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Outcome, SuccessBody};

use crate::altered::{Altered, decides, documented, documented_reply, edited};
use crate::entry::Registered;
use crate::line::{Incoming, Service, laid, lock};
use crate::parts::named::{
    DEACTIVATE, ENABLE, Named, RESYNC, asked, named, newest_user, on, on_success, refuse, refuse_after, refused_with,
};
use crate::parts::recreated::keeps_recreated_users;

/// Answers every fiftieth call of each kind with a passing failure. `carried_out` is whether the call has its effect.
fn fails_now_and_then(code: ErrorCode, carried_out: bool) -> Altered {
    let calls = Mutex::new(0_u32);
    decides(move |_, _, decision| {
        let mut calls = lock(&calls);
        *calls += 1;
        if !calls.is_multiple_of(50) {
            return decision;
        }
        match decision {
            Decision::CarryOut { effect, body } if carried_out => {
                Decision::FailAfter { effect, body, code, message: "Try again.".to_owned() }
            }
            Decision::CarryOut { .. } | Decision::Refuse { .. } | Decision::FailAfter { .. } => refuse(code),
        }
    })
}

/// Refuses to change a user or a device that changed less than this long ago.
fn keeps_young_entities(millis: i64) -> Altered {
    let asked: Mutex<BTreeMap<String, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let serial = named.serial.unwrap_or_default().to_owned();
        let first = *lock(&asked).entry(serial).or_insert(situation.now);
        let young = named.device.is_some() && situation.now.0 - first.0 < millis;
        let modifies = named.operation != MfaOperation::Resync;
        if modifies && young && refused_with(&decision).is_none() {
            refuse(ErrorCode::EntityTemporarilyUnmodifiable)
        } else {
            decision
        }
    })
}

fn resync_limited_now_and_then() -> Altered {
    let seen: Mutex<BTreeSet<Option<DeviceId>>> = Mutex::default();
    on(RESYNC, move |named, decision| {
        let first = lock(&seen).insert(named.id());
        if first && refused_with(&decision).is_none() { refuse(ErrorCode::LimitExceeded) } else { decision }
    })
}

fn failures_sent_by_the_sender() -> Altered {
    fails_now_and_then(ErrorCode::ServiceFailure, false).and_renderer(|operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        edited(reply, |text| text.replace("<Type>Receiver<", "<Type>Sender<"))
    })
}

const SECOND: i64 = 1_000;

/// Refuses to modify a device for a time after it was enabled.
fn keeps_enabled_devices(millis: i64) -> Altered {
    let enabled: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some(id) = named.id() else { return decision };
        let young = lock(&enabled).get(&id).is_some_and(|since| situation.now.0 - since.0 < millis);
        if young && named.operation != MfaOperation::Resync {
            return refuse(ErrorCode::EntityTemporarilyUnmodifiable);
        }
        if enables(&named, &decision) {
            lock(&enabled).insert(id, situation.now);
        }
        decision
    })
}

fn enables(named: &Named<'_>, decision: &Decision) -> bool {
    named.operation == MfaOperation::Enable && refused_with(decision).is_none()
}

/// An error in place of the service's reply to the call of this number, with the time until a retry.
#[must_use]
pub fn put_off(code: ErrorCode, retry_after: Option<i64>, call: u64) -> Answer {
    let outcome = Outcome::Error { code, message: "Try again later.".to_owned() };
    let mut response = documented_reply(None, &outcome, &mfa_reference::service::request_id(call));
    response.headers.extend(retry_after.map(|seconds| ("retry-after".into(), seconds.to_string())));
    response.into()
}

/// Answers every `every`th call, and all within `seconds` after it, with an error.
fn puts_off(code: ErrorCode, every: u64, seconds: i64) -> Altered {
    let until: Arc<Mutex<Millis>> = Arc::new(Mutex::new(Millis(i64::MIN)));
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let mut until = lock(&until);
        if incoming.calls % every == every - 1 && incoming.now > *until {
            *until = incoming.now.plus(seconds * SECOND);
        }
        if incoming.now < *until {
            put_off(code, Some(seconds), incoming.calls)
        } else {
            service(&incoming.request).into()
        }
    }))
}

/// A service that is unavailable for the first seconds.
fn starts_for(seconds: i64) -> Altered {
    let since: Arc<Mutex<Option<Millis>>> = Arc::default();
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let since = *lock(&since).get_or_insert(incoming.now);
        if incoming.now.0 - since.0 < seconds * SECOND {
            return put_off(ErrorCode::ServiceUnavailable, None, incoming.calls);
        }
        service(&incoming.request).into()
    }))
}

/// How long a name or a serial number that changed hands is unmodifiable, in milliseconds.
const UNMODIFIABLE_MS: i64 = 5_000;

/// The message of such a refusal.
const RESTS: &str = "The user or the device was changed a moment ago and rests.";

/// Answers that a device can't be modified for a while after it was created with a deleted device's serial number.
fn rests_recreated_devices() -> Altered {
    let (deleted, young) =
        (Mutex::<BTreeSet<String>>::default(), Arc::new(Mutex::<BTreeMap<String, Millis>>::default()));
    let made = Arc::clone(&young);
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let since = named.serial.and_then(|serial| lock(&young).get(serial).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < UNMODIFIABLE_MS);
        if rests && named.operation != MfaOperation::Resync && refused_with(&decision).is_none() {
            Decision::refuse(ErrorCode::EntityTemporarilyUnmodifiable, RESTS)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(device) = effect
            && let Some(device) = account.device(*device)
        {
            lock(&deleted).insert(device.serial_number.to_string());
        }
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) = (effect, body)
            && lock(&deleted).contains(serial_number)
        {
            lock(&made).insert(serial_number.clone(), now);
        }
    })
}

/// Answers that a user can't be modified for a while after it was renamed.
fn rests_renamed_users() -> Altered {
    let young: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let renamed = Arc::clone(&young);
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let since = named.user.and_then(|user| lock(&young).get(&user).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < UNMODIFIABLE_MS);
        if rests && named.operation != MfaOperation::Resync && refused_with(&decision).is_none() {
            Decision::refuse(ErrorCode::EntityTemporarilyUnmodifiable, RESTS)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::RenameUser(user, _) = effect {
            lock(&renamed).insert(*user, now);
        }
    })
}

/// Refuses the first call of an operation about each device, if it would succeed.
fn refuses_the_first(operation: MfaOperation, code: ErrorCode) -> Altered {
    let seen: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on(operation, move |named, decision| {
        let Some(device) = named.id().filter(|_| refused_with(&decision).is_none()) else { return decision };
        if lock(&seen).insert(device) {
            Decision::refuse(code, "The device is busy: no more calls at present.")
        } else {
            decision
        }
    })
}

/// Is unavailable for each sixtieth request, with the time until a retry.
fn tells_when_to_come_back() -> Altered {
    let requests: Arc<AtomicU64> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let number = requests.fetch_add(1, Ordering::SeqCst) + 1;
        if !number.is_multiple_of(60) {
            return service(&incoming.request).into();
        }
        let outcome = Outcome::Error { code: ErrorCode::ServiceUnavailable, message: "Come back later.".to_owned() };
        let mut response = documented_reply(None, &outcome, &format!("11111111-2222-3333-4444-{number:012}"));
        response.headers.push((Cow::Borrowed("Retry-After"), "2".to_owned()));
        response.into()
    }))
}

/// How many calls of the operations under test are allowed in a second.
const CALLS_A_SECOND: u32 = 20;

/// Allows twenty calls of the operations under test in a second.
fn throttles_bursts() -> Altered {
    let counted: Mutex<(i64, u32)> = Mutex::default();
    decides(move |situation, request, decision| {
        if request.operation().under_test().is_none() {
            return decision;
        }
        let mut counted = lock(&counted);
        if counted.0 != situation.now.seconds() {
            *counted = (situation.now.seconds(), 0);
        }
        counted.1 += 1;
        if counted.1 > CALLS_A_SECOND { Decision::refuse(ErrorCode::Throttling, "Rate exceeded.") } else { decision }
    })
}

/// How long a device rests once it was deactivated, in milliseconds.
const DEVICE_RESTS_MS: i64 = 4_000;

/// Answers that a device can't be modified for a while after it was deactivated.
fn rests_deactivated_devices() -> Altered {
    let deactivated: Arc<Mutex<BTreeMap<DeviceId, Millis>>> = Arc::default();
    let noted = Arc::clone(&deactivated);
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let since = enable.and_then(|named| named.id()).and_then(|device| lock(&deactivated).get(&device).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < DEVICE_RESTS_MS);
        if rests && refused_with(&decision).is_none() {
            Decision::refuse(
                ErrorCode::EntityTemporarilyUnmodifiable,
                "The device was deactivated a moment ago and rests.",
            )
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Dissociate(device) = effect {
            lock(&noted).insert(*device, now);
        }
    })
}

/// How long no Enable must name a new user, in milliseconds.
const USER_RESTS_MS: i64 = 2_000;

/// Answers that a new user can't be modified until no Enable names it for two seconds.
fn wants_new_users_left_alone() -> Altered {
    let disturbed: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let created = Arc::clone(&disturbed);
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let user = enable.and_then(|named| named.user).filter(|_| refused_with(&decision).is_none());
        let Some(user) = user else { return decision };
        let mut disturbed = lock(&disturbed);
        match disturbed.get(&user).copied() {
            Some(last) if situation.now.0 - last.0 < USER_RESTS_MS => {
                disturbed.insert(user, situation.now);
                Decision::refuse(
                    ErrorCode::EntityTemporarilyUnmodifiable,
                    "The user is new: leave it alone for a while.",
                )
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
            lock(&created).insert(user, now);
        }
    })
}

/// Answers each twentieth Deactivate with a failure, although it executed the call.
fn fails_after_deactivations() -> Altered {
    let deactivations = AtomicU32::new(0);
    on_success(DEACTIVATE, move |named| {
        let number = deactivations.fetch_add(1, Ordering::SeqCst) + 1;
        let device = named.id().filter(|_| number.is_multiple_of(20))?;
        Some(refuse_after(ErrorCode::ServiceFailure, Effect::Dissociate(device)))
    })
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("throttles", || fails_now_and_then(ErrorCode::Throttling, false)),
    ("fails-now-and-then", || fails_now_and_then(ErrorCode::ServiceFailure, false)),
    ("fails-now-and-then-with-effect", || fails_now_and_then(ErrorCode::ServiceFailure, true)),
    ("internal-failures-with-effect", || fails_now_and_then(ErrorCode::InternalFailure, true)),
    ("unavailable-now-and-then", || fails_now_and_then(ErrorCode::ServiceUnavailable, false)),
    ("young-entities-unmodifiable", || keeps_young_entities(12)),
    ("resync-limited-now-and-then", resync_limited_now_and_then),
    ("failures-sent-by-the-sender", failures_sent_by_the_sender),
    ("recreated-users-unmodifiable-for-two-seconds", || keeps_recreated_users(2 * SECOND)),
    ("recreated-users-unmodifiable-for-ten-seconds", || keeps_recreated_users(10 * SECOND)),
    ("recreated-users-unmodifiable-for-three-minutes", || keeps_recreated_users(180 * SECOND)),
    ("enabled-devices-unmodifiable-for-half-a-second", || keeps_enabled_devices(SECOND / 2)),
    ("throttles-for-twenty-seconds", || puts_off(ErrorCode::Throttling, 400, 20)),
    ("unavailable-for-a-minute", || puts_off(ErrorCode::ServiceUnavailable, 700, 60)),
    ("unavailable-at-first", || starts_for(8)),
    ("recreated-devices-unmodifiable-for-five-seconds", rests_recreated_devices),
    ("renamed-users-unmodifiable-for-five-seconds", rests_renamed_users),
    ("deactivate-limited-at-first", || refuses_the_first(DEACTIVATE, ErrorCode::LimitExceeded)),
    ("first-resync-fails", || refuses_the_first(RESYNC, ErrorCode::ServiceFailure)),
    ("unavailable-with-a-time-to-come-back", tells_when_to_come_back),
    ("bursts-throttled", throttles_bursts),
    ("deactivated-devices-rest-four-seconds", rests_deactivated_devices),
    ("new-users-want-to-be-left-alone", wants_new_users_left_alone),
    ("twentieth-deactivation-fails-once-done", fails_after_deactivations),
];
