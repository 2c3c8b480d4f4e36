//! Calls of `DeactivateMFADevice` that are wrongly refused or executed because of their user or caller.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Operation, Outcome, Request, SuccessBody, TimeStep};

use crate::altered::{Altered, decides, documented, documented_reply};
use crate::entry::Registered;
use crate::line::{laid, lock, parameter, parameters};
use crate::parts::named::{
    DEACTIVATE, ENABLE, IN_THE_WAY, MISSING, TAKEN, WRONG_CODES, asked, devices_of, done, named, on, on_each,
    on_refusal, on_success, owner_of, refuse, refuse_after, refused_with,
};

fn second_enable_for_another_user_refused() -> Altered {
    let owners: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    on_success(ENABLE, move |named| {
        let (id, user) = named.id().zip(named.user)?;
        let first = *lock(&owners).entry(id).or_insert(user);
        (first != user).then(|| refuse(ErrorCode::InvalidAuthenticationCode))
    })
}

/// Remembers forever that a device was refused to a user.
fn remembers_taken_devices() -> Altered {
    let taken: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(both) = named.id().zip(named.user).filter(|_| named.operation == MfaOperation::Enable) else {
            return decision;
        };
        match refused_with(&decision) {
            Some(TAKEN) if named.owner() != named.user => {
                lock(&taken).insert(both);
                decision
            }
            None if lock(&taken).contains(&both) => refuse(TAKEN),
            _ => decision,
        }
    })
}

/// Deletes the seed before it checks the device's owner.
fn takes_seeds_away() -> Altered {
    let gone: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(device), Some(user)) = (named.id(), named.user) else { return decision };
        let mut gone = lock(&gone);
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

/// Looks for any association of a user and a device, including ended ones.
fn keeps_ended_associations() -> Altered {
    let ever: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(both) = named.id().zip(named.user) else { return decision };
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Enable, None) => {
                lock(&ever).insert(both);
                decision
            }
            (MfaOperation::Resync | MfaOperation::Deactivate, Some(MISSING))
                if named.owner().is_some() && lock(&ever).contains(&both) =>
            {
                named.carried_out()
            }
            _ => decision,
        }
    })
}

fn deactivate_swaps_its_arguments() -> Altered {
    on(DEACTIVATE, |_, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        Some(_) | None => refuse(MISSING),
    })
}

/// Gives a device another status at a Resync, which `DeactivateMFADevice` doesn't reset.
fn keeps_the_status() -> Altered {
    let resynced: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(device) = named.id().filter(|_| refused_with(&decision).is_none()) else { return decision };
        match named.operation {
            MfaOperation::Enable if lock(&resynced).contains(&device) => refuse(ErrorCode::EntityAlreadyExists),
            MfaOperation::Resync => {
                lock(&resynced).insert(device);
                decision
            }
            MfaOperation::Enable | MfaOperation::Deactivate => decision,
        }
    })
}

/// Deletes the association, and then looks it up for the reply.
fn looks_after_deleting() -> Altered {
    on_success(DEACTIVATE, |named| Some(refuse_after(MISSING, Effect::Dissociate(named.id()?))))
}

/// Checks whether the device is the user's, and continues if it is not.
fn inverts_the_check() -> Altered {
    on(DEACTIVATE, |named, decision| match refused_with(&decision) {
        None => refuse(MISSING),
        Some(MISSING) if named.user.is_some() && named.device.is_some() => named.carried_out(),
        Some(_) => decision,
    })
}

/// Marks a device as deleted before it checks whether it is assigned.
fn hides_devices() -> Altered {
    let marked: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = lock(&marked);
        if let Request::Support(support) = request {
            let is_refused = refused_with(&decision) == Some(IN_THE_WAY);
            if support.operation == Operation::DeleteVirtualMfaDevice && is_refused {
                marked.extend(support.serial_number.text.and_then(|serial| situation.account.find_device(serial)));
            }
            return decision;
        }
        let looked_up = named(situation, request).filter(|named| named.operation != MfaOperation::Enable);
        let is_marked = looked_up.and_then(|named| named.id()).is_some_and(|device| marked.contains(&device));
        if is_marked && refused_with(&decision) != Some(ErrorCode::ValidationError) {
            refuse(MISSING)
        } else {
            decision
        }
    })
}

/// Whether a binary search finds a serial number in a list, sorted or not.
fn is_found(list: &[&str], wanted: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        match list.get(middle).map_or(Ordering::Greater, |serial| (*serial).cmp(wanted)) {
            Ordering::Equal => return true,
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    false
}

/// A device in the searched list.
struct Filed {
    device: DeviceId,
    user: UserId,
    serial: Box<str>,
}

/// Uses binary search on a user's devices, in the order of enabling.
fn searches_by_halves() -> Altered {
    let list: Arc<Mutex<Vec<Filed>>> = Arc::default();
    let kept = Arc::clone(&list);
    on_each(move |named, decision| {
        let own = named.device.zip(named.user).filter(|(_, user)| named.owner() == Some(*user));
        let Some(((_, device), user)) = own.filter(|_| named.operation != MfaOperation::Enable) else {
            return decision;
        };
        let list = lock(&list);
        let serials: Vec<&str> = list.iter().filter(|filed| filed.user == user).map(|filed| &*filed.serial).collect();
        let is_valid = refused_with(&decision) != Some(ErrorCode::ValidationError);
        if is_valid && !is_found(&serials, &device.serial_number) { refuse(MISSING) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut list = lock(&kept);
        match effect {
            Effect::Associate(device, user) => {
                let serial = account.device(*device).map(|known| known.serial_number.clone());
                list.extend(serial.map(|serial| Filed { device: *device, user: *user, serial }));
            }
            Effect::Dissociate(device) | Effect::RemoveDevice(device) => list.retain(|filed| filed.device != *device),
            _ => {}
        }
    })
}

/// Looks for the device among the caller's before it looks among the named user's.
fn looks_among_its_callers() -> Altered {
    decides(|situation, request, decision| {
        let deactivated = asked(DEACTIVATE, situation, request);
        let (Some(named), Caller::User(caller)) = (deactivated, situation.caller) else { return decision };
        match named.id() {
            Some(device)
                if named.user.is_some()
                    && named.owner() == Some(caller)
                    && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) =>
            {
                done(Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
}

/// Deactivates another user's device at the second request.
fn gives_in() -> Altered {
    let asked: Mutex<BTreeSet<(DeviceId, Option<UserId>)>> = Mutex::default();
    on_refusal(DEACTIVATE, ErrorCode::NoSuchEntity, move |named| {
        let device = named.id()?;
        let anothers = named.owner().is_some() && named.user.is_some();
        let again = !lock(&asked).insert((device, named.user));
        (anothers && again).then(|| done(Effect::Dissociate(device)))
    })
}

/// Looks a device up by the last part of its serial number.
fn looks_up_the_last_part() -> Altered {
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let last = |serial: &str| serial.rsplit('/').next().unwrap_or_default().to_owned();
        let Some(wanted) = named.serial.map(last) else { return decision };
        let mut alike = situation.account.devices_after("").filter(|(_, device)| last(&device.serial_number) == wanted);
        let Some((other, _)) = alike.next().filter(|(id, _)| Some(*id) != named.id()) else { return decision };
        match (named.operation, named.user, refused_with(&decision)) {
            (MfaOperation::Enable, Some(user), None) if owner_of(situation.account, other).is_none() => {
                done(Effect::Associate(other, user))
            }
            (MfaOperation::Deactivate, Some(user), _) if owner_of(situation.account, other) == Some(user) => {
                done(Effect::Dissociate(other))
            }
            _ => decision,
        }
    })
}

/// Reports success for a deleted device.
fn remembers_deleted_devices() -> Altered {
    let deleted: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let read = parameters(&incoming.request);
        let serial = parameter(&read, "SerialNumber").unwrap_or_default().to_owned();
        let response = service(&incoming.request);
        if read.contains("Action=DeleteVirtualMFADevice") && response.status == 200 {
            lock(&deleted).insert(serial);
        } else if read.contains("Action=DeactivateMFADevice")
            && response.status == 404
            && lock(&deleted).contains(&serial)
        {
            let done = Outcome::Success(SuccessBody::Empty);
            return documented_reply(Some(Operation::DeactivateMfaDevice), &done, "deleted").into();
        }
        response.into()
    }))
}

/// Looks up the user of a key only once, and uses up the result.
fn resolves_callers_once() -> Altered {
    let resolved: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        if user_name.text.is_some() || refused_with(&decision).is_some() || lock(&resolved).insert(caller) {
            return decision;
        }
        refuse(MISSING)
    })
}

/// Demands a `UserName` from a caller with several devices.
fn demands_names_of_the_rich() -> Altered {
    decides(|situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        let is_short = user_name.text.is_none() && refused_with(&decision).is_none();
        if is_short && devices_of(situation.account, caller).len() > 1 {
            Decision::refuse(ErrorCode::ValidationError, "Must specify userName.")
        } else {
            decision
        }
    })
}

/// Accepts late pairs too, and notes the devices that are out of sync since.
struct WritesLateness(Arc<Mutex<BTreeSet<String>>>);

impl Recogniser for WritesLateness {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let wide = Adjacent { steps_behind: 20, steps_ahead: 1 };
        let step = wide.recognise(seed, one, two, now, None)?;
        let mut late = lock(&self.0);
        if step < now.step().plus(-1) {
            late.insert(seed.to_base32());
        } else {
            late.remove(&seed.to_base32());
        }
        Some(step)
    }
}

/// Refuses to deactivate a device that is out of sync.
fn deactivates_what_is_in_sync() -> Altered {
    let late: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let written = WritesLateness(Arc::clone(&late));
    on(DEACTIVATE, move |named, decision| {
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let is_late = seed.is_some_and(|seed| lock(&late).contains(&seed.to_base32()));
        if is_late && refused_with(&decision).is_none() { refuse(ErrorCode::AccessDenied) } else { decision }
    })
    .and_recogniser(written)
}

/// Finds a device by the first 128 characters of its serial number.
fn compares_128_characters() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = asked(DEACTIVATE, situation, request) else { return decision };
        let begins = named.serial.and_then(|serial| serial.get(..128)).filter(|_| named.device.is_none());
        let mut devices = situation.account.devices_after("");
        let found = begins.and_then(|begins| devices.find(|(_, device)| device.serial_number.starts_with(begins)));
        match found.filter(|(id, _)| named.user.is_some() && owner_of(situation.account, *id) == named.user) {
            Some((id, _)) => done(Effect::Dissociate(id)),
            None => decision,
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("second-enable-for-another-user-refused", second_enable_for_another_user_refused),
    ("taken-device-remembered", remembers_taken_devices),
    ("refused-deactivate-forgets-the-seed", takes_seeds_away),
    ("ended-association-taken-for-one", keeps_ended_associations),
    ("deactivate-swaps-its-arguments", deactivate_swaps_its_arguments),
    ("resynced-device-never-free-again", keeps_the_status),
    ("deactivate-looks-after-deleting", looks_after_deleting),
    ("deactivate-check-inverted", inverts_the_check),
    ("refused-delete-of-a-device-hides-it", hides_devices),
    ("devices-searched-by-halves-unsorted", searches_by_halves),
    ("callers-own-device-found-whoever-is-named", looks_among_its_callers),
    ("deactivate-of-anothers-device-works-the-second-time", gives_in),
    ("devices-looked-up-by-their-last-part", looks_up_the_last_part),
    ("deactivate-of-a-deleted-device", remembers_deleted_devices),
    ("default-user-resolved-once", resolves_callers_once),
    ("callers-with-two-devices-must-name-themselves", demands_names_of_the_rich),
    ("device-out-of-sync-not-deactivated", deactivates_what_is_in_sync),
    ("deactivate-compares-128-characters", compares_128_characters),
];
