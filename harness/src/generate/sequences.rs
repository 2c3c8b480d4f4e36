//! Random sequences. They follow the state that the model predicts, and favour the states where rules meet.
//!
//! A sequence is a pure function of the seed, its number and the plan. Proptest draws the choices; a *draft* turns
//! each into an action that fits the predicted state.

use proptest::prelude::Rng as _;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};

use super::draft::Draft;
use super::plan::Plan;
use super::swarm::{Choice, Swarm, swarms};
use crate::scenario::Scenario;

/// The most moves of a sequence before it waits.
const MOVES_BEFORE_A_WAIT: usize = 6;

/// The most moves of a sequence after it has waited.
const MOVES_AFTER_A_WAIT: usize = 12;

/// The sequence of a seed and a number.
#[must_use]
pub fn sequence(seed: u64, number: u64, plan: &Plan) -> Scenario {
    let name = format!("sequence {number} of seed {seed}");
    let Some((swarm, choices)) = drawn("sequence", seed, number) else { return Scenario::of(name, Vec::new()) };
    let mut draft = Draft::new(plan, swarm);
    for choice in choices {
        draft.add(choice);
    }
    Scenario::of(name, draft.actions)
}

/// A sequence that enables devices, waits until their codes are unused, and continues with them. Without the wait, a
/// target may refuse every `ResyncMFADevice` because the `EnableMFADevice` has used the codes.
#[must_use]
pub fn waiting_sequence(seed: u64, number: u64, plan: &Plan) -> Scenario {
    let name = format!("waiting sequence {number} of seed {seed}");
    let Some((swarm, choices)) = drawn("waiting sequence", seed, number) else { return Scenario::of(name, Vec::new()) };
    let mut draft = Draft::new(plan, swarm);
    let mut choices = choices.into_iter();
    // Two of three sequences make other moves before the wait.
    let before = if number.is_multiple_of(3) { 0 } else { MOVES_BEFORE_A_WAIT.min(choices.len() / 2) };
    for choice in choices.by_ref().take(before) {
        draft.add(choice);
    }
    if let Some((_, a, b, _, _)) = choices.next() {
        draft.wait_for_unused_codes(a, b);
    }
    for choice in choices.take(MOVES_AFTER_A_WAIT) {
        draft.add_unused(choice);
    }
    Scenario { patient: true, ..Scenario::of(name, draft.actions) }
}

/// The draws for the sequence of a kind, a seed and a number. It is never `None`, since no choice is ever rejected.
fn drawn(kind: &str, seed: u64, number: u64) -> Option<(Swarm, Vec<Choice>)> {
    let mut runner = TestRunner::new_with_rng(Config::default(), random(kind, seed, number).0);
    swarms().new_tree(&mut runner).map(|tree| tree.current()).ok()
}

/// The program's only source of randomness in scenarios.
pub(crate) struct Random(TestRng);

/// The random numbers of a kind, a seed and a number.
pub(crate) fn random(kind: &str, seed: u64, number: u64) -> Random {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update(seed.to_le_bytes());
    hash.update(number.to_le_bytes());
    Random(TestRng::from_seed(RngAlgorithm::ChaCha, &hash.finalize()))
}

impl Random {
    /// A number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let drawn = usize::try_from(self.0.next_u32()).unwrap_or_default();
        drawn.checked_rem(end).unwrap_or_default()
    }

    /// True one time in `of`.
    pub(crate) fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of `all` at random.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

#[cfg(test)]
mod tests {
    use mfa_reference::MfaOperation;

    use super::*;
    use crate::scenario::{Action, ScenarioStep, read_scenario, write_scenario};

    fn plan() -> Plan {
        Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() }
    }

    #[test]
    fn a_sequence_depends_on_seed_number_and_plan_alone() {
        assert_eq!(sequence(1, 2, &plan()), sequence(1, 2, &plan()));
        assert_ne!(sequence(1, 2, &plan()).steps, sequence(1, 3, &plan()).steps);
        assert_ne!(sequence(1, 2, &plan()).steps, sequence(2, 2, &plan()).steps);
    }

    #[test]
    fn a_waiting_sequence_waits_once_and_resynchronizes_after_it() {
        let mut resyncs = 0;
        for number in 0..50 {
            let scenario = waiting_sequence(9, number, &plan());
            let is_wait = |scenario_step: &ScenarioStep| {
                matches!(scenario_step, ScenarioStep::One(Action::Wait { steps: 2, .. }))
            };
            assert_eq!(scenario.steps.iter().filter(|scenario_step| is_wait(scenario_step)).count(), 1);
            let after = scenario.steps.iter().skip_while(|scenario_step| !is_wait(scenario_step));
            resyncs +=
                after.filter(|scenario_step| matches!(scenario_step, ScenarioStep::One(Action::Resync(_)))).count();
            assert!(scenario.patient);
        }
        assert!(resyncs > 80, "{resyncs}");
    }

    #[test]
    fn sequences_are_short_mostly_and_long_now_and_then() {
        let lengths: Vec<usize> = (0..2_000).map(|number| sequence(3, number, &plan()).actions()).collect();
        assert!(lengths.iter().any(|length| *length > 60), "{:?}", lengths.iter().max());
        assert!(lengths.iter().filter(|length| **length < 20).count() > 1_500);
    }

    #[test]
    fn names_keys_and_escapes_come_in_many_ways() {
        let all: String = (0..600).map(|number| write_scenario(&sequence(5, number, &plan())).unwrap()).collect();
        for word in
            ["ending-in", "in-path", "\"length\"", "again", "small-letters", "everything", "\"as\": ", "former-name"]
        {
            assert!(all.contains(word), "{word}");
        }
    }

    #[test]
    fn every_sequence_can_be_written_and_read() {
        for number in 0..300 {
            let scenario = sequence(9, number, &plan());
            let text = write_scenario(&scenario).unwrap();
            assert_eq!(read_scenario("sequence", &text).unwrap(), scenario);
        }
    }

    #[test]
    fn no_sequence_calls_an_operation_that_is_missing() {
        let mut plan = plan();
        plan.present.remove(&MfaOperation::Resync);
        for number in 0..300 {
            let text = write_scenario(&sequence(9, number, &plan)).unwrap();
            assert!(!text.contains("resync"), "{text}");
        }
    }
}
