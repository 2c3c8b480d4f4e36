//! Sequences drawn at random, aware of the state that the model predicts: weighted toward the states where rules meet.
//!
//! A sequence is a pure function of the seed, its number and the plan. Proptest draws the choices; a *draft* turns
//! each into an action that fits the predicted state.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};

use super::draft::Draft;
use super::plan::Plan;
use crate::scenario::Scenario;

/// What proptest draws for one action: which kind, and three choices within it.
pub(super) type Choice = (u16, u8, u8, u8);

/// The number of actions beside those that set up.
const ACTIONS: std::ops::RangeInclusive<usize> = 3..=12;

/// The sequence of a seed and a number.
#[must_use]
pub fn sequence(seed: u64, number: u64, plan: &Plan) -> Scenario {
    let mut hash = Sha256::new();
    hash.update(b"sequence");
    hash.update(seed.to_le_bytes());
    hash.update(number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &hash.finalize());
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = proptest::collection::vec(proptest::arbitrary::any::<Choice>(), ACTIONS);
    let choices = strategy.new_tree(&mut runner).map(|tree| tree.current()).unwrap_or_default();
    let mut draft = Draft::new(plan);
    for choice in choices {
        draft.add(choice);
    }
    Scenario::of(format!("sequence {number} of seed {seed}"), draft.actions)
}

#[cfg(test)]
mod tests {
    use mfa_reference::MfaOperation;

    use super::*;
    use crate::scenario::{read_scenario, write_scenario};

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
