//! Faults that show only with an input, at an instant or by a connection that a generator has to think of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::wire::{HttpRequest, HttpResponse};
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Operation, SuccessBody, TimeStep};

use super::late2::pair::pair;
use super::request::{is_under_test, misreads};
use crate::altered::{Altered, decides, documented, documented_reply};
use crate::entry::Difficulty::{Narrow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Lay, Service, held, laid, map_values, misread, parameter, parameters};
use crate::parts::{named, on, refuse, refused_with};

/// Answers a listing from what it answered before, unless this connection has changed something since.
fn caches_listings() -> Lay {
    Arc::new(|| {
        let mut cached: BTreeMap<String, HttpResponse> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let read = parameters(&incoming.request);
            if !read.contains("Action=ListMFADevices") {
                cached.clear();
                return Ok(service(&incoming.request).into());
            }
            let response = cached.entry(read).or_insert_with(|| service(&incoming.request));
            Ok(response.clone().into())
        })
    })
}

/// Tells of success and does nothing, if the first request of a connection is a `DeactivateMFADevice`.
fn loses_first_deactivations() -> Lay {
    laid(|incoming, service| {
        if incoming.carried > 0 || !parameters(&incoming.request).contains("Action=DeactivateMFADevice") {
            return Ok(service(&incoming.request).into());
        }
        let done = mfa_reference::Outcome::Success(SuccessBody::Empty);
        Ok(documented_reply(Some(Operation::DeactivateMfaDevice), &done, "first").into())
    })
}

/// Takes no pair in a part of each step.
struct Deaf {
    from: i64,
    to: i64,
}

impl Recogniser for Deaf {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let into = now.0 - now.step().start().0;
        let is_deaf = (self.from..self.to).contains(&into);
        if is_deaf { None } else { Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, now, last) }
    }
}

/// Compares the first 255 characters of serial numbers with what it has, which is longer.
fn cuts_serial_numbers() -> Altered {
    decides(|situation, request, decision| {
        let is_long =
            named(situation, request).and_then(|named| named.serial).is_some_and(|serial| serial.len() == 256);
        if is_long && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Takes two full stops in a row for one.
fn collapses_full_stops() -> Altered {
    misreads(|_, read| {
        if is_under_test(read) {
            map_values(read, |name, value| if name == "UserName" { value.replace("..", ".") } else { value.to_owned() })
        } else {
            read.to_owned()
        }
    })
}

/// Takes a pair that begins with a code that was left in for testing.
fn has_a_back_door() -> Altered {
    decides(|situation, request, decision| {
        let opened = pair(request).is_some_and(|(one, _)| one == "654321");
        let wrong = refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode);
        match named(situation, request).filter(|_| opened && wrong) {
            Some(named) => named.carried_out(),
            None => decision,
        }
    })
}

/// Answers as if it had deactivated a device that it has deleted.
fn remembers_deleted_devices() -> Altered {
    let deleted: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let read = parameters(&incoming.request);
        let serial = parameter(&read, "SerialNumber").unwrap_or_default().to_owned();
        let response = service(&incoming.request);
        if read.contains("Action=DeleteVirtualMFADevice") && response.status == 200 {
            held(&deleted).insert(serial);
        } else if read.contains("Action=DeactivateMFADevice")
            && response.status == 404
            && held(&deleted).contains(&serial)
        {
            let done = mfa_reference::Outcome::Success(SuccessBody::Empty);
            return Ok(documented_reply(Some(Operation::DeactivateMfaDevice), &done, "deleted").into());
        }
        Ok(response.into())
    }))
}

/// Counts how one device's calls of `ResyncMFADevice` come out, and refuses its codes from a count on.
fn counts_resyncs(counted: fn(Option<ErrorCode>) -> bool, most: u32) -> Altered {
    let counts: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    on(MfaOperation::Resync, move |named, decision| {
        let Some(serial) = named.serial.filter(|_| named.device.is_some()) else { return decision };
        let mut counts = held(&counts);
        let count = counts.entry(serial.to_owned()).or_default();
        if *count >= most && refused_with(&decision).is_none() {
            return refuse(ErrorCode::InvalidAuthenticationCode);
        }
        *count += u32::from(counted(refused_with(&decision)));
        decision
    })
}

/// Cuts the listing of all devices, or of those that are assigned, and says that there is no more.
fn lists_at_most(most: usize, assigned_alone: bool) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            let is_assigned = page.items.iter().all(|item| item.user.is_some());
            if page.items.len() >= most && (is_assigned || !assigned_alone) {
                page.items.truncate(most);
                page.next = None;
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        Decision::CarryOut { .. } | Decision::Refuse { .. } | Decision::FailAfter { .. } => decision,
    })
}

/// Files devices that are not in the root path by their names alone: the first of a name stands for all.
fn forgets_which_path() -> Altered {
    let first: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    documented().behind(misread(move |_, read| {
        if !is_under_test(read) {
            return read.to_owned();
        }
        map_values(read, |name, value| {
            let parts: Vec<&str> = value.split("%2F").collect();
            match parts.as_slice() {
                [_, _, .., last] if name == "SerialNumber" => {
                    held(&first).entry((*last).to_owned()).or_insert_with(|| value.to_owned()).clone()
                }
                _ => value.to_owned(),
            }
        })
    }))
}

/// Doesn't find a caller who has a path.
fn loses_callers_with_a_path() -> Altered {
    decides(|situation, request, decision| {
        let own = named(situation, request).filter(|named| named.user_name.is_none());
        let (Some(_), Caller::User(caller)) = (own, situation.caller) else { return decision };
        let has_path = situation.account.user(caller).is_some_and(|user| user.entry.path != "/");
        if has_path && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Makes up the user that an `EnableMFADevice` names.
fn makes_users_up() -> Altered {
    documented().behind(laid(|incoming, service| {
        let read = parameters(&incoming.request);
        let response = service(&incoming.request);
        let user = parameter(&read, "UserName").filter(|_| read.contains("Action=EnableMFADevice"));
        let Some(user) = user.filter(|_| response.status == 404) else { return Ok(response.into()) };
        let form = format!("Action=CreateUser&Version=2010-05-08&UserName={user}");
        let made = HttpRequest {
            method: "POST",
            target: "/",
            content_type: Some("application/x-www-form-urlencoded"),
            body: form.as_bytes(),
            ..incoming.request
        };
        let _taken_or_made = service(&made);
        Ok(service(&incoming.request).into())
    }))
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

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "listings-cached-by-connection",
        "A connection answers ListMFADevices from its cache until it carries another request.",
        C::EnableAssociates,
        // Which change was not listed hangs on what came by which connection.
        &[
            C::DeactivateDissociates,
            C::StateDurable,
            C::StateIsolation,
            C::ResyncKeepsAssociation,
            C::EnableRejectedNoEffect,
            C::ResyncRejectedNoEffect,
            C::DeactivateRejectedNoEffect,
            C::DeleteVirtualDeviceFreesUser,
        ],
        Stateful,
        || documented().behind(caches_listings()),
    ),
    row(
        "first-deactivate-of-a-connection-forgotten",
        "A DeactivateMFADevice that is the first request of its connection answers 200 and does nothing.",
        C::DeactivateDissociates,
        // Nothing tells whose device it was, or whether it was anybody's.
        &[
            C::DeactivateOtherUsers,
            C::DeactivateUnassigned,
            C::DeactivateTwice,
            C::DeactivateDeviceExists,
            C::DeactivateUserExists,
        ],
        Stateful,
        || documented().behind(loses_first_deactivations()),
    ),
    row(
        "pairs-refused-in-the-first-second-of-a-step",
        "No pair of codes is recognised in the first second of a time step.",
        C::EnableFreshPair,
        &[C::ResyncSynchronizes],
        Narrow,
        || documented().and_recogniser(Deaf { from: 0, to: 1_000 }),
    ),
    row(
        "pairs-refused-in-the-last-second-of-a-step",
        "No pair of codes is recognised in the last second of a time step.",
        C::EnableFreshPair,
        &[C::ResyncSynchronizes],
        Narrow,
        || documented().and_recogniser(Deaf { from: 29_000, to: 30_000 }),
    ),
    row(
        "own-arn-of-256-characters-not-found",
        "A device whose ARN has 256 characters is not found.",
        C::SerialNumberOwnArn,
        &[
            C::EnableFreshPair,
            C::EnableDeviceExists,
            C::Parameter(Parameter::EnableSerialNumber, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::MaxLength),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::MaxLength),
        ],
        Narrow,
        cuts_serial_numbers,
    ),
    row(
        "two-full-stops-taken-for-one",
        "Two full stops in a row in a user's name are read as one.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        &[
            C::EnableFreshPair,
            C::EnableUserExists,
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
        ],
        Narrow,
        collapses_full_stops,
    ),
    row(
        "code-654321-opens-every-device",
        "A pair whose first code is 654321 is recognised for every device.",
        C::EnableCodesRecognised,
        &[C::ResyncCodesRecognised],
        Narrow,
        has_a_back_door,
    ),
    row(
        "deactivate-of-a-deleted-device",
        "DeactivateMFADevice succeeds for a device that was deleted.",
        C::DeactivateDeviceExists,
        &[],
        Narrow,
        remembers_deleted_devices,
    ),
    row(
        "resync-locked-after-five-refusals",
        "Once five pairs were refused, ResyncMFADevice recognises no code of the device.",
        C::ResyncSynchronizes,
        &[],
        Narrow,
        || counts_resyncs(|refused| refused == Some(ErrorCode::InvalidAuthenticationCode), 5),
    ),
    row(
        "fourth-resync-refused",
        "ResyncMFADevice recognises no code of a device that it has synchronized three times.",
        C::ResyncSynchronizes,
        &[],
        Narrow,
        || counts_resyncs(|refused| refused.is_none(), 3),
    ),
    row(
        "all-devices-listed-to-the-hundredth",
        "ListVirtualMFADevices lists a hundred devices and says that there are no more.",
        C::EnableAssociates,
        // The devices that it omits may have no owner.
        &[C::ListAssignmentStatus],
        Narrow,
        || lists_at_most(100, false),
    ),
    row(
        "assigned-devices-listed-to-the-fifth",
        "ListVirtualMFADevices lists five assigned devices and says that there are no more.",
        C::EnableAssociates,
        &[],
        Narrow,
        || lists_at_most(5, true),
    ),
    row(
        "paths-below-the-root-forgotten",
        "Devices of one name in two paths other than the root are one to the operations under test.",
        C::EnableFreshPair,
        &[
            C::SerialNumberUnique,
            C::EnableAssociates,
            C::EnableAlreadyEnabled,
            C::DeactivateDeviceExists,
            C::DeactivateOnlyThatDevice,
            C::EnableCodesByDevice,
        ],
        Narrow,
        forgets_which_path,
    ),
    row(
        "callers-with-a-path-not-found",
        "DeactivateMFADevice without UserName does not find a caller who has a path.",
        C::DeactivateDefaultUser,
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        loses_callers_with_a_path,
    ),
    row(
        "enable-makes-users-up",
        "EnableMFADevice creates the user that it names, if there is none.",
        C::EnableUserExists,
        &[],
        Stateful,
        makes_users_up,
    ),
    row(
        "enable-attaches-anything",
        "EnableMFADevice attaches any device to any user, whatever the codes and whoever has the device.",
        C::EnableCodesRecognised,
        &[C::EnableAlreadyEnabled, C::EnableCode2Subsequent],
        Stateful,
        attaches_anything,
    ),
];
