//! Wrong errors, and errors instead of successes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Outcome};

use crate::altered::{Altered, decides, documented, documented_reply, writes};
use crate::entry::Registered;
use crate::line::{laid, lock, parameters};
use crate::parts::named::{
    ENABLE, MISSING, WRONG_CODES, asked, devices_of, named, newest_device, on, on_each, on_success, owner_of, refuse,
    refuse_after, refused_with,
};
use crate::parts::pairs::pair;
use crate::parts::recreated::keeps_recreated_users;
use crate::parts::requests::is_under_test;

fn status_of(
    code: ErrorCode,
    status: u16,
) -> impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync + 'static {
    move |operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        let told = matches!(outcome, Outcome::Error { code: told, .. } if *told == code);
        if told && operation.is_some_and(|operation| operation.under_test().is_some()) {
            reply.status = status;
        }
        reply
    }
}

/// Refuses a user's ninth device, as the recorded quota says.
fn with_quota(altered: impl Fn(ErrorCode) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| {
        let Some(named) = asked(ENABLE, situation, request) else { return decision };
        let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
        let full = refused_with(&decision).is_none_or(|code| code == ErrorCode::LimitExceeded);
        if count >= 8 && full { altered(ErrorCode::LimitExceeded) } else { decision }
    })
}

/// The text between two tags.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    Some(text.split_once(open)?.1.split_once(close)?.0)
}

fn error_type_and_code_swapped() -> Altered {
    writes(|_, outcome, text| {
        let kind = between(&text, "<Type>", "</Type>");
        let code = between(&text, "<Code>", "</Code>");
        match (outcome, kind, code) {
            (Outcome::Error { .. }, Some(kind), Some(code)) => text
                .replacen(&format!("<Type>{kind}</Type>"), &format!("<Type>{code}</Type>"), 1)
                .replacen(&format!("<Code>{code}</Code>"), &format!("<Code>{kind}</Code>"), 1),
            _ => text,
        }
    })
}

/// A document with each text on its own line, as some writers indent.
fn indented(document: &str) -> String {
    let mut parts = document.split('>');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        all.push('>');
        match part.split_once('<') {
            Some((text, tag)) if !text.trim().is_empty() => {
                all.push_str("\n    ");
                all.push_str(text);
                all.push_str("\n  <");
                all.push_str(tag);
            }
            Some(_) | None => all.push_str(part),
        }
    }
    all
}

/// Iterates over the devices of a user, and fails if the user has no list of them.
fn lists_nothing_for_nobody() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let has_none = named.user.is_some_and(|user| devices_of(situation.account, user).is_empty());
        match named.operation {
            MfaOperation::Resync | MfaOperation::Deactivate if has_none && refused_with(&decision) == Some(MISSING) => {
                refuse(ErrorCode::InternalFailure)
            }
            _ => decision,
        }
    })
}

/// Inserts the wrong value into the message before it fills the placeholders in braces.
fn fills_values() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (one, two) = pair(request).unzip();
        let values = [named.user_name, named.serial, one, two];
        let has_blank = values.into_iter().flatten().any(|value| value.contains(['{', '}']));
        if has_blank && refused_with(&decision) == Some(ErrorCode::ValidationError) {
            refuse(ErrorCode::InternalFailure)
        } else {
            decision
        }
    })
}

/// Locks a device, and doesn't unlock it if the codes are wrong.
fn leaves_a_lock() -> Altered {
    let locked: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_each(move |named, decision| {
        let (Some(device), Some(_)) = (named.id(), named.user) else { return decision };
        let mut locked = lock(&locked);
        match refused_with(&decision) {
            Some(ErrorCode::ValidationError) => decision,
            _ if locked.contains(&device) => refuse(ErrorCode::ConcurrentModification),
            Some(WRONG_CODES) => {
                locked.insert(device);
                decision
            }
            Some(_) | None => decision,
        }
    })
}

/// Drops a user's empty list of devices, and later adds to it without checking that it exists.
fn drops_empty_lists() -> Altered {
    let dropped: Arc<Mutex<BTreeSet<UserId>>> = Arc::default();
    let kept = Arc::clone(&dropped);
    on_success(ENABLE, move |named| lock(&dropped).contains(&named.user?).then(|| refuse(ErrorCode::InternalFailure)))
        .and_effects(move |account, effect, body, now| {
            let owner = match effect {
                Effect::Dissociate(device) => owner_of(account, *device),
                _ => None,
            };
            account.apply(effect, Some(body), now);
            lock(&kept).extend(owner.filter(|owner| devices_of(account, *owner).is_empty()));
        })
}

fn limit_exceeded_after_150_enables() -> Altered {
    let accepted = Mutex::new(0_u32);
    on(ENABLE, move |_, decision| {
        let mut accepted = lock(&accepted);
        match refused_with(&decision) {
            None if *accepted >= 150 => refuse(ErrorCode::LimitExceeded),
            None => {
                *accepted += 1;
                decision
            }
            Some(_) => decision,
        }
    })
}

/// Asks once for a retry if neither the user nor the device exists.
fn puts_off_what_names_nothing() -> Altered {
    let refused: Mutex<BTreeSet<String>> = Mutex::default();
    on_each(move |named, decision| {
        let nothing = named.user.is_none() && named.device.is_none() && named.operation != MfaOperation::Resync;
        let first = nothing && lock(&refused).insert(format!("{:?} {:?}", named.user_name, named.serial));
        if first { refuse(ErrorCode::EntityTemporarilyUnmodifiable) } else { decision }
    })
}

/// A word in capitals, with underscores between its parts.
fn in_capitals(code: &str) -> String {
    let mut capitals = String::new();
    for letter in code.chars() {
        if letter.is_ascii_uppercase() && !capitals.is_empty() {
            capitals.push('_');
        }
        capitals.push(letter.to_ascii_uppercase());
    }
    capitals
}

/// An error reply with its code in capitals.
fn code_in_capitals(outcome: &Outcome, text: &str) -> String {
    match outcome {
        Outcome::Error { code, .. } => {
            let written = format!("<Code>{}</Code>", in_capitals(code.as_str()));
            text.replace(&format!("<Code>{code}</Code>"), &written)
        }
        Outcome::Success(_) => text.to_owned(),
    }
}

/// Answers 410 for a deleted user, as a web server does.
fn tells_the_deleted_are_gone() -> Altered {
    let deleted: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let sent = parameters(&incoming.request);
        let mut response = service(&incoming.request);
        let values: BTreeMap<String, String> =
            url::form_urlencoded::parse(sent.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
        let Some(user) = values.get("UserName").map(|name| name.to_ascii_lowercase()) else {
            return response.into();
        };
        let mut deleted = lock(&deleted);
        match (values.get("Action").map(String::as_str), response.status) {
            (Some("DeleteUser"), 200) => {
                deleted.insert(user);
            }
            (Some("CreateUser"), 200) => {
                deleted.remove(&user);
            }
            (_, 404) if is_under_test(&sent) && deleted.contains(&user) => response.status = 410,
            _ => {}
        }
        response.into()
    }))
}

/// Treats two calls on one device within a second as concurrent.
fn fears_quick_calls() -> Altered {
    let changed: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(device) = named(situation, request).and_then(|named| named.id()) else { return decision };
        if refused_with(&decision).is_some() {
            return decision;
        }
        let mut changed = lock(&changed);
        let is_quick = changed.get(&device).is_some_and(|last| situation.now.0 - last.0 < 1_000);
        if is_quick {
            return refuse(ErrorCode::ConcurrentModification);
        }
        changed.insert(device, situation.now);
        decision
    })
}

/// Fails for a user's third device, and rolls back another device.
fn takes_the_wrong_one_back() -> Altered {
    decides(|situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let Some(user) = enable.and_then(|named| named.user) else { return decision };
        match devices_of(situation.account, user).as_slice() {
            [first, _] if refused_with(&decision).is_none() => {
                refuse_after(ErrorCode::ServiceFailure, Effect::Dissociate(*first))
            }
            _ => decision,
        }
    })
}

/// How long a device is young, in milliseconds.
const YOUNG_MS: i64 = 5_000;

/// Treats a device as still in creation until it is five seconds old.
fn holds_young_devices() -> Altered {
    let made: Arc<Mutex<BTreeMap<DeviceId, Millis>>> = Arc::default();
    let making = Arc::clone(&made);
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let since = enable.and_then(|named| named.id()).and_then(|device| lock(&made).get(&device).copied());
        let is_young = since.is_some_and(|since| situation.now.0 - since.0 < YOUNG_MS);
        if is_young && refused_with(&decision).is_none() { refuse(ErrorCode::ConcurrentModification) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, Some(device)) = (effect, newest_device(account)) {
            lock(&making).insert(device, now);
        }
    })
}

/// Checks whether the codes are equal before it checks their form.
fn refuses_equal_codes() -> Altered {
    decides(|_, request, decision| {
        let is_equal = pair(request).is_some_and(|(one, two)| one == two);
        if is_equal && refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) {
            refuse(ErrorCode::InvalidInput)
        } else {
            decision
        }
    })
}

/// Looks up the last owner of a device, and fails if there was none.
fn looks_up_the_last_user() -> Altered {
    let last: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let latest = Arc::clone(&last);
    decides(move |situation, request, decision| {
        let enable = asked(ENABLE, situation, request);
        let last = enable.and_then(|named| named.id()).and_then(|device| lock(&last).get(&device).copied());
        let is_gone = last.is_some_and(|user| situation.account.user(user).is_none());
        if is_gone && refused_with(&decision).is_none() { refuse(ErrorCode::ServiceFailure) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Associate(device, user) = effect {
            lock(&latest).insert(*device, *user);
        }
    })
}

/// Treats a device whose Resync was refused as still being resynchronized.
fn waits_for_a_resync() -> Altered {
    let waiting: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((device, named)) = named(situation, request).and_then(|named| Some((named.id()?, named))) else {
            return decision;
        };
        let mut waiting = lock(&waiting);
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

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("limit-exceeded-as-400", || with_quota(refuse).and_renderer(status_of(ErrorCode::LimitExceeded, 400))),
    ("limit-exceeded-without-a-message", || with_quota(|code| Decision::refuse(code, " "))),
    ("error-type-and-code-swapped", error_type_and_code_swapped),
    ("texts-on-lines-of-their-own", || writes(|_, _, text| indented(&text))),
    ("users-without-devices-fail", lists_nothing_for_nobody),
    ("braces-filled-in-messages", fills_values),
    ("wrong-codes-leave-a-lock", leaves_a_lock),
    ("emptied-list-never-filled-again", drops_empty_lists),
    ("limit-exceeded-after-150-enables", limit_exceeded_after_150_enables),
    ("recreated-users-unmodifiable-for-good", || keeps_recreated_users(i64::MAX)),
    ("what-names-nothing-unmodifiable", puts_off_what_names_nothing),
    ("error-codes-in-capitals", || writes(|_, outcome, text| code_in_capitals(outcome, &text))),
    ("deleted-users-as-gone", tells_the_deleted_are_gone),
    ("calls-within-a-second-as-concurrent", fears_quick_calls),
    ("failed-enable-takes-another-device", takes_the_wrong_one_back),
    ("young-device-under-modification", holds_young_devices),
    ("equal-codes-an-invalid-input", refuses_equal_codes),
    ("enable-fails-once-the-former-user-is-deleted", looks_up_the_last_user),
    ("refused-resync-blocks-deactivation", waits_for_a_resync),
];
