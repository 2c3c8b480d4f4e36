//! Faults that any call of the kind shows.

use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, TimeStep};

use crate::altered::{Altered, decides, recognises, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{devices_of, named, on, on_success, refuse, refuse_after, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// A body as it looks in transfer, with the size of its one chunk and the end of the last one.
fn chunked(document: &str) -> String {
    format!("{:x}\r\n{document}\r\n0\r\n\r\n", document.len())
}

/// The code of a step with its digits written as they are divided off, the last one first.
fn backwards(seed: &Seed, step: TimeStep) -> String {
    seed.code(step).as_str().chars().rev().collect()
}

/// Goes through the devices of a user, and fails where there is no list of them.
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

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "chunk-sizes-in-the-body",
        "Replies are sent with a Content-Length and in chunks at once, so that the sizes of these stand in the body.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| chunked(&text)),
    ),
    row(
        "enable-finds-its-own-association",
        "EnableMFADevice associates the device before it looks whether it is assigned: EntityAlreadyExists.",
        C::EnableFreshPair,
        // The device was nobody's when it is refused, and is the user's afterwards; or it was so from the beginning.
        &[C::EnableRejectedNoEffect, C::EnableAlreadyEnabled, C::EnableCodesByDevice, C::StateIsolation],
        Shallow,
        || {
            on_success(MfaOperation::Enable, |named| {
                let (device, user) = named.id().zip(named.user)?;
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Associate(device, user)))
            })
        },
    ),
    row(
        "deactivate-swaps-its-arguments",
        "DeactivateMFADevice looks for the user by the serial number and for the device by the name: NoSuchEntity.",
        C::DeactivateByAdministrator,
        // The user's own device is not found by its own ARN, whoever calls.
        &[C::DeactivateDissociates, C::DeactivateDefaultUser, C::SerialNumberOwnArn],
        Shallow,
        || {
            on(MfaOperation::Deactivate, |_, decision| match refused_with(&decision) {
                Some(ErrorCode::ValidationError) => decision,
                Some(_) | None => refuse(MISSING),
            })
        },
    ),
    row(
        "code-digits-backwards",
        "The digits of the codes that are expected are put together from the last to the first.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let emitted = |step: &TimeStep| backwards(seed, step.plus(-1)) == one && backwards(seed, *step) == two;
                (-1..=1).map(|steps| now.plus(steps)).find(emitted)
            })
        },
    ),
    row(
        "users-without-devices-fail",
        "ResyncMFADevice and DeactivateMFADevice for a user who has no device are answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words; what is absent or another's should be told.
        &[
            C::RobustnessNoCrash,
            C::DeactivateDeviceExists,
            C::DeactivateUnassigned,
            C::DeactivateOtherUsers,
            C::DeactivateTwice,
            C::ResyncDeviceExists,
            C::ResyncUnassigned,
            C::ResyncOtherUsers,
        ],
        Shallow,
        lists_nothing_for_nobody,
    ),
];
