//! The results of all trials.

use serde::Serialize;

use super::trial::{FaultTrial, VariantTrial};
use crate::entry::Difficulty;

/// The version of the score's JSON. Fields are added, never changed, within a version.
const SCHEMA_VERSION: u32 = 1;

/// The score of one fault.
#[derive(Clone, Debug, Serialize)]
pub struct FaultScore {
    /// Its name.
    pub name: String,
    /// What the service does.
    pub what: String,
    /// How well it hides.
    #[serde(serialize_with = "by_name")]
    pub difficulty: Difficulty,
    /// The clause that it breaks.
    pub breaks: String,
    /// Other clauses that are equally right.
    pub also_accepted: Vec<String>,
    /// The number of actions of its witness.
    pub shortest: Option<usize>,
    /// One trial for each seed.
    pub trials: Vec<FaultTrial>,
}

impl FaultScore {
    /// Whether at least nine trials in ten found it.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.nine_in_ten(FaultTrial::found)
    }

    /// Whether at least nine trials in ten attributed it rightly.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.nine_in_ten(|trial| trial.right)
    }

    /// The clauses other than the right ones that some trial named.
    #[must_use]
    pub fn others(&self) -> Vec<&str> {
        let named = self.trials.iter().flat_map(|trial| &trial.named).map(String::as_str);
        let mut others: Vec<&str> = named
            .filter(|clause| *clause != self.breaks && !self.also_accepted.iter().any(|right| right == clause))
            .collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// By how many actions the shrunk scenario of a trial is longer than the witness.
    fn excess(&self, trial: &FaultTrial) -> Option<usize> {
        Some(trial.shrunk?.saturating_sub(self.shortest?))
    }

    fn nine_in_ten(&self, holds: impl Fn(&FaultTrial) -> bool) -> bool {
        let held = self.trials.iter().filter(|trial| holds(trial)).count();
        held * 10 >= self.trials.len() * 9
    }
}

/// The score of one variant.
#[derive(Clone, Debug, Serialize)]
pub struct VariantScore {
    /// Its name.
    pub name: String,
    /// What the service does.
    pub what: String,
    /// The Recorded clauses that it departs from.
    pub departs: Vec<String>,
    /// One trial for each seed.
    pub trials: Vec<VariantTrial>,
}

impl VariantScore {
    /// Whether a trial in the default mode found anything.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.trials.iter().any(|trial| !trial.flagged.is_empty())
    }

    /// Whether strict mode named only clauses that the variant departs from, and at least one if it departs from any.
    #[must_use]
    pub fn is_strictly_right(&self) -> bool {
        self.trials.iter().filter_map(|trial| trial.strict.as_ref()).all(|strict| {
            strict.iter().all(|clause| self.departs.contains(clause)) && strict.is_empty() == self.departs.is_empty()
        })
    }

    /// The departures that no trial in strict mode named.
    #[must_use]
    pub fn unnamed(&self) -> Vec<&str> {
        let named = |clause: &&String| {
            self.trials.iter().any(|trial| trial.strict.iter().flatten().any(|named| named == *clause))
        };
        self.departs.iter().filter(|clause| !named(clause)).map(String::as_str).collect()
    }
}

/// The sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many faults were tried.
    pub faults: usize,
    /// How many of them were found.
    pub found: usize,
    /// How many of them were rightly attributed.
    pub named: usize,
    /// The number of trials on faults.
    pub trials: usize,
    /// How many of them found the fault.
    pub trials_found: usize,
    /// How many of them attributed it rightly.
    pub trials_named: usize,
    /// How many of them shrank it.
    pub shrunk: usize,
    /// How many of these are at most one action longer than the shortest.
    pub shrunk_short: usize,
    /// How many variants were tried.
    pub variants: usize,
    /// How many of them were flagged in the default mode.
    pub flagged: usize,
    /// How many of them strict mode judged differently from their departures.
    pub strictly_wrong: usize,
}

/// The results of all trials.
#[derive(Clone, Debug, Serialize)]
pub struct Scorecard {
    /// The version of this form.
    pub schema_version: u32,
    /// The most sequences that a run drew.
    pub sequences: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The sums.
    pub totals: Totals,
    /// The faults, by class and name.
    pub faults: Vec<FaultScore>,
    /// The variants, by name.
    pub variants: Vec<VariantScore>,
}

impl Scorecard {
    pub(super) fn new(
        mut faults: Vec<FaultScore>,
        mut variants: Vec<VariantScore>,
        sequences: u64,
        seconds: f64,
    ) -> Self {
        faults.sort_by(|one, other| (one.difficulty, &one.name).cmp(&(other.difficulty, &other.name)));
        variants.sort_by(|one, other| one.name.cmp(&other.name));
        let totals = totals(&faults, &variants);
        Self { schema_version: SCHEMA_VERSION, sequences, seconds, totals, faults, variants }
    }

    /// Whether every fault was found and rightly attributed, and no variant flagged.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let totals = &self.totals;
        totals.found == totals.faults
            && totals.named == totals.faults
            && totals.flagged == 0
            && totals.strictly_wrong == 0
    }
}

fn totals(faults: &[FaultScore], variants: &[VariantScore]) -> Totals {
    let count = |holds: fn(&FaultScore) -> bool| faults.iter().filter(|fault| holds(fault)).count();
    let trials = || faults.iter().flat_map(|fault| fault.trials.iter().map(move |trial| (fault, trial)));
    Totals {
        faults: faults.len(),
        found: count(FaultScore::is_found),
        named: count(FaultScore::is_named),
        trials: trials().count(),
        trials_found: trials().filter(|(_, trial)| trial.found()).count(),
        trials_named: trials().filter(|(_, trial)| trial.right).count(),
        shrunk: trials().filter(|(fault, trial)| fault.excess(trial).is_some()).count(),
        shrunk_short: trials().filter(|(fault, trial)| fault.excess(trial).is_some_and(|excess| excess <= 1)).count(),
        variants: variants.len(),
        flagged: variants.iter().filter(|variant| variant.is_flagged()).count(),
        strictly_wrong: variants.iter().filter(|variant| !variant.is_strictly_right()).count(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn by_name<S: serde::Serializer>(difficulty: &Difficulty, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(difficulty.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(named: &[&str], right: bool) -> FaultTrial {
        FaultTrial {
            seed: 1,
            named: named.iter().map(|clause| (*clause).to_owned()).collect(),
            right,
            calls: Some(7),
            shrunk: Some(4),
            phase: None,
            findings: Vec::new(),
            witness: None,
        }
    }

    fn fault(trials: Vec<FaultTrial>) -> FaultScore {
        FaultScore {
            name: "a".to_owned(),
            what: "It errs.".to_owned(),
            difficulty: Difficulty::Shallow,
            breaks: "enable.associates".to_owned(),
            also_accepted: Vec::new(),
            shortest: Some(3),
            trials,
        }
    }

    #[test]
    fn a_fault_that_is_missed_once_in_three_is_missed() {
        let found = || trial(&["enable.associates"], true);
        assert!(fault(vec![found(), found(), found()]).is_found());
        assert!(!fault(vec![found(), found(), trial(&[], false)]).is_found());
    }

    #[test]
    fn a_wrong_name_alone_makes_the_score_unclean() {
        let wrong = fault(vec![trial(&["state.durable"], false)]);
        assert_eq!(wrong.others(), ["state.durable"]);
        let card = Scorecard::new(vec![wrong], Vec::new(), 10, 1.0);
        assert_eq!((card.totals.found, card.totals.named, card.totals.shrunk_short), (1, 0, 1));
        assert!(!card.is_clean());
    }

    #[test]
    fn strict_mode_has_to_name_what_a_variant_departs_from_and_nothing_else() {
        let variant = |strict: &[&str]| VariantScore {
            name: "v".to_owned(),
            what: "It differs.".to_owned(),
            departs: vec!["validation.code".to_owned()],
            trials: vec![VariantTrial {
                seed: 1,
                flagged: Vec::new(),
                strict: Some(strict.iter().map(|clause| (*clause).to_owned()).collect()),
                findings: Vec::new(),
                unfinished: Vec::new(),
            }],
        };
        assert!(variant(&["validation.code"]).is_strictly_right());
        assert!(!variant(&[]).is_strictly_right());
        assert!(!variant(&["validation.code", "state.durable"]).is_strictly_right());
        assert_eq!(variant(&[]).unnamed(), ["validation.code"]);
    }
}
