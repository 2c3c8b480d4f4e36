//! Faults written from the documents and the protocol alone, without a look at the oracle: those that any call shows,
//! and some of those that show only in a certain state. `blind2` has the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Outcome, SuccessBody};

use super::reply_forms::{as_in_mail, code_in_capitals, id_as_an_attribute, lists_each};
use crate::altered::{Altered, carries_out, decides, documented, writes};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{held, laid, parameters};
use crate::parts::{
    devices_of, dissociate, named, on, on_refusal, on_success, owner_of, refuse, refuse_after, refused_with,
};
use crate::seeded::request::is_under_test;

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// Answers 410 for a deleted user, as a web server does.
fn tells_the_deleted_are_gone() -> Altered {
    let deleted: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let sent = parameters(&incoming.request);
        let mut response = service(&incoming.request);
        let values: BTreeMap<String, String> =
            url::form_urlencoded::parse(sent.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
        let Some(user) = values.get("UserName").map(|name| name.to_ascii_lowercase()) else {
            return Ok(response.into());
        };
        let mut deleted = held(&deleted);
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
        Ok(response.into())
    }))
}

/// Keeps an Enable that was refused because its user is absent, and carries it out when that user is created.
fn waits_for_the_user() -> Altered {
    let waiting: Arc<Mutex<BTreeMap<String, DeviceId>>> = Arc::default();
    let kept = Arc::clone(&waiting);
    on_refusal(MfaOperation::Enable, MISSING, move |named| {
        let device = named.id().filter(|_| named.user.is_none() && named.owner().is_none())?;
        held(&waiting).insert(named.user_name?.to_ascii_lowercase(), device);
        None
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body) else { return };
        let device = held(&kept).remove(&entry.user_name.to_ascii_lowercase());
        let free = device.filter(|device| account.device(*device).is_some() && owner_of(account, *device).is_none());
        if let Some((device, user)) = free.zip(account.find_user(&entry.user_name)) {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Rolls a refused call back too far: to before the device's deactivation.
fn rolls_back_too_far() -> Altered {
    let former: Arc<Mutex<BTreeMap<DeviceId, UserId>>> = Arc::default();
    let kept = Arc::clone(&former);
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some(device) = enable.filter(|named| named.owner().is_none()).and_then(|named| named.id()) else {
            return decision;
        };
        let user = held(&former).get(&device).copied().filter(|user| situation.account.user(*user).is_some());
        match (refused_with(&decision), user) {
            (Some(WRONG_CODES), Some(user)) => refuse_after(WRONG_CODES, Effect::Associate(device, user)),
            _ => decision,
        }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Dissociate(device) = effect
            && let Some(owner) = owner_of(account, *device)
        {
            held(&kept).insert(*device, owner);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Takes a call that comes within a second of another on the same device for one at the same time.
fn fears_quick_calls() -> Altered {
    let changed: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(device) = named(situation, request).and_then(|named| named.id()) else { return decision };
        if refused_with(&decision).is_some() {
            return decision;
        }
        let mut changed = held(&changed);
        let is_quick = changed.get(&device).is_some_and(|last| situation.now.0 - last.0 < 1_000);
        if is_quick {
            return refuse(ErrorCode::ConcurrentModification);
        }
        changed.insert(device, situation.now);
        decision
    })
}

/// Answers that the device can't be modified, having deactivated it.
fn deactivates_the_unmodifiable() -> Altered {
    on_success(MfaOperation::Deactivate, |named| {
        Some(refuse_after(ErrorCode::EntityTemporarilyUnmodifiable, Effect::Dissociate(named.id()?)))
    })
}

/// Counts a call after it was carried out, and throttles it then: the first that enables each device.
fn throttles_afterwards() -> Altered {
    let seen: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_success(MfaOperation::Enable, move |named| {
        let (device, user) = named.id().zip(named.user)?;
        let first = held(&seen).insert(device);
        first.then(|| refuse_after(ErrorCode::Throttling, Effect::Associate(device, user)))
    })
}

/// Takes a device away from whoever guesses at its codes.
fn takes_guessed_devices_away() -> Altered {
    let guesses: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    on(MfaOperation::Resync, move |named, decision| {
        let Some(device) = named.id().filter(|_| named.user.is_some() && named.owner() == named.user) else {
            return decision;
        };
        let mut guesses = held(&guesses);
        match refused_with(&decision) {
            Some(WRONG_CODES) => {
                let count = guesses.entry(device).or_default();
                *count += 1;
                if count.is_multiple_of(3) { refuse_after(WRONG_CODES, Effect::Dissociate(device)) } else { decision }
            }
            Some(_) => decision,
            None => {
                guesses.remove(&device);
                decision
            }
        }
    })
}

/// Cleans up after an access key as after its user.
fn cleans_up_after_keys() -> Altered {
    carries_out(|account, effect, body, now| {
        let owner = match effect {
            Effect::RemoveKey(key) => account.key_owner(key),
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some(owner) = owner {
            let devices = devices_of(account, owner);
            dissociate(account, &devices, now);
        }
    })
}

const GIVES_A_DEVICE: &[C] = &[
    C::EnableUserExists,
    C::StateDurable,
    C::StateIsolation,
    C::RecreatedUserHasNoDevice,
    C::EnableFreshPair,
    C::DeactivateUnassigned,
];

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "request-id-as-an-attribute",
        "The request id of a success is an attribute of ResponseMetadata, and no element in it.",
        C::WireEnableSuccessRequestId,
        // It is the same for each operation.
        &[C::WireResyncSuccessRequestId, C::WireDeactivateSuccessRequestId],
        Shallow,
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Success(_) => id_as_an_attribute(&text),
                Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "namespace-without-its-last-slash",
        "The namespace of a success lacks the slash at its end.",
        C::WireEnableSuccessRoot,
        // It is the same for each operation.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot],
        Shallow,
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Success(_) => text.replacen("/doc/2010-05-08/\"", "/doc/2010-05-08\"", 1),
                Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "error-codes-in-capitals",
        "Error codes are written as constants are, such as NO_SUCH_ENTITY.",
        C::WireEnableListedErrors,
        // It is the same for each operation, and no refusal has the code that is demanded for it.
        &[
            C::WireResyncListedErrors,
            C::WireDeactivateListedErrors,
            C::EnableUserExists,
            C::EnableDeviceExists,
            C::ResyncUserExists,
            C::ResyncDeviceExists,
            C::DeactivateUserExists,
            C::DeactivateDeviceExists,
            C::EnableCodesRecognised,
            C::EnableAlreadyEnabled,
            C::ResyncCodesRecognised,
            C::ResyncUnassigned,
            C::ResyncOtherUsers,
            C::DeactivateUnassigned,
            C::DeactivateTwice,
            C::DeactivateOtherUsers,
        ],
        Shallow,
        || writes(|_, outcome, text| code_in_capitals(outcome, &text)),
    ),
    row(
        "enable-dates-as-in-mail",
        "EnableDate of ListMFADevices is written as the date of a mail is.",
        C::SupportListedMembers,
        &[],
        Shallow,
        || {
            lists_each(|entry| {
                if let Some(date) = as_in_mail(&entry.enable_date) {
                    entry.enable_date = date;
                }
            })
        },
    ),
    row(
        "listed-serial-numbers-escaped",
        "ListMFADevices shows serial numbers escaped as in a URL.",
        C::EnableAssociates,
        // The serial number that it shows has no form of an ARN.
        &[C::SerialNumberIsArn],
        Shallow,
        || lists_each(|entry| entry.serial_number = entry.serial_number.replace(':', "%3A").replace('/', "%2F")),
    ),
    row(
        "deactivate-absent-user-as-access-denied",
        "DeactivateMFADevice for an absent user is answered AccessDenied.",
        C::DeactivateUserExists,
        &[],
        Shallow,
        || {
            on_refusal(MfaOperation::Deactivate, MISSING, |named| {
                named.user.is_none().then(|| refuse(ErrorCode::AccessDenied))
            })
        },
    ),
    row(
        "resync-wrong-codes-as-a-failure",
        "Wrong codes make ResyncMFADevice answer ServiceFailure, each time.",
        C::ResyncCodesRecognised,
        // The same input fails each time, and pairs that are no pairs are wrong codes too.
        &[C::RobustnessPersistentFailure, C::RobustnessNoCrash, C::ResyncCode2Subsequent],
        Shallow,
        || on_refusal(MfaOperation::Resync, WRONG_CODES, |_| Some(refuse(ErrorCode::ServiceFailure))),
    ),
    row(
        "resync-absence-told-in-blanks",
        "The message of ResyncMFADevice's NoSuchEntity is two blanks.",
        C::ErrorMessage(MISSING),
        // A message of blanks is as good as none.
        &[C::WireErrorEnvelope],
        Shallow,
        || on_refusal(MfaOperation::Resync, MISSING, |_| Some(Decision::refuse(MISSING, "  "))),
    ),
    row(
        "deactivate-unmodifiable-and-dissociated",
        "DeactivateMFADevice is answered EntityTemporarilyUnmodifiable although the device was deactivated.",
        C::DeactivateRejectedNoEffect,
        // Sent again, it doesn't succeed.
        &[C::DeactivateTemporarilyUnmodifiable, C::DeactivateDissociates, C::StateDurable],
        Shallow,
        deactivates_the_unmodifiable,
    ),
    row(
        "throttled-enable-carried-out",
        "The first EnableMFADevice of a device is answered Throttling and carried out.",
        C::EnableRejectedNoEffect,
        // Sent again, it finds the device in use.
        &[C::EnableFreshPair, C::StateDurable],
        Shallow,
        throttles_afterwards,
    ),
    row(
        "deleted-users-as-gone",
        "A call for a user who was deleted has the status 410.",
        C::ErrorStatus(MISSING),
        // The refusal isn't the one that is demanded.
        &[C::EnableUserExists, C::ResyncUserExists, C::DeactivateUserExists],
        Stateful,
        tells_the_deleted_are_gone,
    ),
    row(
        "refused-enable-waits-for-its-user",
        "EnableMFADevice for an absent user is refused, and carried out when a user of that name is created.",
        C::EnableRejectedNoEffect,
        // The new user has a device that no call gave it, and nobody else can have it.
        GIVES_A_DEVICE,
        Stateful,
        waits_for_the_user,
    ),
    row(
        "refused-enable-undoes-the-deactivate",
        "EnableMFADevice of a deactivated device with wrong codes is refused, and gives it back to its former user.",
        C::EnableRejectedNoEffect,
        // Wrong codes have associated the device, and a Deactivate that was answered 200 has not ended that.
        &[C::StateDurable, C::EnableCodesRecognised, C::StateIsolation, C::DeactivateDissociates],
        Stateful,
        rolls_back_too_far,
    ),
    row(
        "calls-within-a-second-as-concurrent",
        "A call on a device within a second of one that was carried out is answered ConcurrentModification.",
        C::DeactivateConcurrentModification,
        // It is the same for each operation.
        &[C::EnableConcurrentModification, C::ResyncConcurrentModification],
        Stateful,
        fears_quick_calls,
    ),
    row(
        "three-wrong-resyncs-end-the-association",
        "The third ResyncMFADevice with wrong codes is refused, and the device is nobody's.",
        C::ResyncRejectedNoEffect,
        // A Resync changes no association, and the user's later calls find none.
        &[C::ResyncKeepsAssociation, C::StateDurable, C::ResyncSynchronizes, C::EnableAlreadyEnabled],
        Stateful,
        takes_guessed_devices_away,
    ),
    row(
        "deleted-key-takes-its-users-devices",
        "DeleteAccessKey takes all devices from the key's user.",
        C::StateDurable,
        // The device can be enabled for another, and the user's calls about it find nothing.
        &[C::StateIsolation, C::EnableAlreadyEnabled, C::ResyncSynchronizes, C::DeactivateByAdministrator],
        Stateful,
        cleans_up_after_keys,
    ),
];
