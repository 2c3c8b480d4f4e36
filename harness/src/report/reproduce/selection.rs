//! Which exchanges of a trace a script repeats, and when.

use crate::execute::Exchange;
use crate::run::result::Case;
use crate::scenario::{Action, Scenario, ScenarioStep};

/// The length of a time step of RFC 6238, in seconds.
const STEP: u64 = 30;

/// The exchanges that matter: those that may change something, and the one that shows the divergence. Of a call with
/// retries, only the last. The calls that recreate a device are part of the one that creates it.
pub(super) fn kept(case: &Case) -> Vec<(usize, &Exchange)> {
    let mut kept: Vec<(usize, &Exchange)> = Vec::new();
    let shown = case.trace.get(case.exchange);
    let together = shown
        .filter(|shown| shown.overlap.is_some())
        .and_then(|shown| case.trace.iter().rposition(|other| other.step == shown.step && other.overlap.is_some()));
    // The calls that overlap the one that shows it are part of it.
    let last = together.unwrap_or(case.exchange);
    for (index, exchange) in case.trace.iter().enumerate().take(last + 1) {
        let recreates = exchange.step.is_some_and(|step| case.scenario.recreates_at(step));
        let is_observation = exchange.call.operation.is_read() && exchange.overlap.is_none();
        if index < case.exchange && (is_observation || recreates) {
            continue;
        }
        kept.pop_if(|(_, last)| {
            let again = last.overlap.is_none() && exchange.overlap.is_none();
            again && last.step == exchange.step && last.call == exchange.call && last.signer == exchange.signer
        });
        kept.push((index, exchange));
    }
    kept
}

/// How long the sequence waits between two exchanges.
pub(super) fn pause(before: &Exchange, after: &Exchange, scenario: &Scenario) -> Option<u64> {
    let (from, to) = (before.step?, after.step?);
    if from == to && after.overlap.is_some() {
        return None;
    }
    if from == to {
        // The same call with unused codes came at most two time steps later.
        let has_code = before.origins.iter().any(|origin| origin.unchanged_code().is_some());
        let waited = before.call.operation == after.call.operation && has_code;
        return waited.then_some(2 * STEP);
    }
    let between = scenario.steps.iter().take(to).skip(from + 1);
    let steps: u64 = between
        .map(|scenario_step| match scenario_step {
            ScenarioStep::One(Action::Wait { steps, second, .. }) => u64::from(*steps) + u64::from(second.is_some()),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => 0,
        })
        .sum();
    (steps > 0).then_some(steps * STEP)
}

#[cfg(test)]
mod tests {
    use mfa_reference::Operation;

    use super::super::script::{Line, ReproScript};
    use super::*;
    use crate::report::samples;
    use crate::scenario::{DeviceRef, MfaCall, UserRef};

    #[test]
    fn listings_are_left_out_but_for_the_one_that_shows_it() {
        use Operation::{CreateUser, CreateVirtualMfaDevice, EnableMfaDevice, ListMfaDevices};
        let operations = |case: &Case| -> Vec<Operation> {
            ReproScript::of(case).calls().map(|call| call.exchange.call.operation).collect()
        };
        assert_eq!(operations(&samples::garbage_accepted()), [CreateUser, CreateVirtualMfaDevice, EnableMfaDevice]);
        let shown = [CreateUser, CreateVirtualMfaDevice, EnableMfaDevice, ListMfaDevices];
        assert_eq!(operations(&samples::wrong_listing()), shown);
    }

    #[test]
    fn a_call_that_was_sent_again_is_told_once() {
        let mut case = samples::missing_operation();
        case.trace.push(case.trace[0].clone());
        case.exchange = 1;
        assert_eq!(ReproScript::of(&case).calls().count(), 1);
    }

    #[test]
    fn waiting_is_told_again() {
        let mut case = samples::missing_operation();
        case.scenario.steps.extend([
            ScenarioStep::One(Action::Wait { steps: 2, aligned: false, second: None }),
            ScenarioStep::One(Action::Resync(MfaCall::about(UserRef(1), DeviceRef(1)))),
        ]);
        let mut later = case.trace[0].clone();
        later.step = Some(2);
        case.trace.push(later);
        case.exchange = 1;
        assert!(matches!(ReproScript::of(&case).lines.as_slice(), [Line::Call(_), Line::Wait(60), Line::Call(_)]));
    }
}
