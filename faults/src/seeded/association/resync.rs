//! What `ResyncMFADevice` does to associations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::{Caller, ErrorCode, MfaOperation};

use crate::altered::{Altered, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    MISSING, RESYNC, WRONG_CODES, asked, devices_of, done, named, on, on_refusal, refuse, refuse_after, refused_with,
};
use crate::parts::pairs::{emitted, pair};

/// Leaves a pending association after wrong codes, and completes it at the device's Resync.
fn completes_refused_associations() -> Altered {
    let pending: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_deref());
        let is_right = seed.is_some_and(|seed| emitted(seed, codes, situation.now));
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, Some(WRONG_CODES)) => {
                lock(&pending).insert((device, user));
            }
            (MfaOperation::Resync, Some(_))
                if is_right && named.owner().is_none() && lock(&pending).remove(&(device, user)) =>
            {
                return done(Effect::Associate(device, user));
            }
            _ => {}
        }
        decision
    })
}

fn resync_looks_among_hardware_devices() -> Altered {
    on(RESYNC, |_, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        Some(_) | None => refuse(ErrorCode::NoSuchEntity),
    })
}

/// Saves a device with the caller as its user.
fn writes_its_caller_down() -> Altered {
    decides(|situation, request, decision| {
        let resynced = asked(RESYNC, situation, request);
        match (resynced.and_then(|named| named.id()), situation.caller) {
            (Some(device), Caller::User(caller)) if refused_with(&decision).is_none() => {
                done(Effect::Associate(device, caller))
            }
            _ => decision,
        }
    })
}

/// Saves a user's list of devices from before the newest was added.
fn writes_an_older_list_back() -> Altered {
    decides(|situation, request, decision| {
        let resynced = asked(RESYNC, situation, request);
        let Some(named) = resynced.filter(|_| refused_with(&decision).is_none()) else { return decision };
        let account = situation.account;
        let all = named.user.map_or_else(Vec::new, |user| devices_of(account, user));
        let newest = all.into_iter().max_by_key(|id| (account.device(*id).map(|device| device.enabled_at), *id));
        newest.filter(|newest| Some(*newest) != named.id()).map_or(decision, |newest| done(Effect::Dissociate(newest)))
    })
}

/// Records a device's first owner, and uses that at a Resync.
fn keeps_the_first_owner() -> Altered {
    let first: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let mut first = lock(&first);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, None) => {
                first.entry(device).or_insert(user);
                decision
            }
            (MfaOperation::Resync, None) if first.get(&device).is_some_and(|first| *first != user) => refuse(MISSING),
            _ => decision,
        }
    })
}

/// Removes the device from the user's list, and keeps the user on the device, where a Resync looks.
fn resyncs_who_was_left() -> Altered {
    let left: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let kept = Arc::clone(&left);
    on_refusal(RESYNC, MISSING, move |named| {
        let (device, user) = named.id().zip(named.user)?;
        let is_left = named.owner().is_none() && lock(&left).get(&device) == Some(&user);
        is_left.then(|| done(Effect::None))
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect {
            lock(&kept).insert(*device, *user);
        }
    })
}

/// Dissociates a device after guesses of its codes.
fn takes_guessed_devices_away() -> Altered {
    let guesses: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    on(RESYNC, move |named, decision| {
        let Some(device) = named.id().filter(|_| named.user.is_some() && named.owner() == named.user) else {
            return decision;
        };
        let mut guesses = lock(&guesses);
        match refused_with(&decision) {
            Some(WRONG_CODES) => {
                let count = guesses.entry(device).or_default();
                *count += 1;
                if count.is_multiple_of(3) { refuse_after(WRONG_CODES, Effect::Dissociate(device)) } else { decision }
            }
            Some(_) => decision,
            None => {
                guesses.remove(&device);
                decision
            }
        }
    })
}

/// Looks at a user's first two devices.
fn looks_at_two_devices() -> Altered {
    decides(|situation, request, decision| {
        let resync = asked(RESYNC, situation, request);
        let Some((user, device)) = resync.and_then(|named| named.user.zip(named.id())) else { return decision };
        let place = devices_of(situation.account, user).iter().position(|known| *known == device);
        if refused_with(&decision).is_none() && place >= Some(2) { refuse(MISSING) } else { decision }
    })
}

fn resync_in_anothers_name_with_two_devices() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let has = named.user.is_some_and(|user| !devices_of(situation.account, user).is_empty());
        let resync = named.operation == MfaOperation::Resync && named.owner().is_some();
        if resync && has && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
            done(Effect::None)
        } else {
            decision
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("pending-association-completed-by-resync", completes_refused_associations),
    ("resync-looks-among-hardware-devices", resync_looks_among_hardware_devices),
    ("resync-writes-its-caller-down", writes_its_caller_down),
    ("resync-writes-an-older-list-back", writes_an_older_list_back),
    ("resync-looks-for-the-first-owner", keeps_the_first_owner),
    ("resync-of-what-was-the-users", resyncs_who_was_left),
    ("three-wrong-resyncs-end-the-association", takes_guessed_devices_away),
    ("resync-finds-a-users-first-two-devices", looks_at_two_devices),
    ("resync-in-anothers-name-with-two-devices", resync_in_anothers_name_with_two_devices),
];
