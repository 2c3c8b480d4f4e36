//! Services that delete and create wrongly.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::service::behaviour::{Behaviour, Decision};
use mfa_reference::world::{DeviceId, Effect, Fact, UserId, World};
use mfa_reference::{ErrorCode, Millis, Operation, Request, SuccessBody};

use super::{Fault, departure, devices_of, dissociate, documented, done, fault, refuse, refused_with};
use crate::support::broken::{Broken, decides, with};

/// Changes decisions about one support operation.
fn supporting(operation: Operation, otherwise: fn(&World, Option<UserId>, Decision) -> Decision) -> Broken {
    decides(move |situation, request, decision| match request {
        Request::Support(support) if support.operation == operation => {
            let user = support.name.text.and_then(|name| situation.world.find_user(name).id());
            otherwise(situation.world, user, decision)
        }
        _ => decision,
    })
}

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "deletes users who have a device",
        || {
            supporting(Operation::DeleteUser, |_, user, decision| match (refused_with(&decision), user) {
                (Some(ErrorCode::DeleteConflict), Some(user)) => done(Effect::RemoveUser(user)),
                _ => decision,
            })
        },
        &["delete-user-with-a-device", "delete-user-after-deleting-its-device"],
    ),
    fault(
        "deletes no user",
        || supporting(Operation::DeleteUser, |_, _, _| refuse(ErrorCode::DeleteConflict)),
        &["delete-user-after-deactivation"],
    ),
    fault(
        "dissociates everybody's devices when it deletes a user",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if matches!(effect, Effect::RemoveUser(_)) {
                    let devices: Vec<DeviceId> = world.devices_after("").map(|(id, _)| id).collect();
                    dissociate(world, &devices, now);
                }
                documented(world, effect, body, now);
            })
        },
        &["delete-user-leaves-others"],
    ),
    fault(
        "deletes a device and keeps it in its user's listing",
        || {
            decides(|_, request, decision| match request {
                Request::Support(support)
                    if support.operation == Operation::DeleteVirtualMfaDevice
                        && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
                {
                    done(Effect::None)
                }
                _ => decision,
            })
        },
        &["delete-user-after-deleting-its-device"],
    ),
    departure(
        "deletes devices that are enabled",
        || {
            decides(|situation, request, decision| match request {
                Request::Support(support)
                    if support.operation == Operation::DeleteVirtualMfaDevice
                        && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
                {
                    let serial = support.serial_number.text.unwrap_or_default();
                    situation.world.find_device(serial).id().map_or(decision, |id| done(Effect::RemoveDevice(id)))
                }
                _ => decision,
            })
        },
        &["delete-user-after-deleting-its-device"],
    ),
    departure(
        "gives a new user whatever device was enabled before",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                documented(world, effect, body, now);
                let used: Vec<DeviceId> = world
                    .devices_after("")
                    .filter(|(_, device)| device.enabled_at > Millis(0) && device.owner == Fact::Known(None))
                    .map(|(id, _)| id)
                    .collect();
                if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
                    && let Some(user) = world.find_user(&entry.user_name).id()
                {
                    for device in used {
                        world.apply(&Effect::Associate(device, user), None, now);
                    }
                }
            })
        },
        &["delete-user-and-create-it-again"],
    ),
    departure(
        "dissociates the devices of a user who is renamed",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if let Effect::RenameUser(user, _) = effect {
                    let devices = devices_of(world, *user);
                    dissociate(world, &devices, now);
                }
                documented(world, effect, body, now);
            })
        },
        &["rename-user-keeps-its-device"],
    ),
    fault(
        "keeps the old seed of a device that is created again",
        || {
            let seeds: Mutex<BTreeMap<String, String>> = Mutex::default();
            with(Behaviour::default()).and_effects(move |world, effect, body, now| {
                let SuccessBody::VirtualDevice { serial_number, seed_blob } = body else {
                    return documented(world, effect, body, now);
                };
                let mut seeds = seeds.lock().unwrap();
                let kept = seeds.entry(serial_number.clone()).or_insert_with(|| seed_blob.clone()).clone();
                let body = SuccessBody::VirtualDevice { serial_number: serial_number.clone(), seed_blob: kept };
                documented(world, effect, &body, now);
            })
        },
        &["delete-device-and-create-it-again"],
    ),
];
