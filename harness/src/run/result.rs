//! What a run came to: everything that a report needs, and nothing of how it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{MfaOperation, Operation};
use sha2::{Digest, Sha256};

use super::shard::Shard;
use crate::execute::trace::Unfinished;
use crate::execute::{Exchange, Leftover, Requests};
use crate::oracle::{Bucket, Divergence, Tally};
use crate::scenario::Scenario;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Is it there, does it speak the protocol, which operations exist?
    Probe,
    /// As few scenarios as test each clause once; a part of quick runs.
    Quick,
    /// The documents' own samples and the hand-written scenarios.
    Examples,
    /// Each parameter clause, accept and reject side.
    Boundary,
    /// Generated sequences.
    Sequences,
    /// Scenarios that have to be alone on the target.
    Serial,
    /// Scenarios changed at random; no part of an ordinary run.
    Fuzz,
}

impl Phase {
    /// All phases of an ordinary run, in its order.
    pub const ALL: [Self; 5] = [Self::Probe, Self::Examples, Self::Boundary, Self::Sequences, Self::Serial];

    /// The phase's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Quick => "quick",
            Self::Examples => "examples",
            Self::Boundary => "boundary",
            Self::Sequences => "sequences",
            Self::Serial => "serial",
            Self::Fuzz => "fuzz",
        }
    }
}

/// What one phase did.
#[derive(Clone, Debug)]
pub struct PhaseResult {
    /// Which.
    pub phase: Phase,
    /// How many scenarios were played.
    pub scenarios: u64,
    /// How many requests were sent.
    pub requests: Requests,
    /// How long it took.
    pub elapsed: Duration,
}

/// Eight hexadecimal digits that are the same for the same cause, in every run.
#[must_use]
pub fn bucket_id((clause, operation, class): &Bucket) -> String {
    let digest = Sha256::digest(format!("{operation}\n{clause}\n{class}").as_bytes());
    data_encoding::HEXLOWER.encode(digest.get(..4).unwrap_or_default())
}

/// A finding: divergences with one cause.
#[derive(Clone, Debug)]
pub struct Case {
    /// What differs.
    pub divergence: Divergence,
    /// The shortest scenario known that shows it.
    pub scenario: Scenario,
    /// What that scenario sent and got, clean-up included.
    pub trace: Vec<Exchange>,
    /// The index in the trace of the exchange that shows the divergence.
    pub exchange: usize,
    /// What the scenario shows before that.
    pub before: BTreeSet<Bucket>,
    /// What it was found as; shrinking may show that it is another thing.
    pub found_as: Bucket,
    /// The phase in which it first showed.
    pub phase: Phase,
    /// The index of the first scenario that showed it, within its phase.
    pub first_scenario: u64,
    /// How many scenarios showed it.
    pub occurrences: u64,
    /// Calls of the three operations until it first showed, within its scenario.
    pub requests_to_first: u64,
    /// Whether a replay showed it again.
    pub confirmation: Confirmation,
}

impl Case {
    /// Whether it is flaky: timing could explain it, one scenario alone showed it, and no replay did. Such a finding is
    /// listed, and makes the run inconclusive.
    #[must_use]
    pub const fn is_flaky(&self) -> bool {
        let reproduced = matches!(self.confirmation, Confirmation::Confirmed { .. });
        self.divergence.timing_could_explain() && self.occurrences < 2 && !reproduced
    }
}

/// Whether a finding showed again when its scenario was replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// It did; after this many replays the scenario could not be made shorter.
    Confirmed {
        /// Replays made.
        replays: u32,
        /// Whether shrinking was cut off by its budget.
        cut_off: bool,
    },
    /// It didn't: the target doesn't always answer alike.
    NotReproduced,
    /// Nobody tried (`--no-shrink`, or the run was interrupted).
    NotTried,
}

/// What a probe found out about a target.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// The operations under test that answered in the protocol.
    pub present: BTreeSet<MfaOperation>,
    /// Whether `ListMFADevices` works.
    pub listings: bool,
    /// Whether the account had no assigned device.
    pub starts_empty: bool,
    /// Whether a new device's seed could not be used: one that can does so by chance.
    pub seeds_by_chance: bool,
    /// How far the target's clock is ahead of ours, in milliseconds.
    pub skew_ms: i64,
    /// How far it may be off beyond that: zero unless no clock explains which codes the target accepts.
    pub clock_doubt_ms: i64,
    /// The operations that set a scenario up and were refused, and how: what needs them is not played.
    pub refused: BTreeMap<Operation, String>,
    /// Things that a reader of the report should know. What the target sent stands in them as it came.
    pub notes: Vec<String>,
    /// Why the target can't be judged at all, or not to the end, if it can't.
    pub unusable: Option<String>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// What the probe found out.
    pub probe: Probe,
    /// What each phase did.
    pub phases: Vec<PhaseResult>,
    /// The clauses that were tested, and what the target did where it may choose.
    pub tally: Tally,
    /// The findings, by phase and first scenario. Shrinking may have shown that several are one.
    pub cases: Vec<Case>,
    /// Which part of the run was played.
    pub shard: Shard,
    /// Why the devices' seeds can't be used, if they can't.
    pub unusable_seed: Option<String>,
    /// Scenarios that could not be judged to their end, by reason.
    pub unfinished: BTreeMap<Unfinished, u64>,
    /// How many requests had no reply in time, by operation.
    pub timeouts: BTreeMap<Operation, u64>,
    /// What could not be deleted.
    pub leftovers: BTreeSet<Leftover>,
    /// The digest of the symbolic scenarios and the plan: the same for the same seed on the same target, whatever the
    /// workers and the machine.
    pub scenario_digest: String,
    /// How long the run took.
    pub elapsed: Duration,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// The clause that it looked at alone, if it did.
    pub clause: Option<ClauseId>,
    /// What ended it before everything was played: an option, or the loss of the target.
    pub stopped: Option<&'static str>,
}
