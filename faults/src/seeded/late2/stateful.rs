//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Request, SuccessBody, TimeStep};

use super::pair::{emitted, pair};
use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, dissociate, done, named, on_refusal, refuse, refuse_after, refused_with};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// How long after a Deactivate the job runs that clears up behind it.
const JOB_MS: i64 = 15_000;

/// How far from now a Resync finds a pair, in steps.
const FAR: i64 = 20;

/// Clears up behind each Deactivate in a job that comes later.
fn clears_up_late() -> Altered {
    let jobs: Mutex<Vec<(Millis, DeviceId)>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut jobs = held(&jobs);
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut *jobs).into_iter().partition(|(at, _)| *at <= now);
        *jobs = waiting;
        for (_, device) in due {
            dissociate(account, &[device], now);
        }
        if let Effect::Dissociate(device) = effect {
            jobs.push((now.plus(JOB_MS), *device));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Keeps the drift that a Resync finds for all devices together.
fn shares_the_drift() -> Altered {
    let drift: Mutex<i64> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let Some((seed, codes)) = seed.zip(pair(request)) else { return decision };
        let after = |steps: i64| situation.now.plus(steps * TimeStep::MILLIS);
        let own = named.user.is_some() && named.owner() == named.user;
        let mut drift = held(&drift);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Resync, None) => *drift = 0,
            (MfaOperation::Resync, Some(WRONG_CODES)) if own => {
                if let Some(steps) = (-FAR..=FAR).find(|steps| emitted(seed, codes, after(*steps))) {
                    *drift = steps;
                    return done(Effect::None);
                }
            }
            (MfaOperation::Enable, None) if !emitted(seed, codes, after(*drift)) => return refuse(WRONG_CODES),
            _ => {}
        }
        decision
    })
}

/// Looks a user's id up once for each name, and keeps it.
fn keeps_ids_by_name() -> Altered {
    let ids: Mutex<BTreeMap<String, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enabled = named(situation, request)
            .filter(|named| named.operation == MfaOperation::Enable && refused_with(&decision).is_none());
        let Some(named) = enabled else { return decision };
        let (Some(name), Some(user), Some(device)) = (named.user_name, named.user, named.id()) else {
            return decision;
        };
        let kept = *held(&ids).entry(name.to_ascii_lowercase()).or_insert(user);
        match situation.account.user(kept) {
            _ if kept == user => decision,
            Some(_) => done(Effect::Associate(device, kept)),
            None => done(Effect::None),
        }
    })
}

/// Renews the seed of a device before its name is found to be taken.
fn renews_seeds() -> Altered {
    decides(|situation, request, decision| {
        let (Request::Support(support), Decision::Refuse { code, message }) = (request, &decision) else {
            return decision;
        };
        if support.operation != Operation::CreateVirtualMfaDevice || *code != ErrorCode::EntityAlreadyExists {
            return decision;
        }
        let ending = format!(":mfa{}{}", support.path, support.name.text.unwrap_or_default());
        let taken = situation.account.devices_after("").find(|(_, device)| device.serial_number.ends_with(&ending));
        let Some((_, device)) = taken else { return decision };
        let seed = Seed::from_bytes(format!("{ending} at {}", situation.now.0).as_bytes());
        let body = SuccessBody::VirtualDevice {
            serial_number: device.serial_number.to_string(),
            seed_blob: seed.to_blob(),
            extras: mfa_reference::DeviceExtras::default(),
        };
        Decision::FailAfter { effect: Effect::AddDevice, body, code: *code, message: message.clone() }
    })
    .and_effects(|account, effect, body, now| {
        let before = match (effect, body) {
            (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) => account.find_device(serial_number),
            _ => None,
        };
        let owned = before.and_then(|id| Some((crate::parts::owner_of(account, id)?, account.device(id)?.enabled_at)));
        account.apply(effect, Some(body), now);
        if let (Some((owner, since)), SuccessBody::VirtualDevice { serial_number, .. }) = (owned, body)
            && let Some(id) = account.find_device(serial_number)
        {
            account.apply(&Effect::Associate(id, owner), None, since);
        }
    })
}

/// Takes the codes' seed away before it is seen whose the device is.
fn takes_seeds_away() -> Altered {
    let gone: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(device), Some(user)) = (named.id(), named.user) else { return decision };
        let mut gone = held(&gone);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Deactivate, Some(ErrorCode::NoSuchEntity)) if named.owner() != Some(user) => {
                gone.insert(device);
                decision
            }
            (MfaOperation::Enable | MfaOperation::Resync, None) if gone.contains(&device) => refuse(WRONG_CODES),
            _ => decision,
        }
    })
}

/// Doesn't know users who were renamed by their access keys.
fn knows_keys_by_name() -> Altered {
    let renamed: Arc<Mutex<BTreeSet<UserId>>> = Arc::default();
    let noted = Arc::clone(&renamed);
    decides(move |situation, request, decision| {
        let by_key = named(situation, request).filter(|named| named.user_name.is_none());
        let user = by_key.and_then(|named| named.user).filter(|_| refused_with(&decision).is_none());
        match user {
            Some(user) if held(&renamed).contains(&user) => refuse(ErrorCode::NoSuchEntity),
            Some(_) | None => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RenameUser(id, name) = effect
            && account.user(*id).is_some_and(|user| !user.entry.user_name.eq_ignore_ascii_case(name))
        {
            held(&noted).insert(*id);
        }
        account.apply(effect, Some(body), now);
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "late-job-undoes-a-second-enable",
        "A job clears up behind DeactivateMFADevice after 15 seconds, and dissociates a device that was enabled again.",
        C::StateDurable,
        // A 200 that doesn't last; what was not called about has changed.
        &[C::EnableAssociates, C::StateIsolation, C::DeactivateReEnable],
        Stateful,
        clears_up_late,
    ),
    row(
        "drift-shared-by-all-devices",
        "The drift that ResyncMFADevice finds in one device's codes is expected of every device that is enabled next.",
        C::EnableFreshPair,
        // Another device's codes are what matters; each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::DeactivateReEnable, C::StateIsolation],
        Stateful,
        shares_the_drift,
    ),
    row(
        "device-enabled-for-the-former-user-of-a-name",
        "EnableMFADevice keeps the user that a name stood for first, so that a new user of that name gets nothing.",
        C::EnableAssociates,
        // Where the former user was renamed, it is that user's.
        &[C::StateIsolation],
        Stateful,
        keeps_ids_by_name,
    ),
    row(
        "refused-creation-renews-the-seed",
        "CreateVirtualMFADevice of a name that is taken is refused, and gives the device another seed.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well; a call on another object did it.
        &[
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::StateIsolation,
        ],
        Stateful,
        renews_seeds,
    ),
    row(
        "refused-deactivate-forgets-the-seed",
        "DeactivateMFADevice of a device that isn't the user's is refused, and its codes are never recognised again.",
        C::DeactivateRejectedNoEffect,
        // What shows it is a fresh pair that is refused.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
        ],
        Stateful,
        takes_seeds_away,
    ),
    row(
        "renamed-users-key-finds-nobody",
        "DeactivateMFADevice without UserName, by the key of a user who was renamed, is answered NoSuchEntity.",
        C::DeactivateDefaultUser,
        &[],
        Stateful,
        knows_keys_by_name,
    ),
    row(
        "ninth-device-refused-and-enabled",
        "A user's ninth device is refused with LimitExceeded, and associated.",
        C::EnableRejectedNoEffect,
        &[C::StateIsolation],
        Stateful,
        || {
            on_refusal(MfaOperation::Enable, ErrorCode::LimitExceeded, |named| {
                let (device, user) = named.id().zip(named.user)?;
                Some(refuse_after(ErrorCode::LimitExceeded, Effect::Associate(device, user)))
            })
        },
    ),
    row(
        "one-device-a-user",
        "EnableMFADevice for a user who has a device is answered EntityAlreadyExists, whichever device is named.",
        C::EnableFreshPair,
        // The code is that of a device which is somebody's; each demand on a refused fresh pair names it as well.
        &[C::EnableAlreadyEnabled, C::EnableCodesByDevice, C::DeactivateReEnable],
        Stateful,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let has = named.user.is_some_and(|user| !devices_of(situation.account, user).is_empty());
                let enabled = named.operation == MfaOperation::Enable && refused_with(&decision).is_none();
                if has && enabled { refuse(ErrorCode::EntityAlreadyExists) } else { decision }
            })
        },
    ),
];
