//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Decision, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaDeviceEntry, MfaOperation, Millis, Page, Request, SuccessBody};

use super::reread::{Instead, rereads};
use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{
    devices_of, dissociate, done, named, on_each, on_refusal, owner_of, refuse, refuse_after, refused_with,
};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// What the documented service takes.
const DOCUMENTED: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Whether a request's codes are right by a seed.
fn emitted(seed: &Seed, request: &Request<'_>, now: Millis) -> bool {
    match request {
        Request::Codes { code1, code2, .. } => {
            let codes = code1.text.zip(code2.text);
            codes.is_some_and(|(one, two)| DOCUMENTED.recognise(seed, one, two, now, None).is_some())
        }
        Request::Deactivate { .. } | Request::Support(_) => false,
    }
}

/// Keeps a user's listing from when it was first read until the user gets a device.
fn caches_listings() -> Altered {
    let read: Arc<Mutex<BTreeMap<UserId, Vec<MfaDeviceEntry>>>> = Arc::default();
    let changed = Arc::clone(&read);
    let altered = decides(move |situation, request, decision| {
        let whole = match request {
            // A page of a listing has a key of its own.
            Request::Support(support) if support.marker.is_none() && support.max_items.is_none() => support.name.text,
            _ => None,
        };
        let user = whole.and_then(|name| situation.account.find_user(name));
        match (user, decision) {
            (Some(user), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
                let items = held(&read).entry(user).or_insert(page.items).clone();
                Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
            }
            (_, decision) => decision,
        }
    });
    altered.and_effects(move |account, effect, body, now| {
        if let Effect::Associate(_, user) = effect {
            held(&changed).remove(user);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Finds users by the names that they had before they were renamed.
fn keeps_old_names() -> Altered {
    let former: Arc<Mutex<BTreeMap<String, UserId>>> = Arc::default();
    let renamed = Arc::clone(&former);
    rereads(move |situation, named| {
        let old = named.user_name.filter(|_| named.user.is_none()).unwrap_or_default().to_ascii_lowercase();
        let user = held(&former).get(&old).and_then(|id| situation.account.user(*id));
        Instead { user_name: user.map(|user| user.entry.user_name.clone()), serial: None }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RenameUser(id, _) = effect
            && let Some(user) = account.user(*id)
        {
            held(&renamed).insert(user.entry.user_name.to_ascii_lowercase(), *id);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Checks the codes of devices that were deleted.
fn deletes_softly() -> Altered {
    let deleted: Arc<Mutex<BTreeMap<String, Arc<Seed>>>> = Arc::default();
    let marked = Arc::clone(&deleted);
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.operation == MfaOperation::Enable) else {
            return decision;
        };
        let gone = named.user.is_some() && named.device.is_none() && refused_with(&decision) == Some(MISSING);
        let seed = named.serial.filter(|_| gone).and_then(|serial| held(&deleted).get(serial).cloned());
        match seed {
            Some(seed) if emitted(&seed, request, situation.now) => done(Effect::None),
            _ => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RemoveDevice(id) = effect
            && let Some(device) = account.device(*id)
            && let Some(seed) = &device.seed
        {
            held(&marked).insert(device.serial_number.to_string(), Arc::clone(seed));
        }
        account.apply(effect, Some(body), now);
    })
}

/// Writes a user's devices back as they were read up to a second before.
fn loses_updates() -> Altered {
    let last: Mutex<BTreeMap<UserId, (Millis, DeviceId)>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            let before = held(&last).insert(*user, (now, *device));
            if let Some((at, other)) = before
                && at.plus(1_000) > now
                && other != *device
                && owner_of(account, other) == Some(*user)
            {
                dissociate(account, &[other], now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

/// Refuses all codes for a user for whom three pairs in a row were refused.
fn locks_users_out() -> Altered {
    let failures: Mutex<BTreeMap<UserId, u32>> = Mutex::default();
    on_each(move |named, decision| {
        let Some(user) = named.user.filter(|_| named.operation != MfaOperation::Deactivate) else { return decision };
        let mut failures = held(&failures);
        let count = failures.entry(user).or_default();
        match refused_with(&decision) {
            Some(code) if code == WRONG_CODES => *count += 1,
            None if *count >= 3 => return refuse(WRONG_CODES),
            None => *count = 0,
            Some(_) => {}
        }
        decision
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "listing-cached-until-the-next-enable",
        "ListMFADevices tells what it told first, until EnableMFADevice gives the user another device.",
        C::DeactivateDissociates,
        // What is listed stays wrong; where another user has got the device since, two have it.
        &[C::StateSettles, C::EnableAssociates],
        Stateful,
        caches_listings,
    ),
    row(
        "old-name-found-after-a-rename",
        "A user who was renamed is found by the old name, too.",
        C::EnableUserExists,
        &[C::ResyncUserExists, C::DeactivateUserExists],
        Stateful,
        keeps_old_names,
    ),
    row(
        "deleted-device-enabled",
        "EnableMFADevice of a device that was deleted answers 200 if the codes are right.",
        C::EnableDeviceExists,
        &[],
        Stateful,
        deletes_softly,
    ),
    row(
        "second-enable-within-a-second-undoes-the-first",
        "Of two devices that a user gets within a second only the second stays.",
        C::EnableAssociates,
        // A device that no call was about is gone.
        &[C::StateIsolation, C::StateDurable],
        Stateful,
        loses_updates,
    ),
    row(
        "resync-checks-the-users-first-device",
        "ResyncMFADevice checks the codes with the first of the user's devices, whichever is named.",
        C::ResyncSynchronizes,
        // The first device's codes are taken for the named one's.
        &[C::ResyncCodesRecognised, C::ResyncCodesByDevice],
        Stateful,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.operation == MfaOperation::Resync)
                else {
                    return decision;
                };
                let own = named.user.filter(|user| named.owner() == Some(*user));
                let first = own.and_then(|user| devices_of(situation.account, user).into_iter().next());
                let seed = first.and_then(|first| situation.account.device(first)?.seed.as_ref());
                match (seed, refused_with(&decision)) {
                    (Some(seed), None | Some(WRONG_CODES)) => {
                        if emitted(seed, request, situation.now) {
                            done(Effect::None)
                        } else {
                            refuse(WRONG_CODES)
                        }
                    }
                    _ => decision,
                }
            })
        },
    ),
    row(
        "user-locked-out-after-three-refusals",
        "After three refused pairs in a row, on any devices, no codes of the user are recognised any more.",
        C::EnableRejectedNoEffect,
        // What shows it is a fresh pair that is refused.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncRejectedNoEffect,
        ],
        Stateful,
        locks_users_out,
    ),
    row(
        "refused-resync-renews-the-enable-date",
        "ResyncMFADevice with wrong codes is refused, and sets EnableDate to now.",
        C::ResyncRejectedNoEffect,
        // It changes what is said of the association.
        &[C::ResyncKeepsAssociation],
        Stateful,
        || {
            on_refusal(MfaOperation::Resync, WRONG_CODES, |named| {
                let (id, user) = named.id().zip(named.user).filter(|(_, user)| named.owner() == Some(*user))?;
                Some(refuse_after(WRONG_CODES, Effect::Associate(id, user)))
            })
        },
    ),
    row(
        "third-device-shifts-the-index",
        "DeactivateMFADevice dissociates the device after the one named, if the user has three or more.",
        C::DeactivateDissociates,
        // The one that goes wasn't specified.
        &[C::DeactivateOnlyThatDevice],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                let Effect::Dissociate(device) = effect else { return account.apply(effect, Some(body), now) };
                let all = owner_of(account, *device).map_or_else(Vec::new, |owner| devices_of(account, owner));
                let after = all.iter().skip_while(|known| *known != device).nth(1).filter(|_| all.len() >= 3);
                dissociate(account, &[*after.unwrap_or(device)], now);
            })
        },
    ),
    row(
        "absence-of-a-user-remembered",
        "A user who was asked for before being created is answered NoSuchEntity ever after.",
        C::EnableUserExists,
        // A fresh pair for a user that exists is refused; the message doesn't say whether user or device is missing.
        &[C::EnableFreshPair, C::SerialNumberOwnArn],
        Stateful,
        || {
            let absent: Mutex<BTreeSet<String>> = Mutex::default();
            on_each(move |named, decision| {
                let Some(name) = named.user_name.map(str::to_ascii_lowercase) else { return decision };
                let mut absent = held(&absent);
                if named.user.is_none() && refused_with(&decision) == Some(MISSING) {
                    absent.insert(name);
                } else if refused_with(&decision).is_none() && absent.contains(&name) {
                    return refuse(MISSING);
                }
                decision
            })
        },
    ),
];
