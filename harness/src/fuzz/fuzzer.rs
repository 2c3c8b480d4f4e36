//! Draws the next scenario, and learns from those before.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mutate::mutated;
use super::novelty::features;
use crate::execute::Exchange;
use crate::generate::Plan;
use crate::generate::sequences::{random, sequence};
use crate::scenario::Scenario;

/// The most scenarios in the corpus. Further ones replace others.
const MOST_KEPT: usize = 4_000;

/// Draws scenarios and learns from the replies. With one worker, the same seed on the same target draws the same
/// scenarios.
#[derive(Debug)]
pub struct Fuzzer {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Scenarios of an earlier run, still to be played.
    queue: VecDeque<Scenario>,
    corpus: Vec<Scenario>,
    features: BTreeSet<u64>,
    /// How many scenarios were drawn.
    drawn: u64,
    /// How many scenarios were played.
    played: u64,
    /// How many scenarios of the corpus didn't come from the queue.
    new: u64,
}

/// What a fuzzer has learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learnt {
    /// How many scenarios were played.
    pub played: u64,
    /// How many features their replies showed.
    pub features: usize,
    /// The scenarios that were first to show a feature.
    pub corpus: Vec<Scenario>,
}

impl Fuzzer {
    /// A fuzzer with the corpus of an earlier run.
    #[must_use]
    pub fn new(seed: u64, corpus: Vec<Scenario>) -> Self {
        Self { seed, state: Mutex::new(State { queue: corpus.into(), ..State::default() }) }
    }

    /// Adds scenarios of other processes to those that are still to be played.
    pub fn offer(&self, scenarios: Vec<Scenario>) {
        self.state().queue.extend(scenarios);
    }

    /// The scenario of this number: one of an earlier run, a new sequence, or a mutation of one with a new feature.
    #[must_use]
    pub fn next(&self, number: u64, plan: &Plan) -> Scenario {
        let mut state = self.state();
        // Every other scenario comes from the queue, so that half of the time goes to scenarios that nobody played.
        state.drawn += 1;
        if !state.drawn.is_multiple_of(2)
            && let Some(known) = state.queue.pop_front()
        {
            return known;
        }
        let mut random = random("fuzz", self.seed, number);
        let base = random.pick(&state.corpus);
        match base {
            Some(base) if !random.chance(4) => {
                let other = random.pick(&state.corpus).unwrap_or(base);
                let name = format!("fuzz {number} of seed {}", self.seed);
                Scenario { name, ..mutated(base, other, &mut random) }
            }
            Some(_) | None => {
                drop(state);
                sequence(self.seed, number, plan)
            }
        }
    }

    /// Learns from a scenario's exchanges.
    pub fn learn(&self, scenario: &Scenario, trace: &[Exchange]) {
        let features = features(trace);
        let mut state = self.state();
        state.played += 1;
        let before = state.features.len();
        state.features.extend(features);
        if state.features.len() == before {
            return;
        }
        state.new += 1;
        if state.corpus.len() < MOST_KEPT {
            state.corpus.push(scenario.clone());
        } else {
            let place = usize::try_from(state.new).unwrap_or_default() % MOST_KEPT;
            if let Some(old) = state.corpus.get_mut(place) {
                *old = scenario.clone();
            }
        }
    }

    /// What it has learnt so far.
    #[must_use]
    pub fn learnt(&self) -> Learnt {
        let state = self.state();
        Learnt { played: state.played, features: state.features.len(), corpus: state.corpus.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use mfa_reference::MfaOperation;

    use super::*;

    fn plan() -> Plan {
        Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() }
    }

    #[test]
    fn the_corpus_of_an_earlier_run_comes_by_turns_with_what_the_seed_draws() {
        let known = sequence(7, 7, &plan());
        let fuzzer = Fuzzer::new(1, vec![known.clone(), known.clone()]);
        assert_eq!(fuzzer.next(0, &plan()), known);
        let another = Fuzzer::new(1, Vec::new());
        assert_eq!(fuzzer.next(1, &plan()), another.next(1, &plan()));
        assert_ne!(fuzzer.next(1, &plan()), Fuzzer::new(2, Vec::new()).next(1, &plan()));
    }

    #[test]
    fn every_shard_plays_what_another_process_offers() {
        let known = sequence(7, 7, &plan());
        for number in [0, 1] {
            let fuzzer = Fuzzer::new(1, Vec::new());
            assert_ne!(fuzzer.next(number, &plan()), known);
            fuzzer.offer(vec![known.clone()]);
            let next = [fuzzer.next(number + 2, &plan()), fuzzer.next(number + 4, &plan())];
            assert!(next.contains(&known), "{number}");
        }
    }

    #[test]
    fn what_shows_nothing_new_is_not_kept() {
        let fuzzer = Fuzzer::new(1, Vec::new());
        fuzzer.learn(&sequence(1, 1, &plan()), &[]);
        let learnt = fuzzer.learnt();
        assert_eq!((learnt.played, learnt.features, learnt.corpus.len()), (1, 0, 0));
    }
}
