//! The typed result of a call: the strict reading of one HTTP reply.

use std::collections::BTreeSet;
use std::sync::Arc;

use mfa_reference::SuccessBody;

use super::bounds::KeptBody;
use crate::transport::TransportError;

/// The result of a call.
#[expect(clippy::large_enum_variant, reason = "nearly all that comes back is a reply")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A reply in the query protocol's envelope.
    Reply(Reply),
    /// An HTTP reply that isn't in the protocol: HTML, JSON, malformed XML, another root.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What the reply is instead.
        format: Format,
        /// What is wrong with the reply, in words for a person.
        why: String,
        /// The beginning of the body, as text, at most 2,000 characters.
        body: String,
    },
    /// No HTTP reply.
    Broken(TransportError),
}

/// The kind of a reply that isn't in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A reply with nothing of the protocol.
    Foreign,
    /// An envelope of the protocol that is broken.
    BrokenEnvelope,
    /// The response of another operation.
    OtherResponse,
}

/// A reply in the query protocol's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What the envelope says.
    pub answer: Answer,
    /// The envelope itself, for the clauses of the wire.
    pub envelope: Envelope,
}

/// What an envelope says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `{Op}Response`
    Success(SuccessBody),
    /// `ErrorResponse`
    Error {
        /// `Code`, trimmed of white space; empty where it is missing.
        code: String,
        /// The beginning of `Message`, if there is one.
        message: Option<String>,
        /// `Type`, if there is one.
        kind: Option<String>,
    },
}

/// A flaw in the form of a reply that some clause forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// A claimed element is not in the root's namespace.
    SeveralNamespaces,
    /// The root or a claimed element has a prefix.
    Prefix,
    /// The root or a claimed element has text in a CDATA section.
    Cdata,
    /// The body came in another encoding than UTF-8, or with a byte order mark.
    OtherEncoding,
    /// An error's `Code` has white space around it, which is another code to an SDK.
    PaddedCode,
    /// `{Op}Result` of an operation without output has content.
    ResultWithContent,
}

/// The parts of an envelope that clauses cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The root element's namespace, resolved; `None` if it has none.
    pub namespace: Option<Arc<str>>,
    /// The flaws in its form.
    pub flaws: BTreeSet<Flaw>,
    /// Whether `{Op}Result` is the first element of a success; `None` if the reply has none.
    pub result_first: Option<bool>,
    /// The request id, trimmed of white space: `ResponseMetadata/RequestId` of a success, `RequestId` of an error.
    pub request_id: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// Paths of elements and attributes that no clause covers, such as `ErrorResponse/Error/message`: the first 20,
    /// sorted, without duplicates. An unclaimed element stands for all its content. `[2]` marks the repetition of an
    /// element that may occur once, and `text()` marks text between elements.
    pub unclaimed: Vec<String>,
    /// What is kept of the body; [`Envelope::canonical`] is for people.
    pub body: KeptBody,
}

impl Envelope {
    /// Whether its form has this flaw.
    #[must_use]
    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }

    /// The body in canonical form, for people: one tag on each line, indented by two spaces per level, without
    /// prefixes, with a namespace where it differs from the parent's, escaped, and at most 8 kB. It is computed at each
    /// call, because nobody looks at most replies.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.body.canonical()
    }
}
