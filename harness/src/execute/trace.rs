//! Requests and replies, and what a played scenario shows.

use std::collections::BTreeMap;
use std::time::Duration;

use mfa_reference::{Operation, SuccessBody, TimeStep};

use super::origin::{Made, Origin};
use crate::oracle::{Divergence, Tally, TriedOrder};
use crate::wire::{Answer, Call, Encoded, Observed, Reply};

/// One call and its reply.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The scenario's step that made the call, from 0; `None` for the clean-up.
    pub step: Option<usize>,
    /// The time step in which it was sent.
    pub sent: TimeStep,
    /// What was sent.
    pub call: Call,
    /// The origins of the parameters' values, in their order.
    pub origins: Vec<Origin>,
    /// The user name of the signer, if it is an IAM user.
    pub signer: Option<String>,
    /// If an IAM user signed: the index in the trace of the exchange whose reply contains the access key.
    pub key_from: Option<usize>,
    /// The sent bytes, if no SDK would send them.
    pub malformed: Option<Encoded>,
    /// Whether the call was sent twice because its first connection broke.
    pub sent_twice: bool,
    /// When it was under way, if it overlapped other calls of its step.
    pub overlap: Option<Interval>,
    /// What the target replied.
    pub observed: Observed,
}

/// When a call that overlapped others was under way. Both instants count from the release of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Before it was sent.
    pub began: Duration,
    /// After its reply was read, or the attempt ended.
    pub ended: Duration,
}

impl Exchange {
    /// The parameters, each with the origin of its value.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str, &Origin)> {
        let parameters = self.call.request.parameters.iter().zip(&self.origins);
        parameters.map(|((name, value), origin)| (name.as_str(), value.as_str(), origin))
    }

    /// A parameter's value; the first if the parameter occurs more than once.
    #[must_use]
    pub fn made(&self, name: &str) -> Option<Made> {
        let (_, value, origin) = self.parameters().find(|(known, ..)| *known == name)?;
        Some(Made { text: value.to_owned(), origin: origin.clone() })
    }

    /// The body of the reply, if it is a success.
    #[must_use]
    pub const fn body(&self) -> Option<&SuccessBody> {
        match &self.observed {
            Observed::Reply(Reply { answer: Answer::Success(body), .. }) => Some(body),
            Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => None,
        }
    }

    /// The code of the reply, if it is an error.
    pub(super) fn code(&self) -> Option<&str> {
        match &self.observed {
            Observed::Reply(Reply { answer: Answer::Error { code, .. }, .. }) => Some(code),
            Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => None,
        }
    }

    /// Whether the call may have had its effect although no success says so.
    #[must_use]
    pub const fn is_doubtful(&self) -> bool {
        match &self.observed {
            Observed::Reply(reply) => self.sent_twice || reply.status >= 500,
            Observed::Unreadable { .. } | Observed::Broken(_) => true,
        }
    }
}

/// The reply in a few words on one line. The target's text in it is unescaped: whoever prints it must escape it.
#[must_use]
pub fn describe(observed: &Observed) -> String {
    match observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(_) => format!("{} with a success", reply.status),
            Answer::Error { code, message, .. } => {
                let cut = |text: &str, most: usize| {
                    let words: Vec<&str> = text.split_whitespace().collect();
                    words.join(" ").chars().take(most).collect::<String>()
                };
                let message = message.as_deref().unwrap_or_default();
                format!("{} {}: {}", reply.status, cut(code, 60), cut(message, 120))
            }
        },
        Observed::Unreadable { status, why, .. } => format!("{status}: {why}"),
        Observed::Broken(error) => error.to_string(),
    }
}

/// A divergence and the exchange that shows it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What differs.
    pub divergence: Divergence,
    /// The index of the exchange in the trace.
    pub exchange: usize,
    /// If it is about overlapping calls: the orders in which they may have been executed, none of which is permitted.
    pub orders: Vec<TriedOrder>,
}

/// How many requests were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Calls of the three operations.
    pub under_test: u64,
    /// Calls for set-up, observation and clean-up.
    pub other: u64,
}

impl Requests {
    /// Both kinds together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.under_test + self.other
    }
}

/// Something that could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// What it is: "user NAME", "device ARN".
    pub what: String,
    /// The AWS CLI command that deletes it.
    pub command: String,
}

impl Leftover {
    /// A user that could not be deleted.
    #[must_use]
    pub fn user(name: &str) -> Self {
        let command = format!("aws iam delete-user --user-name {}", quoted(name));
        Self { what: format!("user {name}"), command }
    }

    /// A virtual device that could not be deleted.
    #[must_use]
    pub fn device(serial_number: &str) -> Self {
        let command = format!("aws iam delete-virtual-mfa-device --serial-number {}", quoted(serial_number));
        Self { what: format!("device {serial_number}"), command }
    }

    /// Marks the leftover as uncertain, if it is `doubtful`.
    #[must_use]
    pub fn doubted(mut self, doubtful: bool) -> Self {
        if doubtful {
            self.what.push_str(", if it was created at all");
        }
        self
    }
}

/// Quotes a text for a POSIX shell: the name comes from the target, and users paste the command.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A scenario that was played.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// What its replies tested.
    pub tally: Tally,
    /// What differs from the documents, in order.
    pub found: Vec<Found>,
    /// Every exchange, if something was found; empty otherwise.
    pub trace: Vec<Exchange>,
    /// How many requests were sent.
    pub requests: Requests,
    /// Whether any request had an HTTP reply.
    pub answered: bool,
    /// The number of calls of the three operations up to the first divergence, inclusive.
    pub requests_to_first: Option<u64>,
    /// Why it could not be judged to its end, if so.
    pub unfinished: Option<Unfinished>,
    /// How many requests had no reply in time, by operation.
    pub timeouts: BTreeMap<Operation, u64>,
    /// The index of the exchange under way when the target died.
    pub in_flight: Option<usize>,
    /// Whether another scenario began in its place while it waited.
    pub gave_way: bool,
    /// What could not be deleted.
    pub leftovers: Vec<Leftover>,
    /// Why a seed could not be used, if so.
    pub unusable_seed: Option<String>,
}

/// Why a scenario was not judged to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfinished {
    /// A user, device or key could not be made.
    SetUp(String),
    /// The target no longer replies.
    Unreachable(String),
    /// A call was left out: the account has, or may have, a user or device of a name in the call.
    NameTaken,
    /// It needed unused codes and had no time to wait for them.
    Parked,
    /// The target asked for retries until no time was left.
    PutOff(String),
    /// The target restarted meanwhile and may have lost its state.
    Restarted,
    /// The target may be in more states than the oracle follows.
    TooManyStates,
    /// The run was interrupted.
    Interrupted,
    /// The run's time is up.
    OutOfTime,
    /// No client could be built that sends its calls.
    NoClient(String),
    /// This program has a bug.
    Defect(&'static str),
}

impl Unfinished {
    /// The trace lacks an exchange that was recorded.
    pub(super) const LOST: Self = Self::Defect("an exchange that was recorded is not in its trace");
}

impl std::fmt::Display for Unfinished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SetUp(why) => write!(f, "the set-up was refused: {why}"),
            Self::Unreachable(why) => write!(f, "the target stopped answering: {why}"),
            Self::NameTaken => f.write_str(
                "a call would have named a user or a device that the run didn't make, or couldn't be sure of: not tested",
            ),
            Self::Parked => f.write_str("there was no time to wait for unused codes"),
            Self::PutOff(why) => f.write_str(why),
            Self::Restarted => f.write_str("the target was away and came back"),
            Self::TooManyStates => f.write_str("the target may be in too many states"),
            Self::Interrupted => f.write_str("the run was interrupted"),
            Self::OutOfTime => f.write_str("the time was up (--max-time)"),
            Self::NoClient(why) => write!(f, "no client could be built: {why}"),
            Self::Defect(what) => write!(f, "a defect of this program: {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_word_of_the_command() {
        let left = Leftover::user("mfac-x'; reboot; '");
        assert_eq!(left.command, r"aws iam delete-user --user-name 'mfac-x'\''; reboot; '\'''");
    }
}
