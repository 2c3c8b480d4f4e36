//! Effects of a refused `EnableMFADevice`, and calls that it executes although it has to refuse them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpRequest;
use mfa_reference::{ErrorCode, MfaOperation, Millis, SuccessBody, TimeStep};

use crate::altered::{Altered, decides, documented};
use crate::entry::Registered;
use crate::line::{laid, lock, parameter, parameters};
use crate::parts::named::{
    ENABLE, MISSING, TAKEN, WRONG_CODES, asked, done, named, on, on_each, owner_of, refuse, refuse_after, refused_with,
};
use crate::parts::pairs::{emitted, pair};

fn enable_invents_a_device() -> Altered {
    let wanted: Mutex<Option<(String, UserId)>> = Mutex::default();
    let wanted = Arc::new(wanted);
    let noted = Arc::clone(&wanted);
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named)
            if named.operation == ENABLE && named.device.is_none() && refused_with(&decision) == Some(MISSING) =>
        {
            *lock(&noted) = named.serial.map(str::to_owned).zip(named.user);
            if named.user.is_some() { done(Effect::None) } else { decision }
        }
        Some(_) | None => decision,
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Some((serial, user)) = lock(&wanted).take() {
            let device = account.add_device(&serial, None);
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Refuses all codes for a user after three refused pairs in a row.
fn locks_users_out() -> Altered {
    let failures: Mutex<BTreeMap<UserId, u32>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(user) = named.user.filter(|_| named.operation != MfaOperation::Deactivate) else { return decision };
        let mut failures = lock(&failures);
        let count = failures.entry(user).or_default();
        match refused_with(&decision) {
            Some(code) if code == WRONG_CODES => *count += 1,
            None if *count >= 3 => return refuse(WRONG_CODES),
            None => *count = 0,
            Some(_) => {}
        }
        decision
    })
}

fn absence_of_a_user_remembered() -> Altered {
    let absent: Mutex<BTreeSet<String>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(name) = named.user_name.map(str::to_ascii_lowercase) else { return decision };
        let mut absent = lock(&absent);
        if named.user.is_none() && refused_with(&decision) == Some(MISSING) {
            absent.insert(name);
        } else if refused_with(&decision).is_none() && absent.contains(&name) {
            return refuse(MISSING);
        }
        decision
    })
}

/// Commits at the next write, and rolls back at a refused call.
fn rolls_back() -> Altered {
    let uncommitted: Mutex<Option<Effect>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut uncommitted = lock(&uncommitted);
        match decision {
            Decision::CarryOut { effect: Effect::None, .. } => decision,
            Decision::CarryOut { effect: Effect::Associate(device, _), .. } => {
                *uncommitted = Some(Effect::Dissociate(device));
                decision
            }
            Decision::CarryOut { effect: Effect::Dissociate(device), .. } => {
                let owner = owner_of(situation.account, device);
                *uncommitted = owner.map(|owner| Effect::Associate(device, owner));
                decision
            }
            Decision::CarryOut { .. } | Decision::FailAfter { .. } => {
                *uncommitted = None;
                decision
            }
            Decision::Refuse { code, message } => {
                // A call that breaks a constraint or has another handler has no database session yet.
                let has_session = code != ErrorCode::ValidationError && request.operation().under_test().is_some();
                match uncommitted.take_if(|_| has_session) {
                    Some(effect) => Decision::FailAfter { effect, body: SuccessBody::Empty, code, message },
                    None => Decision::Refuse { code, message },
                }
            }
        }
    })
}

/// How long the cache keeps a user.
const CACHED_MS: i64 = 60_000;

/// Finds users that an operation under test has found within the last minute.
fn caches_users() -> Altered {
    let cache: Mutex<BTreeMap<String, (UserId, Millis)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some(name) = named.user_name.map(str::to_ascii_lowercase) else { return decision };
        let mut cache = lock(&cache);
        cache.retain(|_, (_, until)| *until > situation.now);
        if let Some(user) = named.user {
            cache.insert(name, (user, situation.now.plus(CACHED_MS)));
            return decision;
        }
        // A renamed user is cached again under the new name.
        let is_gone = cache.get(&name).is_some_and(|(user, _)| situation.account.user(*user).is_none());
        let sought = named.operation == MfaOperation::Enable && refused_with(&decision) == Some(MISSING);
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        match seed.zip(pair(request)).filter(|_| is_gone && sought) {
            None => decision,
            Some((seed, codes)) if !emitted(seed, codes, situation.now) => refuse(ErrorCode::InvalidAuthenticationCode),
            Some(_) if named.owner().is_some() => refuse(ErrorCode::EntityAlreadyExists),
            Some(_) => done(Effect::None),
        }
    })
}

/// Reserves a device for a user before it checks the codes.
fn reserves() -> Altered {
    let reserved: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    on(ENABLE, move |named, decision| {
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let mut reserved = lock(&reserved);
        match refused_with(&decision) {
            Some(WRONG_CODES) if named.owner().is_none() => {
                reserved.entry(device).or_insert(user);
                decision
            }
            None if reserved.get(&device).is_some_and(|first| *first != user) => refuse(TAKEN),
            None => {
                reserved.remove(&device);
                decision
            }
            Some(_) => decision,
        }
    })
}

/// Notes users that ask for another's device, and gives it to the last of them when it becomes free.
fn lets_wait() -> Altered {
    let waiting: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let next = Arc::clone(&waiting);
    on(ENABLE, move |named, decision| {
        let is_anothers = named.owner().is_some() && named.owner() != named.user;
        if let Some((device, user)) = named.id().zip(named.user)
            && is_anothers
            && refused_with(&decision) == Some(TAKEN)
        {
            lock(&waiting).insert(device, user);
        }
        decision
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Dissociate(device) = effect
            && let Some(user) = lock(&next).remove(device).filter(|user| account.user(*user).is_some())
        {
            account.apply(&Effect::Associate(*device, user), None, now);
        }
    })
}

/// Treats the present time step as used after any codes in it.
fn uses_steps_up() -> Altered {
    let used: Mutex<BTreeMap<DeviceId, TimeStep>> = Mutex::default();
    decides(move |situation, request, decision| {
        let about = named(situation, request).filter(|named| named.operation != MfaOperation::Deactivate);
        let Some(device) = about.and_then(|named| named.id()) else { return decision };
        let (mut used, now) = (lock(&used), situation.now.step());
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

/// Creates the user that an `EnableMFADevice` names.
fn makes_users_up() -> Altered {
    documented().behind(laid(|incoming, service| {
        let read = parameters(&incoming.request);
        let response = service(&incoming.request);
        let user = parameter(&read, "UserName").filter(|_| read.contains("Action=EnableMFADevice"));
        let Some(user) = user.filter(|_| response.status == 404) else { return response.into() };
        let form = format!("Action=CreateUser&Version=2010-05-08&UserName={user}");
        let made = HttpRequest {
            method: "POST",
            target: "/",
            content_type: Some("application/x-www-form-urlencoded"),
            body: form.as_bytes(),
            ..incoming.request
        };
        let _taken_or_made = service(&made);
        service(&incoming.request).into()
    }))
}

/// Rolls back a refused call too far: to the state before the device's deactivation.
fn rolls_back_too_far() -> Altered {
    let former: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let kept = Arc::clone(&former);
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let Some(device) = enable.filter(|named| named.owner().is_none()).and_then(|named| named.id()) else {
            return decision;
        };
        let user = lock(&former).get(&device).copied().filter(|user| situation.account.user(*user).is_some());
        match (refused_with(&decision), user) {
            (Some(WRONG_CODES), Some(user)) => refuse_after(WRONG_CODES, Effect::Associate(device, user)),
            _ => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Dissociate(device) = effect
            && let Some(owner) = owner_of(account, *device)
        {
            lock(&kept).insert(*device, owner);
        }
        account.apply(effect, Some(body), now);
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("enable-invents-a-device", enable_invents_a_device),
    ("user-locked-out-after-three-refusals", locks_users_out),
    ("absence-of-a-user-remembered", absence_of_a_user_remembered),
    ("refusal-rolls-back-the-change-before", rolls_back),
    ("deleted-user-found-in-a-cache", caches_users),
    ("refused-enable-reserves-the-device", reserves),
    ("refused-enable-waits-its-turn", lets_wait),
    ("wrong-codes-use-the-step-up", uses_steps_up),
    ("enable-makes-users-up", makes_users_up),
    ("refused-enable-undoes-the-deactivate", rolls_back_too_far),
];
