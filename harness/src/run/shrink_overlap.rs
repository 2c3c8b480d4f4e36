//! Shrinks and confirms a finding of a scenario whose calls overlap.
//!
//! Timing decides whether a replay shows it. So each shorter scenario is played several times, with different schedules,
//! and at the end the report says how many of many tries showed it. If the same calls show a finding one after another,
//! that finding is reported instead: then the overlap is not the cause.

use std::time::Duration;

use super::replays::Replays;
use super::result::{Case, Confirmation};
use crate::clock::Clock;
use crate::oracle::ObservedClass;
use crate::scenario::{Action, Scenario, ScenarioStep};
use crate::shrink::{Budget, Replay, shrink};

/// How many tries the rate counts, and how long they may take.
const RATE: (u32, Duration) = (50, Duration::from_secs(5));

/// The most replays for one finding.
const BUDGET: Budget = Budget { replays: 60 };

/// Shrinks and confirms a finding of overlapping calls.
pub(super) async fn settle_overlap(replays: &mut Replays<'_>, step: Option<usize>) -> Case {
    let case = replays.case;
    if let Some(settled) = shows_one_after_another(replays, step).await {
        return settled;
    }
    let mut settled = case.clone();
    // A call without an answer takes as long as the time-out.
    if case.divergence.class == ObservedClass::Timeout {
        let again = replays.shows_in_some_schedule(&case.scenario, 1).await;
        settled.confirmation = Confirmation::Rate { shown: 1 + u32::from(again.is_some()), tries: 2 };
        return settled;
    }
    let shrunk = shrink(&case.scenario, step, BUDGET, replays).await;
    if let Some((played, found)) = shrunk.replay {
        settled.scenario = shrunk.scenario;
        settled.trace = played.trace;
        settled.exchange = found.exchange;
        settled.divergence = found.divergence;
        settled.orders = found.orders;
    }
    if replays.out_of_time() && shrunk.confirmation == Confirmation::NotReproduced {
        settled.confirmation = Confirmation::NotTried;
        return settled;
    }
    settled.confirmation = rate(replays, &settled.scenario).await;
    settled
}

/// How many tries of many show the finding.
async fn rate(replays: &mut Replays<'_>, scenario: &Scenario) -> Confirmation {
    let watch = Clock::system().stopwatch();
    let (mut shown, mut tries) = (0, 0);
    while tries < RATE.0 && watch.elapsed() < RATE.1 && !replays.out_of_time() {
        let played = Scenario { schedule: tries, ..scenario.clone() };
        shown += u32::from(replays.shows_alike(&played).await.is_some());
        tries += 1;
    }
    Confirmation::Rate { shown, tries }
}

/// The finding that the same calls show one after another, in some order.
async fn shows_one_after_another(replays: &mut Replays<'_>, step: Option<usize>) -> Option<Case> {
    let case = replays.case;
    let cut = crate::shrink::up_to(&case.scenario, step);
    for order in orders(&cut) {
        if replays.out_of_time() {
            return None;
        }
        let set_up = order.steps.len() - case.scenario.steps.last().map_or(0, |step| step.actions().len());
        let Some((played, found)) = replays.shows(&order, |_| true).await else { continue };
        let at = played.trace.get(found.exchange).and_then(|exchange| exchange.step);
        if at.is_none_or(|at| at >= set_up) {
            return Some(Case {
                divergence: found.divergence,
                scenario: order,
                trace: played.trace,
                exchange: found.exchange,
                orders: Vec::new(),
                confirmation: Confirmation::Confirmed { replays: 1, cut_off: true },
                ..case.clone()
            });
        }
    }
    None
}

/// The scenario with its overlapping calls one after another: in each order of two or three, and in the written and the
/// reverse order of more.
fn orders(scenario: &Scenario) -> Vec<Scenario> {
    let Some(ScenarioStep::Together { together }) = scenario.steps.last() else { return Vec::new() };
    let mut all: Vec<Vec<Action>> = if together.len() > 3 {
        vec![together.clone(), together.iter().rev().cloned().collect()]
    } else {
        permutations(together)
    };
    all.dedup();
    let flat = |actions: Vec<Action>| {
        let mut flat = scenario.clone();
        flat.steps.pop();
        flat.steps.extend(actions.into_iter().map(ScenarioStep::One));
        flat
    };
    all.into_iter().map(flat).collect()
}

fn permutations(actions: &[Action]) -> Vec<Vec<Action>> {
    if actions.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in actions.iter().enumerate() {
        let mut rest = actions.to_vec();
        rest.remove(index);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{DeviceRef, MfaCall, UserRef};

    #[test]
    fn overlapping_calls_come_in_each_order() {
        let call = |user| Action::Enable(MfaCall::about(UserRef(user), DeviceRef(1)));
        let of = |count: u8| {
            let mut scenario = Scenario::of("x", vec![call(9)]);
            scenario.steps.push(ScenarioStep::Together { together: (1..=count).map(call).collect() });
            orders(&scenario)
        };
        assert_eq!([2, 3, 4].map(|count| of(count).len()), [2, 6, 2]);
        assert!(of(3).iter().all(|scenario| scenario.steps.len() == 4 && !scenario.overlaps()));
    }
}
