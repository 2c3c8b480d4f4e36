//! Collects the workers' results.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::Operation;
use mfa_reference::clause::ClauseId;
use sha2::{Digest, Sha256};

use super::result::{Case, Confirmation, Phase};
use crate::execute::trace::Unfinished;
use crate::execute::{Leftover, Played, Requests};
use crate::oracle::{Bucket, Divergence, ObservedClass, Tally};
use crate::scenario::Scenario;

/// The most findings of unknown error codes in a report, for each clause and operation: a service may send a new code
/// with each reply. The codes that sort first stay, so that the order of the replies doesn't matter.
const MOST_UNKNOWN_CODES: usize = 8;

/// What a run has found so far. The order in which scenarios end doesn't change it.
#[derive(Debug, Default)]
pub(super) struct FindingStore {
    pub(super) tally: Tally,
    pub(super) cases: BTreeMap<Bucket, Case>,
    pub(super) unfinished: BTreeMap<Unfinished, u64>,
    pub(super) timeouts: BTreeMap<Operation, u64>,
    pub(super) leftovers: BTreeSet<Leftover>,
    pub(super) phases: BTreeMap<Phase, (u64, Requests)>,
    pub(super) unusable_seed: Option<String>,
    /// The scenarios with a call under way when the target died, each with the step that made it.
    pub(super) in_flight: BTreeMap<(Phase, u64), (Scenario, Option<usize>)>,
    /// The clauses that the target is known to break, from scenarios that play at this point in every run.
    pub(super) broken: BTreeSet<ClauseId>,
    digest: [u8; 32],
}

impl FindingStore {
    /// Adds the result of a scenario. Returns the divergences that are not like any before them.
    pub(super) fn add(&mut self, phase: Phase, index: u64, scenario: &Scenario, played: Played) -> Vec<Divergence> {
        let mut new = Vec::new();
        self.tally.merge(&played.tally);
        let (scenarios, requests) = self.phases.entry(phase).or_default();
        *scenarios += 1;
        requests.under_test += played.requests.under_test;
        requests.other += played.requests.other;
        if let Some(why) = played.unfinished {
            *self.unfinished.entry(why).or_default() += 1;
        }
        if let Some(exchange) = played.in_flight.and_then(|index| played.trace.get(index)) {
            self.in_flight.insert((phase, index), (scenario.clone(), exchange.step));
        }
        self.leftovers.extend(played.leftovers);
        for (operation, count) in played.timeouts {
            *self.timeouts.entry(operation).or_default() += count;
        }
        if let Some(why) = played.unusable_seed {
            self.unusable_seed = Some(match self.unusable_seed.take() {
                Some(known) => known.min(why),
                None => why,
            });
        }
        let mut seen: BTreeSet<Bucket> = BTreeSet::new();
        for found in &played.found {
            let bucket = found.divergence.bucket();
            // A scenario that waits for codes ends at no fixed point, so it must not change what is drawn.
            if !scenario.patient && found.divergence.class != ObservedClass::Timeout {
                self.broken.insert(bucket.0);
            }
            let before = seen.clone();
            if !seen.insert(bucket.clone()) {
                continue;
            }
            if self.has_no_room_for(&bucket) {
                continue;
            }
            let case = Case {
                divergence: found.divergence.clone(),
                scenario: scenario.clone(),
                trace: played.trace.clone(),
                exchange: found.exchange,
                before,
                found_as: bucket.clone(),
                phase,
                first_scenario: index,
                occurrences: 1,
                requests_to_first: played.requests_to_first.unwrap_or_default(),
                confirmation: Confirmation::NotTried,
                orders: found.orders.clone(),
            };
            match self.cases.get_mut(&bucket) {
                None => {
                    new.push(case.divergence.clone());
                    self.cases.insert(bucket, case);
                }
                Some(known) => {
                    let occurrences = known.occurrences + 1;
                    // A scenario without earlier divergences is clearest, and one that needn't wait replays fastest.
                    // A scenario of fuzzing ranks last, so that the report shows what fuzzing adds.
                    let rank = |case: &Case| {
                        let (is_unclear, waits) = (!case.before.is_empty(), case.scenario.patient);
                        (case.phase == Phase::Fuzz, is_unclear, waits, case.phase, case.first_scenario)
                    };
                    if rank(&case) < rank(known) {
                        *known = case;
                    }
                    known.occurrences = occurrences;
                }
            }
        }
        new
    }

    /// Whether a finding of an unknown code sorts after as many others as a report keeps. Otherwise it may replace the
    /// last of them.
    fn has_no_room_for(&mut self, bucket: &Bucket) -> bool {
        let is_unknown = |class: &ObservedClass| matches!(class, ObservedClass::UnknownError(_));
        if !is_unknown(&bucket.2) || self.cases.contains_key(bucket) {
            return false;
        }
        let is_alike = |known: &&Bucket| (known.0, known.1) == (bucket.0, bucket.1) && is_unknown(&known.2);
        let mut alike = self.cases.keys().rev().filter(is_alike);
        let Some(last) = alike.next().cloned() else { return false };
        if alike.count() + 1 < MOST_UNKNOWN_CODES {
            return false;
        }
        if *bucket < last {
            self.cases.remove(&last);
            return false;
        }
        true
    }

    /// Adds a scenario that was replayed after the target died and was restarted. If the target died again, the call
    /// under way kills it.
    /// Returns that divergence.
    pub(super) fn add_killer(
        &mut self,
        phase: Phase,
        index: u64,
        scenario: Scenario,
        played: Played,
    ) -> Option<Divergence> {
        let call = played.in_flight.and_then(|exchange| Some((exchange, played.trace.get(exchange)?)));
        let (exchange, divergence) = call.map(|(at, one)| (at, Divergence::crash(one.call.operation)))?;
        let case = Case {
            found_as: divergence.bucket(),
            divergence,
            scenario,
            trace: played.trace,
            exchange,
            before: BTreeSet::new(),
            phase,
            first_scenario: index,
            occurrences: 1,
            requests_to_first: played.requests.under_test,
            confirmation: Confirmation::Confirmed { replays: 1, cut_off: true },
            orders: Vec::new(),
        };
        let divergence = case.divergence.clone();
        self.cases.entry(case.found_as.clone()).or_insert(case);
        Some(divergence)
    }

    /// Forgets all results, except the clauses known to be broken and the leftovers.
    pub(super) fn forget(&mut self) {
        let broken = std::mem::take(&mut self.broken);
        let leftovers = std::mem::take(&mut self.leftovers);
        *self = Self { leftovers, broken, ..Self::default() };
    }

    /// Adds a scenario as it was drawn to the digest, whatever it shows. The order of the scenarios doesn't matter.
    pub(super) fn digest(&mut self, phase: Phase, index: u64, scenario: &Scenario) {
        // How often overlapping calls are repeated depends on the time.
        if scenario.schedule != 0 {
            return;
        }
        let mut hash = Sha256::new();
        hash.update(phase.name());
        hash.update(index.to_le_bytes());
        // Serialization of a scenario can't fail. Few need more room than this.
        let mut text = Vec::with_capacity(4_096);
        if serde_json::to_writer(&mut text, scenario).is_ok() {
            hash.update(&text);
        }
        self.mix(&hash.finalize());
    }

    /// Adds a text to the digest.
    pub(super) fn digest_text(&mut self, text: &str) {
        self.mix(&Sha256::digest(text));
    }

    fn mix(&mut self, hash: &[u8]) {
        for (into, from) in self.digest.iter_mut().zip(hash) {
            *into ^= from;
        }
    }

    /// The digest of everything played so far.
    pub(super) fn digest_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::trace::Found;

    fn kept(codes: impl Iterator<Item = u8>) -> Vec<String> {
        let mut store = FindingStore::default();
        for code in codes {
            let class = ObservedClass::UnknownError(format!("Code{code:02}"));
            let divergence = Divergence { class, ..Divergence::no_reply(Operation::EnableMfaDevice) };
            let found = vec![Found { divergence, exchange: 0, orders: Vec::new() }];
            let scenario = Scenario::of("a scenario", Vec::new());
            store.add(Phase::Examples, u64::from(code), &scenario, Played { found, ..Played::default() });
        }
        store.cases.keys().map(|(.., class)| class.to_string()).collect()
    }

    #[test]
    fn a_report_keeps_few_of_many_unknown_codes_and_the_same_in_any_order() {
        let forwards = kept(0..40);
        assert_eq!(forwards.len(), MOST_UNKNOWN_CODES);
        assert_eq!(forwards, kept((0..40).rev()));
        assert_eq!(kept(0..3).len(), 3);
    }
}
