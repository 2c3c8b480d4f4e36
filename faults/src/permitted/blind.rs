//! Variants written from the documents and the protocol alone, without a look at the oracle.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode as E, MfaOperation, Millis, Operation, Outcome, SuccessBody, TimeStep};

use crate::altered::{Altered, decides, documented, documented_reply, edited, renders};
use crate::entry::{Permitted, permit};
use crate::line::{Incoming, Lost, Sent, Service, held, laid, misread, parameter, parameters, without};
use crate::parts::{named, on, on_each, refuse, refused_with};

/// How long a name or a serial number that changed hands is unmodifiable, in milliseconds.
const UNMODIFIABLE_MS: i64 = 5_000;
/// What such a refusal says.
const RESTS: &str = "The user or the device was changed a moment ago and rests.";
/// How many devices may be enabled in the account at once.
const ACCOUNT_LIMIT: usize = 25;
/// The pairs that the documented service takes.
const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Writes every reply with another text.
fn writes(change: fn(String) -> String) -> Altered {
    renders(move |operation, outcome, id| edited(documented_reply(operation, outcome, id), change))
}

/// Answers successes with another body.
fn answers(change: fn(SuccessBody) -> SuccessBody) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body } => Decision::CarryOut { effect, body: change(body) },
        other => other,
    })
}

fn reversed(mut body: SuccessBody) -> SuccessBody {
    match &mut body {
        SuccessBody::Users(page) => page.items.reverse(),
        SuccessBody::MfaDevices(page) => page.items.reverse(),
        SuccessBody::VirtualDevices(page) => page.items.reverse(),
        SuccessBody::AccessKeys(page) => page.items.reverse(),
        _ => {}
    }
    body
}

/// A date-time with milliseconds.
fn with_millis(date_time: &str) -> String {
    match date_time.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000Z"),
        Some(_) | None => date_time.to_owned(),
    }
}

fn dated_finely(mut body: SuccessBody) -> SuccessBody {
    match &mut body {
        SuccessBody::MfaDevices(page) => {
            page.items.iter_mut().for_each(|item| item.enable_date = with_millis(&item.enable_date));
        }
        SuccessBody::VirtualDevices(page) => page.items.iter_mut().for_each(|item| {
            item.enable_date = item.enable_date.as_deref().map(with_millis);
        }),
        _ => {}
    }
    body
}

/// A marker as letters and digits that tell nobody anything.
fn sealed(marker: &str) -> String {
    marker.bytes().fold("m".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a sealed marker was made of, encoded as a parameter is.
fn unsealed(marker: &str) -> Option<String> {
    let digits = marker.strip_prefix('m').filter(|digits| digits.len() % 2 == 0)?;
    let bytes = digits.as_bytes().chunks(2).map(|byte| std::str::from_utf8(byte).ok());
    bytes.map(|byte| byte.map(|byte| format!("%{byte}"))).collect()
}

fn marked(mut body: SuccessBody) -> SuccessBody {
    let next = match &mut body {
        SuccessBody::Users(page) => &mut page.next,
        SuccessBody::MfaDevices(page) => &mut page.next,
        SuccessBody::VirtualDevices(page) => &mut page.next,
        SuccessBody::AccessKeys(page) => &mut page.next,
        _ => return body,
    };
    *next = next.as_deref().map(sealed);
    body
}

/// Lists by three, and seals the markers.
fn seals_markers() -> Altered {
    answers(marked).behind(misread(|_, parameters| {
        let mut changed = parameters.to_owned();
        if let Some(marker) = parameter(parameters, "Marker").and_then(unsealed) {
            changed = format!("{}&Marker={marker}", without(&changed, |_, name| name == "Marker"));
        }
        let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
        if lists.iter().any(|operation| parameter(&changed, "Action") == Some(operation.to_string().as_str())) {
            let most =
                parameter(&changed, "MaxItems").and_then(|most| most.parse::<u8>().ok()).map_or(3, |most| most.min(3));
            changed = format!("{}&MaxItems={most}", without(&changed, |_, name| name == "MaxItems"));
        }
        changed
    }))
}

/// Takes no pair a second time right after it was taken; what overlaps it is taken.
struct SamePairOnce;

impl Recogniser for SamePairOnce {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        NEAR.recognise(seed, one, two, now, None).filter(|step| last.is_none_or(|last| last.second != *step))
    }
}

/// Takes what is near the time, or near the device's own clock as its last pair showed it.
struct NearItsClock;

impl Recogniser for NearItsClock {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let drift = last.map_or(0, |last| last.second.0 - last.at.0).clamp(-10, 10);
        let own = now.step().plus(drift).start();
        NEAR.recognise(seed, one, two, now, None)
            .or_else(|| Adjacent { steps_behind: 2, steps_ahead: 2 }.recognise(seed, one, two, own, None))
    }
}

/// A text of ASCII alone, other characters by their numbers.
fn in_ascii(text: &str) -> String {
    text.chars().fold("<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n".to_owned(), |mut ascii, character| {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let _ = write!(ascii, "&#{};", u32::from(character));
        }
        ascii
    })
}

/// An error with its type at the end.
fn type_last(text: String) -> String {
    let parts = text.split_once("<Type>").and_then(|(before, rest)| {
        let (kind, after) = rest.split_once("</Type>")?;
        let (rest, end) = after.split_once("</Error>")?;
        Some(format!("{before}{rest}<Type>{kind}</Type></Error>{end}"))
    });
    parts.unwrap_or(text)
}

/// Answers that a device can't be modified for a while after one was made under the serial number of a deleted one.
fn rests_recreated_devices() -> Altered {
    let (deleted, young) =
        (Mutex::<BTreeSet<String>>::default(), Arc::new(Mutex::<BTreeMap<String, Millis>>::default()));
    let made = Arc::clone(&young);
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let since = named.serial.and_then(|serial| held(&young).get(serial).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < UNMODIFIABLE_MS);
        if rests && named.operation != MfaOperation::Resync && refused_with(&decision).is_none() {
            Decision::refuse(E::EntityTemporarilyUnmodifiable, RESTS)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(device) = effect
            && let Some(device) = account.device(*device)
        {
            held(&deleted).insert(device.serial_number.to_string());
        }
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, SuccessBody::VirtualDevice { serial_number, .. }) = (effect, body)
            && held(&deleted).contains(serial_number)
        {
            held(&made).insert(serial_number.clone(), now);
        }
    })
}

/// Answers that a user can't be modified for a while after it was renamed.
fn rests_renamed_users() -> Altered {
    let young: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let renamed = Arc::clone(&young);
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let since = named.user.and_then(|user| held(&young).get(&user).copied());
        let rests = since.is_some_and(|since| situation.now.0 - since.0 < UNMODIFIABLE_MS);
        if rests && named.operation != MfaOperation::Resync && refused_with(&decision).is_none() {
            Decision::refuse(E::EntityTemporarilyUnmodifiable, RESTS)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::RenameUser(user, _) = effect {
            held(&renamed).insert(*user, now);
        }
    })
}

/// Refuses the first call of an operation about each device, if it would succeed.
fn refuses_the_first(operation: MfaOperation, code: E) -> Altered {
    let seen: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on(operation, move |named, decision| {
        let Some(device) = named.id().filter(|_| refused_with(&decision).is_none()) else { return decision };
        if held(&seen).insert(device) {
            Decision::refuse(code, "The device is busy: no more calls at present.")
        } else {
            decision
        }
    })
}

/// Is not available for each sixtieth request, and tells when to come back.
fn tells_when_to_come_back() -> Altered {
    let requests: Arc<AtomicU64> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let number = requests.fetch_add(1, Ordering::SeqCst) + 1;
        if !number.is_multiple_of(60) {
            return Ok(service(&incoming.request).into());
        }
        let outcome = Outcome::Error { code: E::ServiceUnavailable, message: "Come back later.".to_owned() };
        let mut response = documented_reply(None, &outcome, &format!("11111111-2222-3333-4444-{number:012}"));
        response.headers.push((Cow::Borrowed("Retry-After"), "2".to_owned()));
        Ok(response.into())
    }))
}

/// Closes a connection once it has carried a refusal.
fn closes_after_refusals() -> Altered {
    documented().behind(Arc::new(|| {
        let mut is_closed = false;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if is_closed {
                return Err(Lost::HungUp);
            }
            let mut response = service(&incoming.request);
            if response.status >= 400 {
                is_closed = true;
                response.headers.push((Cow::Borrowed("connection"), "close".to_owned()));
            }
            Ok(response.into())
        })
    }))
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit(
        "messages-of-several-lines",
        "Messages are long, and have lines, tabs and marks.",
        &[C::MessageWords],
        || {
            on_each(|_, decision| match decision {
                Decision::Refuse { code, message } => {
                    let more = "See \"errors\" & <help>.\n\t".repeat(40);
                    Decision::refuse(code, format!("Refused:\n\t{message}\n{more}"))
                }
                other => other,
            })
        },
    ),
    permit("listings-in-reverse", "Each page of a listing is in reverse.", &[], || answers(reversed)),
    permit(
        "markers-sealed",
        "Listings have three elements on a page, and markers that tell nothing.",
        &[],
        seals_markers,
    ),
    permit("window-of-eight-steps-ahead", "Pairs up to eight steps ahead are taken, and one behind.", &[], || {
        documented().and_recogniser(Adjacent { steps_behind: 1, steps_ahead: 8 })
    }),
    permit(
        "same-pair-once",
        "The pair that was taken last is not taken again, but one that overlaps it is.",
        &[],
        || documented().and_recogniser(SamePairOnce),
    ),
    permit(
        "window-follows-the-device",
        "Pairs near the device's own clock are taken beside the fresh ones.",
        &[],
        || documented().and_recogniser(NearItsClock),
    ),
    permit("replies-in-us-ascii", "Replies are declared as US-ASCII, other characters written by number.", &[], || {
        writes(|text| in_ascii(&text))
    }),
    permit("enables-take-three-seconds", "The reply of EnableMFADevice takes three seconds.", &[], || {
        documented().behind(laid(|incoming, service| {
            let is_enable = parameter(&parameters(&incoming.request), "Action") == Some("EnableMFADevice");
            let delay = if is_enable { Duration::from_secs(3) } else { Duration::ZERO };
            Ok(Sent { response: service(&incoming.request), delay })
        }))
    }),
    permit(
        "recreated-devices-unmodifiable-for-five-seconds",
        "A device with a deleted one's serial number is unmodifiable for five seconds.",
        &[],
        rests_recreated_devices,
    ),
    permit(
        "renamed-users-unmodifiable-for-five-seconds",
        "A user who was renamed is unmodifiable for five seconds.",
        &[],
        rests_renamed_users,
    ),
    permit(
        "account-limit-of-twenty-five",
        "At most 25 devices of the account are enabled at once.",
        &[C::EnableLimitQuota],
        || {
            decides(|situation, request, decision| {
                let enables = named(situation, request).is_some_and(|named| named.operation == MfaOperation::Enable);
                let is_full = situation.account.assigned_devices() >= ACCOUNT_LIMIT;
                if enables && is_full && refused_with(&decision).is_none() {
                    Decision::refuse(E::LimitExceeded, "The account has its 25 devices.")
                } else {
                    decision
                }
            })
        },
    ),
    permit(
        "deactivate-limited-at-first",
        "The first DeactivateMFADevice of a device is answered LimitExceeded, without effect.",
        &[],
        || refuses_the_first(MfaOperation::Deactivate, E::LimitExceeded),
    ),
    permit("first-resync-fails", "The first ResyncMFADevice of a device is answered ServiceFailure.", &[], || {
        refuses_the_first(MfaOperation::Resync, E::ServiceFailure)
    }),
    permit(
        "existence-before-constraints",
        "What a request names is looked for before the constraints are.",
        &[C::ValidationBeforeExistence],
        || {
            on_each(|named, decision| {
                let no_user = named.user_name.is_some() && named.user.is_none();
                let no_device = named.serial.is_some() && named.device.is_none();
                match refused_with(&decision) {
                    Some(E::ValidationError) if no_user || no_device => {
                        Decision::refuse(E::NoSuchEntity, "The user or the device does not exist.")
                    }
                    _ => decision,
                }
            })
        },
    ),
    permit(
        "unavailable-with-a-time-to-come-back",
        "Each sixtieth request is answered ServiceUnavailable, with Retry-After.",
        &[],
        tells_when_to_come_back,
    ),
    permit("enable-dates-with-fractions", "EnableDate has milliseconds.", &[], || answers(dated_finely)),
    permit("users-keep-to-themselves", "A user's own key may act on that user alone.", &[], || {
        decides(|situation, request, decision| match (situation.caller, named(situation, request)) {
            (Caller::User(caller), Some(named)) if named.user != Some(caller) => refuse(E::AccessDenied),
            _ => decision,
        })
    }),
    permit("connections-closed-after-a-refusal", "A refusal closes its connection.", &[], closes_after_refusals),
    permit("error-type-last", "An error tells its type after its message.", &[], || writes(type_last)),
];
