//! Deletes the run's leftovers from a target with findings, which may have created more than the scenarios know.

use super::shared::Run;
use crate::clock::Clock;
use crate::execute::holds_prefix;
use crate::sweep::sweep_run;

impl Run {
    /// Deletes everything whose name contains the run's prefix, if anything may be left.
    pub(super) async fn sweep_up(&self) {
        let is_clean = { self.store().cases.is_empty() && self.store().leftovers.is_empty() };
        if is_clean || self.factory.one_service_a_scenario() || self.is_gone() || self.is_interrupted() {
            return;
        }
        let Some(mut transport) = self.transport() else { return };
        let prefix = &self.options.prefix;
        let sweeping = sweep_run(transport.as_mut(), &self.options.credentials, prefix);
        let swept = match self.time_left() {
            Some(left) => Clock::system().within(left, sweeping).await,
            None => Some(sweeping.await),
        };
        // Without listings, or without time for them, the scenarios' own leftovers are reported unchanged.
        if let Some(Ok(swept)) = swept {
            let mut store = self.store();
            store.leftovers.retain(|leftover| !holds_prefix(prefix, &leftover.what));
            store.leftovers.extend(swept.left);
        }
    }
}
