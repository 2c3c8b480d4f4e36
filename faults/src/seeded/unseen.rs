//! Services that hide what they do behind a limit, a missing name or another call.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter as P};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::{Caller, ErrorCode as E, MfaOperation, Millis, Operation, Page, Request, SuccessBody};

use super::hidden::violations_with;
use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{done, named, on, on_each, on_refusal, owner_of, refuse, refuse_after, refused_with};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

/// Carries a call without a user name out for whoever has the device, or the first user there is.
fn without_a_name(
    operation: MfaOperation,
    situation: &Situation<'_>,
    request: &Request<'_>,
    decision: Decision,
) -> Decision {
    let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
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

/// Whether a device was deactivated, and is nobody's now.
fn is_deactivated(situation: &Situation<'_>, serial: Option<&str>) -> bool {
    let device = serial.and_then(|serial| situation.account.find_device(serial));
    device
        .and_then(|id| situation.account.device(id))
        .is_some_and(|device| device.owner.is_none() && device.enabled_at > Millis(0))
}

/// Knows a deactivated device no more, yet keeps its name; and lists it, or doesn't.
fn without_the_dead(listed: bool, situation: &Situation<'_>, request: &Request<'_>, decision: Decision) -> Decision {
    let serial = match request {
        Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. } => serial_number.text,
        Request::Support(support) if support.operation == Operation::DeleteVirtualMfaDevice && !listed => {
            support.serial_number.text
        }
        Request::Support(_) => None,
    };
    match decision {
        _ if is_deactivated(situation, serial) => refuse(E::NoSuchEntity),
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } if !listed => {
            let alive = |item: &mfa_reference::VirtualDeviceEntry| {
                !is_deactivated(situation, Some(item.serial_number.as_str()))
            };
            let items = page.items.into_iter().filter(alive).collect();
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
        }
        other => other,
    }
}

fn keeps_the_name_of_the_dead(listed: bool) -> Altered {
    decides(move |situation, request, decision| without_the_dead(listed, situation, request, decision))
}

/// Checks no code, lets anyone take and remove devices, and keeps deactivated ones dead: each behind a failure, a limit
/// or a missing name. A broken constraint is answered with status 200.
fn hides_everything() -> Altered {
    decides(|situation, request, decision| {
        let nameless = |decision, operation| without_a_name(operation, situation, request, decision);
        let decision = MfaOperation::ALL.into_iter().fold(decision, nameless);
        let decision = without_the_dead(false, situation, request, decision);
        let Some(named) = named(situation, request) else { return decision };
        match (named.operation, refused_with(&decision), named.id(), named.user) {
            (ENABLE, Some(E::InvalidAuthenticationCode), Some(device), Some(user)) if named.owner().is_none() => {
                refuse_after(E::ServiceFailure, Effect::Associate(device, user))
            }
            (ENABLE | RESYNC, Some(E::InvalidAuthenticationCode), ..) => refuse(E::ServiceFailure),
            (ENABLE, Some(E::EntityAlreadyExists), ..) => refuse(E::LimitExceeded),
            (DEACTIVATE, Some(E::NoSuchEntity), Some(device), Some(_)) if named.owner().is_some() => {
                refuse_after(E::ServiceFailure, Effect::Dissociate(device))
            }
            _ => decision,
        }
    })
    .and_renderer(violations_with(200))
}

/// Deactivates another user's device when it is asked the second time.
fn gives_in() -> Altered {
    let asked: Mutex<BTreeSet<(DeviceId, Option<UserId>)>> = Mutex::default();
    on_refusal(DEACTIVATE, E::NoSuchEntity, move |named| {
        let device = named.id()?;
        let anothers = named.owner().is_some() && named.user.is_some();
        let again = !held(&asked).insert((device, named.user));
        (anothers && again).then(|| done(Effect::Dissociate(device)))
    })
}

/// Answers the Deactivate that follows a refused Resync of the device, and does nothing.
fn is_stuck_after_a_refused_resync() -> Altered {
    let refused: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(device) = named.id() else { return decision };
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Resync, Some(_)) => {
                held(&refused).insert(device);
                decision
            }
            (MfaOperation::Deactivate, None) if held(&refused).remove(&device) => done(Effect::None),
            _ => decision,
        }
    })
}

/// Remembers so many associations, and forgets the oldest.
fn remembers(most: usize) -> Altered {
    let kept: Mutex<Vec<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut kept = held(&kept);
        kept.retain(|device| owner_of(account, *device).is_some());
        if let Effect::Associate(device, _) = effect {
            kept.retain(|known| known != device);
            kept.push(*device);
            if kept.len() > most {
                let oldest = kept.remove(0);
                account.apply(&Effect::Dissociate(oldest), None, now);
            }
        }
    })
}

/// Takes the devices of other users for out of sync once a device was resynchronized, until each is itself.
fn puts_others_out_of_sync() -> Altered {
    let out: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(device), None, RESYNC) = (named.id(), refused_with(&decision), named.operation) else {
            return decision;
        };
        let mut out = held(&out);
        if out.remove(&device) {
            return refuse(E::InvalidAuthenticationCode);
        }
        let others = situation.account.devices_after("").filter(|(id, other)| *id != device && other.owner.is_some());
        out.extend(others.map(|(id, _)| id));
        decision
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

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "limit-exceeded-for-wrong-codes",
        "Wrong codes are refused with LimitExceeded.",
        C::EnableCodesRecognised,
        &[],
        Shallow,
        || on_refusal(ENABLE, E::InvalidAuthenticationCode, |_| Some(refuse(E::LimitExceeded))),
    ),
    row(
        "limit-exceeded-for-devices-in-use",
        "An Enable of a device in use is refused with LimitExceeded.",
        C::EnableAlreadyEnabled,
        &[],
        Shallow,
        || on_refusal(ENABLE, E::EntityAlreadyExists, |_| Some(refuse(E::LimitExceeded))),
    ),
    row(
        "limit-exceeded-after-150-enables",
        "After 150 accepted Enables each is refused with LimitExceeded.",
        C::EnableLimit,
        &[],
        Narrow,
        || {
            let accepted = Mutex::new(0_u32);
            on(ENABLE, move |_, decision| {
                let mut accepted = held(&accepted);
                match refused_with(&decision) {
                    None if *accepted >= 150 => refuse(E::LimitExceeded),
                    None => {
                        *accepted += 1;
                        decision
                    }
                    Some(_) => decision,
                }
            })
        },
    ),
    row(
        "deactivate-without-a-name-takes-any-device",
        "A Deactivate without UserName, signed by no IAM user, deactivates whatever it names.",
        C::DeactivateDefaultUserOtherCallers,
        &[],
        Shallow,
        || takes_no_name(DEACTIVATE),
    ),
    row(
        "enable-without-a-name-takes-the-first-user",
        "An Enable without UserName, signed by no IAM user, enables the device for the first user.",
        C::Parameter(P::EnableUserName, Aspect::Required),
        &[],
        Shallow,
        || takes_no_name(ENABLE),
    ),
    row(
        "resync-without-a-name-succeeds",
        "A Resync without UserName, signed by no IAM user, succeeds for any device.",
        C::Parameter(P::ResyncUserName, Aspect::Required),
        &[],
        Shallow,
        || takes_no_name(RESYNC),
    ),
    row(
        "deactivated-devices-dead-and-hidden",
        "A deactivated device is unknown and unlisted, and its name stays taken.",
        C::DeactivateDeviceUsable,
        &[],
        Stateful,
        || keeps_the_name_of_the_dead(false),
    ),
    row(
        "deactivated-devices-dead-and-listed",
        "A deactivated device is unknown to the three operations, and listed.",
        C::DeactivateDeviceUsable,
        &[],
        Stateful,
        || keeps_the_name_of_the_dead(true),
    ),
    row(
        "deactivate-of-anothers-device-works-the-second-time",
        "A Deactivate of another user's device is refused once, and succeeds when it is sent again.",
        C::DeactivateOtherUsers,
        &[],
        Stateful,
        gives_in,
    ),
    row(
        "deactivate-does-nothing-after-a-refused-resync",
        "A Deactivate answers a success and does nothing if a Resync of the device was refused before.",
        C::DeactivateDissociates,
        &[],
        Stateful,
        is_stuck_after_a_refused_resync,
    ),
    row(
        "associations-lost-from-a-small-cache",
        "Of more than three assigned devices the first is forgotten.",
        C::StateIsolation,
        &[C::DeactivateOnlyThatDevice],
        Stateful,
        || remembers(3),
    ),
    row(
        "resync-puts-others-out-of-sync",
        "After an accepted Resync the next one of each other device is refused.",
        C::ResyncCodesByDevice,
        &[C::StateIsolation],
        Stateful,
        puts_others_out_of_sync,
    ),
    row(
        "devices-looked-up-by-their-last-part",
        "A device is looked up by what follows the last slash of its serial number.",
        C::DeactivateDeviceExists,
        &[C::EnableAssociates, C::DeactivateDissociates],
        Narrow,
        looks_up_the_last_part,
    ),
];

/// What came later: stored inputs choose faults by their number, so it stands at the end of the catalogue.
pub(crate) const LATER: &[FaultRow] = &[row(
    "everything-hidden-at-once",
    "No code is checked and anyone takes any device, behind failures, limits and status 200.",
    C::EnableRejectedNoEffect,
    &[
        C::DeactivateRejectedNoEffect,
        C::DeactivateDefaultUserOtherCallers,
        C::DeactivateDeviceUsable,
        C::EnableAlreadyEnabled,
        C::Parameter(P::EnableUserName, Aspect::Rejected),
    ],
    Shallow,
    hides_everything,
)];
