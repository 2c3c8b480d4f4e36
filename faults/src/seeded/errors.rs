//! Services that answer the wrong error.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode as E, MfaOperation};

use crate::altered::{Altered, documented_reply, edited, renders};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{Named, on_refusal, on_success, refuse};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

/// Answers one error with another code where `when` holds.
pub(super) fn swaps(operation: MfaOperation, from: E, to: E, when: fn(&Named<'_>) -> bool) -> Altered {
    on_refusal(operation, from, move |named| when(named).then(|| refuse(to)))
}

fn no_user(named: &Named<'_>) -> bool {
    named.user.is_none()
}

fn no_device(named: &Named<'_>) -> bool {
    named.user.is_some() && named.device.is_none()
}

pub(super) fn nobodys(named: &Named<'_>) -> bool {
    named.user.is_some() && named.device.is_some() && named.owner().is_none()
}

pub(super) fn anothers(named: &Named<'_>) -> bool {
    named.user.is_some() && named.owner().is_some()
}

pub(super) fn always(_: &Named<'_>) -> bool {
    true
}

/// Refuses what would succeed, each time.
pub(super) fn refuses(operation: MfaOperation, code: E) -> Altered {
    on_success(operation, move |_| Some(refuse(code)))
}

/// Refuses what would succeed once for each device.
pub(super) fn refuses_once(operation: MfaOperation, code: E) -> Altered {
    let refused = Mutex::new(BTreeSet::new());
    on_success(operation, move |named| held(&refused).insert(named.id()).then(|| refuse(code)))
}

/// Writes an error code that no document knows in another's place.
fn invents(operation: MfaOperation, code: E, invented: &'static str) -> Altered {
    renders(move |asked, outcome, id| {
        let reply = documented_reply(asked, outcome, id);
        if asked == Some(operation.operation()) {
            edited(reply, |text| text.replace(&format!("<Code>{code}</Code>"), &format!("<Code>{invented}</Code>")))
        } else {
            reply
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-absent-user-as-wrong-codes",
        "EnableMFADevice for an absent user is answered InvalidAuthenticationCode.",
        C::EnableUserExists,
        // The codes are the device's.
        &[C::EnableFreshPair],
        Shallow,
        || swaps(ENABLE, E::NoSuchEntity, E::InvalidAuthenticationCode, no_user),
    ),
    row(
        "enable-absent-user-as-validation-error",
        "EnableMFADevice for an absent user is answered ValidationError.",
        C::EnableUserExists,
        &[],
        Shallow,
        || swaps(ENABLE, E::NoSuchEntity, E::ValidationError, no_user),
    ),
    row(
        "enable-absent-user-as-access-denied",
        "EnableMFADevice for an absent user is answered AccessDenied.",
        C::EnableUserExists,
        &[],
        Shallow,
        || swaps(ENABLE, E::NoSuchEntity, E::AccessDenied, no_user),
    ),
    row(
        "enable-absent-device-as-already-enabled",
        "EnableMFADevice of an absent device is answered EntityAlreadyExists.",
        C::EnableDeviceExists,
        &[],
        Shallow,
        || swaps(ENABLE, E::NoSuchEntity, E::EntityAlreadyExists, no_device),
    ),
    row(
        "enable-already-enabled-as-absent",
        "EnableMFADevice of an enabled device is answered NoSuchEntity.",
        C::EnableAlreadyEnabled,
        &[],
        Stateful,
        || swaps(ENABLE, E::EntityAlreadyExists, E::NoSuchEntity, always),
    ),
    row(
        "enable-already-enabled-as-wrong-codes",
        "EnableMFADevice of an enabled device is answered InvalidAuthenticationCode.",
        C::EnableAlreadyEnabled,
        &[],
        Stateful,
        || swaps(ENABLE, E::EntityAlreadyExists, E::InvalidAuthenticationCode, always),
    ),
    row(
        "enable-already-enabled-as-delete-conflict",
        "EnableMFADevice of an enabled device is answered DeleteConflict, which its page doesn't list.",
        C::WireEnableListedErrors,
        // The code that is due is another one.
        &[C::EnableAlreadyEnabled],
        Stateful,
        || swaps(ENABLE, E::EntityAlreadyExists, E::DeleteConflict, always),
    ),
    row(
        "enable-wrong-codes-as-access-denied",
        "EnableMFADevice with wrong codes is answered AccessDenied.",
        C::EnableCodesRecognised,
        // A pair that isn't subsequent is answered so as well.
        &[C::EnableCode2Subsequent],
        Shallow,
        || swaps(ENABLE, E::InvalidAuthenticationCode, E::AccessDenied, always),
    ),
    row(
        "enable-wrong-codes-as-validation-error",
        "EnableMFADevice with wrong codes is answered ValidationError.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent],
        Shallow,
        || swaps(ENABLE, E::InvalidAuthenticationCode, E::ValidationError, always),
    ),
    row(
        "enable-wrong-codes-as-absent",
        "EnableMFADevice with wrong codes is answered NoSuchEntity.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent, C::SerialNumberOwnArn],
        Shallow,
        || swaps(ENABLE, E::InvalidAuthenticationCode, E::NoSuchEntity, always),
    ),
    row(
        "resync-wrong-codes-as-validation-error",
        "ResyncMFADevice with wrong codes is answered ValidationError.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Shallow,
        || swaps(RESYNC, E::InvalidAuthenticationCode, E::ValidationError, always),
    ),
    row(
        "resync-wrong-codes-as-absent",
        "ResyncMFADevice with wrong codes is answered NoSuchEntity.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent, C::SerialNumberOwnArn],
        Shallow,
        || swaps(RESYNC, E::InvalidAuthenticationCode, E::NoSuchEntity, always),
    ),
    row(
        "resync-absent-user-as-wrong-codes",
        "ResyncMFADevice for an absent user is answered InvalidAuthenticationCode.",
        C::ResyncUserExists,
        &[],
        Stateful,
        || swaps(RESYNC, E::NoSuchEntity, E::InvalidAuthenticationCode, no_user),
    ),
    row(
        "resync-absent-user-as-access-denied",
        "ResyncMFADevice for an absent user is answered AccessDenied.",
        C::ResyncUserExists,
        &[],
        Shallow,
        || swaps(RESYNC, E::NoSuchEntity, E::AccessDenied, no_user),
    ),
    row(
        "resync-absent-device-as-validation-error",
        "ResyncMFADevice of an absent device is answered ValidationError.",
        C::ResyncDeviceExists,
        &[],
        Shallow,
        || swaps(RESYNC, E::NoSuchEntity, E::ValidationError, no_device),
    ),
    row(
        "resync-unassigned-as-wrong-codes",
        "ResyncMFADevice of a device that is nobody's is answered InvalidAuthenticationCode.",
        C::ResyncUnassigned,
        &[],
        Shallow,
        || swaps(RESYNC, E::NoSuchEntity, E::InvalidAuthenticationCode, nobodys),
    ),
    row(
        "resync-other-users-as-access-denied",
        "ResyncMFADevice of another user's device is answered AccessDenied.",
        C::ResyncOtherUsers,
        &[],
        Stateful,
        || swaps(RESYNC, E::NoSuchEntity, E::AccessDenied, anothers),
    ),
    row(
        "resync-other-users-as-already-enabled",
        "ResyncMFADevice of another user's device is answered EntityAlreadyExists, which its page doesn't list.",
        C::ResyncUnlistedErrors,
        &[C::WireResyncListedErrors, C::ResyncOtherUsers],
        Stateful,
        || swaps(RESYNC, E::NoSuchEntity, E::EntityAlreadyExists, anothers),
    ),
    row(
        "resync-enabled-as-already-enabled",
        "ResyncMFADevice of an enabled device is answered EntityAlreadyExists.",
        C::ResyncUnlistedErrors,
        &[C::WireResyncListedErrors, C::ResyncSynchronizes],
        Shallow,
        || refuses(RESYNC, E::EntityAlreadyExists),
    ),
    row(
        "resync-young-entities-unmodifiable",
        "The first ResyncMFADevice of a device is answered EntityTemporarilyUnmodifiable, which its page doesn't list.",
        C::ResyncUnlistedErrors,
        &[C::WireResyncListedErrors, C::ResyncSynchronizes],
        Stateful,
        || refuses_once(RESYNC, E::EntityTemporarilyUnmodifiable),
    ),
    row(
        "deactivate-unassigned-as-wrong-codes",
        "DeactivateMFADevice of a device that is nobody's is answered InvalidAuthenticationCode.",
        C::WireDeactivateListedErrors,
        &[C::DeactivateUnassigned, C::DeactivateTwice],
        Shallow,
        || swaps(DEACTIVATE, E::NoSuchEntity, E::InvalidAuthenticationCode, nobodys),
    ),
    row(
        "deactivate-unassigned-as-validation-error",
        "DeactivateMFADevice of a device that is nobody's is answered ValidationError.",
        C::DeactivateUnassigned,
        // A device that was deactivated is nobody's, too.
        &[C::DeactivateTwice],
        Shallow,
        || swaps(DEACTIVATE, E::NoSuchEntity, E::ValidationError, nobodys),
    ),
    row(
        "deactivate-other-users-as-access-denied",
        "DeactivateMFADevice of another user's device is answered AccessDenied.",
        C::DeactivateOtherUsers,
        &[],
        Stateful,
        || {
            on_refusal(DEACTIVATE, E::NoSuchEntity, |named| {
                (anothers(named) && named.user_name.is_some()).then(|| refuse(E::AccessDenied))
            })
        },
    ),
    row(
        "deactivate-other-users-as-already-exists",
        "DeactivateMFADevice of another user's device is answered EntityAlreadyExists, which its page doesn't list.",
        C::WireDeactivateListedErrors,
        &[C::DeactivateOtherUsers, C::DeactivateDefaultUser],
        Stateful,
        || swaps(DEACTIVATE, E::NoSuchEntity, E::EntityAlreadyExists, anothers),
    ),
    row(
        "deactivate-absent-device-as-validation-error",
        "DeactivateMFADevice of an absent device is answered ValidationError.",
        C::DeactivateDeviceExists,
        &[],
        Shallow,
        || swaps(DEACTIVATE, E::NoSuchEntity, E::ValidationError, no_device),
    ),
    row(
        "deactivate-absent-user-as-invalid-input",
        "DeactivateMFADevice for an absent user is answered InvalidInput, which its page doesn't list.",
        C::WireDeactivateListedErrors,
        &[C::DeactivateUserExists],
        Shallow,
        || swaps(DEACTIVATE, E::NoSuchEntity, E::InvalidInput, no_user),
    ),
    row(
        "enable-invents-an-error-code",
        "EnableMFADevice with wrong codes is answered InvalidMFACode, which no page lists.",
        C::WireEnableListedErrors,
        &[],
        Shallow,
        || invents(ENABLE, E::InvalidAuthenticationCode, "InvalidMFACode"),
    ),
    row(
        "resync-invents-an-error-code",
        "ResyncMFADevice of what is absent is answered NoSuchMFADevice, which no page lists.",
        C::WireResyncListedErrors,
        &[],
        Shallow,
        || invents(RESYNC, E::NoSuchEntity, "NoSuchMFADevice"),
    ),
    row(
        "deactivate-error-code-named-as-an-exception",
        "DeactivateMFADevice of what is absent is answered NoSuchEntityException, which no page lists.",
        C::WireDeactivateListedErrors,
        // boto3 finds no exception of that name.
        &[C::SdkBoto3Exceptions],
        Shallow,
        || invents(DEACTIVATE, E::NoSuchEntity, "NoSuchEntityException"),
    ),
];
