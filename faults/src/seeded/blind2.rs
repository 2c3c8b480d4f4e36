//! More faults written from the documents and the protocol alone: the rest of those that show only in a certain
//! state, and those that show only with one value or one combination.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Request, SuccessBody, TimeStep};

use super::reply_forms::lists_each;
use crate::altered::{Altered, decides};
use crate::entry::Difficulty::{Narrow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{Sent, by_get, held, laid, misread, parameter, parameters, without};
use crate::parts::{devices_of, done, named, on, on_each, refuse, refuse_after, refused_with};
use crate::seeded::late2::pair::pair;
use crate::seeded::support::deleting_assigned;

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
/// The pairs that the documented service takes.
const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };
/// How many characters of a serial number a listing has room for.
const LISTED_CHARACTERS: usize = 128;

/// Lists a user's devices by two, and goes on behind the one that tells that there are more, which it doesn't show.
fn loses_the_last_of_a_page() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) } => {
            if page.next.is_some() && page.items.len() > 1 {
                page.items.pop();
            }
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        other => other,
    })
    .behind(misread(|_, parameters| {
        if parameter(parameters, "Action") == Some("ListMFADevices") {
            format!("{}&MaxItems=2", without(parameters, |_, name| name == "MaxItems"))
        } else {
            parameters.to_owned()
        }
    }))
}

/// Fails at a user's third device, and takes another back than the one that was to come.
fn takes_the_wrong_one_back() -> Altered {
    decides(|situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some(user) = enable.and_then(|named| named.user) else { return decision };
        match devices_of(situation.account, user).as_slice() {
            [first, _] if refused_with(&decision).is_none() => {
                refuse_after(ErrorCode::ServiceFailure, Effect::Dissociate(*first))
            }
            _ => decision,
        }
    })
}

/// Looks up once who a key belongs to, and uses what it found up.
fn resolves_callers_once() -> Altered {
    let resolved: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        if user_name.text.is_some() || refused_with(&decision).is_some() || held(&resolved).insert(caller) {
            return decision;
        }
        refuse(MISSING)
    })
}

/// Demands a name of a caller with several devices.
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

/// Takes late pairs too, and writes down whose device isn't in sync since.
struct WritesLateness(Arc<Mutex<BTreeSet<String>>>);

impl Recogniser for WritesLateness {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let wide = Adjacent { steps_behind: 20, steps_ahead: 1 };
        let step = wide.recognise(seed, one, two, now, None)?;
        let mut late = held(&self.0);
        if step < now.step().plus(-1) {
            late.insert(seed.to_base32());
        } else {
            late.remove(&seed.to_base32());
        }
        Some(step)
    }
}

/// Deactivates no device that isn't in sync.
fn deactivates_what_is_in_sync() -> Altered {
    let late: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let written = WritesLateness(Arc::clone(&late));
    on(MfaOperation::Deactivate, move |named, decision| {
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let is_late = seed.is_some_and(|seed| held(&late).contains(&seed.to_base32()));
        if is_late && refused_with(&decision).is_none() { refuse(ErrorCode::AccessDenied) } else { decision }
    })
    .and_recogniser(written)
}

/// Keeps by name who has had a device, and takes who comes back for the one who has it.
fn remembers_names() -> Altered {
    let had: Arc<Mutex<BTreeMap<(DeviceId, String), UserId>>> = Arc::default();
    let kept = Arc::clone(&had);
    on(MfaOperation::Enable, move |named, decision| {
        let (Some(device), Some(user), Some(name)) = (named.id(), named.user, named.user_name) else { return decision };
        let former = held(&had).get(&(device, name.to_ascii_lowercase())).copied();
        let is_another = former.is_some_and(|former| former != user);
        if is_another && refused_with(&decision).is_none() { refuse(ErrorCode::EntityAlreadyExists) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect
            && let Some(record) = account.user(*user)
        {
            held(&kept).insert((*device, record.entry.user_name.to_ascii_lowercase()), *user);
        }
    })
}

/// Keeps codes as numbers, and puts one zero before those that are too short.
fn puts_one_zero() -> Altered {
    decides(|_, request, decision| match pair(request) {
        Some((one, two)) if refused_with(&decision).is_none() && (one.starts_with("00") || two.starts_with("00")) => {
            refuse(WRONG_CODES)
        }
        Some(_) | None => decision,
    })
}

/// A code with another digit in the fourth place.
fn with_fourth(code: &str, digit: char) -> String {
    code.chars().enumerate().map(|(index, known)| if index == 3 { digit } else { known }).collect()
}

/// Resynchronizes whatever the fourth digit of the second code is.
fn skips_the_fourth_digit() -> Altered {
    decides(|situation, request, decision| {
        let resync = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        let seed = resync.and_then(|named| named.device).and_then(|(_, device)| device.seed.as_ref());
        let (Some(seed), Some((one, two)), Some(WRONG_CODES)) = (seed, pair(request), refused_with(&decision)) else {
            return decision;
        };
        let fits = |digit| NEAR.recognise(seed, one, &with_fourth(two, digit), situation.now, None).is_some();
        if ('0'..='9').any(fits) { done(Effect::None) } else { decision }
    })
}

/// Checks no codes that come in a query string.
fn trusts_queries() -> Altered {
    let queried: Arc<AtomicBool> = Arc::default();
    let asked: Arc<Mutex<()>> = Arc::default();
    let told = Arc::clone(&queried);
    on_each(move |named, decision| {
        let is_trusted = queried.load(Ordering::SeqCst) && refused_with(&decision) == Some(WRONG_CODES);
        if is_trusted { named.carried_out() } else { decision }
    })
    .behind(laid(move |incoming, service| {
        let _alone = held(&asked);
        told.store(by_get(&incoming.request), Ordering::SeqCst);
        Ok(service(&incoming.request).into())
    }))
}

/// Lets whoever guesses wait, from the third wrong pair for a device on.
fn lets_guessers_wait() -> Altered {
    let guesses: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    crate::altered::documented().behind(laid(move |incoming, service| {
        let sent = parameters(&incoming.request);
        let response = service(&incoming.request);
        let is_wrong = String::from_utf8_lossy(&response.body).contains("<Code>InvalidAuthenticationCode<");
        let Some(serial) = parameter(&sent, "SerialNumber").filter(|_| is_wrong) else { return Ok(response.into()) };
        let mut guesses = held(&guesses);
        let count = guesses.entry(serial.to_owned()).or_default();
        *count += 1;
        let delay = if *count < 3 { Duration::ZERO } else { Duration::from_mins(1) };
        Ok(Sent { response, delay })
    }))
}

/// Looks at a user's first two devices.
fn looks_at_two_devices() -> Altered {
    decides(|situation, request, decision| {
        let resync = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        let Some((user, device)) = resync.and_then(|named| named.user.zip(named.id())) else { return decision };
        let place = devices_of(situation.account, user).iter().position(|known| *known == device);
        if refused_with(&decision).is_none() && place >= Some(2) { refuse(MISSING) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "refused-device-deletion-dissociates",
        "DeleteVirtualMFADevice of an assigned device is answered DeleteConflict, and the device is nobody's.",
        C::StateDurable,
        // The device can be enabled for another, and the user's calls about it find nothing.
        &[
            C::StateIsolation,
            C::EnableAlreadyEnabled,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::DeleteVirtualDeviceFreesUser,
        ],
        Stateful,
        || deleting_assigned(|device| refuse_after(ErrorCode::DeleteConflict, Effect::Dissociate(device))),
    ),
    row(
        "last-of-a-page-lost",
        "ListMFADevices tells two devices a page, and the second of each page but the last is lost.",
        C::EnableAssociates,
        // The other devices seem to have gone by a call on another.
        &[C::StateDurable, C::DeactivateOnlyThatDevice],
        Stateful,
        loses_the_last_of_a_page,
    ),
    row(
        "failed-enable-takes-another-device",
        "EnableMFADevice for a user with two devices is answered ServiceFailure, and the first is nobody's.",
        C::EnableServiceFailure,
        // An association has ended by a call on another device.
        &[C::StateDurable, C::EnableAssociates],
        Stateful,
        takes_the_wrong_one_back,
    ),
    row(
        "default-user-resolved-once",
        "DeactivateMFADevice without UserName works once for each caller, and is answered NoSuchEntity ever after.",
        C::DeactivateDefaultUser,
        // The call isn't judged for the caller, who is a user.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Stateful,
        resolves_callers_once,
    ),
    row(
        "callers-with-two-devices-must-name-themselves",
        "DeactivateMFADevice without UserName, by a user with several devices, is answered ValidationError.",
        C::DeactivateDefaultUser,
        // The parameter is demanded.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        demands_names_of_the_rich,
    ),
    row(
        "device-out-of-sync-not-deactivated",
        "DeactivateMFADevice of a device that was enabled with late codes is answered AccessDenied until a Resync.",
        C::DeactivateNoCodeNeeded,
        // The administrator may deactivate it.
        &[C::DeactivateByAdministrator, C::DeactivateDissociates],
        Narrow,
        deactivates_what_is_in_sync,
    ),
    row(
        "former-device-refused-to-a-recreated-user",
        "EnableMFADevice of a device that a former user of the same name had is answered EntityAlreadyExists.",
        C::EnableFreshPair,
        // The device isn't enabled, and one that was deactivated can be enabled again.
        &[C::EnableAlreadyEnabled, C::DeactivateReEnable, C::DeactivateDeviceUsable],
        Narrow,
        remembers_names,
    ),
    row(
        "two-leading-zeros-lost",
        "Codes that begin with two zeros are never right: they are kept as numbers and get one zero back.",
        C::CodesLeadingZeros,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableFreshPair, C::EnableCodesByDevice, C::ResyncSynchronizes, C::ResyncCodesByDevice],
        Narrow,
        puts_one_zero,
    ),
    row(
        "resync-fourth-digit-unchecked",
        "ResyncMFADevice doesn't look at the fourth digit of the second code.",
        C::ResyncCodesRecognised,
        &[],
        Narrow,
        skips_the_fourth_digit,
    ),
    row(
        "serial-numbers-listed-to-the-128th-character",
        "ListMFADevices shows the first 128 characters of a serial number.",
        C::EnableAssociates,
        // What it shows isn't the device's ARN.
        &[C::SerialNumberIsArn, C::SerialNumberOwnArn, C::SerialNumberUnique],
        Narrow,
        || {
            lists_each(|entry| {
                entry.serial_number = entry.serial_number.chars().take(LISTED_CHARACTERS).collect();
            })
        },
    ),
    row(
        "codes-unchecked-by-get",
        "The codes of a call by GET are not looked at.",
        C::WireGet,
        // Wrong codes are taken.
        &[C::EnableCodesRecognised, C::EnableCode2Subsequent, C::ResyncCodesRecognised, C::ResyncCode2Subsequent],
        Narrow,
        trusts_queries,
    ),
    row(
        "third-refusal-kept-waiting",
        "From the third wrong pair of codes for a device on, the reply takes a minute.",
        C::RobustnessAnswers,
        // Nobody sees how the codes are refused.
        &[C::EnableCodesRecognised, C::ResyncCodesRecognised],
        Narrow,
        lets_guessers_wait,
    ),
    row(
        "resync-finds-a-users-first-two-devices",
        "ResyncMFADevice of a user's third device is answered NoSuchEntity.",
        C::ResyncSynchronizes,
        // What it names exists.
        &[C::SerialNumberOwnArn, C::ResyncUserExists],
        Narrow,
        looks_at_two_devices,
    ),
];
