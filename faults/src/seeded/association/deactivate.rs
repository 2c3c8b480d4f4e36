//! How `DeactivateMFADevice` dissociates wrongly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Decision, Situation};
use mfa_reference::{
    Caller, ErrorCode, MfaOperation, Millis, Operation, Page, Request, SuccessBody, VirtualDeviceEntry,
};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    DEACTIVATE, ENABLE, MISSING, RESYNC, asked, devices_of, dissociate, done, named, on_each, on_success, owner_of,
    refuse, refuse_after, refused_with,
};
use crate::parts::replies::violations_with;

fn fourth_deactivate_forgotten() -> Altered {
    let enabled: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    on_success(DEACTIVATE, move |named| {
        let mut enabled = lock(&enabled);
        let count = enabled.entry(named.id()?).or_default();
        *count += 1;
        (*count == 4).then(|| done(Effect::None))
    })
}

fn deactivate_the_users_first_device() -> Altered {
    carries_out(|account, effect, body, now| match effect {
        Effect::Dissociate(device) => {
            let owner = owner_of(account, *device);
            let first = owner.and_then(|owner| devices_of(account, owner).into_iter().next());
            dissociate(account, &[first.unwrap_or(*device)], now);
        }
        other => account.apply(other, Some(body), now),
    })
}

fn third_device_shifts_the_index() -> Altered {
    carries_out(|account, effect, body, now| {
        let Effect::Dissociate(device) = effect else { return account.apply(effect, Some(body), now) };
        let all = owner_of(account, *device).map_or_else(Vec::new, |owner| devices_of(account, owner));
        let after = all.iter().skip_while(|known| *known != device).nth(1).filter(|_| all.len() >= 3);
        dissociate(account, &[*after.unwrap_or(device)], now);
    })
}

/// How long the service remembers that a user doesn't have a device.
const REMEMBERED_MS: i64 = 60_000;

/// Remembers for a minute that a user doesn't have a device.
fn remembers_what_is_missing() -> Altered {
    let missing: Mutex<BTreeMap<(UserId, DeviceId), Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let looked_up = named(situation, request).filter(|named| named.operation != MfaOperation::Enable);
        let Some(named) = looked_up else { return decision };
        let Some(both) = named.user.zip(named.id()) else { return decision };
        let mut missing = lock(&missing);
        match refused_with(&decision) {
            Some(MISSING) => {
                missing.insert(both, situation.now.plus(REMEMBERED_MS));
                decision
            }
            None if missing.get(&both).is_some_and(|until| *until > situation.now) => refuse(MISSING),
            _ => decision,
        }
    })
}

/// Keeps the newer of two changes, by whole seconds, and the older one within the same second.
fn compares_seconds() -> Altered {
    decides(|situation, request, decision| {
        let deactivated = named(situation, request)
            .filter(|named| named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none());
        let device = deactivated.and_then(|named| named.device);
        let same = device.is_some_and(|(_, device)| device.enabled_at.seconds() == situation.now.seconds());
        if same { done(Effect::None) } else { decision }
    })
}

/// Keeps a user's associations by the second in which each was made.
fn keys_by_the_second() -> Altered {
    carries_out(|account, effect, body, now| {
        let Effect::Dissociate(device) = effect else { return account.apply(effect, Some(body), now) };
        let second = |id: DeviceId| account.device(id).map(|device| device.enabled_at.seconds());
        let all = owner_of(account, *device).map_or_else(Vec::new, |owner| devices_of(account, owner));
        let same: Vec<DeviceId> = all.into_iter().filter(|id| second(*id) == second(*device)).collect();
        dissociate(account, &same, now);
    })
}

/// Finds the index of a device in the order of serial numbers, and uses the device at that index in the order of
/// enabling.
fn mixes_orders_up() -> Altered {
    let enabled: Mutex<Vec<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut enabled = lock(&enabled);
        let gone = match effect {
            Effect::Associate(device, _) => {
                enabled.retain(|known| known != device);
                enabled.push(*device);
                return account.apply(effect, Some(body), now);
            }
            Effect::Dissociate(device) => *device,
            _ => return account.apply(effect, Some(body), now),
        };
        let owner = owner_of(account, gone);
        let of_owner = |id: &DeviceId| owner.is_some() && owner_of(account, *id) == owner;
        let place = account.devices_after("").map(|(id, _)| id).filter(of_owner).position(|id| id == gone);
        let taken = place.and_then(|place| enabled.iter().copied().filter(of_owner).nth(place)).unwrap_or(gone);
        dissociate(account, &[taken], now);
    })
}

/// The associations that a device has had, the latest at the end, and which of them count.
#[derive(Default)]
struct Rows(Vec<(UserId, bool)>);

impl Rows {
    /// Adds a row, and makes all rows of the device count again.
    fn enable(&mut self, user: UserId) {
        self.0.retain(|(known, _)| *known != user);
        self.0.push((user, true));
        for (_, counts) in &mut self.0 {
            *counts = true;
        }
    }

    /// Marks a user's row as ended, and returns the user of the latest row that isn't ended.
    fn deactivate(&mut self, user: Option<UserId>, account: &Account) -> Option<UserId> {
        for (known, counts) in &mut self.0 {
            *counts = *counts && Some(*known) != user;
        }
        let mut left = self.0.iter().rev().filter(|(user, counts)| *counts && account.user(*user).is_some());
        left.next().map(|(user, _)| *user)
    }
}

/// Deletes associations by marking them, and removes all of a device's marks when it is enabled.
fn deletes_softly() -> Altered {
    let rows: Mutex<BTreeMap<DeviceId, Rows>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut rows = lock(&rows);
        let left = match effect {
            Effect::Associate(device, user) => {
                rows.entry(*device).or_default().enable(*user);
                None
            }
            Effect::Dissociate(device) => {
                let owner = owner_of(account, *device);
                rows.get_mut(device).and_then(|rows| rows.deactivate(owner, account)).map(|user| (*device, user))
            }
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some((device, user)) = left {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Executes a call without a user name for the device's owner, or for the first user.
fn without_a_name(
    operation: MfaOperation,
    situation: &Situation<'_>,
    request: &Request<'_>,
    decision: Decision,
) -> Decision {
    let Some(named) = asked(operation, situation, request) else {
        return decision;
    };
    let nameless = named.user_name.is_none() && situation.caller == Caller::Administrator;
    let first = situation.account.users().next().map(|(id, _)| id);
    match (nameless, named.id(), first) {
        (true, Some(device), Some(user)) => done(match operation {
            MfaOperation::Enable if named.owner().is_none() => Effect::Associate(device, user),
            MfaOperation::Enable | MfaOperation::Resync => Effect::None,
            MfaOperation::Deactivate => Effect::Dissociate(device),
        }),
        _ => decision,
    }
}

fn takes_no_name(operation: MfaOperation) -> Altered {
    decides(move |situation, request, decision| without_a_name(operation, situation, request, decision))
}

/// Whether a device was deactivated and is unassigned now.
fn is_deactivated(situation: &Situation<'_>, serial: Option<&str>) -> bool {
    let device = serial.and_then(|serial| situation.account.find_device(serial));
    device
        .and_then(|id| situation.account.device(id))
        .is_some_and(|device| device.owner.is_none() && device.enabled_at > Millis(0))
}

/// Doesn't find a deactivated device, but keeps its name. `listed` is whether it lists the device.
fn without_the_dead(listed: bool, situation: &Situation<'_>, request: &Request<'_>, decision: Decision) -> Decision {
    let serial = match request {
        Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. } => serial_number.text,
        Request::Support(support) if support.operation == Operation::DeleteVirtualMfaDevice && !listed => {
            support.serial_number.text
        }
        Request::Support(_) => None,
    };
    match decision {
        _ if is_deactivated(situation, serial) => refuse(ErrorCode::NoSuchEntity),
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } if !listed => {
            let alive = |item: &VirtualDeviceEntry| !is_deactivated(situation, Some(item.serial_number.as_str()));
            let items = page.items.into_iter().filter(alive).collect();
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
        }
        other => other,
    }
}

fn keeps_the_name_of_the_dead(listed: bool) -> Altered {
    decides(move |situation, request, decision| without_the_dead(listed, situation, request, decision))
}

/// Reports success for a Deactivate after a refused Resync of the device, and does nothing.
fn is_stuck_after_a_refused_resync() -> Altered {
    let refused: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(device) = named.id() else { return decision };
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Resync, Some(_)) => {
                lock(&refused).insert(device);
                decision
            }
            (MfaOperation::Deactivate, None) if lock(&refused).remove(&device) => done(Effect::None),
            _ => decision,
        }
    })
}

/// Checks no codes, lets anyone enable and deactivate devices, and never revives deactivated ones. Each fault is hidden
/// behind a failure, a limit or a missing name. It answers a broken constraint with status 200.
fn hides_everything() -> Altered {
    decides(|situation, request, decision| {
        let nameless = |decision, operation| without_a_name(operation, situation, request, decision);
        let decision = MfaOperation::ALL.into_iter().fold(decision, nameless);
        let decision = without_the_dead(false, situation, request, decision);
        let Some(named) = named(situation, request) else { return decision };
        match (named.operation, refused_with(&decision), named.id(), named.user) {
            (ENABLE, Some(ErrorCode::InvalidAuthenticationCode), Some(device), Some(user))
                if named.owner().is_none() =>
            {
                refuse_after(ErrorCode::ServiceFailure, Effect::Associate(device, user))
            }
            (ENABLE | RESYNC, Some(ErrorCode::InvalidAuthenticationCode), ..) => refuse(ErrorCode::ServiceFailure),
            (ENABLE, Some(ErrorCode::EntityAlreadyExists), ..) => refuse(ErrorCode::LimitExceeded),
            (DEACTIVATE, Some(ErrorCode::NoSuchEntity), Some(device), Some(_)) if named.owner().is_some() => {
                refuse_after(ErrorCode::ServiceFailure, Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
    .and_renderer(violations_with(200))
}

/// Buffers the last Deactivate until the next change.
fn buffers_deactivations() -> Altered {
    let buffered: Mutex<Option<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if *effect == Effect::None {
            return;
        }
        let mut buffered = lock(&buffered);
        if let Some(device) = buffered.take() {
            dissociate(account, &[device], now);
        }
        if let Effect::Dissociate(device) = effect {
            *buffered = Some(*device);
        } else {
            account.apply(effect, Some(body), now);
        }
    })
}

fn deactivate_in_anothers_name_with_a_device() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let own = named.user.and_then(|user| devices_of(situation.account, user).into_iter().next());
        let asked = named.operation == MfaOperation::Deactivate && named.owner().is_some();
        match own {
            Some(own) if asked && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) => {
                done(Effect::Dissociate(own))
            }
            _ => decision,
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("fourth-deactivate-forgotten", fourth_deactivate_forgotten),
    ("deactivate-the-users-first-device", deactivate_the_users_first_device),
    ("third-device-shifts-the-index", third_device_shifts_the_index),
    ("missing-association-remembered", remembers_what_is_missing),
    ("deactivate-in-the-second-of-its-enable-forgotten", compares_seconds),
    ("devices-of-one-second-go-together", keys_by_the_second),
    ("place-in-another-order", mixes_orders_up),
    ("deactivated-device-goes-to-its-former-user", deletes_softly),
    ("deactivate-without-a-name-takes-any-device", || takes_no_name(DEACTIVATE)),
    ("enable-without-a-name-takes-the-first-user", || takes_no_name(ENABLE)),
    ("resync-without-a-name-succeeds", || takes_no_name(RESYNC)),
    ("deactivated-devices-dead-and-hidden", || keeps_the_name_of_the_dead(false)),
    ("deactivated-devices-dead-and-listed", || keeps_the_name_of_the_dead(true)),
    ("deactivate-does-nothing-after-a-refused-resync", is_stuck_after_a_refused_resync),
    ("everything-hidden-at-once", hides_everything),
    ("deactivation-written-with-the-next-change", buffers_deactivations),
    ("deactivate-in-anothers-name-with-a-device", deactivate_in_anothers_name_with_a_device),
];
