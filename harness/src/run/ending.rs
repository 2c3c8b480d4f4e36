//! How a run ends: when no further scenario begins, what stopped the run, and its result.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::result::{PhaseResult, RunResult};
use super::shared::Run;
use crate::execute::Stop;
use crate::execute::trace::Unfinished;

impl Run {
    /// Whether no further scenario may begin.
    pub(super) fn is_over(&self) -> bool {
        let time = self.playing_stop(&self.interrupt).is_over_time(self.settle_cache.clean_up_time());
        self.enough.load(Ordering::Relaxed) || self.is_interrupted() || time
    }

    /// When the scenarios of the phases end: when `asked` is set, or when the time is up. A quarter of the time remains
    /// for shrinking if there is something to shrink.
    pub(super) fn playing_stop(&self, asked: &Arc<AtomicBool>) -> Stop {
        let stop = self.options.stop(asked.clone(), self.stopwatch);
        let Some(all) = self.options.max_time else { return stop };
        let shrinks = self.options.shrink && !self.store().cases.is_empty();
        stop.at(self.stopwatch, if shrinks { all / 4 * 3 } else { all }, all)
    }

    /// When the replays of findings end.
    pub(super) fn replaying_stop(&self) -> Stop {
        self.options.stop(self.interrupt.clone(), self.stopwatch)
    }

    /// Whether no further replay may begin.
    pub(super) fn has_no_time_to_replay(&self) -> bool {
        self.is_interrupted() || self.replaying_stop().is_over_time(self.settle_cache.clean_up_time())
    }

    /// How much of the run's time is left; `None` if it is not limited.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.options.max_time.map(|all| all.saturating_sub(self.stopwatch.elapsed()))
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    /// The result of the run.
    pub(super) fn result(&self, mut phases: Vec<PhaseResult>) -> RunResult {
        let mut store = self.store();
        for phase in &mut phases {
            (phase.scenarios, phase.requests) = store.phases.get(&phase.phase).copied().unwrap_or_default();
        }
        let mut probe = self.probe.clone();
        let skipped = self.skipped.load(Ordering::Relaxed);
        if skipped > 0 {
            let refused = self.probe.refused.iter().map(|(operation, came)| format!("{operation} answered {came}"));
            let refused = refused.collect::<Vec<_>>().join(", ");
            *store.unfinished.entry(Unfinished::SetUp(refused)).or_default() += skipped;
        }
        probe.unusable = probe.unusable.or_else(|| self.last_words(&phases));
        let mut cases: Vec<_> = std::mem::take(&mut store.cases).into_values().collect();
        if let Some(clause) = self.options.clause {
            cases.retain(|case| case.divergence.clause == clause || case.divergence.also.contains(&clause));
        }
        cases.sort_by_key(|case| (case.phase, case.first_scenario, case.found_as.clone()));
        RunResult {
            probe,
            phases,
            tally: store.tally.clone(),
            cases,
            shard: self.options.shard,
            unusable_seed: store.unusable_seed.clone(),
            unfinished: store.unfinished.clone(),
            timeouts: store.timeouts.clone(),
            leftovers: store.leftovers.clone(),
            scenario_digest: store.digest_hex(),
            elapsed: self.stopwatch.elapsed(),
            interrupted: self.is_interrupted(),
            clause: self.options.clause,
            stopped: self.stopped(),
        }
    }

    /// What ended the run early, other than an interrupt.
    fn stopped(&self) -> Option<&'static str> {
        match (self.cut.load(Ordering::Relaxed), self.is_interrupted()) {
            (true, false) if self.is_gone() => Some("the loss of the target"),
            (true, false) if self.options.fail_fast && self.enough.load(Ordering::Relaxed) => Some("--fail-fast"),
            (true, false) => Some("--max-time"),
            (_, true) | (false, false) => None,
        }
    }
}
