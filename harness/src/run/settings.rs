//! What the probe's findings mean for each scenario.

use mfa_reference::Operation;

use super::shared::Run;
use crate::execute::{Patience, Settings};
use crate::oracle::Operations;
use crate::scenario::{Action, Scenario, ScenarioStep};

impl Run {
    /// Whether the target supports every set-up operation that a scenario needs.
    pub(super) fn can_set_up(&self, scenario: &Scenario) -> bool {
        let needs = |operation: &Operation| {
            scenario.steps.iter().any(|scenario_step| {
                matches!(
                    (operation, scenario_step),
                    (Operation::CreateUser, ScenarioStep::One(Action::CreateUser { .. }))
                        | (Operation::CreateVirtualMfaDevice, ScenarioStep::One(Action::CreateDevice { .. }))
                )
            })
        };
        !self.probe.refused.keys().any(needs)
    }

    pub(super) fn settings(&self, patience: Patience) -> Settings {
        Settings {
            strict: self.options.strict,
            settle: self.options.settle,
            credentials: self.options.credentials.clone(),
            operations: Operations {
                present: self.probe.present.clone(),
                seeds_by_chance: self.probe.seeds_by_chance,
                clock_doubt_ms: self.probe.clock_doubt_ms,
                listings: self.probe.listings,
            },
            starts_empty: self.probe.starts_empty,
            patience,
            keep_trace: self.options.fuzzer.is_some(),
        }
    }
}
