//! What came back for a call, typed: the strict reading of one HTTP reply.

use std::collections::BTreeSet;
use std::sync::Arc;

use mfa_reference::SuccessBody;

use super::bounds::KeptBody;
use crate::transport::TransportError;

/// What came back for a call.
#[expect(clippy::large_enum_variant, reason = "nearly all that comes back is a reply")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A reply in the query protocol's envelope.
    Reply(Reply),
    /// An HTTP reply that isn't in the protocol: HTML, JSON, malformed XML, another root.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What it is instead.
        format: Format,
        /// What is wrong with it, in words for a person.
        why: String,
        /// The beginning of the body, as text, at most 2,000 characters.
        body: String,
    },
    /// No HTTP reply.
    Broken(TransportError),
}

/// What a reply is that isn't in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Something that has nothing of the protocol.
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

/// A way in which a reply is written that some clause forbids.
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
    /// White space stands around an error's `Code`: to an SDK that is another code.
    PaddedCode,
    /// `{Op}Result` of an operation without output has content.
    ResultWithContent,
}

/// The parts of an envelope that clauses speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The root element's namespace, resolved; `None` if it has none.
    pub namespace: Option<Arc<str>>,
    /// What is wrong with how it is written.
    pub flaws: BTreeSet<Flaw>,
    /// Whether `{Op}Result` is the first element of a success; `None` if the reply has none.
    pub result_first: Option<bool>,
    /// The request id, where the envelope has its place for it: `ResponseMetadata/RequestId` of a success,
    /// `RequestId` of an error; trimmed of white space.
    pub request_id: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// Paths of elements and attributes that no clause speaks of, such as `ErrorResponse/Error/message`: sorted, each
    /// once, the first 20. An unclaimed element stands for all that is in it; `[2]` marks a second of what may stand
    /// once, `text()` text between elements.
    pub unclaimed: Vec<String>,
    /// What is kept of the body; [`Envelope::canonical`] is for people.
    pub body: KeptBody,
}

impl Envelope {
    /// Whether it is written in a way that some clause forbids.
    #[must_use]
    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }

    /// The body in canonical form, for people: one tag a line, two spaces a level, prefixes left out, a namespace
    /// shown where it differs from the parent's, what can't be seen escaped; at most 8 kB. Made at each call, because
    /// nobody looks at most replies.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.body.canonical()
    }
}
