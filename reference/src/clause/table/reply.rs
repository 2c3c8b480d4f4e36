//! Clauses on that each operation exists, and what its replies look like.

macro_rules! reply_clauses {
    ($next:ident $($after:ident)*; $($before:tt)*) => {
        $next! { $($after)*; $($before)*
            OperationEnableExists "operation.enable.exists" Stated of Enable
                cites [enable("Examples, Sample Request", "https://iam.amazonaws.com/?Action=EnableMFADevice")]
                requires "The service knows EnableMFADevice: it answers a well-formed call in the protocol, \
                          neither with InvalidAction nor with 501."
                test "A complete call with a user and a device that exist. A missing operation is one \
                      finding; the rest of the run goes on without it."
                sides [Accept];
            OperationResyncExists "operation.resync.exists" Stated of Resync
                cites [resync("Examples, Sample Request", "https://iam.amazonaws.com/?Action=ResyncMFADevice")]
                requires "The service knows ResyncMFADevice: it answers a well-formed call in the protocol, \
                          neither with InvalidAction nor with 501."
                test "A complete call with a user and a device that exist. A missing operation is one \
                      finding; the rest of the run goes on without it."
                sides [Accept];
            OperationDeactivateExists "operation.deactivate.exists" Stated of Deactivate
                cites [
                    deactivate("Examples, Sample Request", "https://iam.amazonaws.com/?Action=DeactivateMFADevice"),
                ]
                requires "The service knows DeactivateMFADevice: it answers a well-formed call in the protocol, \
                          neither with InvalidAction nor with 501."
                test "A complete call with a user and a device that exist. A missing operation is one \
                      finding; the rest of the run goes on without it."
                sides [Accept];
            WireEnableSuccessStatus "wire.enable.success-status" Protocol of Enable
                cites [protocol("HTTP response"), shape("EnableMFADevice")]
                requires "A successful reply has the HTTP status 200."
                test "Each accepted call."
                sides [Accept];
            WireResyncSuccessStatus "wire.resync.success-status" Protocol of Resync
                cites [protocol("HTTP response"), shape("ResyncMFADevice")]
                requires "A successful reply has the HTTP status 200."
                test "Each accepted call."
                sides [Accept];
            WireDeactivateSuccessStatus "wire.deactivate.success-status" Protocol of Deactivate
                cites [protocol("HTTP response"), shape("DeactivateMFADevice")]
                requires "A successful reply has the HTTP status 200."
                test "Each accepted call."
                sides [Accept];
            WireEnableSuccessRoot "wire.enable.success-root" Stated of Enable
                cites [
                    enable(
                        "Examples, Sample Response",
                        r#"<EnableMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#,
                    ),
                ]
                requires "The root element of a successful reply is EnableMFADeviceResponse in the sample's \
                          namespace."
                test "Each accepted call; names are compared as resolved by their namespaces, whatever the prefix."
                sides [Accept];
            WireResyncSuccessRoot "wire.resync.success-root" Stated of Resync
                cites [
                    resync(
                        "Examples, Sample Response",
                        r#"<ResyncMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#,
                    ),
                ]
                requires "The root element of a successful reply is ResyncMFADeviceResponse in the sample's \
                          namespace."
                test "Each accepted call; names are compared as resolved by their namespaces, whatever the prefix."
                sides [Accept];
            WireDeactivateSuccessRoot "wire.deactivate.success-root" Stated of Deactivate
                cites [
                    deactivate(
                        "Examples, Sample Response",
                        r#"<DeactivateMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#,
                    ),
                ]
                requires "The root element of a successful reply is DeactivateMFADeviceResponse in the sample's \
                          namespace."
                test "Each accepted call; names are compared as resolved by their namespaces, whatever the prefix."
                sides [Accept];
            WireEnableSuccessRequestId "wire.enable.success-request-id" Stated of Enable
                cites [
                    enable(
                        "Examples, Sample Response",
                        "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> \
                         </ResponseMetadata>",
                    ),
                ]
                requires "A successful reply carries ResponseMetadata with a RequestId that is not empty."
                test "Each accepted call."
                sides [Accept];
            WireResyncSuccessRequestId "wire.resync.success-request-id" Stated of Resync
                cites [
                    resync(
                        "Examples, Sample Response",
                        "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> \
                         </ResponseMetadata>",
                    ),
                ]
                requires "A successful reply carries ResponseMetadata with a RequestId that is not empty."
                test "Each accepted call."
                sides [Accept];
            WireDeactivateSuccessRequestId "wire.deactivate.success-request-id" Stated of Deactivate
                cites [
                    deactivate(
                        "Examples, Sample Response",
                        "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> \
                         </ResponseMetadata>",
                    ),
                ]
                requires "A successful reply carries ResponseMetadata with a RequestId that is not empty."
                test "Each accepted call."
                sides [Accept];
            WireEnableNoResult "wire.enable.no-result" Implied of Enable
                cites [
                    enable(
                        "Examples, Sample Response",
                        concat!(
                            r#"<EnableMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"> "#,
                            "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> ",
                            "</ResponseMetadata> </EnableMFADeviceResponse>",
                        ),
                    ),
                    shape("EnableMFADevice, no output"),
                ]
                requires "The operation returns nothing: a successful reply holds no EnableMFADeviceResult with \
                          content. The sample shows none, and the model has no output."
                test "Each accepted call; an empty EnableMFADeviceResult is let pass."
                sides [Accept];
            WireResyncNoResult "wire.resync.no-result" Implied of Resync
                cites [
                    resync(
                        "Examples, Sample Response",
                        concat!(
                            r#"<ResyncMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"> "#,
                            "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> ",
                            "</ResponseMetadata> </ResyncMFADeviceResponse>",
                        ),
                    ),
                    shape("ResyncMFADevice, no output"),
                ]
                requires "The operation returns nothing: a successful reply holds no ResyncMFADeviceResult with \
                          content. The sample shows none, and the model has no output."
                test "Each accepted call; an empty ResyncMFADeviceResult is let pass."
                sides [Accept];
            WireDeactivateNoResult "wire.deactivate.no-result" Implied of Deactivate
                cites [
                    boto3("Returns", ":returns: None"),
                    deactivate(
                        "Examples, Sample Response",
                        concat!(
                            r#"<DeactivateMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"> "#,
                            "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> ",
                            "</ResponseMetadata> </DeactivateMFADeviceResponse>",
                        ),
                    ),
                ]
                requires "The operation returns nothing: a successful reply holds no DeactivateMFADeviceResult \
                          with content. boto3 returns None, and the sample shows none."
                test "Each accepted call; an empty DeactivateMFADeviceResult is let pass."
                sides [Accept];
            WireEnableListedErrors "wire.enable.listed-errors" Implied of Enable
                cites [enable("Errors", quote::COMMON)]
                requires "A refusal of EnableMFADevice names a code of the page's Errors or one of the common \
                          errors, and no other. Its page lists all seven codes of the three operations."
                test "Each refused call, whatever it was refused for."
                sides [Reject];
            WireResyncListedErrors "wire.resync.listed-errors" Implied of Resync
                cites [resync("Errors", quote::COMMON)]
                requires "A refusal of ResyncMFADevice names a code of the page's Errors or one of the common \
                          errors, and no other. Its page lists neither EntityTemporarilyUnmodifiable nor \
                          EntityAlreadyExists."
                test "Each refused call, whatever it was refused for."
                sides [Reject];
            WireDeactivateListedErrors "wire.deactivate.listed-errors" Implied of Deactivate
                cites [deactivate("Errors", quote::COMMON)]
                requires "A refusal of DeactivateMFADevice names a code of the page's Errors or one of the common \
                          errors, and no other. Its page lists neither InvalidAuthenticationCode nor \
                          EntityAlreadyExists."
                test "Each refused call, whatever it was refused for."
                sides [Reject];
        }
    };
}

pub(in crate::clause) use reply_clauses;
