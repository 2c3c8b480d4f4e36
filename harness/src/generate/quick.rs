//! The scenarios of `run --quick`: as few calls as test each side of each clause that a run can test without waiting for
//! codes, and as find the seeded faults that are not narrow. `mfa-faults quick --faults` computes the list.

use std::collections::BTreeMap;

use mfa_fixtures::QUICK as LIST;
use mfa_reference::MfaOperation;

use super::boundary::boundary;
use super::connections::connected;
use super::crowd::crowds;
use super::examples::examples;
use super::overlap::overlaps;
use super::plan::Plan;
use super::sequences::sequence;
use crate::scenario::{Scenario, ScenarioError};

/// How many sequences of the first seed may stand in the list.
const SEQUENCES: u64 = 900;

/// The scenarios of the list, in its order.
///
/// # Errors
/// An example is not a scenario.
pub fn quick() -> Result<Vec<Scenario>, ScenarioError> {
    let mut by_name: BTreeMap<String, Scenario> =
        candidates()?.into_iter().map(|scenario| (scenario.name.clone(), scenario)).collect();
    Ok(LIST.lines().filter_map(|name| by_name.remove(name)).collect())
}

/// The scenarios from which the list is chosen: all that an ordinary run with the first seed plays without waiting.
///
/// # Errors
/// An example is not a scenario.
pub fn candidates() -> Result<Vec<Scenario>, ScenarioError> {
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let listed = examples()?.into_iter().filter(|scenario| !scenario.patient).chain(boundary()).chain(crowds());
    let listed = listed.chain(overlaps(1, &plan));
    let sequences = (0..SEQUENCES).map(|number| connected(sequence(1, number, &plan), 1, number));
    Ok(listed.chain(sequences).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_of_the_list_is_that_of_one_candidate() {
        let names: Vec<String> = candidates().unwrap().into_iter().map(|scenario| scenario.name).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert_eq!(quick().unwrap().len(), LIST.lines().filter(|name| !name.is_empty()).count());
    }
}
