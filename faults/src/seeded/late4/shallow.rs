//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode, MfaDeviceEntry, MfaOperation, Operation, Outcome};

use crate::altered::writes;
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{on, refuse, refused_with};
use crate::seeded::listing::lists;

/// A success whose metadata stand in the result.
fn with_a_result(operation: Operation, document: &str) -> String {
    document
        .replace("<ResponseMetadata>", &format!("<{operation}Result><ResponseMetadata>"))
        .replace("</ResponseMetadata>", &format!("</ResponseMetadata></{operation}Result>"))
}

/// What a serial number ends with.
fn name_of(entry: MfaDeviceEntry) -> MfaDeviceEntry {
    let serial_number = entry.serial_number.rsplit('/').next().unwrap_or_default().to_owned();
    MfaDeviceEntry { serial_number, ..entry }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "namespace-in-plain-http",
        "Replies stand in a namespace that begins with http instead of https.",
        C::WireEnableSuccessRoot,
        // It is the same for each of the operations.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot],
        Shallow,
        || writes(|_, _, text| text.replace("=\"https://", "=\"http://")),
    ),
    row(
        "error-in-the-operations-response",
        "Errors have the operation's response as their root, EnableMFADeviceResponse for instance.",
        C::WireErrorEnvelope,
        &[],
        Shallow,
        || {
            writes(|operation, outcome, text| match outcome {
                Outcome::Error { .. } => text.replace("ErrorResponse", &format!("{operation}Response")),
                Outcome::Success(_) => text,
            })
        },
    ),
    row(
        "metadata-inside-the-result",
        "Successes have their ResponseMetadata in a result of the operation.",
        C::WireEnableNoResult,
        // There is a result, and there are no metadata where they belong, for each of the operations.
        &[
            C::WireResyncNoResult,
            C::WireDeactivateNoResult,
            C::WireEnableSuccessRequestId,
            C::WireResyncSuccessRequestId,
            C::WireDeactivateSuccessRequestId,
        ],
        Shallow,
        || {
            writes(|operation, outcome, text| match outcome {
                Outcome::Error { .. } => text,
                Outcome::Success(_) => with_a_result(operation, &text),
            })
        },
    ),
    row(
        "resync-looks-among-hardware-devices",
        "ResyncMFADevice looks for the device among the hardware devices, of which there are none: NoSuchEntity.",
        C::ResyncSynchronizes,
        // The device's own ARN is answered so, whatever the codes are.
        &[
            C::SerialNumberOwnArn,
            C::ResyncCodesRecognised,
            C::ResyncCode2Subsequent,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
        ],
        Shallow,
        || {
            on(MfaOperation::Resync, |_, decision| match refused_with(&decision) {
                Some(ErrorCode::ValidationError) => decision,
                Some(_) | None => refuse(ErrorCode::NoSuchEntity),
            })
        },
    ),
    row(
        "listing-shows-names-for-serial-numbers",
        "ListMFADevices shows a device's name where its serial number belongs.",
        C::EnableAssociates,
        // The device that was enabled is listed under what is no ARN.
        &[C::SerialNumberIsArn, C::StateSettles],
        Shallow,
        || lists(|_, _, items| items.into_iter().map(name_of).collect()),
    ),
];
