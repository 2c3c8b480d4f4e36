//! What the oracle says of a reply.

use std::collections::BTreeMap;
use std::fmt;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, ErrorCodes, Operation};

/// What the oracle says of one reply.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Each way in which the reply differs from what is documented. Empty if it conforms.
    pub divergences: Vec<Divergence>,
    /// Whether the reply is a passing failure, after which the request is sent again.
    pub transient: bool,
    /// Whether the reply is a success.
    pub success: bool,
    /// Whether a refusal of a used pair of codes leaves the question open that the call was made for.
    pub wants_unused_codes: bool,
    /// Whether a state that the target may be in explains the reply.
    pub fit: Fit,
}

/// Whether a state that the target may be in explains a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// One does, or the reply says nothing of the state.
    #[default]
    Explained,
    /// None does: what state the target is in is unknown now.
    Refuted,
}

/// One way in which a target differs from the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The clause that it breaks.
    pub clause: ClauseId,
    /// Clauses that it may be said to break as well.
    pub also: Vec<ClauseId>,
    /// The operation that was called.
    pub operation: Operation,
    /// What came back, as a class: the same for the same cause.
    pub class: ObservedClass,
    /// What would have conformed.
    pub expected: Expected,
}

impl Divergence {
    /// A request without a reply in time.
    #[must_use]
    pub fn no_reply(operation: Operation) -> Self {
        Self {
            clause: ClauseId::RobustnessAnswers,
            also: Vec::new(),
            operation,
            class: ObservedClass::Timeout,
            expected: Expected::Words("a reply".to_owned()),
        }
    }

    /// A request that ends the service.
    #[must_use]
    pub fn crash(operation: Operation) -> Self {
        Self { clause: ClauseId::RobustnessNoCrash, class: ObservedClass::Broken, ..Self::no_reply(operation) }
    }

    /// Whether timing could explain it: a lag, a state that has not settled, a clock, an overlap, or a reply that came
    /// too late. A success where a refusal was due, or a reply of a wrong form, is nothing that time explains.
    #[must_use]
    pub const fn timing_could_explain(&self) -> bool {
        match &self.class {
            ObservedClass::Listing(_) | ObservedClass::Timeout | ObservedClass::Broken => true,
            ObservedClass::Error(code) => matches!(
                code,
                ErrorCode::NoSuchEntity
                    | ErrorCode::EntityAlreadyExists
                    | ErrorCode::DeleteConflict
                    | ErrorCode::LimitExceeded
                    | ErrorCode::InvalidAuthenticationCode
                    | ErrorCode::ConcurrentModification
                    | ErrorCode::EntityTemporarilyUnmodifiable
                    | ErrorCode::Throttling
                    | ErrorCode::ServiceUnavailable
                    | ErrorCode::ServiceFailure
                    | ErrorCode::InternalFailure
            ),
            ObservedClass::Success
            | ObservedClass::UnknownError(_)
            | ObservedClass::Status(..)
            | ObservedClass::Envelope(_)
            | ObservedClass::Body(_)
            | ObservedClass::Unreadable(_) => false,
        }
    }

    /// Whether it is about what the target keeps, which is lost with a target that restarts.
    #[must_use]
    pub const fn is_about_state(&self) -> bool {
        !matches!(self.clause, ClauseId::RobustnessAnswers | ClauseId::RobustnessNoCrash)
    }

    /// What makes two divergences the same finding.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        (self.clause, self.operation, self.class.clone())
    }
}

/// What makes two divergences the same finding: the clause, the operation, and the class of what was seen.
pub type Bucket = (ClauseId, Operation, ObservedClass);

/// What would have conformed, for the diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A success of the operation.
    Success,
    /// An error with one of these codes.
    Error(ErrorCodes),
    /// A listing of these serial numbers for a user.
    Listing {
        /// The user's name.
        user_name: String,
        /// The serial numbers.
        serial_numbers: Vec<String>,
    },
    /// Something that a sentence says best.
    Words(String),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("200, carried out"),
            Self::Error(codes) => {
                for (index, code) in codes.iter().enumerate() {
                    write!(f, "{}{} {code}", if index > 0 { " or " } else { "" }, code.status())?;
                }
                Ok(())
            }
            Self::Listing { user_name, serial_numbers } if serial_numbers.is_empty() => {
                write!(f, "no device listed for {user_name}")
            }
            Self::Listing { user_name, serial_numbers } => {
                write!(f, "listed for {user_name}: {}", serial_numbers.join(", "))
            }
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// What came back, as a class that is the same for the same cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObservedClass {
    /// A success.
    Success,
    /// An error with a code that some document knows.
    Error(ErrorCode),
    /// An error with another code.
    UnknownError(String),
    /// A status that doesn't go with what the envelope says.
    Status(u16, Option<ErrorCode>),
    /// A wrong part of the envelope, in words.
    Envelope(&'static str),
    /// A wrong listing, in words.
    Listing(&'static str),
    /// A wrong value in the body, in words.
    Body(&'static str),
    /// An HTTP reply that isn't in the protocol.
    Unreadable(u16),
    /// No HTTP reply: the connection broke.
    Broken,
    /// No HTTP reply in time.
    Timeout,
}

impl fmt::Display for ObservedClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("success"),
            Self::Error(code) => write!(f, "{code}"),
            Self::UnknownError(code) => write!(f, "the unknown code {code:?}"),
            Self::Status(status, Some(code)) => write!(f, "status {status} with {code}"),
            Self::Status(status, None) => write!(f, "status {status} with a success"),
            Self::Envelope(words) | Self::Listing(words) | Self::Body(words) => f.write_str(words),
            Self::Unreadable(status) => write!(f, "status {status} without an IAM reply"),
            Self::Broken => f.write_str("a broken connection"),
            Self::Timeout => f.write_str("no reply in time"),
        }
    }
}

/// What a number of replies test, summed up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each clause was tested, by side.
    pub tested: BTreeMap<(ClauseId, Side), u64>,
    /// How often a reply took each reading that an open clause allows: by clause and what came back.
    pub open: BTreeMap<(ClauseId, String), u64>,
    /// How often a reply departed from a Recorded clause, with what came back.
    pub departures: BTreeMap<(ClauseId, String), u64>,
    /// Elements and attributes that no clause speaks of, by operation.
    pub unclaimed: BTreeMap<(Operation, String), u64>,
    /// Calls of the operations under test.
    pub calls: BTreeMap<Operation, Calls>,
}

/// How the calls of one operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// With a success.
    pub accepted: u64,
    /// With an error in the protocol's envelope.
    pub rejected: u64,
    /// Otherwise.
    pub failed: u64,
}

impl Calls {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.accepted + self.rejected + self.failed
    }
}

impl Tally {
    /// Counts a clause as tested once.
    pub fn tested(&mut self, clause: ClauseId, side: Side) {
        *self.tested.entry((clause, side)).or_default() += 1;
    }

    /// Adds another tally to this one.
    pub fn merge(&mut self, other: &Self) {
        fn add<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
            for (key, count) in from {
                *into.entry(key.clone()).or_default() += count;
            }
        }
        add(&mut self.tested, &other.tested);
        add(&mut self.open, &other.open);
        add(&mut self.departures, &other.departures);
        add(&mut self.unclaimed, &other.unclaimed);
        for (operation, calls) in &other.calls {
            let sum = self.calls.entry(*operation).or_default();
            sum.accepted += calls.accepted;
            sum.rejected += calls.rejected;
            sum.failed += calls.failed;
        }
    }
}
