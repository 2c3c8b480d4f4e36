//! Clauses on the protocol, whatever the operation.

macro_rules! wire_clauses {
    ($next:ident $($after:ident)*; $($before:tt)*) => {
        $next! { $($after)*; $($before)*
            WireErrorEnvelope "wire.error.envelope" Protocol
                cites [protocol("Operation error serialization"), shape("exceptions")]
                requires "An error reply is an ErrorResponse that holds an Error with Type, Code and Message, and \
                          a RequestId."
                test "Each refused call."
                sides [Reject];
            WireErrorNamespace "wire.error.namespace" Recorded
                cites [protocol("Operation error serialization, the namespace of ErrorResponse")]
                requires "An error reply stands in the same namespace as a success."
                test "Each refused call."
                sides [Reject];
            WireErrorType "wire.error.type" Recorded
                cites [protocol("Operation error serialization, Type"), shape("exceptions, senderFault")]
                requires "Type is Sender for a 4xx and Receiver for a 5xx."
                test "Each refused call."
                sides [Reject];
            MessageWords "message.words" Recorded
                cites [
                    seen("refusals of the three operations, and of those that delete", &[
                        ("aws-000", &[5, 7, 8, 9, 12, 13, 17, 18]),
                        ("aws-066", &[2, 3, 5]),
                        ("aws-008", &[9]),
                    ]),
                    recorded("snapshot: broken constraints"),
                ]
                requires "The words of a message are those that AWS was recorded answering; those of a broken \
                          constraint, which are several joined into one, are compared as a set."
                test "Each refusal whose words were recorded, one fault at a time."
                sides [Reject];
            WireUnclaimedContent "wire.unclaimed-content" Silent
                cites []
                requires "Elements and attributes of which no clause speaks may be there; each is shown in the \
                          diff and listed as open."
                test "Each reply."
                sides [];
            WireWellFormed "wire.well-formed" Protocol
                cites [protocol("HTTP response, XML body")]
                requires "A reply is well-formed XML in its declared encoding, and what comes from the request is \
                          escaped in it."
                test "Each reply; values with &, <, > and quotes in them, refused or not, wherever a message \
                      may repeat them."
                sides [Accept, Reject];
            WireNoPrefixes "wire.no-prefixes" Protocol
                cites [
                    protocol("Response serialization: the root element declares the default namespace"),
                    shape("metadata, xmlNamespace"),
                ]
                requires "The elements of a reply are in the default namespace, and their names have no prefix. The \
                          SDK for JavaScript finds elements by their names as written: to it, a prefixed element is \
                          absent."
                test "Each reply. A prefix of an element of which no clause speaks is allowed."
                sides [Accept, Reject];
            WireResultFirst "wire.result-first" Protocol
                cites [
                    protocol("Response serialization: the Result in the Response, ResponseMetadata after it"),
                    shape("resultWrapper of each output"),
                ]
                requires "The result is the first element of a successful reply, so ResponseMetadata comes after it. \
                          The SDK for Rust reads the first element as the result, and fails if it is another."
                test "Each success with a result."
                sides [Accept];
            WireNoCdata "wire.no-cdata" Protocol
                cites [protocol("Response serialization: the text of an element")]
                requires "The text of the elements of a reply stands in no CDATA section. The SDK for Rust leaves \
                          out what does: to it, a code or a message there is empty."
                test "Each reply. A CDATA section in an element of which no clause speaks is allowed."
                sides [Accept, Reject];
            WireUtf8 "wire.utf-8" Protocol
                cites [protocol("HTTP response, XML body"), shape("metadata, protocol: query")]
                requires "The bytes of a reply are UTF-8 without a byte order mark. boto3 reads no ISO-8859-1, \
                          whatever the reply declares, and the SDK for JavaScript reads neither UTF-16 nor a mark."
                test "Each reply."
                sides [Accept, Reject];
            WireContentType "wire.content-type" Recorded
                cites [protocol("HTTP response, Content-Type: text/xml")]
                requires "The Content-Type of a reply is text/xml."
                test "Each reply."
                sides [Accept, Reject];
            WireRequestIdUnique "wire.request-id.unique" Recorded
                cites [protocol("RequestId, which identifies one request")]
                requires "No two replies carry the same RequestId."
                test "All replies of a run, held against each other."
                sides [Accept, Reject];
            WireGet "wire.get" Protocol
                cites [
                    protocol("HTTP query requests to IAM: GET and POST for every action"),
                    enable(
                        "Examples, Sample Request",
                        "https://iam.amazonaws.com/?Action=EnableMFADevice &UserName=Bob &SerialNumber=R1234 \
                         &AuthenticationCode1=234567 &AuthenticationCode2=987654 &Version=2010-05-08 &AUTHPARAMS",
                    ),
                    resync(
                        "Examples, Sample Request",
                        "https://iam.amazonaws.com/?Action=ResyncMFADevice &UserName=Bob &SerialNumber=R1234 \
                         &AuthenticationCode1=234567 &AuthenticationCode2=987654 &Version=2010-05-08 &AUTHPARAMS",
                    ),
                    deactivate(
                        "Examples, Sample Request",
                        "https://iam.amazonaws.com/?Action=DeactivateMFADevice &UserName=Bob &SerialNumber=R1234 \
                         &Version=2010-05-08 &AUTHPARAMS",
                    ),
                ]
                requires "A call may come as a GET with its parameters in the query string, and is answered as by \
                          POST. The samples are URLs, which name no method; IAM's guide on query requests names both."
                test "The same call by GET and by POST, accepted and refused."
                sides [Accept, Reject];
            WireParameterOrder "wire.parameter-order" Protocol
                cites [protocol("Query key resolution")]
                requires "The order of the parameters, Action and Version among them, has no meaning."
                test "Calls whose parameters are shuffled, Action at the end among them, accepted and refused."
                sides [Accept, Reject];
            WireFormEncoding "wire.form-encoding" Protocol
                cites [protocol("Request serialization, application/x-www-form-urlencoded")]
                requires "Parameters are decoded exactly once: + and %20 are a space, %2B is a plus, and any \
                          character may be escaped."
                test "Names that hold a plus or look like an escape, encoded in different ways; a space in a \
                      value is refused in either spelling."
                sides [Accept, Reject];
            WireRequestBoundary "wire.request-boundary" Protocol
                cites [protocol("Request serialization, one request for each HTTP message")]
                requires "A call is judged by its own parameters only: none leaks into the next call on the same \
                          connection."
                test "A call that lacks a parameter, straight after one on the same connection that carried it."
                sides [Accept, Reject];
            WireUnknownParameter "wire.unknown-parameter" Recorded
                cites [seen("ListUsers with parameters of another operation", &[("aws-084", &[13])])]
                requires "A parameter that the operation doesn't know is ignored."
                test "A call with a fresh pair and one more parameter."
                sides [Accept];
            WireDuplicateParameter "wire.duplicate-parameter" Recorded
                cites [recorded("sibling: the same parameter twice")]
                requires "Of a parameter that comes twice, the first counts."
                test "The right value first and a wrong one second, and the reverse."
                sides [Accept, Reject];
            WireUnknownAction "wire.unknown-action" Recorded
                cites [recorded("sibling: unknown action")]
                requires "An Action that no operation has is refused with 400 InvalidAction, whose message names \
                          operation and version."
                test "A made-up action, and those of the three operations in another case."
                sides [Reject];
            WireUnknownVersion "wire.unknown-version" Recorded
                cites [recorded("sibling: unknown version")]
                requires "A Version of which the service has no API is refused with 400 InvalidAction, whose \
                          message names operation and version."
                test "A complete call with another, a malformed and an absent version."
                sides [Reject];
            WireMissingAction "wire.missing-action" Silent
                cites []
                requires "What a request without an Action is answered is open; it has no effect."
                test "A complete call without its Action."
                sides [];
            CommonTransient "common.transient" Silent
                cites [
                    enable("Errors", quote::COMMON),
                    resync("Errors", quote::COMMON),
                    deactivate("Errors", quote::COMMON),
                ]
                requires "Throttling, ServiceUnavailable and InternalFailure may answer any call, those that set \
                          up and observe too, and so may ServiceFailure. Each other common error answers only its \
                          own cause."
                test "A call so answered is sent again; a failure for the same input that never passes breaks \
                      robustness.persistent-failure."
                sides [];
            SdkBoto3Exceptions "sdk.boto3.exceptions" Stated of Deactivate
                cites [
                    boto3("Exceptions", ":py:class:`IAM.Client.exceptions.EntityTemporarilyUnmodifiableException`"),
                    boto3("Exceptions", ":py:class:`IAM.Client.exceptions.NoSuchEntityException`"),
                    boto3("Exceptions", ":py:class:`IAM.Client.exceptions.LimitExceededException`"),
                    boto3("Exceptions", ":py:class:`IAM.Client.exceptions.ServiceFailureException`"),
                    boto3("Exceptions", ":py:class:`IAM.Client.exceptions.ConcurrentModificationException`"),
                ]
                requires "Each error that boto3's page lists reaches a caller as the exception of that name."
                test "By shape on any target; with boto3 itself against the reference server."
                sides [Reject];
            SdkBoto3Returns "sdk.boto3.returns" Stated of Deactivate
                cites [boto3("Returns", ":returns: None")]
                requires "A successful deactivate_mfa_device returns nothing but the response's metadata."
                test "By shape on any target; with boto3 itself against the reference server."
                sides [Accept];
        }
    };
}

pub(in crate::clause) use wire_clauses;
