//! Services that are right, and slow to change, to start or to answer, or behind a proxy with a clock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::DeviceId;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::service::behaviour::Situation;
use mfa_reference::{ErrorCode as E, MfaOperation, Millis, Operation, Outcome, Request};

use crate::altered::{Altered, decides, documented, documented_reply, rules};
use crate::entry::{Permitted, permit};
use crate::line::{Incoming, Sent, Service, held, laid, misread, without};
use crate::parts::{Named, named, refuse, refused_with};
use crate::seeded::listing::Lagging;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

/// The names of users, folded: those that were deleted, and when those were created that had been deleted before.
#[derive(Default)]
struct Names {
    deleted: BTreeSet<String>,
    recreated: BTreeMap<String, Millis>,
}

impl Names {
    /// Notes what a request does to a user's name.
    fn note(&mut self, situation: &Situation<'_>, request: &Request<'_>, decision: &Decision) {
        let (Request::Support(support), Decision::CarryOut { .. }) = (request, decision) else { return };
        let name = support.name.text.unwrap_or_default().to_ascii_lowercase();
        match support.operation {
            Operation::DeleteUser => {
                self.deleted.insert(name);
            }
            Operation::CreateUser if self.deleted.contains(&name) => {
                self.recreated.insert(name, situation.now);
            }
            _ => {}
        }
    }
}

/// Keeps a user whose name was deleted and created again as it is for so long; Enable and Deactivate say so.
pub(crate) fn keeps_recreated_users(millis: i64) -> Altered {
    let users: Mutex<Names> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut users = held(&users);
        users.note(situation, request, &decision);
        let Some(named) = named(situation, request).filter(|named| named.operation != MfaOperation::Resync) else {
            return decision;
        };
        let name = named.user_name.unwrap_or_default().to_ascii_lowercase();
        let young = users.recreated.get(&name).is_some_and(|since| situation.now.0 - since.0 < millis);
        if young && named.user.is_some() { refuse(E::EntityTemporarilyUnmodifiable) } else { decision }
    })
}

/// Keeps a device as it is for so long after it was enabled.
fn keeps_enabled_devices(millis: i64) -> Altered {
    let enabled: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let Some(id) = named.id() else { return decision };
        let young = held(&enabled).get(&id).is_some_and(|since| situation.now.0 - since.0 < millis);
        if young && named.operation != MfaOperation::Resync {
            return refuse(E::EntityTemporarilyUnmodifiable);
        }
        if enables(&named, &decision) {
            held(&enabled).insert(id, situation.now);
        }
        decision
    })
}

fn enables(named: &Named<'_>, decision: &Decision) -> bool {
    named.operation == MfaOperation::Enable && refused_with(decision).is_none()
}

/// Answers an error in the service's place, with the time after which to try again.
#[must_use]
pub fn put_off(code: E, retry_after: Option<i64>) -> Sent {
    let outcome = Outcome::Error { code, message: "Try again later.".to_owned() };
    let mut response = documented_reply(None, &outcome, "00000000-0000-0000-0000-000000000000");
    response.headers.extend(retry_after.map(|seconds| ("retry-after".into(), seconds.to_string())));
    response.into()
}

/// Answers every `every`th call, and all within so many seconds of it, with an error.
fn puts_off(code: E, every: u64, seconds: i64) -> Altered {
    let until: Arc<Mutex<Millis>> = Arc::new(Mutex::new(Millis(i64::MIN)));
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let mut until = held(&until);
        if incoming.calls % every == every - 1 && incoming.now > *until {
            *until = incoming.now.plus(seconds * SECOND);
        }
        if incoming.now < *until { Ok(put_off(code, Some(seconds))) } else { Ok(service(&incoming.request).into()) }
    }))
}

/// Is not available for the first seconds.
fn starts_for(seconds: i64) -> Altered {
    let since: Arc<Mutex<Option<Millis>>> = Arc::default();
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let since = *held(&since).get_or_insert(incoming.now);
        if incoming.now.0 - since.0 < seconds * SECOND {
            return Ok(put_off(E::ServiceUnavailable, None));
        }
        Ok(service(&incoming.request).into())
    }))
}

/// Is right about the time, behind a proxy whose `Date` is so far off.
pub(crate) fn dated(date_shift_ms: i64) -> Altered {
    Altered { date_shift_ms, ..documented() }
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit(
        "recreated-users-unmodifiable-for-two-seconds",
        "A user that was deleted and recreated is temporarily unmodifiable for 2 seconds.",
        &[],
        || keeps_recreated_users(2 * SECOND),
    ),
    permit(
        "recreated-users-unmodifiable-for-ten-seconds",
        "A user that was deleted and recreated is temporarily unmodifiable for 10 seconds.",
        &[],
        || keeps_recreated_users(10 * SECOND),
    ),
    permit(
        "recreated-users-unmodifiable-for-three-minutes",
        "A user that was deleted and recreated is temporarily unmodifiable for 3 minutes.",
        &[],
        || keeps_recreated_users(180 * SECOND),
    ),
    permit(
        "enabled-devices-unmodifiable-for-half-a-second",
        "A device that was enabled is temporarily unmodifiable for half a second.",
        &[],
        || keeps_enabled_devices(SECOND / 2),
    ),
    permit(
        "throttles-for-twenty-seconds",
        "Now and then every call is throttled for 20 seconds, and Retry-After says so.",
        &[],
        || puts_off(E::Throttling, 400, 20),
    ),
    permit(
        "unavailable-for-a-minute",
        "Now and then every call is answered ServiceUnavailable for a minute, and Retry-After says so.",
        &[],
        || puts_off(E::ServiceUnavailable, 700, 60),
    ),
    permit("unavailable-at-first", "Every call is answered ServiceUnavailable for the first 8 seconds.", &[], || {
        starts_for(8)
    }),
    permit(
        "listings-300-ms-old-and-paged-by-two",
        "Listings show what was so 300 milliseconds ago, two elements on a page; a user that is new is shown at once.",
        &[],
        || {
            rules(Lagging::new(300)).behind(misread(|_, parameters| {
                let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
                if lists.iter().any(|operation| parameters.contains(&format!("Action={operation}&"))) {
                    return format!("{}&MaxItems=2", without(parameters, |_, name| name == "MaxItems"));
                }
                parameters.to_owned()
            }))
        },
    ),
    permit("date-two-minutes-ahead", "A proxy writes a Date that is two minutes ahead.", &[], || dated(120 * SECOND)),
    permit("date-an-hour-behind", "A proxy writes a Date that is an hour behind.", &[], || dated(-HOUR)),
    permit("date-years-ahead", "A proxy writes a Date that is three years ahead.", &[], || dated(3 * 365 * 24 * HOUR)),
];
