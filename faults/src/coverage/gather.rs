//! Which scenarios, tests, faults and variants cover which clause.

use std::fmt;

use mfa_reference::clause::{ClauseId, Stance};

use super::reason::{Reason, reason};
use super::sources::Test;
use crate::table::problem::TableProblem;
use crate::{Fault, Variant, faults, variants};
use mfa_conformance::generate::examples::{example_files, examples};
use mfa_conformance::scenario::ScenarioError;

/// What covers one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The clause.
    pub clause: ClauseId,
    /// The scenarios of `fixtures/scenarios` that cite it.
    pub scenarios: Vec<String>,
    /// The tests that name it.
    pub tests: Vec<String>,
    /// The faults that break it.
    pub faults: Vec<String>,
    /// The faults of another clause whose findings may equally be attributed to this one.
    pub also: Vec<String>,
    /// The variants that depart from it, or follow another reading of it.
    pub variants: Vec<String>,
    /// Why nothing more covers it, if there is a reason.
    pub reason: Option<Reason>,
}

/// What is missing, or wrong, in the coverage of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The clause.
    pub clause: ClauseId,
    /// What is missing or wrong.
    pub problem: Problem,
}

/// What is missing, or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing covers it, and no reason says why.
    Uncovered,
    /// The reason is outdated: it explains why the clause is not covered or not open, but the clause is.
    Stale(Reason),
    /// The reason rests on a variant that doesn't exist.
    UnknownVariant(&'static str),
    /// The reason rests on a clause that is not covered itself.
    Unfounded(ClauseId),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clause = self.clause;
        match &self.problem {
            Problem::Uncovered => {
                let missing = match clause.stance() {
                    Stance::Stated | Stance::Implied | Stance::Protocol => "no fault breaks it",
                    Stance::Recorded => "no variant departs from it",
                    Stance::Contradicted | Stance::Silent => "no scenario cites it",
                };
                write!(f, "{clause}: {missing}, and no reason in faults/src/coverage/reason.rs says why")
            }
            Problem::Stale(reason) => write!(f, "{clause}: the reason doesn't hold any more: {reason:?}"),
            Problem::UnknownVariant(name) => write!(f, "{clause}: the reason names {name:?}, which is not a variant"),
            Problem::Unfounded(other) => write!(f, "{clause}: the reason rests on {other}, which nothing covers"),
        }
    }
}

impl Coverage {
    /// Whether the clause has the coverage that its stance needs.
    fn is_covered(&self) -> bool {
        match self.clause.stance() {
            Stance::Stated | Stance::Implied | Stance::Protocol => !self.faults.is_empty() || !self.also.is_empty(),
            Stance::Recorded => !self.variants.is_empty(),
            Stance::Contradicted | Stance::Silent => !self.scenarios.is_empty(),
        }
    }

    fn problem(&self, all: &[Self], known: &[Variant]) -> Option<Problem> {
        let Some(reason) = self.reason else { return (!self.is_covered()).then_some(Problem::Uncovered) };
        let stance = self.clause.stance();
        let holds = match reason {
            Reason::Excluded(_) => stance.binds() && !self.is_covered(),
            Reason::SameRuleAs(_) => !self.is_covered(),
            Reason::Readings(variants) | Reason::Permits(variants) => stance.is_open() && !variants.is_empty(),
            Reason::Unasked(_) => stance.is_open() && !self.is_covered(),
        };
        let is_known = |name: &&str| known.iter().any(|variant| variant.name == *name);
        match reason {
            _ if !holds => Some(Problem::Stale(reason)),
            Reason::SameRuleAs(other) if !all.iter().any(|one| one.clause == other && one.is_covered()) => {
                Some(Problem::Unfounded(other))
            }
            Reason::Excluded(_)
            | Reason::SameRuleAs(_)
            | Reason::Readings(_)
            | Reason::Permits(_)
            | Reason::Unasked(_) => {
                let unknown = reason.variants().iter().copied().find(|name| !is_known(name));
                unknown.map(Problem::UnknownVariant)
            }
        }
    }
}

/// Why the coverage can't be gathered.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// An embedded scenario is invalid.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A table of faults or variants can't be used.
    #[error(transparent)]
    Table(#[from] TableProblem),
}

/// Gathers what covers each clause, in the order of the ids.
///
/// # Errors
/// An embedded scenario is invalid, or a table can't be used.
pub fn gather(tests: &[Test]) -> Result<Vec<Coverage>, GatherError> {
    let scenarios: Vec<(&str, Vec<String>)> =
        example_files().into_iter().zip(examples()?).map(|((file, _), scenario)| (file, scenario.cites)).collect();
    let (faults, variants) = (faults()?, variants()?);
    let mut all: Vec<Coverage> =
        ClauseId::all().map(|clause| of_clause(clause, &scenarios, tests, &faults, &variants)).collect();
    all.sort_by_cached_key(|one| one.clause.to_string());
    Ok(all)
}

fn of_clause(
    clause: ClauseId,
    scenarios: &[(&str, Vec<String>)],
    tests: &[Test],
    faults: &[Fault],
    variants: &[Variant],
) -> Coverage {
    let id = clause.to_string();
    let cites = |cited: &[String]| cited.iter().any(|cited| cited.eq_ignore_ascii_case(&id));
    let reason = reason(clause);
    let departing = variants.iter().filter(|variant| variant.departs.contains(&clause));
    let reading = reason.map_or(&[] as &[&str], Reason::variants).iter().map(|name| (*name).to_owned());
    let breaking = faults.iter().filter(|fault| fault.breaks == clause);
    let also = faults.iter().filter(|fault| fault.also_accepted.contains(&clause));
    Coverage {
        clause,
        scenarios: sorted(
            scenarios
                .iter()
                .filter(|(_, cited)| cites(cited))
                .map(|(file, _)| file.trim_end_matches(".json").to_owned()),
        ),
        tests: sorted(
            tests.iter().filter(|test| test.names(clause)).map(|test| format!("{}: {}", test.file, test.name)),
        ),
        faults: sorted(breaking.map(|fault| fault.name.to_string())),
        also: sorted(also.map(|fault| fault.name.to_string())),
        variants: sorted(departing.map(|variant| variant.name.to_string()).chain(reading)),
        reason,
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

/// What is missing, or wrong.
///
/// # Errors
/// A table can't be used.
pub fn gaps(all: &[Coverage]) -> Result<Vec<Gap>, TableProblem> {
    let known = variants()?;
    let gap = |one: &Coverage| one.problem(all, &known).map(|problem| Gap { clause: one.clause, problem });
    Ok(all.iter().filter_map(gap).collect())
}

#[cfg(test)]
mod tests {
    use mfa_reference::ErrorCode;

    use super::*;

    fn all() -> Vec<Coverage> {
        gather(&[]).unwrap()
    }

    fn changed(clause: ClauseId, change: impl Fn(&mut Coverage)) -> Vec<String> {
        let mut all = all();
        all.iter_mut().filter(|one| one.clause == clause).for_each(change);
        gaps(&all).unwrap().iter().map(Gap::to_string).collect()
    }

    #[test]
    fn every_clause_is_covered_or_has_a_reason_that_holds() {
        let gaps: Vec<String> = gaps(&all()).unwrap().iter().map(Gap::to_string).collect();
        assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    }

    #[test]
    fn a_clause_without_cover_and_without_a_reason_is_a_gap() {
        let bare = |one: &mut Coverage| {
            one.reason = None;
            for names in [&mut one.scenarios, &mut one.faults, &mut one.also, &mut one.variants] {
                names.clear();
            }
        };
        assert_eq!(
            changed(ClauseId::EnableAssociates, bare),
            ["enable.associates: no fault breaks it, and no reason in faults/src/coverage/reason.rs says why"]
        );
        assert!(changed(ClauseId::CallerCase, bare)[0].contains("no variant departs from it"));
        assert!(changed(ClauseId::SerialNumberSample, bare)[0].contains("no scenario cites it"));
        assert!(changed(ClauseId::StateAtomic, bare)[0].contains("no fault breaks it"));
    }

    #[test]
    fn a_reason_ends_when_what_it_speaks_of_does() {
        let variant = |one: &mut Coverage| one.variants.push("late".to_owned());
        assert!(changed(ClauseId::ErrorStatus(ErrorCode::OptInRequired), variant)[0].contains("doesn't hold any more"));
        let scenario = |one: &mut Coverage| one.scenarios.push("long-path".to_owned());
        assert!(changed(ClauseId::SerialNumberOwnArnBeyond, scenario)[0].contains("doesn't hold any more"));
    }

    #[test]
    fn a_reason_rests_on_what_exists() {
        let no_variant = |one: &mut Coverage| one.reason = Some(Reason::Readings(&["faster"]));
        assert_eq!(
            changed(ClauseId::ResyncDrifted, no_variant),
            ["resync.drifted: the reason names \"faster\", which is not a variant"]
        );
        let status = ClauseId::ErrorStatus(ErrorCode::OptInRequired);
        let rests_on = |other| move |one: &mut Coverage| one.reason = Some(Reason::SameRuleAs(other));
        assert!(changed(status, rests_on(ClauseId::CallerCase)).is_empty());
        assert_eq!(
            changed(status, rests_on(ClauseId::ErrorsPrecedence)),
            ["wire.error.status.common.OptInRequired: the reason rests on errors.precedence, which nothing covers"]
        );
    }
}
