//! Clauses on the protocol, whatever the operation.

use crate::MfaOperation::Deactivate;
use crate::clause::Stance::{Protocol, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of, row};
use crate::clause::source::{boto3, deactivate, enable, protocol, quote, recorded, resync, seen, shape};

pub(super) const ROWS: &[Row] = &[
    row("wire.error.envelope", Protocol, REJECT).says(Words {
        cites: &[protocol("Operation error serialization"), shape("exceptions")],
        requires: "An error reply is an ErrorResponse that contains an Error with Type, Code and Message, and a \
                   RequestId.",
        test: "Each rejected call.",
    }),
    row("wire.error.namespace", Recorded, REJECT).says(Words {
        cites: &[protocol("Operation error serialization, the namespace of ErrorResponse")],
        requires: "An error reply is in the same namespace as a successful reply.",
        test: "Each rejected call.",
    }),
    row("wire.error.type", Recorded, REJECT).says(Words {
        cites: &[protocol("Operation error serialization, Type"), shape("exceptions, senderFault")],
        requires: "The Type of an error is Sender for a 4xx and Receiver for a 5xx.",
        test: "Each rejected call.",
    }),
    row("message.words", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "refusals of the three operations, and of those that delete",
                &[("aws-000", &[5, 7, 8, 9, 12, 13, 17, 18]), ("aws-066", &[2, 3, 5]), ("aws-008", &[9])],
            ),
            recorded("snapshot: broken constraints"),
        ],
        requires: "Error messages have the wording that AWS was recorded to use. A message about broken constraints \
                   joins several parts, and the tool compares the parts as a set.",
        test: "Each rejection whose wording was recorded, one fault at a time.",
    }),
    row("wire.unclaimed-content", Silent, NONE).says(Words {
        cites: &[],
        requires: "A reply may contain elements and attributes that no clause mentions. The diff shows each of them, \
                   and the report lists it as undocumented.",
        test: "Each reply.",
    }),
    row("wire.well-formed", Protocol, BOTH).says(Words {
        cites: &[protocol("HTTP response, XML body")],
        requires: "A reply is well-formed XML in its declared encoding. Text that comes from the request is escaped.",
        test: "Each reply. Some values contain &, <, > and quotes, in accepted and rejected calls, wherever a message \
               may repeat them.",
    }),
    row("wire.no-prefixes", Protocol, BOTH).says(Words {
        cites: &[
            protocol("Response serialization: the root element declares the default namespace"),
            shape("metadata, xmlNamespace"),
        ],
        requires: "The elements of a reply are in the default namespace, and their names have no prefix. The SDK for \
                   JavaScript looks for elements by their names as written, so it does not find an element with a \
                   prefix.",
        test: "Each reply. An element that no clause mentions may have a prefix.",
    }),
    row("wire.result-first", Protocol, ACCEPT).says(Words {
        cites: &[
            protocol("Response serialization: the Result in the Response, ResponseMetadata after it"),
            shape("resultWrapper of each output"),
        ],
        requires: "The result is the first element of a successful reply, so ResponseMetadata comes after it. The SDK \
                   for Rust reads the first element as the result, and fails if it is another element.",
        test: "Each successful reply with a result.",
    }),
    row("wire.no-cdata", Protocol, BOTH).says(Words {
        cites: &[protocol("Response serialization: the text of an element")],
        requires: "The text of a reply's elements is not in CDATA sections. The SDK for Rust ignores CDATA sections, \
                   so it reads a code or a message in one as empty.",
        test: "Each reply. An element that no clause mentions may contain a CDATA section.",
    }),
    row("wire.utf-8", Protocol, BOTH).says(Words {
        cites: &[protocol("HTTP response, XML body"), shape("metadata, protocol: query")],
        requires: "The bytes of a reply are UTF-8 without a byte order mark. boto3 cannot read ISO-8859-1, whatever \
                   encoding the reply declares. The SDK for JavaScript cannot read UTF-16 or a byte order mark.",
        test: "Each reply.",
    }),
    row("wire.content-type", Recorded, BOTH).says(Words {
        cites: &[protocol("HTTP response, Content-Type: text/xml")],
        requires: "The Content-Type of a reply is text/xml.",
        test: "Each reply.",
    }),
    row("wire.request-id.unique", Recorded, BOTH).says(Words {
        cites: &[protocol("RequestId, which identifies one request")],
        requires: "No two replies have the same RequestId.",
        test: "All replies of a run, compared with each other.",
    }),
    row("wire.get", Protocol, BOTH).says(Words {
        cites: &[
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
        ],
        requires: "The service answers a GET with the parameters in the query string as it answers a POST. The samples \
                   are URLs, which name no method. IAM's guide on query requests names both methods.",
        test: "The same call by GET and by POST, accepted and rejected.",
    }),
    row("wire.parameter-order", Protocol, BOTH).says(Words {
        cites: &[protocol("Query key resolution")],
        requires: "The order of the parameters has no meaning, also for Action and Version.",
        test: "Calls with shuffled parameters, accepted and rejected. Some of them have Action at the end.",
    }),
    row("wire.form-encoding", Protocol, BOTH).says(Words {
        cites: &[protocol("Request serialization, application/x-www-form-urlencoded")],
        requires: "The service decodes parameters exactly once. A space is + or %20, a plus sign is %2B, and any \
                   character may be escaped.",
        test: "Names that contain a plus sign or look like an escape, encoded in different ways. The service has to \
               reject a space in a value, in either encoding.",
    }),
    row("wire.request-boundary", Protocol, BOTH).says(Words {
        cites: &[protocol("Request serialization, one request for each HTTP message")],
        requires: "The service judges a call by its own parameters only. No parameter leaks into the next call on the \
                   same connection.",
        test: "A call that lacks a parameter, directly after a call on the same connection that had it.",
    }),
    row("wire.unknown-parameter", Recorded, ACCEPT).says(Words {
        cites: &[seen("ListUsers with parameters of another operation", &[("aws-084", &[13])])],
        requires: "The service ignores a parameter that the operation does not know.",
        test: "A call with a fresh pair and one additional parameter.",
    }),
    row("wire.duplicate-parameter", Recorded, BOTH).says(Words {
        cites: &[recorded("sibling: the same parameter twice")],
        requires: "If a parameter comes twice, the first one counts.",
        test: "The correct value first and a wrong value second, and the reverse.",
    }),
    row("wire.unknown-action", Recorded, REJECT).says(Words {
        cites: &[recorded("sibling: unknown action")],
        requires: "If no operation has the given Action, the service rejects the call with 400 InvalidAction. The \
                   message names the operation and the version.",
        test: "A made-up action, and the names of the three operations in another case.",
    }),
    row("wire.unknown-version", Recorded, REJECT).says(Words {
        cites: &[recorded("sibling: unknown version")],
        requires: "If the service has no API of the given Version, it rejects the call with 400 InvalidAction. The \
                   message names the operation and the version.",
        test: "A complete call with another version, with a malformed one and without one.",
    }),
    row("wire.missing-action", Silent, NONE).says(Words {
        cites: &[],
        requires: "The answer to a request without an Action is undocumented. The request has no effect.",
        test: "A complete call without its Action.",
    }),
    row("common.transient", Silent, NONE).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "The service may answer any call with Throttling, ServiceUnavailable, InternalFailure or \
                   ServiceFailure. This includes calls that set up or observe state. It answers each other common \
                   error only for the cause of that error.",
        test: "The tool sends a call again after such an answer. If the same input fails every time, the target breaks \
               robustness.persistent-failure.",
    }),
    of(Deactivate, "sdk.boto3.exceptions", Stated, REJECT).says(Words {
        cites: &[
            boto3("Exceptions", ":py:class:`IAM.Client.exceptions.EntityTemporarilyUnmodifiableException`"),
            boto3("Exceptions", ":py:class:`IAM.Client.exceptions.NoSuchEntityException`"),
            boto3("Exceptions", ":py:class:`IAM.Client.exceptions.LimitExceededException`"),
            boto3("Exceptions", ":py:class:`IAM.Client.exceptions.ServiceFailureException`"),
            boto3("Exceptions", ":py:class:`IAM.Client.exceptions.ConcurrentModificationException`"),
        ],
        requires: "Each error that boto3's page lists reaches the caller as the exception of that name.",
        test: "On any target by the shape of the reply. On the reference server with boto3 itself.",
    }),
    of(Deactivate, "sdk.boto3.returns", Stated, ACCEPT).says(Words {
        cites: &[boto3("Returns", ":returns: None")],
        requires: "A successful deactivate_mfa_device returns only the metadata of the response.",
        test: "On any target by the shape of the reply. On the reference server with boto3 itself.",
    }),
];
