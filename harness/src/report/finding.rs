//! A finding in a report: one cause of divergences, with everything to reproduce it.

use mfa_reference::clause::{ClauseId, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::run::result;
use crate::scenario::{DeviceRef, Scenario, UserRef};

/// Divergences with one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A digest of operation, clause and what was observed: the same in every run.
    pub id: String,
    /// The clause that is broken.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// Clauses that may be said to be broken as well.
    #[schemars(with = "Vec<String>")]
    pub also: Vec<ClauseId>,
    /// How strongly the clause binds.
    pub stance: String,
    /// The operation that was called.
    pub operation: String,
    /// The finding in a short sentence.
    pub title: String,
    /// What the clause requires.
    pub requires: String,
    /// Where the clause is written.
    pub source: SourceReport,
    /// Further places that bear the clause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_sources: Vec<SourceReport>,
    /// What would have conformed.
    pub expected: Sight,
    /// What came back.
    pub observed: Sight,
    /// What came back, as a class that is the same for the same cause.
    pub observed_class: String,
    /// From what is expected to what was observed, as a unified diff; what differs from call to call is masked. Absent
    /// where there are not two texts to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The shortest known scenario that shows it.
    pub scenario: Scenario,
    /// The scenario in words, each step with what it was answered. Calls that overlap follow the line "at the same
    /// time:" and begin with their numbers, such as "3a.".
    pub steps: Vec<String>,
    /// What is known after each step: one entry for each of them. Empty in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Moment>,
    /// If it is about calls that overlapped: when each was under way, and the orders that were tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// The phase in which it first showed.
    pub phase: String,
    /// The index of the first scenario that showed it, within its phase.
    pub first_scenario: u64,
    /// Calls of the three operations until it first showed, within its scenario.
    pub requests_to_first: u64,
    /// How many scenarios showed it.
    pub occurrences: u64,
    /// Whether a replay showed it again.
    pub confirmation: Confirmation,
    /// Whether timing could explain it: a lag, a state that has not settled, a clock, an overlap, a reply that came too
    /// late.
    #[serde(default)]
    pub timing: bool,
    /// Whether it is flaky: timing could explain it, one scenario alone showed it, and no replay did. It doesn't fail the
    /// target, and makes the run inconclusive.
    #[serde(default)]
    pub flaky: bool,
    /// How to see it again.
    pub reproduce: Reproduce,
}

impl Finding {
    /// Updates whether the finding is flaky.
    pub(super) const fn weigh(&mut self) {
        self.flaky = self.timing && self.occurrences < 2 && !self.confirmation.is_reproduced();
    }
}

/// A step on the time line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// The time step in which its call was made, counted from that of the first call. Absent without a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_step: Option<i64>,
    /// The codes that it sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<SentCode>,
    /// The devices after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceState>,
}

/// Calls that overlapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// The calls, in the order of the scenario.
    pub calls: Vec<OverlappingCall>,
    /// The orders in which they may have been executed, the longest permitted one first. None is permitted. Empty if a
    /// reply is wrong in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<TriedOrder>,
    /// The call after them that shows the finding, with its answer. Absent if their own replies show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<String>,
}

/// A call that overlapped others. Both instants count from the release of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OverlappingCall {
    /// Its number among the steps, such as "3a".
    pub number: String,
    /// The step in words.
    pub step: String,
    /// What it was answered.
    pub answer: String,
    /// When it was sent, in microseconds.
    pub began_us: u64,
    /// When its reply had been read or the attempt ended, in microseconds.
    pub ended_us: u64,
}

/// An order in which overlapping calls may have been executed, and where it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriedOrder {
    /// The numbers of the calls.
    pub calls: Vec<String>,
    /// How many calls, from the first, may have been answered as they were.
    pub permitted: u64,
    /// The number of the call that can't have been answered so. Absent if every call can, and what was seen after them
    /// can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_at: Option<String>,
    /// What would have conformed there.
    pub expected: String,
    /// Whether no other order is permitted for longer.
    pub longest: bool,
}

/// An authentication code that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentCode {
    /// 1 for `AuthenticationCode1`, 2 for `AuthenticationCode2`.
    pub number: u8,
    /// The time step to which it belongs, counted from that of the first call. Absent if it is not made from a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_step: Option<i64>,
    /// Whether it was changed, so that it belongs to no time step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
}

/// A device at one moment, as replies and listings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceState {
    /// The device; absent for all that the scenario did not create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceRef>,
    /// Whether it exists.
    pub exists: bool,
    /// The users who have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<UserRef>,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceReport {
    /// The document's title.
    pub document: String,
    /// The place in it.
    pub section: String,
    /// The words that bear the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The document's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<&Source> for SourceReport {
    fn from(source: &Source) -> Self {
        Self {
            document: source.document.title().to_owned(),
            section: source.section.to_owned(),
            quote: source.quote.map(str::to_owned),
            url: source.document.url().map(str::to_owned),
        }
    }
}

/// A reply as it is shown: expected or observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sight {
    /// The reply in a few words.
    pub summary: String,
    /// Its HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its body, a tag a line, escaped for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Whether a finding showed again when its scenario was replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Confirmation {
    /// It did.
    Confirmed {
        /// How often it was replayed, to make it shorter and to confirm it.
        replays: u32,
        /// Whether time ran out before it could not be made shorter.
        cut_off: bool,
    },
    /// Calls that overlap: it did in so many of so many tries.
    Rate {
        /// How many tries showed it.
        shown: u32,
        /// How many tries were made.
        tries: u32,
    },
    /// It didn't: the target doesn't always answer alike.
    #[serde(alias = "flaky")]
    NotReproduced,
    /// Nobody tried.
    NotTried,
}

impl Confirmation {
    /// Whether a replay reproduced the finding.
    pub(super) const fn is_reproduced(self) -> bool {
        match self {
            Self::Confirmed { .. } => true,
            Self::Rate { shown, .. } => shown > 0,
            Self::NotReproduced | Self::NotTried => false,
        }
    }
}

impl From<result::Confirmation> for Confirmation {
    fn from(confirmation: result::Confirmation) -> Self {
        match confirmation {
            result::Confirmation::Confirmed { replays, cut_off } => Self::Confirmed { replays, cut_off },
            result::Confirmation::Rate { shown, tries } => Self::Rate { shown, tries },
            result::Confirmation::NotReproduced => Self::NotReproduced,
            result::Confirmation::NotTried => Self::NotTried,
        }
    }
}

/// How to see a finding again: each a text to paste.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reproduce {
    /// Lines for a POSIX shell with curl 7.75 or later.
    pub curl: String,
    /// Lines for a POSIX shell with the AWS CLI.
    pub aws_cli: String,
    /// A Python script on boto3.
    pub boto3: String,
    /// Lines for a POSIX shell with this tool.
    pub replay: String,
    /// The body of a test for pytest, which `report --format pytest` puts into a file; empty in reports of earlier
    /// versions, and where calls can't be repeated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pytest: String,
}
