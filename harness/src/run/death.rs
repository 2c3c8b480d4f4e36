//! What a run does and says once its target is gone.

use std::sync::atomic::Ordering;

use super::conductor::Run;
use super::result::PhaseResult;
use super::stage::Stage;

impl<S: Stage> Run<S> {
    /// Notices when the target is gone.
    pub(super) fn heed(&self) {
        if self.is_gone() {
            self.enough.store(true, Ordering::Relaxed);
        }
    }

    /// Whether nothing can be played on the target any more.
    pub(super) fn is_gone(&self) -> bool {
        self.lingering.death().is_some()
    }

    /// What there is to say of a target that stopped answering: why, which calls were under way, and what was played.
    pub(super) fn last_words(&self, phases: &[PhaseResult]) -> Option<String> {
        let why = self.lingering.death()?;
        let calls = match self.lingering.in_flight().as_slice() {
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
