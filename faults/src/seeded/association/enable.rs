//! How `EnableMFADevice` associates wrongly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, Millis, SuccessBody};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    ENABLE, MISSING, TAKEN, WRONG_CODES, asked, devices_of, dissociate, done, named, newest_user, on, owner_of, refuse,
    refused_with,
};

/// Changes an association to another user than the one named.
fn associates_with(whom: fn(&Account, UserId) -> Option<UserId>) -> Altered {
    carries_out(move |account, effect, body, now| match effect {
        Effect::Associate(device, user) => {
            let user = whom(account, *user).unwrap_or(*user);
            account.apply(&Effect::Associate(*device, user), Some(body), now);
        }
        other => account.apply(other, Some(body), now),
    })
}

fn eighth_device_not_listed() -> Altered {
    carries_out(|account, effect, body, now| match effect {
        Effect::Associate(_, user) if devices_of(account, *user).len() == 7 => {}
        other => account.apply(other, Some(body), now),
    })
}

fn eighth_device_refused() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = asked(ENABLE, situation, request) else { return decision };
        let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
        if count == 7 && refused_with(&decision).is_none() {
            refuse(ErrorCode::InvalidAuthenticationCode)
        } else {
            decision
        }
    })
}

fn third_device_takes_the_first() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::Associate(_, user) = effect {
            let devices = devices_of(account, *user);
            if devices.len() == 2 {
                dissociate(account, devices.get(..1).unwrap_or_default(), now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

/// Counts how often a device was enabled, and refuses with a code from the given count on.
fn wears_out(operation: MfaOperation, times: u32, code: ErrorCode) -> Altered {
    let enabled: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(id), None) = (named.id(), refused_with(&decision)) else { return decision };
        let mut enabled = lock(&enabled);
        let count = enabled.entry(id).or_default();
        if named.operation == ENABLE {
            *count += 1;
        }
        if named.operation == operation && *count >= times { refuse(code) } else { decision }
    })
}

/// Delays effects of this kind until the next call that changes something.
fn keeps_back(kind: fn(&Effect) -> bool) -> Altered {
    let waiting: Mutex<Vec<Effect>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if *effect == Effect::None {
            return;
        }
        let mut waiting = lock(&waiting);
        for late in std::mem::take(&mut *waiting) {
            account.apply(&late, None, now);
        }
        if kind(effect) {
            waiting.push(effect.clone());
        } else {
            account.apply(effect, Some(body), now);
        }
    })
}

/// Overwrites a user's devices with their state of up to a second before.
fn loses_updates() -> Altered {
    let last: Mutex<BTreeMap<UserId, (Millis, DeviceId)>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            let before = lock(&last).insert(*user, (now, *device));
            if let Some((at, other)) = before
                && at.plus(1_000) > now
                && other != *device
                && owner_of(account, other) == Some(*user)
            {
                dissociate(account, &[other], now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

fn enable_answered_before_it_is_checked() -> Altered {
    on(ENABLE, |_, decision| match refused_with(&decision) {
        None | Some(ErrorCode::ValidationError) => decision,
        Some(_) => done(Effect::None),
    })
}

/// Looks up a user's id once for each name, and keeps it.
fn keeps_ids_by_name() -> Altered {
    let ids: Mutex<BTreeMap<String, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enabled = named(situation, request)
            .filter(|named| named.operation == MfaOperation::Enable && refused_with(&decision).is_none());
        let Some(named) = enabled else { return decision };
        let (Some(name), Some(user), Some(device)) = (named.user_name, named.user, named.id()) else { return decision };
        let kept = *lock(&ids).entry(name.to_ascii_lowercase()).or_insert(user);
        match situation.account.user(kept) {
            _ if kept == user => decision,
            Some(_) => done(Effect::Associate(device, kept)),
            None => done(Effect::None),
        }
    })
}

fn one_device_a_user() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let has = named.user.is_some_and(|user| !devices_of(situation.account, user).is_empty());
        let enabled = named.operation == MfaOperation::Enable && refused_with(&decision).is_none();
        if has && enabled { refuse(ErrorCode::EntityAlreadyExists) } else { decision }
    })
}

/// Reuses the record of the last ended association for the next one, and keeps its device.
fn takes_places_again() -> Altered {
    let freed: Mutex<Option<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut freed = lock(&freed);
        match effect {
            Effect::Dissociate(device) => *freed = Some(*device),
            Effect::Associate(_, user) => {
                let is_free = |id: &DeviceId| account.device(*id).is_some() && owner_of(account, *id).is_none();
                if let Some(left) = freed.take().filter(is_free) {
                    return account.apply(&Effect::Associate(left, *user), Some(body), now);
                }
            }
            _ => {}
        }
        account.apply(effect, Some(body), now);
    })
}

/// Looks for the device among the user's own, as only the other two operations should.
fn looks_among_the_users() -> Altered {
    on(ENABLE, |named, decision| match refused_with(&decision) {
        Some(TAKEN) if named.owner() == named.user => done(Effect::None),
        Some(TAKEN) | None => refuse(MISSING),
        Some(_) => decision,
    })
}

/// Attaches any device to any user.
fn attaches_anything() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        match (named.operation, named.id(), named.user) {
            (MfaOperation::Enable, Some(device), Some(user)) => {
                Decision::CarryOut { effect: Effect::Associate(device, user), body: SuccessBody::Empty }
            }
            _ => decision,
        }
    })
}

/// Queues each well-formed Enable, and answers at once.
fn queues_enables() -> Altered {
    const LATER: [ErrorCode; 3] =
        [ErrorCode::NoSuchEntity, ErrorCode::EntityAlreadyExists, ErrorCode::InvalidAuthenticationCode];
    on(ENABLE, |_, decision| {
        let is_put_off = refused_with(&decision).is_some_and(|code| LATER.contains(&code));
        if is_put_off { done(Effect::None) } else { decision }
    })
}

/// Fails for a user's second device, and treats a retry as already done.
fn takes_retries_for_done() -> Altered {
    let failed: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let Some((user, device)) = enable.and_then(|named| named.user.zip(named.id())) else { return decision };
        if refused_with(&decision).is_some() || devices_of(situation.account, user).len() != 1 {
            return decision;
        }
        let mut failed = lock(&failed);
        if failed.remove(&(device, user)) {
            return done(Effect::None);
        }
        failed.insert((device, user));
        refuse(ErrorCode::ServiceFailure)
    })
}

/// Remembers the user of an Enable with refused codes, and enables the device for that user next time.
fn keeps_the_refused_user() -> Altered {
    let refused: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let Some((user, device)) = enable.and_then(|named| named.user.zip(named.id())) else { return decision };
        match refused_with(&decision) {
            Some(WRONG_CODES) => {
                lock(&refused).insert(device, user);
                decision
            }
            Some(_) => decision,
            None => match lock(&refused).remove(&device).filter(|user| situation.account.user(*user).is_some()) {
                Some(former) => done(Effect::Associate(device, former)),
                None => decision,
            },
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("enable-for-the-newest-user", || associates_with(|account, _| newest_user(account))),
    ("eighth-device-not-listed", eighth_device_not_listed),
    ("eighth-device-refused", eighth_device_refused),
    ("third-device-takes-the-first", third_device_takes_the_first),
    ("fifth-enable-refused", || wears_out(ENABLE, 5, ErrorCode::InvalidAuthenticationCode)),
    ("second-enable-already-exists", || wears_out(ENABLE, 2, ErrorCode::EntityAlreadyExists)),
    ("enable-waits-for-the-next-call", || keeps_back(|effect| matches!(effect, Effect::Associate(..)))),
    ("deactivate-waits-for-the-next-call", || keeps_back(|effect| matches!(effect, Effect::Dissociate(_)))),
    ("second-enable-within-a-second-undoes-the-first", loses_updates),
    ("enable-answered-before-it-is-checked", enable_answered_before_it_is_checked),
    ("device-enabled-for-the-former-user-of-a-name", keeps_ids_by_name),
    ("one-device-a-user", one_device_a_user),
    ("freed-place-is-taken-again", takes_places_again),
    ("enable-looks-among-the-users-devices", looks_among_the_users),
    ("enable-attaches-anything", attaches_anything),
    ("enable-answered-before-it-is-looked-at", queues_enables),
    ("retry-after-a-failure-not-carried-out", takes_retries_for_done),
    ("enabled-for-whom-it-was-refused", keeps_the_refused_user),
];
