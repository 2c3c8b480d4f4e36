//! Clauses on whether each operation exists, and what its replies look like.

use super::alike::{DEACTIVATE, ENABLE, ENABLE_CODES, RESYNC, RESYNC_CODES};
use crate::MfaOperation::{Deactivate, Enable, Resync};
use crate::clause::Stance::{Implied, Protocol, Stated};
use crate::clause::row::{ACCEPT, REJECT, Row, Words, of};
use crate::clause::source::{boto3, deactivate};

pub(super) const ROWS: &[Row] = &[
    of(Enable, "operation.enable.exists", Stated, ACCEPT).says(ENABLE.exists),
    of(Resync, "operation.resync.exists", Stated, ACCEPT).says(RESYNC.exists),
    of(Deactivate, "operation.deactivate.exists", Stated, ACCEPT).says(DEACTIVATE.exists),
    of(Enable, "wire.enable.success-status", Protocol, ACCEPT).says(ENABLE.success_status),
    of(Resync, "wire.resync.success-status", Protocol, ACCEPT).says(RESYNC.success_status),
    of(Deactivate, "wire.deactivate.success-status", Protocol, ACCEPT).says(DEACTIVATE.success_status),
    of(Enable, "wire.enable.success-root", Stated, ACCEPT).says(ENABLE.success_root),
    of(Resync, "wire.resync.success-root", Stated, ACCEPT).says(RESYNC.success_root),
    of(Deactivate, "wire.deactivate.success-root", Stated, ACCEPT).says(DEACTIVATE.success_root),
    of(Enable, "wire.enable.success-request-id", Stated, ACCEPT).says(ENABLE.success_request_id),
    of(Resync, "wire.resync.success-request-id", Stated, ACCEPT).says(RESYNC.success_request_id),
    of(Deactivate, "wire.deactivate.success-request-id", Stated, ACCEPT).says(DEACTIVATE.success_request_id),
    of(Enable, "wire.enable.no-result", Implied, ACCEPT).says(ENABLE_CODES.no_result),
    of(Resync, "wire.resync.no-result", Implied, ACCEPT).says(RESYNC_CODES.no_result),
    of(Deactivate, "wire.deactivate.no-result", Implied, ACCEPT).says(Words {
        cites: &[
            boto3("Returns", ":returns: None"),
            deactivate(
                "Examples, Sample Response",
                concat!(
                    r#"<DeactivateMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"> "#,
                    "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> ",
                    "</ResponseMetadata> </DeactivateMFADeviceResponse>",
                ),
            ),
        ],
        requires: "A successful reply has no DeactivateMFADeviceResult with content. The operation returns nothing: \
                   boto3 returns None, and the sample shows no result.",
        test: "Each accepted call. An empty DeactivateMFADeviceResult is allowed.",
    }),
    of(Enable, "wire.enable.listed-errors", Implied, REJECT).says(ENABLE.listed_errors),
    of(Resync, "wire.resync.listed-errors", Implied, REJECT).says(RESYNC.listed_errors),
    of(Deactivate, "wire.deactivate.listed-errors", Implied, REJECT).says(DEACTIVATE.listed_errors),
];
