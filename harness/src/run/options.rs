//! The options of a run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_reference::clause::ClauseId;

use super::result::Phase;
use super::shard::Shard;
use crate::clock::Stopwatch;
use crate::execute::{SETTLE, Stop};
use crate::fuzz::Fuzzer;
use crate::scenario::Scenario;
use crate::transport::Credentials;

/// How many sequences an ordinary run draws.
pub const SEQUENCES: u64 = 900;

/// How many scenarios an ordinary run plays at once.
pub const WORKERS: usize = 8;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The seed of all random draws.
    pub seed: u64,
    /// How many sequences are drawn.
    pub sequences: u64,
    /// Which part of the run to play.
    pub shard: Shard,
    /// How many scenarios play at once.
    pub workers: usize,
    /// How long the run may take, shrinking and clean-up included.
    pub max_time: Option<Duration>,
    /// How long the run waits in total for unused codes.
    pub max_wait: Duration,
    /// The phases to play. The probe always plays. If it isn't listed, its findings don't count.
    pub phases: BTreeSet<Phase>,
    /// The only clause to test, if set.
    pub clause: Option<ClauseId>,
    /// Whether the first finding stops the run.
    pub fail_fast: bool,
    /// Whether to shrink and confirm findings.
    pub shrink: bool,
    /// Whether a departure from a Recorded clause counts as a divergence.
    pub strict: bool,
    /// How long a listing may take to show a change.
    pub settle: Duration,
    /// The run's own credentials.
    pub credentials: Credentials,
    /// The prefix of every name that the run creates.
    pub prefix: String,
    /// What is played first, in the phase `quick`.
    pub quick: Vec<Scenario>,
    /// Draws the scenarios of the phase `fuzz`, and learns from all others.
    pub fuzzer: Option<Arc<Fuzzer>>,
}

impl RunOptions {
    /// The options of a run of these phases with one worker. It draws no sequences, shrinks nothing and never waits.
    /// Every name that it creates begins with `prefix`.
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

    /// Ends everything that a run plays when `asked` is set, or when the run's time is up.
    pub(super) fn stop(&self, asked: Arc<AtomicBool>, stopwatch: Stopwatch) -> Stop {
        let stop = Stop::on(asked);
        self.max_time.map_or(stop.clone(), |all| stop.at(stopwatch, all, all))
    }

    /// The options that make the run leave out something that an ordinary run plays.
    #[must_use]
    pub fn limits(&self) -> Vec<String> {
        let phases = Phase::ALL.iter().all(|phase| self.phases.contains(phase));
        let phase = (!phases && self.quick.is_empty() && self.fuzzer.is_none()).then_some("limited by --phase");
        let clause = self.clause.map(|_| "limited by --clause");
        phase.into_iter().chain(clause).map(str::to_owned).collect()
    }
}
