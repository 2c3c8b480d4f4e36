//! How a run ends: when no further scenario begins, what stopped the run, and its result.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::result::{PhaseResult, RunResult};
use super::shared::Run;
use crate::execute::trace::Unfinished;

impl Run {
    /// Whether no further scenario may begin.
    pub(super) fn is_over(&self) -> bool {
        self.enough.load(Ordering::Relaxed) || self.is_interrupted() || self.is_over_time()
    }

    /// Whether the time is up for fuzzing that began at `begun`. Its findings are shrunk anyway.
    pub(super) fn has_fuzzed(&self, begun: Duration) -> bool {
        let elapsed = self.stopwatch.elapsed().saturating_sub(begun);
        self.options.fuzzer.as_ref().is_some_and(|fuzzer| elapsed >= fuzzer.max_time())
    }

    pub(super) fn is_over_time(&self) -> bool {
        self.options.max_time.is_some_and(|most| self.stopwatch.elapsed() >= most)
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
