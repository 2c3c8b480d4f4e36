//! Where the scenarios of a phase come from.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::shared::locked;
use crate::clock::Stopwatch;
use crate::fuzz::Fuzzer;
use crate::generate::Plan;
use crate::generate::connections::connected;
use crate::generate::overlap::beside;
use crate::generate::sequences::sequence;
use crate::scenario::{Action, Scenario, ScenarioStep};

/// Where the scenarios of a phase come from.
pub(super) enum Source {
    /// A list.
    Listed(Vec<Scenario>),
    /// Random sequences.
    Drawn { seed: u64, from: u64, count: u64, plan: Plan },
    /// Scenarios with overlapping calls, in rounds with different schedules: so many, and more until the time is over.
    Overlapping {
        scenarios: Vec<Scenario>,
        rounds: u64,
        until: (Stopwatch, Duration),
        /// The names of those that showed something. They are not repeated.
        shown: Arc<Mutex<BTreeSet<String>>>,
    },
    /// An endless supply from a fuzzer.
    Fuzzed(Arc<Fuzzer>, Plan),
}

impl Source {
    /// The scenario of this index.
    pub(super) fn get(&self, index: u64) -> Option<Scenario> {
        match self {
            Self::Listed(all) => all.get(usize::try_from(index).ok()?).cloned(),
            Self::Drawn { seed, from, count, plan } => {
                (index < *count).then(|| connected(sequence(*seed, from + index, plan), *seed, from + index))
            }
            Self::Overlapping { scenarios, rounds, until, .. } => {
                let (number, length) = (usize::try_from(index).ok()?, scenarios.len().max(1));
                let round = u32::try_from(number / length).ok()?;
                let goes_on = u64::from(round) < *rounds || until.0.elapsed() < until.1;
                let scenario = scenarios.get(number % length).filter(|_| goes_on)?;
                Some(beside(scenario, round))
            }
            Self::Fuzzed(fuzzer, plan) => Some(fuzzer.next(index, plan)),
        }
    }
}

impl Source {
    /// Whether a scenario has shown something, and need not be repeated.
    pub(super) fn is_done_with(&self, scenario: &Scenario) -> bool {
        match self {
            // On a virtual clock the number of rounds is fixed, so that shards play what the whole run plays.
            Self::Overlapping { shown, until, .. } => !until.1.is_zero() && locked(shown).contains(&scenario.name),
            Self::Listed(_) | Self::Drawn { .. } | Self::Fuzzed(..) => false,
        }
    }
}

/// The scenario with an account-wide listing after each call of an operation under test.
pub(super) fn with_listings(scenario: &Scenario) -> Scenario {
    let mut steps = Vec::new();
    for scenario_step in &scenario.steps {
        steps.push(scenario_step.clone());
        if let ScenarioStep::One(action) = scenario_step
            && action.mfa().is_some()
        {
            steps.push(ScenarioStep::One(Action::ListVirtualDevices { status: None }));
        }
    }
    Scenario { steps, serial: true, ..scenario.clone() }
}
