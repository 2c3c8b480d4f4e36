//! The result of a run: everything that a report needs, without its format.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{MfaOperation, Operation};
use sha2::{Digest, Sha256};

use super::shard::Shard;
use crate::execute::trace::Unfinished;
use crate::execute::{Exchange, Leftover, Requests};
use crate::oracle::{Bucket, Divergence, Tally, TriedOrder};
use crate::scenario::Scenario;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Whether the target answers in the protocol, and which operations it has.
    Probe,
    /// As few scenarios as test each clause once; a part of quick runs.
    Quick,
    /// The documents' own samples and the hand-written scenarios.
    Examples,
    /// Each parameter clause, on its accept and reject side.
    Boundary,
    /// Generated sequences.
    Sequences,
    /// Calls that overlap.
    Overlap,
    /// Scenarios that must play alone on the target.
    Serial,
    /// Scenarios changed at random. An ordinary run doesn't have this phase.
    Fuzz,
}

impl Phase {
    /// All phases of an ordinary run, in its order.
    pub const ALL: [Self; 6] =
        [Self::Probe, Self::Examples, Self::Boundary, Self::Sequences, Self::Overlap, Self::Serial];

    /// The phase's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Quick => "quick",
            Self::Examples => "examples",
            Self::Boundary => "boundary",
            Self::Sequences => "sequences",
            Self::Overlap => "overlap",
            Self::Serial => "serial",
            Self::Fuzz => "fuzz",
        }
    }
}

/// What one phase did.
#[derive(Clone, Debug)]
pub struct PhaseResult {
    /// The phase.
    pub phase: Phase,
    /// How many scenarios were played.
    pub scenarios: u64,
    /// How many requests were sent.
    pub requests: Requests,
    /// How long it took.
    pub elapsed: Duration,
}

/// The id of a finding's bucket: eight hexadecimal digits that are the same in every run.
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
    /// The shortest known scenario that shows it.
    pub scenario: Scenario,
    /// The exchanges of that scenario, clean-up included.
    pub trace: Vec<Exchange>,
    /// The index in the trace of the exchange that shows the divergence.
    pub exchange: usize,
    /// The divergences that the scenario shows earlier.
    pub before: BTreeSet<Bucket>,
    /// The bucket in which it was found. Shrinking may move it to another.
    pub found_as: Bucket,
    /// The phase in which it first showed.
    pub phase: Phase,
    /// The index of the first scenario that showed it, within its phase.
    pub first_scenario: u64,
    /// How many scenarios showed it.
    pub occurrences: u64,
    /// Calls of the three operations until it first showed, within its scenario.
    pub requests_to_first: u64,
    /// Whether a replay reproduced it.
    pub confirmation: Confirmation,
    /// If it is about overlapping calls: the orders in which they may have been executed, none of which is permitted.
    pub orders: Vec<TriedOrder>,
}

impl Case {
    /// Whether it is flaky: timing could explain it, only one scenario showed it, and no replay reproduced it. The
    /// report lists such a finding, and the run is inconclusive.
    #[must_use]
    pub const fn is_flaky(&self) -> bool {
        let timing = self.divergence.timing_could_explain() || matches!(self.divergence.clause, ClauseId::StateAtomic);
        timing && self.occurrences < 2 && !self.confirmation.is_reproduced()
    }
}

/// Whether a replay reproduced a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// A replay reproduced it. After `replays` replays shrinking ended.
    Confirmed {
        /// Replays made.
        replays: u32,
        /// Whether the budget ended shrinking early.
        cut_off: bool,
    },
    /// Calls that overlap: so many of so many tries showed it.
    Rate {
        /// How many tries showed it.
        shown: u32,
        /// How many tries were made.
        tries: u32,
    },
    /// No replay reproduced it: the target's replies vary.
    NotReproduced,
    /// No replay was made (`--no-shrink`, or the run was interrupted).
    NotTried,
}

impl Confirmation {
    /// Whether a replay reproduced the finding.
    #[must_use]
    pub const fn is_reproduced(self) -> bool {
        match self {
            Self::Confirmed { .. } => true,
            Self::Rate { shown, .. } => shown > 0,
            Self::NotReproduced | Self::NotTried => false,
        }
    }
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
    /// Whether a new device's seed was unusable, so that a usable one is usable only by chance.
    pub seeds_by_chance: bool,
    /// How far the target's clock is ahead of ours, in milliseconds.
    pub skew_ms: i64,
    /// How far that may be wrong, in milliseconds: zero unless no one clock explains the accepted codes.
    pub clock_doubt_ms: i64,
    /// The set-up operations that the target refused, and how. Scenarios that need them are not played.
    pub refused: BTreeMap<Operation, String>,
    /// Notes for readers of the report. The target's text in them is unescaped.
    pub notes: Vec<String>,
    /// Why the target can't be judged at all, or not to the end, if so.
    pub unusable: Option<String>,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// What the probe found.
    pub probe: Probe,
    /// What each phase did.
    pub phases: Vec<PhaseResult>,
    /// The tested clauses, and the target's choices where the documents leave one.
    pub tally: Tally,
    /// The findings, by phase and first scenario. Shrinking may have shown that several are one.
    pub cases: Vec<Case>,
    /// Which part of the run was played.
    pub shard: Shard,
    /// Why the devices' seeds are unusable, if so.
    pub unusable_seed: Option<String>,
    /// Scenarios that could not be judged to their end, by reason.
    pub unfinished: BTreeMap<Unfinished, u64>,
    /// How many requests had no reply in time, by operation.
    pub timeouts: BTreeMap<Operation, u64>,
    /// What could not be deleted.
    pub leftovers: BTreeSet<Leftover>,
    /// The digest of the symbolic scenarios and the plan. The same seed on the same target gives the same digest, with
    /// any number of workers and on any machine.
    pub scenario_digest: String,
    /// How long the run took.
    pub elapsed: Duration,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// The only clause that it tested, if it was limited to one.
    pub clause: Option<ClauseId>,
    /// What ended it early: an option, or the loss of the target.
    pub stopped: Option<&'static str>,
}
