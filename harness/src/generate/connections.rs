//! Chooses the connections of a scenario's calls. Most scenarios use one kept connection. Others use a new one for each
//! call, or several in turn, to reveal state that a service keeps for a connection or for the worker process behind it.

use crate::scenario::Scenario;
use crate::transport::ConnectionPlan;

/// The scenario with connections drawn from a seed and its number. A scenario that sets its own connections keeps them.
#[must_use]
pub fn connected(scenario: Scenario, seed: u64, number: u64) -> Scenario {
    if scenario.connections != ConnectionPlan::Kept {
        return scenario;
    }
    let connections = match seed.wrapping_add(number) % 8 {
        3 => ConnectionPlan::NewEach,
        5 => ConnectionPlan::Alternate(2),
        7 => ConnectionPlan::Alternate(3),
        _ => ConnectionPlan::Kept,
    };
    Scenario { connections, ..scenario }
}

/// A list of scenarios with connections. Their numbers begin with `from`.
#[must_use]
pub fn all_connected(scenarios: Vec<Scenario>, seed: u64, from: u64) -> Vec<Scenario> {
    (from..).zip(scenarios).map(|(number, scenario)| connected(scenario, seed, number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_scenarios_keep_one_connection_and_each_other_plan_comes_as_well() {
        let plans: Vec<ConnectionPlan> =
            (0..80).map(|number| connected(Scenario::of("x", Vec::new()), 7, number).connections).collect();
        let count = |plan| plans.iter().filter(|one| **one == plan).count();
        assert_eq!(count(ConnectionPlan::Kept), 50);
        for plan in [ConnectionPlan::NewEach, ConnectionPlan::Alternate(2), ConnectionPlan::Alternate(3)] {
            assert_eq!(count(plan), 10, "{plan:?}");
        }
    }
}
