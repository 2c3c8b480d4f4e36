//! The oracle's verdict on a reply.

use std::collections::BTreeMap;
use std::fmt;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, ErrorCodes, Operation};

/// The oracle's verdict on one reply.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The reply's differences from the documents. Empty if it conforms.
    pub divergences: Vec<Divergence>,
    /// Whether the reply is a passing failure, so that the request is retried.
    pub transient: bool,
    /// Whether the reply is a success.
    pub success: bool,
    /// Whether a refusal of used codes leaves open what the call was to test.
    pub wants_unused_codes: bool,
    /// Whether a state that the target may be in explains the reply.
    pub fit: Fit,
}

/// Whether a state that the target may be in explains a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// A state does, or the reply says nothing about the state.
    #[default]
    Explained,
    /// No state does, so the target's state is unknown now.
    Refuted,
}

/// One way in which a target differs from the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The clause that it breaks.
    pub clause: ClauseId,
    /// Clauses that it may break too.
    pub also: Vec<ClauseId>,
    /// The operation that was called.
    pub operation: Operation,
    /// The class of the reply, which is the same for the same cause.
    pub class: ObservedClass,
    /// The conforming replies.
    pub expected: Expected,
    /// Every answer that is permitted, if the finding is about the answer and not about its form.
    pub permitted: Option<PermittedAnswers>,
}

/// Every answer that a call permits: those that nothing demands among them, and passing failures apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermittedAnswers {
    /// Whether the call may succeed.
    pub success: bool,
    /// The errors that may come.
    pub codes: ErrorCodes,
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
            permitted: None,
        }
    }

    /// A request that ends the service.
    #[must_use]
    pub fn crash(operation: Operation) -> Self {
        Self { clause: ClauseId::RobustnessNoCrash, class: ObservedClass::Broken, ..Self::no_reply(operation) }
    }

    /// Whether timing could explain it: a lag, an unsettled state, a clock, an overlap, or a late reply. Timing never
    /// explains a success instead of a refusal, or a reply of a wrong form.
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

    /// Whether it is about the target's state, which a restart may lose.
    #[must_use]
    pub const fn is_about_state(&self) -> bool {
        !matches!(self.clause, ClauseId::RobustnessAnswers | ClauseId::RobustnessNoCrash)
    }

    /// The bucket: divergences with the same one are the same finding.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        (self.clause, self.operation, self.class.clone())
    }
}

/// An order in which overlapping calls may have been executed, and why it is not permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedOrder {
    /// The calls, by their positions among those that overlap.
    pub calls: Vec<usize>,
    /// How many of them, from the first, may have been answered as they were.
    pub permitted: usize,
    /// What conforms as the reply to the next one. If every call may have been answered so: what conforms as the
    /// listing that follows.
    pub expected: Expected,
}

/// The identity of a finding: the clause, the operation, and the class of the reply.
pub type Bucket = (ClauseId, Operation, ObservedClass);

/// The conforming replies, for the diff.
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
    /// A sentence.
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

/// The class of a reply, which is the same for the same cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObservedClass {
    /// A success.
    Success,
    /// An error with a code that some document knows.
    Error(ErrorCode),
    /// An error with another code.
    UnknownError(String),
    /// A status that contradicts the envelope.
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

/// The sum of what several replies test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each clause was tested, by side.
    pub tested: BTreeMap<(ClauseId, Side), u64>,
    /// How often a reply followed each reading of an open clause.
    pub open: BTreeMap<(ClauseId, String), u64>,
    /// How often a reply departed from a Recorded clause, with its class.
    pub departures: BTreeMap<(ClauseId, String), u64>,
    /// Elements and attributes that no clause covers, by operation.
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
    /// Without a reply in the protocol.
    pub failed: u64,
}

impl Calls {
    /// The number of all calls.
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
