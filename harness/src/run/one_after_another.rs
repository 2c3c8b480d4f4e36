//! Plays overlapping calls one after another. If they show a finding then, too, the overlap is not its cause, and that
//! finding is reported instead.

use mfa_reference::clause::{ClauseId, Stance};

use super::shared::Run;
use crate::execute::{Found, Played, Settings, Stop, play_among};
use crate::scenario::{Action, Scenario, ScenarioStep};
use crate::transport::Transport;

/// Whether a step with overlapping calls, or what follows it, shows a finding.
pub(super) fn shows_by_overlap(scenario: &Scenario, played: &Played) -> bool {
    let Some(first) = first_together(scenario) else { return false };
    played.found.iter().any(|found| is_shown_from(first, found, played))
}

/// Whether this step, a later one or the clean-up shows a finding.
fn is_shown_from(first: usize, found: &Found, played: &Played) -> bool {
    let step = played.trace.get(found.exchange).and_then(|exchange| exchange.step);
    step.is_none_or(|step| step >= first)
}

/// Attributes what only overlapping calls show to the clause that they have an order (`state.atomic`). A refusal with
/// `ConcurrentModification`, a crash and a missing answer have clauses of their own.
pub(super) fn attribute_to_overlap(scenario: &Scenario, played: &mut Played) {
    let Some(first) = first_together(scenario) else { return };
    let shown: Vec<bool> = played.found.iter().map(|found| is_shown_from(first, found, played)).collect();
    for (found, _) in played.found.iter_mut().zip(shown).filter(|(_, shown)| *shown) {
        let divergence = &mut found.divergence;
        let has_its_own = matches!(
            divergence.clause,
            ClauseId::StateAtomic
                | ClauseId::RobustnessAnswers
                | ClauseId::RobustnessNoCrash
                | ClauseId::RobustnessPersistentFailure
                | ClauseId::EnableConcurrentModification
                | ClauseId::ResyncConcurrentModification
                | ClauseId::DeactivateConcurrentModification
                | ClauseId::ErrorStatus(_)
        );
        if !has_its_own && divergence.clause.stance() != Stance::Recorded {
            divergence.also.retain(|also| *also != ClauseId::StateAtomic);
            divergence.also.insert(0, divergence.clause);
            divergence.clause = ClauseId::StateAtomic;
        }
    }
}

fn first_together(scenario: &Scenario) -> Option<usize> {
    scenario.steps.iter().position(|step| together(step).is_some())
}

impl Run {
    /// The scenario and what it showed. If it shows a finding without overlap, too: that scenario, and what it showed.
    pub(super) async fn without_overlap(
        &self,
        scenario: &Scenario,
        mut played: Played,
        prefix: &str,
        settings: &Settings,
        transport: &mut dyn Transport,
        stop: &Stop,
    ) -> (Scenario, Played) {
        let set_up = first_together(scenario).unwrap_or_default();
        for (number, order) in orders(scenario).into_iter().enumerate() {
            let prefix = format!("{prefix}o{number}");
            let mut alone = play_among(&order, &prefix, settings, transport, stop, &self.settle_cache).await;
            if alone.found.iter().any(|found| is_shown_from(set_up, found, &alone)) {
                alone.tally.merge(&played.tally);
                alone.leftovers.append(&mut played.leftovers);
                return (order, alone);
            }
            played.leftovers.append(&mut alone.leftovers);
        }
        attribute_to_overlap(scenario, &mut played);
        (scenario.clone(), played)
    }
}

/// The scenario with its overlapping calls one after another: in each order of two or three calls; in the written and
/// the reverse order of more, or if several steps have such calls.
fn orders(scenario: &Scenario) -> Vec<Scenario> {
    let several: Vec<&Vec<Action>> = scenario.steps.iter().filter_map(together).collect();
    let all: Vec<Scenario> = match several.as_slice() {
        [] => Vec::new(),
        [calls] if calls.len() <= 3 => {
            permutations(calls).into_iter().map(|order| flat(scenario, |_| order.clone())).collect()
        }
        _ => vec![flat(scenario, <[Action]>::to_vec), flat(scenario, |calls| calls.iter().rev().cloned().collect())],
    };
    let mut distinct: Vec<Scenario> = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

fn together(step: &ScenarioStep) -> Option<&Vec<Action>> {
    match step {
        ScenarioStep::One(_) => None,
        ScenarioStep::Together { together } => Some(together),
    }
}

/// The scenario with overlapping calls in an order.
fn flat(scenario: &Scenario, order: impl Fn(&[Action]) -> Vec<Action>) -> Scenario {
    let steps = scenario.steps.iter().flat_map(|step| match step {
        ScenarioStep::One(action) => vec![ScenarioStep::One(action.clone())],
        ScenarioStep::Together { together } => order(together).into_iter().map(ScenarioStep::One).collect(),
    });
    Scenario { steps: steps.collect(), ..scenario.clone() }
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
            super::orders(&scenario)
        };
        assert_eq!([2, 3, 4].map(|count| of(count).len()), [2, 6, 2]);
        assert!(of(3).iter().all(|scenario| scenario.steps.len() == 4 && !scenario.overlaps()));
    }
}
