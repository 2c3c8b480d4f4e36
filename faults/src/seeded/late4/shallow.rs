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
        (Shallow, 3),
        || writes(|_, _, text| text.replace("=\"https://", "=\"http://")),
    ),
    row(
        "error-in-the-operations-response",
        "Errors have the operation's response as their root, EnableMFADeviceResponse for instance.",
        C::WireErrorEnvelope,
        &[],
        (Shallow, 1),
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
        (Shallow, 3),
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
        (Shallow, 4),
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
        (Shallow, 3),
        || lists(|_, _, items| items.into_iter().map(name_of).collect()),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded::late2::played::Played;

    /// What a service replies to `EnableMFADevice`.
    fn reply_of(name: &str, outcome: &Outcome) -> String {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        let renderer = (fault.service)().behaviour.renderer;
        String::from_utf8(renderer.render(Some(Operation::EnableMfaDevice), outcome, "id").body).unwrap()
    }

    fn refusal() -> Outcome {
        Outcome::Error { code: ErrorCode::NoSuchEntity, message: "None.".to_owned() }
    }

    const SUCCESS: Outcome = Outcome::Success(mfa_reference::SuccessBody::Empty);

    #[test]
    fn replies_stand_in_a_namespace_of_plain_http() {
        for outcome in [SUCCESS, refusal()] {
            let reply = reply_of("namespace-in-plain-http", &outcome);
            assert!(reply.contains("xmlns=\"http://iam.amazonaws.com/doc/2010-05-08/\""), "{reply}");
        }
    }

    #[test]
    fn an_error_stands_in_the_operations_response() {
        let reply = reply_of("error-in-the-operations-response", &refusal());
        assert!(reply.contains("<EnableMFADeviceResponse ") && reply.contains("</EnableMFADeviceResponse>"), "{reply}");
        assert!(reply.contains("<Error>") && !reply.contains("ErrorResponse"), "{reply}");
    }

    #[test]
    fn the_metadata_of_a_success_stand_in_its_result() {
        let reply = reply_of("metadata-inside-the-result", &SUCCESS);
        assert!(reply.contains("<EnableMFADeviceResult><ResponseMetadata><RequestId>id</RequestId>"), "{reply}");
        assert!(!reply_of("metadata-inside-the-result", &refusal()).contains("Result"));
    }

    #[test]
    fn an_own_enabled_device_is_not_found_by_resync() {
        let fault = FAULTS.iter().find(|fault| fault.name == "resync-looks-among-hardware-devices").unwrap();
        let mut played = Played::on((fault.service)());
        assert_eq!((played.user("CreateUser", "bob"), played.make_device("one")), (None, None));
        assert_eq!((played.enable("bob", "one"), played.resync("bob", "one")), (None, Some(ErrorCode::NoSuchEntity)));
    }

    #[test]
    fn a_serial_number_is_listed_as_its_last_part() {
        let entry = MfaDeviceEntry {
            user_name: "bob".to_owned(),
            serial_number: "arn:aws:iam::123456789012:mfa/path/one".to_owned(),
            enable_date: String::new(),
        };
        assert_eq!(name_of(entry).serial_number, "one");
    }
}
