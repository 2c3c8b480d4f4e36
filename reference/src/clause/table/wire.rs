//! Clauses on the protocol, whatever the operation.

use crate::MfaOperation::Deactivate;
use crate::clause::Stance::{Protocol, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of, row};
use crate::clause::source::{boto3, deactivate, enable, protocol, quote, recorded, resync, seen, shape};

pub(super) const ROWS: &[Row] = &[
    row("wire.error.envelope", Protocol, REJECT).says(Words {
        cites: &[protocol("Operation error serialization"), shape("exceptions")],
        requires: "An error reply is an ErrorResponse that holds an Error with Type, Code and Message, and a \
                   RequestId.",
        test: "Each refused call.",
    }),
    row("wire.error.namespace", Recorded, REJECT).says(Words {
        cites: &[protocol("Operation error serialization, the namespace of ErrorResponse")],
        requires: "An error reply stands in the same namespace as a success.",
        test: "Each refused call.",
    }),
    row("wire.error.type", Recorded, REJECT).says(Words {
        cites: &[protocol("Operation error serialization, Type"), shape("exceptions, senderFault")],
        requires: "Type is Sender for a 4xx and Receiver for a 5xx.",
        test: "Each refused call.",
    }),
    row("message.words", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "refusals of the three operations, and of those that delete",
                &[("aws-000", &[5, 7, 8, 9, 12, 13, 17, 18]), ("aws-066", &[2, 3, 5]), ("aws-008", &[9])],
            ),
            recorded("snapshot: broken constraints"),
        ],
        requires: "The words of a message are those that AWS was recorded answering; those of a broken constraint, \
                   which are several joined into one, are compared as a set.",
        test: "Each refusal whose words were recorded, one fault at a time.",
    }),
    row("wire.unclaimed-content", Silent, NONE).says(Words {
        cites: &[],
        requires: "Elements and attributes of which no clause speaks may be there; each is shown in the diff and \
                   listed as open.",
        test: "Each reply.",
    }),
    row("wire.well-formed", Protocol, BOTH).says(Words {
        cites: &[protocol("HTTP response, XML body")],
        requires: "A reply is well-formed XML in its declared encoding, and what comes from the request is escaped in \
                   it.",
        test: "Each reply; values with &, <, > and quotes in them, refused or not, wherever a message may repeat them.",
    }),
    row("wire.no-prefixes", Protocol, BOTH).says(Words {
        cites: &[
            protocol("Response serialization: the root element declares the default namespace"),
            shape("metadata, xmlNamespace"),
        ],
        requires: "The elements of a reply are in the default namespace, and their names have no prefix. The SDK for \
                   JavaScript finds elements by their names as written: to it, a prefixed element is absent.",
        test: "Each reply. A prefix of an element of which no clause speaks is allowed.",
    }),
    row("wire.result-first", Protocol, ACCEPT).says(Words {
        cites: &[
            protocol("Response serialization: the Result in the Response, ResponseMetadata after it"),
            shape("resultWrapper of each output"),
        ],
        requires: "The result is the first element of a successful reply, so ResponseMetadata comes after it. The SDK \
                   for Rust reads the first element as the result, and fails if it is another.",
        test: "Each success with a result.",
    }),
    row("wire.no-cdata", Protocol, BOTH).says(Words {
        cites: &[protocol("Response serialization: the text of an element")],
        requires: "The text of the elements of a reply stands in no CDATA section. The SDK for Rust leaves out what \
                   does: to it, a code or a message there is empty.",
        test: "Each reply. A CDATA section in an element of which no clause speaks is allowed.",
    }),
    row("wire.utf-8", Protocol, BOTH).says(Words {
        cites: &[protocol("HTTP response, XML body"), shape("metadata, protocol: query")],
        requires: "The bytes of a reply are UTF-8 without a byte order mark. boto3 reads no ISO-8859-1, whatever the \
                   reply declares, and the SDK for JavaScript reads neither UTF-16 nor a mark.",
        test: "Each reply.",
    }),
    row("wire.content-type", Recorded, BOTH).says(Words {
        cites: &[protocol("HTTP response, Content-Type: text/xml")],
        requires: "The Content-Type of a reply is text/xml.",
        test: "Each reply.",
    }),
    row("wire.request-id.unique", Recorded, BOTH).says(Words {
        cites: &[protocol("RequestId, which identifies one request")],
        requires: "No two replies carry the same RequestId.",
        test: "All replies of a run, held against each other.",
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
        requires: "A call may come as a GET with its parameters in the query string, and is answered as by POST. The \
                   samples are URLs, which name no method; IAM's guide on query requests names both.",
        test: "The same call by GET and by POST, accepted and refused.",
    }),
    row("wire.parameter-order", Protocol, BOTH).says(Words {
        cites: &[protocol("Query key resolution")],
        requires: "The order of the parameters, Action and Version among them, has no meaning.",
        test: "Calls whose parameters are shuffled, Action at the end among them, accepted and refused.",
    }),
    row("wire.form-encoding", Protocol, BOTH).says(Words {
        cites: &[protocol("Request serialization, application/x-www-form-urlencoded")],
        requires: "Parameters are decoded exactly once: + and %20 are a space, %2B is a plus, and any character may be \
                   escaped.",
        test: "Names that hold a plus or look like an escape, encoded in different ways; a space in a value is refused \
               in either spelling.",
    }),
    row("wire.request-boundary", Protocol, BOTH).says(Words {
        cites: &[protocol("Request serialization, one request for each HTTP message")],
        requires: "A call is judged by its own parameters only: none leaks into the next call on the same connection.",
        test: "A call that lacks a parameter, straight after one on the same connection that carried it.",
    }),
    row("wire.unknown-parameter", Recorded, ACCEPT).says(Words {
        cites: &[seen("ListUsers with parameters of another operation", &[("aws-084", &[13])])],
        requires: "A parameter that the operation doesn't know is ignored.",
        test: "A call with a fresh pair and one more parameter.",
    }),
    row("wire.duplicate-parameter", Recorded, BOTH).says(Words {
        cites: &[recorded("sibling: the same parameter twice")],
        requires: "Of a parameter that comes twice, the first counts.",
        test: "The right value first and a wrong one second, and the reverse.",
    }),
    row("wire.unknown-action", Recorded, REJECT).says(Words {
        cites: &[recorded("sibling: unknown action")],
        requires: "An Action that no operation has is refused with 400 InvalidAction, whose message names operation \
                   and version.",
        test: "A made-up action, and those of the three operations in another case.",
    }),
    row("wire.unknown-version", Recorded, REJECT).says(Words {
        cites: &[recorded("sibling: unknown version")],
        requires: "A Version of which the service has no API is refused with 400 InvalidAction, whose message names \
                   operation and version.",
        test: "A complete call with another, a malformed and an absent version.",
    }),
    row("wire.missing-action", Silent, NONE).says(Words {
        cites: &[],
        requires: "What a request without an Action is answered is open; it has no effect.",
        test: "A complete call without its Action.",
    }),
    row("common.transient", Silent, NONE).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "Throttling, ServiceUnavailable and InternalFailure may answer any call, those that set up and \
                   observe too, and so may ServiceFailure. Each other common error answers only its own cause.",
        test: "A call so answered is sent again; a failure for the same input that never passes breaks \
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
        requires: "Each error that boto3's page lists reaches a caller as the exception of that name.",
        test: "By shape on any target; with boto3 itself against the reference server.",
    }),
    of(Deactivate, "sdk.boto3.returns", Stated, ACCEPT).says(Words {
        cites: &[boto3("Returns", ":returns: None")],
        requires: "A successful deactivate_mfa_device returns nothing but the response's metadata.",
        test: "By shape on any target; with boto3 itself against the reference server.",
    }),
];
