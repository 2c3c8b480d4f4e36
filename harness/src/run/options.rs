//! What a run is asked to do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mfa_reference::clause::ClauseId;

use super::result::Phase;
use super::shard::Shard;
use crate::execute::SETTLE;
use crate::fuzz::Fuzzer;
use crate::scenario::Scenario;
use crate::transport::Credentials;

/// How many sequences an ordinary run draws.
pub const SEQUENCES: u64 = 900;

/// How many scenarios an ordinary run plays at once.
pub const WORKERS: usize = 8;

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The number from which all sequences are drawn.
    pub seed: u64,
    /// How many sequences are drawn.
    pub sequences: u64,
    /// Which part of them is played.
    pub shard: Shard,
    /// How many scenarios are played at once.
    pub workers: usize,
    /// After this long no further scenario is begun.
    pub max_time: Option<Duration>,
    /// How long the run waits altogether for codes that nobody has used yet.
    pub max_wait: Duration,
    /// The phases to go through. The probe always is; without it here, what it finds counts for nothing.
    pub phases: BTreeSet<Phase>,
    /// Look at this clause alone.
    pub clause: Option<ClauseId>,
    /// Whether to begin no further scenario after the first finding.
    pub fail_fast: bool,
    /// Whether findings are shrunk and confirmed.
    pub shrink: bool,
    /// Whether a departure from a Recorded clause is a divergence.
    pub strict: bool,
    /// How long a listing may take to show what was done.
    pub settle: Duration,
    /// The run's own credentials.
    pub credentials: Credentials,
    /// What every name that the run creates begins with.
    pub prefix: String,
    /// What is played first, in the phase `quick`.
    pub quick: Vec<Scenario>,
    /// Draws the scenarios of the phase `fuzz`, and learns from all others.
    pub fuzzer: Option<Arc<Fuzzer>>,
}

impl RunOptions {
    /// The options of a run that draws no sequence, shrinks nothing and waits for nothing. It goes through these phases
    /// with one worker, and everything that it creates begins with `prefix`.
    #[must_use]
    pub fn of_phases(phases: impl IntoIterator<Item = Phase>, credentials: Credentials, prefix: String) -> Self {
        Self {
            seed: 1,
            sequences: 0,
            shard: Shard::WHOLE,
            workers: 1,
            max_time: None,
            max_wait: Duration::ZERO,
            phases: phases.into_iter().collect(),
            clause: None,
            fail_fast: false,
            shrink: false,
            strict: false,
            settle: SETTLE,
            credentials,
            prefix,
            quick: Vec::new(),
            fuzzer: None,
        }
    }

    /// The options by which the run is to leave something out that an ordinary one plays.
    #[must_use]
    pub fn limits(&self) -> Vec<String> {
        let phases = Phase::ALL.iter().all(|phase| self.phases.contains(phase));
        let phase = (!phases && self.quick.is_empty() && self.fuzzer.is_none()).then_some("limited by --phase");
        let clause = self.clause.map(|_| "limited by --clause");
        phase.into_iter().chain(clause).map(str::to_owned).collect()
    }
}
