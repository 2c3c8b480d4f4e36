//! What a run does and reports once its target is gone.

use std::sync::atomic::Ordering;

use super::result::PhaseResult;
use super::shared::Run;
use crate::execute::{Patience, Settings, SettleCache, play_among};
use crate::shrink::up_to;

impl Run {
    /// Ends the run when the target is gone.
    pub(super) fn track_liveness(&self) {
        if self.is_gone() {
            self.enough.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the target is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.settle_cache.death().is_some()
    }

    /// After the death of a target that this program has started, restarts it and replays the scenarios that were under
    /// way, one after another. A call that kills the target again is a finding.
    pub(super) async fn find_killers(&self) {
        if !self.is_gone() || self.has_no_time_to_replay() {
            return;
        }
        let suspects = self.store().in_flight.clone();
        for (number, ((phase, index), (scenario, step))) in (1..).zip(suspects) {
            if self.has_no_time_to_replay() || !self.factory.restart().await {
                return;
            }
            let Some(mut transport) = self.transport() else { return };
            let cut = up_to(&scenario, step);
            let settings = Settings { keep_trace: true, ..self.settings(Patience::Never) };
            let prefix = format!("{}-k{number}", self.options.prefix);
            // With a cache of its own, which doesn't contain the earlier death.
            let alone = SettleCache::new(self.options.max_wait, false);
            let played = play_among(&cut, &prefix, &settings, transport.as_mut(), &self.replaying_stop(), &alone).await;
            let killer = self.store().add_killer(phase, index, cut, played);
            if let Some(divergence) = &killer {
                self.progress.found(divergence);
            }
        }
        // The last replay may have killed the target. It has to run so that leftovers can be deleted.
        self.factory.restart().await;
    }

    /// The report on a target that stopped answering: why, which calls were under way, and how much of the run is done.
    pub(super) fn last_words(&self, phases: &[PhaseResult]) -> Option<String> {
        let why = self.settle_cache.death()?;
        let calls = match self.settle_cache.in_flight().as_slice() {
            [] => "no call of this run was under way".to_owned(),
            [one] => format!("{one} was under way"),
            several => format!("{} calls were under way: {}", several.len(), several.join("; ")),
        };
        let scenarios: u64 = phases.iter().map(|phase| phase.scenarios).sum();
        let requests: u64 = phases.iter().map(|phase| phase.requests.total()).sum();
        Some(format!(
            "it stopped answering in the middle of the run ({why}), after {scenarios} scenarios with {requests} \
             requests; {calls}"
        ))
    }
}
