//! Those that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpRequest;
use mfa_reference::{
    Caller, ErrorCode, MfaDeviceEntry, MfaOperation, Millis, Operation, Page, Request, SuccessBody, Support, TimeStep,
};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, held};
use crate::parts::{devices_of, dissociate, done, named, owner_of, refuse, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
/// How long the clock isn't read again, in milliseconds.
const READ_EVERY_MS: i64 = 90_000;
/// How long a Resync is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 30_000;

/// Keeps with a user's keys the name that the user had when the last one was made.
fn keeps_names_with_keys() -> Altered {
    let named_then: Arc<Mutex<BTreeMap<UserId, String>>> = Arc::default();
    let naming = Arc::clone(&named_then);
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        let Some(name) = held(&named_then).get(&caller).filter(|_| user_name.text.is_none()).cloned() else {
            return decision;
        };
        let found = situation.account.find_user(&name);
        if found == Some(caller) || refused_with(&decision) == Some(ErrorCode::ValidationError) {
            return decision;
        }
        let device = named(situation, request).and_then(|named| named.id());
        match device.filter(|device| found.is_some() && owner_of(situation.account, *device) == found) {
            Some(device) => done(Effect::Dissociate(device)),
            None => refuse(MISSING),
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect
            && let Some(record) = account.user(*user)
        {
            held(&naming).insert(*user, record.entry.user_name.clone());
        }
    })
}

/// Fails at a user's second device, and takes the same call for done when it comes again.
fn takes_retries_for_done() -> Altered {
    let failed: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some((user, device)) = enable.and_then(|named| named.user.zip(named.id())) else { return decision };
        if refused_with(&decision).is_some() || devices_of(situation.account, user).len() != 1 {
            return decision;
        }
        let mut failed = held(&failed);
        if failed.remove(&(device, user)) {
            return done(Effect::None);
        }
        failed.insert((device, user));
        refuse(ErrorCode::ServiceFailure)
    })
}

/// Whether a call is a whole listing of one user's devices.
fn lists_devices_of<'a>(support: &Support<'a>) -> Option<&'a str> {
    let is_whole = support.marker.is_none() && support.max_items.is_none();
    support.name.text.filter(|_| is_whole && support.operation == Operation::ListMfaDevices)
}

/// Keeps listings until a change comes. A Deactivate without `UserName` does not count as one.
fn keeps_listings() -> Altered {
    let kept: Mutex<BTreeMap<String, Page<MfaDeviceEntry>>> = Mutex::default();
    decides(move |_, request, decision| {
        if let Request::Support(support) = request {
            if let (Some(name), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) =
                (lists_devices_of(support), &decision)
            {
                let page = held(&kept).entry(name.to_owned()).or_insert_with(|| page.clone()).clone();
                return Decision::CarryOut { effect: effect.clone(), body: SuccessBody::MfaDevices(page) };
            }
            if support.operation.is_read() {
                return decision;
            }
        }
        if !matches!(request, Request::Deactivate { user_name, .. } if user_name.text.is_none()) {
            held(&kept).clear();
        }
        decision
    })
}

/// Looks up whose a device was last, and fails where nobody is found.
fn looks_up_the_last_user() -> Altered {
    let last: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let latest = Arc::clone(&last);
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let last = enable.and_then(|named| named.id()).and_then(|device| held(&last).get(&device).copied());
        let is_gone = last.is_some_and(|user| situation.account.user(user).is_none());
        if is_gone && refused_with(&decision).is_none() { refuse(ErrorCode::ServiceFailure) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect {
            held(&latest).insert(*device, *user);
        }
    })
}

/// Keeps for whom a device was to be enabled when its codes were refused, and enables it for that user next time.
fn keeps_the_refused_user() -> Altered {
    let refused: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some((user, device)) = enable.and_then(|named| named.user.zip(named.id())) else { return decision };
        match refused_with(&decision) {
            Some(WRONG_CODES) => {
                held(&refused).insert(device, user);
                decision
            }
            Some(_) => decision,
            None => match held(&refused).remove(&device).filter(|user| situation.account.user(*user).is_some()) {
                Some(former) => done(Effect::Associate(device, former)),
                None => decision,
            },
        }
    })
}

/// Takes a device whose Resync was refused for one that is being resynchronized.
fn waits_for_a_resync() -> Altered {
    let waiting: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((device, named)) = named(situation, request).and_then(|named| Some((named.id()?, named))) else {
            return decision;
        };
        let mut waiting = held(&waiting);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Resync, Some(WRONG_CODES)) => {
                waiting.insert(device);
            }
            (MfaOperation::Resync, None) => {
                waiting.remove(&device);
            }
            (MfaOperation::Deactivate, None) if waiting.contains(&device) => {
                return refuse(ErrorCode::ConcurrentModification);
            }
            (MfaOperation::Enable | MfaOperation::Resync | MfaOperation::Deactivate, _) => {}
        }
        decision
    })
}

/// Reads the clock for codes, and uses the same time for ninety seconds.
#[derive(Default)]
struct ReadsTheClockSeldom(Mutex<Option<Millis>>);

impl Recogniser for ReadsTheClockSeldom {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let mut read = held(&self.0);
        let clock = read.filter(|read| now.0 - read.0 < READ_EVERY_MS).unwrap_or(now);
        *read = Some(clock);
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, clock, None)
    }
}

/// Takes each request of a connection for one of whoever sent the first.
fn knows_connections() -> Altered {
    documented().behind(Arc::new(|| {
        let mut first: Option<Option<String>> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let sent = incoming.request;
            let first = first.get_or_insert_with(|| sent.authorization.map(str::to_owned));
            Ok(service(&HttpRequest { authorization: first.as_deref(), ..sent }).into())
        })
    }))
}

/// Draws the seed of a device before it looks whether its name is taken, and stores it in any case.
fn stores_seeds_first() -> Altered {
    let overwritten: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let refused = refused_with(&decision);
        if let Request::Support(support) = request {
            let is_taken = support.operation == Operation::CreateVirtualMfaDevice
                && refused == Some(ErrorCode::EntityAlreadyExists);
            if let Some(name) = support.name.text.filter(|_| is_taken) {
                let ending = format!(":mfa{}{name}", support.path);
                let mut devices = situation.account.devices_after("");
                let found = devices.find(|(_, device)| device.serial_number.ends_with(&ending));
                held(&overwritten).extend(found.map(|(id, _)| id));
            }
            return decision;
        }
        let coded = named(situation, request).filter(|named| named.operation != MfaOperation::Deactivate);
        let device = coded.and_then(|named| named.id()).filter(|_| refused.is_none());
        if device.is_some_and(|device| held(&overwritten).contains(&device)) { refuse(WRONG_CODES) } else { decision }
    })
}

/// Keeps a user's devices by the second in which they were enabled.
fn keeps_one_device_a_second() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            let mut same = devices_of(account, *user);
            same.retain(|other| {
                let since = account.device(*other).map(|other| other.enabled_at.seconds());
                other != device && since == Some(now.seconds())
            });
            dissociate(account, &same, now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Looks at no codes for half a minute after a Resync.
fn remembers_resyncs() -> Altered {
    let remembered: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let resync = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        let Some(device) = resync.and_then(|named| named.id()) else { return decision };
        let mut remembered = held(&remembered);
        match refused_with(&decision) {
            None => {
                remembered.insert(device, situation.now);
                decision
            }
            Some(WRONG_CODES) => match remembered.get(&device) {
                Some(since) if situation.now.0 - since.0 < REMEMBERED_MS => done(Effect::None),
                Some(_) | None => decision,
            },
            Some(_) => decision,
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "key-kept-with-a-former-name",
        "DeactivateMFADevice without UserName is for whoever has the name that the key's user had when it was made.",
        C::DeactivateDefaultUser,
        // Another user's device may be deactivated, and the answer says that the caller does not exist.
        &[C::DeactivateOtherUsers, C::StateIsolation, C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Stateful,
        keeps_names_with_keys,
    ),
    row(
        "retry-after-a-failure-not-carried-out",
        "EnableMFADevice for a user with one device is answered ServiceFailure; sent again, 200 without effect.",
        C::EnableAssociates,
        &[C::StateSettles],
        Stateful,
        takes_retries_for_done,
    ),
    row(
        "listing-kept-over-a-deactivation-without-user-name",
        "ListMFADevices repeats its answer until a change; it misses a DeactivateMFADevice without UserName.",
        C::DeactivateDissociates,
        // The listing does not show the Deactivate, and the caller's device seems to stay.
        &[C::StateSettles, C::DeactivateDefaultUser],
        Stateful,
        keeps_listings,
    ),
    row(
        "enable-fails-once-the-former-user-is-deleted",
        "EnableMFADevice of a device whose last user was deleted is answered ServiceFailure, each time.",
        C::RobustnessPersistentFailure,
        // A deactivated device can't be enabled again.
        &[C::RobustnessNoCrash, C::DeactivateReEnable, C::DeactivateDeviceUsable, C::EnableFreshPair],
        Stateful,
        looks_up_the_last_user,
    ),
    row(
        "enabled-for-whom-it-was-refused",
        "EnableMFADevice of a device whose codes were refused for another user associates it with that user.",
        C::EnableAssociates,
        // The refused call has an effect after all, on a user whom nobody named any more.
        &[C::EnableRejectedNoEffect, C::StateIsolation, C::StateSettles],
        Stateful,
        keeps_the_refused_user,
    ),
    row(
        "refused-resync-blocks-deactivation",
        "DeactivateMFADevice gets ConcurrentModification from a refused Resync of a device to an accepted one.",
        C::DeactivateConcurrentModification,
        // The refused call did something, and who may deactivate the device can't.
        &[C::ResyncRejectedNoEffect, C::DeactivateDissociates, C::DeactivateByAdministrator, C::DeactivateNoCodeNeeded],
        Stateful,
        waits_for_a_resync,
    ),
    row(
        "clock-read-every-ninety-seconds",
        "The clock by which codes are checked is read at a call with codes, and then not again for ninety seconds.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::DeactivateReEnable,
        ],
        Stateful,
        || documented().and_recogniser(ReadsTheClockSeldom::default()),
    ),
    row(
        "caller-kept-by-the-connection",
        "Each request of a connection counts as signed by whoever signed the first.",
        C::DeactivateDefaultUser,
        // A call is judged by what another one carried.
        &[C::WireRequestBoundary, C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Stateful,
        knows_connections,
    ),
    row(
        "refused-creation-changes-the-seed",
        "CreateVirtualMFADevice of a name that is taken is refused, and gives the device of that name another seed.",
        C::ResyncSynchronizes,
        // The device's own codes are never right any more.
        &[
            C::ResyncCodesByDevice,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::DeactivateDeviceUsable,
        ],
        Stateful,
        stores_seeds_first,
    ),
    row(
        "devices-of-one-second-replace-each-other",
        "A device that is enabled for a user takes the place of the one enabled for that user in the same second.",
        C::StateDurable,
        // The first one isn't the user's any more, in the listings or in calls that name it.
        &[C::EnableAssociates, C::StateSettles, C::ResyncSynchronizes, C::DeactivateByAdministrator],
        Stateful,
        keeps_one_device_a_second,
    ),
    row(
        "resync-remembered-for-half-a-minute",
        "ResyncMFADevice takes any codes for half a minute after it has taken right ones of the device.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Stateful,
        remembers_resyncs,
    ),
];
