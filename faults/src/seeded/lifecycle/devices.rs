//! Devices that are created, recreated or deleted, and their seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Adjacent, Decision, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, DeviceExtras, ErrorCode, MfaOperation, Millis, Operation, Request, SuccessBody};
use sha2::{Digest, Sha256};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    ENABLE, IN_THE_WAY, MISSING, RESYNC, TAKEN, WRONG_CODES, asked, devices_of, dissociate, done, named, newest_device,
    on_each, owner_of, refuse, refuse_after, refused_with,
};
use crate::parts::support::deleting_assigned;

/// Reports another device than it created.
fn makes(change: fn(String, String) -> (String, String)) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let (serial_number, seed_blob) = change(serial_number, seed_blob);
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

fn serial_number_no_arn() -> Altered {
    makes(|serial, seed| (serial.rsplit('/').next().unwrap_or_default().to_owned(), seed))
}

fn seed_in_hexadecimal() -> Altered {
    makes(|serial, seed| {
        let text = data_encoding::BASE64.decode(seed.as_bytes()).unwrap_or_default();
        let hex = data_encoding::HEXLOWER.encode(&text);
        (serial, data_encoding::BASE64.encode(hex.get(..32).unwrap_or(&hex).as_bytes()))
    })
}

fn seeds_of_letters_and_digits() -> Altered {
    makes(|serial, _| {
        let drawn = Sha256::digest(serial.as_bytes());
        let text = data_encoding::BASE32_NOPAD.encode(drawn.get(..20).unwrap_or_default());
        let by_chance = drawn.last().is_some_and(|byte| byte % 16 == 0);
        (serial, if by_chance { text } else { text.replacen(char::is_alphabetic, "1", 1) })
    })
}

fn seed_as_base64_of_its_bytes() -> Altered {
    makes(|serial, seed| {
        let bytes = Seed::from_blob(&seed)
            .ok()
            .and_then(|(seed, _)| data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).ok());
        (serial, data_encoding::BASE64.encode(&bytes.unwrap_or_default()))
    })
}

fn seed_without_a_blob() -> Altered {
    makes(|serial, seed| {
        let text = Seed::from_blob(&seed).map(|(seed, _)| seed.to_base32());
        (serial, text.unwrap_or_default())
    })
}

fn seed_told_wrongly() -> Altered {
    carries_out(|account, effect, body, now| match body {
        SuccessBody::VirtualDevice { serial_number, .. } => {
            let seed_blob = Seed::from_bytes(serial_number.as_bytes()).to_blob();
            let kept = SuccessBody::VirtualDevice {
                serial_number: serial_number.clone(),
                seed_blob,
                extras: DeviceExtras::default(),
            };
            account.apply(effect, Some(&kept), now);
        }
        other => account.apply(effect, Some(other), now),
    })
}

/// Keeps a device's owners in the order of first ownership, and treats the last as the present one.
fn keeps_owners_in_order() -> Altered {
    let owners: Mutex<BTreeMap<DeviceId, Vec<UserId>>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let Effect::Associate(device, user) = effect else { return account.apply(effect, Some(body), now) };
        let mut owners = lock(&owners);
        let all = owners.entry(*device).or_default();
        if !all.contains(user) {
            all.push(*user);
        }
        let last = all.last().copied().filter(|last| account.user(*last).is_some());
        account.apply(&Effect::Associate(*device, last.unwrap_or(*user)), Some(body), now);
    })
}

/// The pairs that the documented service accepts.
const DOCUMENTED: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Whether a request's codes are right by a seed.
fn emitted(seed: &Seed, request: &Request<'_>, now: Millis) -> bool {
    match request {
        Request::Codes { code1, code2, .. } => {
            let codes = code1.text.zip(code2.text);
            codes.is_some_and(|(one, two)| DOCUMENTED.recognise(seed, one, two, now, None).is_some())
        }
        Request::Deactivate { .. } | Request::Support(_) => false,
    }
}

/// Checks the codes of devices that were deleted.
fn deletes_softly() -> Altered {
    let deleted: Arc<Mutex<BTreeMap<String, Arc<Seed>>>> = Arc::default();
    let marked = Arc::clone(&deleted);
    decides(move |situation, request, decision| {
        let Some(named) = asked(ENABLE, situation, request) else { return decision };
        let gone = named.user.is_some() && named.device.is_none() && refused_with(&decision) == Some(MISSING);
        let seed = named.serial.filter(|_| gone).and_then(|serial| lock(&deleted).get(serial).cloned());
        match seed {
            Some(seed) if emitted(&seed, request, situation.now) => done(Effect::None),
            _ => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(id) = effect
            && let Some(device) = account.device(*id)
            && let Some(seed) = &device.seed
        {
            lock(&marked).insert(device.serial_number.to_string(), Arc::clone(seed));
        }
        account.apply(effect, Some(body), now);
    })
}

fn resync_checks_the_users_first_device() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = asked(RESYNC, situation, request) else { return decision };
        let own = named.user.filter(|user| named.owner() == Some(*user));
        let first = own.and_then(|user| devices_of(situation.account, user).into_iter().next());
        let seed = first.and_then(|first| situation.account.device(first)?.seed.as_ref());
        match (seed, refused_with(&decision)) {
            (Some(seed), None | Some(WRONG_CODES)) => {
                if emitted(seed, request, situation.now) {
                    done(Effect::None)
                } else {
                    refuse(WRONG_CODES)
                }
            }
            _ => decision,
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
            extras: DeviceExtras::default(),
        };
        Decision::FailAfter { effect: Effect::AddDevice, body, code: *code, message: message.clone() }
    })
    .and_effects(|account, effect, body, now| {
        let before = match (effect, body) {
            (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) => account.find_device(serial_number),
            _ => None,
        };
        let owned = before.and_then(|id| Some((owner_of(account, id)?, account.device(id)?.enabled_at)));
        account.apply(effect, Some(body), now);
        if let (Some((owner, since)), SuccessBody::VirtualDevice { serial_number, .. }) = (owned, body)
            && let Some(id) = account.find_device(serial_number)
        {
            account.apply(&Effect::Associate(id, owner), None, since);
        }
    })
}

/// Moves the newest device to the index of a deleted one, and still looks for it at its old index.
fn removes_by_swapping() -> Altered {
    let lost: Arc<Mutex<BTreeSet<DeviceId>>> = Arc::default();
    let moved = Arc::clone(&lost);
    on_each(move |named, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        Some(_) | None if named.id().is_some_and(|id| lock(&lost).contains(&id)) => refuse(MISSING),
        Some(_) | None => decision,
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            lock(&moved).extend(newest_device(account).filter(|newest| newest != gone));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Marks serial numbers as deleted, and never removes the marks.
fn keeps_tombstones() -> Altered {
    let buried: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let deleted = Arc::clone(&buried);
    on_each(move |named, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => decision,
        _ if named.serial.is_some_and(|serial| lock(&buried).contains(serial)) => refuse(ErrorCode::NoSuchEntity),
        _ => decision,
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            lock(&deleted).extend(account.device(*gone).map(|device| device.serial_number.to_string()));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Removes an association by the device's index among all devices.
fn strikes_off_by_place() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            let all: BTreeSet<DeviceId> = account.devices_after("").map(|(id, _)| id).collect();
            let place = all.iter().take_while(|id| *id < gone).count();
            let at_place = all.into_iter().filter(|id| owner_of(account, *id).is_some()).nth(place);
            dissociate(account, at_place.as_slice(), now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Counts up a user's devices before it checks whether the user already has the device.
fn counts_twice() -> Altered {
    let counted: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut counted = lock(&counted);
        if let Some(named) = named(situation, request) {
            let is_own = named.user.is_some() && named.owner() == named.user;
            if named.operation == MfaOperation::Enable && is_own && refused_with(&decision) == Some(TAKEN) {
                counted.extend(named.user);
            }
            return decision;
        }
        match &decision {
            Decision::CarryOut { effect: Effect::RemoveUser(user), .. } if counted.contains(user) => refuse(IN_THE_WAY),
            _ => decision,
        }
    })
}

/// Keeps a user's mark for having a device if the user is the caller.
fn leaves_a_mark() -> Altered {
    let marked: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = lock(&marked);
        match (request, situation.caller, &decision) {
            (Request::Deactivate { user_name, .. }, Caller::User(caller), Decision::CarryOut { .. })
                if user_name.text.is_none() =>
            {
                marked.insert(caller);
                decision
            }
            (_, _, Decision::CarryOut { effect: Effect::RemoveUser(user), .. }) if marked.contains(user) => {
                refuse(IN_THE_WAY)
            }
            _ => decision,
        }
    })
}

/// Sends a seed as the address in a QR code.
fn tells_an_address() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let seed = Seed::from_blob(&seed_blob).map(|(seed, _)| seed.to_base32()).unwrap_or_default();
            let name = serial_number.rsplit('/').next().unwrap_or_default();
            let address = format!("otpauth://totp/Amazon%20Web%20Services:{name}?secret={seed}&issuer=AWS");
            let seed_blob = BASE64.encode(address.as_bytes());
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

fn refused_device_deletion_dissociates() -> Altered {
    deleting_assigned(|device| refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device)))
}

/// Deletes everything whose key begins with the device's serial number.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveDevice(device) = effect
            && let Some(serial_number) = account.device(*device).map(|device| device.serial_number.clone())
        {
            let after = account.devices_after(&serial_number);
            let longer = after.take_while(|(_, other)| other.serial_number.starts_with(&*serial_number));
            for device in longer.map(|(id, _)| id).collect::<Vec<_>>() {
                account.apply(&Effect::RemoveDevice(device), None, now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("deleted-device-stays-listed", || deleting_assigned(|_| done(Effect::None))),
    ("serial-number-no-arn", serial_number_no_arn),
    ("serial-number-of-its-first-characters", || makes(|serial, seed| (serial.chars().take(40).collect(), seed))),
    ("seed-in-hexadecimal", seed_in_hexadecimal),
    ("seeds-of-letters-and-digits", seeds_of_letters_and_digits),
    ("seed-as-base64-of-its-bytes", seed_as_base64_of_its_bytes),
    ("seed-without-a-blob", seed_without_a_blob),
    ("seed-told-wrongly", seed_told_wrongly),
    ("owners-in-an-ordered-set", keeps_owners_in_order),
    ("deleted-device-enabled", deletes_softly),
    ("resync-checks-the-users-first-device", resync_checks_the_users_first_device),
    ("refused-creation-renews-the-seed", renews_seeds),
    ("newest-device-lost-when-another-is-deleted", removes_by_swapping),
    ("tombstone-hides-a-recreated-device", keeps_tombstones),
    ("deleted-devices-place-ends-an-association", strikes_off_by_place),
    ("own-device-enabled-again-counts-twice", counts_twice),
    ("own-deactivate-leaves-its-mark", leaves_a_mark),
    ("seed-as-an-address", tells_an_address),
    ("refused-device-deletion-dissociates", refused_device_deletion_dissociates),
    ("longer-serial-numbers-deleted-too", deletes_by_prefix),
];
