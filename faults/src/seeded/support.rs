//! Services that create, rename and delete wrongly.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::totp::Seed;
use mfa_reference::{DeviceExtras, ErrorCode, Operation, Request, SuccessBody};
use sha2::{Digest as _, Sha256};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, dissociate, done, owner_of, refuse, refuse_after, refused_with};

/// Changes decisions about one operation that sets up: given the account, and the user that is named.
pub(crate) fn supporting(
    operation: Operation,
    otherwise: impl Fn(&Account, Option<UserId>, Decision) -> Decision + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match request {
        Request::Support(support) if support.operation == operation => {
            let user = support.name.text.and_then(|name| situation.account.find_user(name));
            otherwise(situation.account, user, decision)
        }
        _ => decision,
    })
}

/// Changes decisions about `DeleteVirtualMFADevice` of an assigned device.
pub(crate) fn deleting_assigned(otherwise: impl Fn(DeviceId) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| match request {
        Request::Support(support)
            if support.operation == Operation::DeleteVirtualMfaDevice
                && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
        {
            let serial = support.serial_number.text.unwrap_or_default();
            situation.account.find_device(serial).map_or(decision, &otherwise)
        }
        _ => decision,
    })
}

/// Tells another device than was made.
fn makes(change: fn(String, String) -> (String, String)) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let (serial_number, seed_blob) = change(serial_number, seed_blob);
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

/// What makes another device of a name that is taken, of the same serial number.
fn made_again(
    situation: &Situation<'_>,
    request: &Request<'_>,
    decision: &Decision,
    effect: Effect,
) -> Option<Decision> {
    let Request::Support(support) = request else { return None };
    if support.operation != Operation::CreateVirtualMfaDevice
        || refused_with(decision) != Some(ErrorCode::EntityAlreadyExists)
    {
        return None;
    }
    let name = support.name.text?;
    let mut known = situation.account.devices_after("").map(|(_, device)| device);
    let taken = known.find(|device| device.serial_number.ends_with(&format!("/{name}")))?;
    let body = SuccessBody::VirtualDevice {
        serial_number: taken.serial_number.to_string(),
        seed_blob: Seed::from_bytes(name.as_bytes()).to_blob(),
        extras: DeviceExtras::default(),
    };
    Some(Decision::CarryOut { effect, body })
}

fn delete_conflict(decision: &Decision) -> bool {
    refused_with(decision) == Some(ErrorCode::DeleteConflict)
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "delete-user-with-a-device",
        "DeleteUser of a user with a device succeeds; the device stays assigned.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Shallow,
        || {
            supporting(Operation::DeleteUser, |_, user, decision| match user {
                Some(user) if delete_conflict(&decision) => done(Effect::RemoveUser(user)),
                _ => decision,
            })
        },
    ),
    row(
        "delete-user-with-two-devices",
        "DeleteUser of a user with two devices succeeds and frees them.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        || {
            supporting(Operation::DeleteUser, |account, user, decision| match user {
                Some(user) if delete_conflict(&decision) && devices_of(account, user).len() > 1 => {
                    done(Effect::RemoveUser(user))
                }
                _ => decision,
            })
            .and_effects(|account, effect, body, now| {
                if let Effect::RemoveUser(user) = effect {
                    let devices = devices_of(account, *user);
                    dissociate(account, &devices, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "delete-user-refused-and-dissociated",
        "DeleteUser of a user with a device is refused, and dissociates the device.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        || {
            supporting(Operation::DeleteUser, |account, user, decision| {
                let device = user.and_then(|user| devices_of(account, user).into_iter().next());
                match device {
                    Some(device) if delete_conflict(&decision) => {
                        refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device))
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "delete-user-never",
        "DeleteUser of a user who ever had a device is refused, deactivated or not.",
        C::DeleteUserRequiresDeactivation,
        &[],
        Stateful,
        || {
            use std::collections::BTreeSet;
            use std::sync::Mutex;
            let had: Mutex<BTreeSet<UserId>> = Mutex::default();
            decides(move |situation, request, decision| {
                let mut had = crate::line::held(&had);
                if let Decision::CarryOut { effect: Effect::Associate(_, user), .. } = &decision {
                    had.insert(*user);
                }
                match (request, &decision) {
                    (Request::Support(support), Decision::CarryOut { effect: Effect::RemoveUser(user), .. })
                        if support.operation == Operation::DeleteUser
                            && had.contains(user)
                            && situation.account.user(*user).is_some() =>
                    {
                        refuse(ErrorCode::DeleteConflict)
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "delete-user-frees-everybodys-devices",
        "DeleteUser dissociates the devices of all users.",
        C::DeleteUserLeavesOthers,
        &[C::StateIsolation],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if matches!(effect, Effect::RemoveUser(_)) {
                    let devices: Vec<DeviceId> = account.devices_after("").map(|(id, _)| id).collect();
                    dissociate(account, &devices, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "refused-delete-user-frees-anothers-device",
        "A refused DeleteUser dissociates a device of another user.",
        C::DeleteUserLeavesOthers,
        &[C::StateIsolation, C::DeleteUserRequiresDeactivation],
        Stateful,
        || {
            supporting(Operation::DeleteUser, |account, user, decision| {
                let others = account.devices_after("").map(|(id, _)| id);
                let other = others.filter(|id| owner_of(account, *id).is_some_and(|owner| Some(owner) != user)).max();
                match other {
                    Some(device) if delete_conflict(&decision) => {
                        refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device))
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "deleted-device-stays-listed",
        "DeleteVirtualMFADevice of an assigned device answers 200 and keeps it.",
        C::DeleteVirtualDeviceFreesUser,
        &[],
        Stateful,
        || deleting_assigned(|_| done(Effect::None)),
    ),
    row(
        "deleted-device-stays-listed-and-is-made-again",
        "DeleteVirtualMFADevice of an assigned device frees its name and leaves it with its user.",
        C::DeleteVirtualDeviceFreesUser,
        &[],
        Stateful,
        || {
            decides(|situation, request, decision| match request {
                Request::Support(support)
                    if support.operation == Operation::DeleteVirtualMfaDevice && delete_conflict(&decision) =>
                {
                    done(Effect::None)
                }
                _ => made_again(situation, request, &decision, Effect::None).unwrap_or(decision),
            })
        },
    ),
    row(
        "create-user-takes-a-device",
        "CreateUser dissociates the newest assigned device.",
        C::StateIsolation,
        // Nothing but a call on another object has happened.
        &[C::StateDurable],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if matches!(effect, Effect::AddUser) {
                    let assigned = account.devices_after("").map(|(id, _)| id);
                    let newest = assigned.filter(|id| owner_of(account, *id).is_some()).max();
                    dissociate(account, newest.as_slice(), now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "user-created-again-takes-anothers-device",
        "A user who is created under a deleted one's name gets the newest assigned device, whoever's it was.",
        C::StateIsolation,
        &[],
        Stateful,
        || {
            let former: Mutex<BTreeSet<String>> = Mutex::default();
            carries_out(move |account, effect, body, now| {
                if let Effect::RemoveUser(user) = effect
                    && let Some(user) = account.user(*user)
                {
                    held(&former).insert(user.entry.user_name.clone());
                }
                account.apply(effect, Some(body), now);
                if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
                    && held(&former).contains(&entry.user_name)
                    && let Some(user) = account.find_user(&entry.user_name)
                {
                    let assigned = account.devices_after("").map(|(id, _)| id);
                    let newest = assigned.filter(|id| owner_of(account, *id).is_some()).max();
                    if let Some(device) = newest {
                        account.apply(&Effect::Associate(device, user), None, now);
                    }
                }
            })
        },
    ),
    row(
        "create-device-takes-a-device",
        "CreateVirtualMFADevice dissociates the newest assigned device.",
        C::StateIsolation,
        &[C::StateDurable],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if matches!(effect, Effect::AddDevice) {
                    let assigned = account.devices_after("").map(|(id, _)| id);
                    let newest = assigned.filter(|id| owner_of(account, *id).is_some()).max();
                    dissociate(account, newest.as_slice(), now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "serial-number-no-arn",
        "CreateVirtualMFADevice gives the device's name as its serial number.",
        C::SerialNumberIsArn,
        &[],
        Shallow,
        || makes(|serial, seed| (serial.rsplit('/').next().unwrap_or_default().to_owned(), seed)),
    ),
    row(
        "serial-number-of-its-first-characters",
        "CreateVirtualMFADevice cuts the serial number to 40 characters, so that devices share one.",
        C::SerialNumberUnique,
        &[],
        Stateful,
        || makes(|serial, seed| (serial.chars().take(40).collect(), seed)),
    ),
    row(
        "taken-device-name-made-again",
        "CreateVirtualMFADevice of a name that is taken makes another device of the same serial number.",
        C::SerialNumberUnique,
        &[],
        Stateful,
        || {
            decides(|situation, request, decision| {
                made_again(situation, request, &decision, Effect::AddDevice).unwrap_or(decision)
            })
        },
    ),
    row(
        "seed-in-hexadecimal",
        "Base32StringSeed is base64 of hexadecimal digits.",
        C::SupportSeedUsable,
        &[],
        Shallow,
        || {
            makes(|serial, seed| {
                let text = data_encoding::BASE64.decode(seed.as_bytes()).unwrap_or_default();
                let hex = data_encoding::HEXLOWER.encode(&text);
                (serial, data_encoding::BASE64.encode(hex.get(..32).unwrap_or(&hex).as_bytes()))
            })
        },
    ),
    row(
        "seeds-of-letters-and-digits",
        "Base32StringSeed is letters and digits at random; one in sixteen looks like base32.",
        C::SupportSeedUsable,
        &[],
        Shallow,
        || {
            makes(|serial, _| {
                let drawn = Sha256::digest(serial.as_bytes());
                let text = data_encoding::BASE32_NOPAD.encode(drawn.get(..20).unwrap_or_default());
                let by_chance = drawn.last().is_some_and(|byte| byte % 16 == 0);
                (serial, if by_chance { text } else { text.replacen(char::is_alphabetic, "1", 1) })
            })
        },
    ),
    row(
        "seed-as-base64-of-its-bytes",
        "Base32StringSeed is base64 of the seed's bytes, without base32.",
        C::SupportSeedUsable,
        &[],
        Shallow,
        || {
            makes(|serial, seed| {
                let bytes = Seed::from_blob(&seed)
                    .ok()
                    .and_then(|(seed, _)| data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).ok());
                (serial, data_encoding::BASE64.encode(&bytes.unwrap_or_default()))
            })
        },
    ),
    row(
        "seed-without-a-blob",
        "Base32StringSeed is base32 text, not base64 of it.",
        C::SupportSeedUsable,
        &[],
        Shallow,
        || {
            makes(|serial, seed| {
                let text = Seed::from_blob(&seed).map(|(seed, _)| seed.to_base32());
                (serial, text.unwrap_or_default())
            })
        },
    ),
    row(
        "seed-told-wrongly",
        "CreateVirtualMFADevice tells another seed than the one that codes are checked with.",
        C::EnableFreshPair,
        &[C::EnableCodesByDevice, C::SupportSeedUsable],
        Narrow,
        || {
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
        },
    ),
];
