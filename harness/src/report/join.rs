//! Joins cases to findings: shrinking may have shown that several cases are one finding.

use std::collections::BTreeMap;

use mfa_reference::Operation;
use mfa_reference::clause::Stance;

use super::finding::Finding;
use super::value::Part;
use crate::run::result::Phase;

/// The findings of these parts: the strongest stance first, then by operation, clause and observed class.
pub(super) fn joined(parts: &[Part]) -> Vec<Finding> {
    let mut by_id: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in parts {
        by_id.entry(&part.finding.id).or_default().push(part);
    }
    let mut findings: Vec<Finding> = by_id.into_values().filter_map(|same| one_of(&same)).collect();
    findings.sort_by_cached_key(|finding| {
        let operation = Operation::ALL.into_iter().position(|operation| operation.name() == finding.operation);
        let stance = finding.stance.parse::<Stance>().ok();
        (stance, operation, finding.clause, finding.observed_class.clone())
    });
    findings
}

/// One finding of several parts, with the shortest scenario. The first part determines when it first showed.
fn one_of(same: &[&Part]) -> Option<Finding> {
    let place = |part: &&&Part| (phase_of(part), part.finding.first_scenario, part.found_as.clone());
    let first = same.iter().min_by_key(place)?;
    let shortest = same.iter().min_by_key(|part| (part.finding.scenario.actions(), place(part)))?;
    let mut one = Finding {
        phase: first.finding.phase.clone(),
        first_scenario: first.finding.first_scenario,
        requests_to_first: first.finding.requests_to_first,
        occurrences: same.iter().map(|part| part.finding.occurrences).sum(),
        ..shortest.finding.clone()
    };
    // The finding is reproduced if any part reproduced it.
    let reproduced = same.iter().find(|part| part.finding.confirmation.is_reproduced());
    one.confirmation = reproduced.map_or(one.confirmation, |part| part.finding.confirmation);
    one.weigh();
    Some(one)
}

/// The part that a single run would have kept, of the parts that several shards found for the same cause: one without
/// earlier divergences, then the first.
pub(super) fn clearest(parts: impl IntoIterator<Item = Part>) -> Vec<Part> {
    let mut by_cause: BTreeMap<String, Part> = BTreeMap::new();
    for part in parts {
        let rank = |part: &Part| (!part.alone, phase_of(part), part.finding.first_scenario);
        match by_cause.get_mut(&part.found_as) {
            None => {
                by_cause.insert(part.found_as.clone(), part);
            }
            Some(known) => {
                let occurrences = known.finding.occurrences + part.finding.occurrences;
                if rank(&part) < rank(known) {
                    *known = part;
                }
                known.finding.occurrences = occurrences;
            }
        }
    }
    by_cause.into_values().collect()
}

fn phase_of(part: &Part) -> Option<usize> {
    Phase::ALL.into_iter().position(|phase| phase.name() == part.finding.phase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn part(found_as: &str, phase: Phase, first_scenario: u64, alone: bool) -> Part {
        let mut finding = samples::failing().findings[0].clone();
        (finding.phase, finding.first_scenario, finding.occurrences) = (phase.name().to_owned(), first_scenario, 2);
        finding.requests_to_first = first_scenario;
        Part { found_as: found_as.to_owned(), alone, finding }
    }

    #[test]
    fn what_turns_out_to_be_one_finding_is_told_once() {
        let mut shorter = part("b", Phase::Sequences, 9, true);
        shorter.finding.scenario.steps.truncate(1);
        let parts = [part("a", Phase::Examples, 7, true), shorter];
        let [finding] = joined(&parts).try_into().unwrap();
        assert_eq!((finding.phase.as_str(), finding.first_scenario, finding.requests_to_first), ("examples", 7, 7));
        assert_eq!((finding.scenario.steps.len(), finding.occurrences), (1, 4));
    }

    #[test]
    fn of_the_same_cause_on_several_shards_the_clearest_counts_then_the_first() {
        let first = |parts: Vec<Part>| {
            let [part] = clearest(parts).try_into().unwrap();
            (part.finding.phase.clone(), part.finding.first_scenario, part.finding.occurrences)
        };
        let muddled = part("a", Phase::Boundary, 3, false);
        let clear = [part("a", Phase::Sequences, 5, true), part("a", Phase::Sequences, 4, true)];
        let all = vec![muddled.clone(), clear[0].clone(), clear[1].clone()];
        assert_eq!(first(all), ("sequences".to_owned(), 4, 6));
        assert_eq!(first(vec![muddled]), ("boundary".to_owned(), 3, 2));
    }
}
