//! The state of each clause, gathered from all parts of a report.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::clause::ClauseId;

use super::finding::Finding;
pub(crate) use super::value::ClauseState as State;
use super::value::{ClauseReport, NotTested, Note, NoteKind, OpenReading, OperationReport, Report};

/// The name of the group of clauses that belong to no single operation.
const SHARED: &str = "Shared by all";

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::Fail,
        Self::KnownGap,
        Self::Flaky,
        Self::Departs,
        Self::Open,
        Self::Pass,
        Self::NotTested,
        Self::Untestable,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::KnownGap => "known gap",
            Self::Flaky => "flaky",
            Self::Departs => "departs",
            Self::Open => "undocumented",
            Self::Pass => "pass",
            Self::NotTested => "not tested",
            Self::Untestable => "untestable",
        }
    }
}

/// A clause with everything that a report says about it.
pub(crate) struct Standing<'r> {
    pub(crate) clause: &'r ClauseReport,
    pub(crate) state: State,
    pub(crate) findings: Vec<&'r Finding>,
    pub(crate) readings: Vec<&'r OpenReading>,
    pub(crate) departures: Vec<&'r Note>,
    pub(crate) gap: Option<&'r NotTested>,
}

impl Standing<'_> {
    /// The remarks on the clause in addition to its state.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let found = self.findings.iter().map(|finding| finding.title.clone());
        let read = self.readings.iter().map(|open| format!("{} ({}×)", open.reading, open.count));
        let departed = self.departures.iter().map(|note| format!("{} ({}×)", note.text, note.count.unwrap_or(1)));
        // A clause with such a state was tested, even if no call is counted for it.
        let shows = matches!(self.state, State::Fail | State::KnownGap | State::Flaky | State::Departs);
        let gap = self.gap.filter(|gap| !shows || !gap.sides.is_empty());
        let missing = gap.map(|gap| match gap.sides.as_slice() {
            [] => gap.reason.clone(),
            sides => format!("Not on the side {}: {}", sides.join(" and "), gap.reason),
        });
        let remarks: Vec<String> = found.chain(read).chain(departed).chain(missing).collect();
        match self.state {
            State::Untestable if remarks.is_empty() => vec!["It only permits an answer.".to_owned()],
            State::NotTested if remarks.is_empty() => vec!["No request of this run touched it.".to_owned()],
            State::Untestable
            | State::NotTested
            | State::Fail
            | State::KnownGap
            | State::Flaky
            | State::Departs
            | State::Open
            | State::Pass => remarks,
        }
    }
}

impl Report {
    /// Updates the state of each clause and the remarks on it, which follow from the rest of the report.
    pub(super) fn note_states(&mut self) {
        let all = groups(self).into_iter().flat_map(|group| group.standings);
        let mut noted: BTreeMap<ClauseId, (State, Vec<String>)> =
            all.map(|standing| (standing.clause.id, (standing.state, standing.remarks()))).collect();
        for clause in &mut self.clauses {
            let (state, remarks) = noted.remove(&clause.id).unzip();
            (clause.state, clause.remarks) = (state, remarks.unwrap_or_default());
        }
    }
}

/// The clauses of one operation, or those that belong to no single one.
pub(crate) struct Group<'r> {
    pub(crate) name: &'r str,
    pub(crate) operation: Option<&'r OperationReport>,
    pub(crate) standings: Vec<Standing<'r>>,
}

impl Group<'_> {
    pub(crate) fn count(&self, state: State) -> usize {
        self.standings.iter().filter(|standing| standing.state == state).count()
    }
}

/// All clauses in groups: those of each operation, then the others.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut all = Sorted::of(report);
    let of_each = report.operations.iter().map(|operation| (operation.name.as_str(), Some(operation)));
    of_each
        .chain([(SHARED, None)])
        .map(|(name, operation)| Group {
            name,
            operation,
            standings: report
                .clauses
                .iter()
                .filter(|clause| match (&clause.operation, operation) {
                    (Some(named), Some(operation)) => *named == operation.name,
                    (named, None) => !report.operations.iter().any(|operation| Some(&operation.name) == named.as_ref()),
                    (None, Some(_)) => false,
                })
                .map(|clause| all.take(clause))
                .collect(),
        })
        .collect()
}

/// The parts of a report, by their clauses.
struct Sorted<'r> {
    findings: BTreeMap<ClauseId, Vec<&'r Finding>>,
    readings: BTreeMap<ClauseId, Vec<&'r OpenReading>>,
    departures: BTreeMap<ClauseId, Vec<&'r Note>>,
    gaps: BTreeMap<ClauseId, &'r NotTested>,
    known: BTreeSet<&'r str>,
}

impl<'r> Sorted<'r> {
    fn of(report: &'r Report) -> Self {
        let departures = report.notes.iter().filter(|note| note.kind == NoteKind::Departure);
        Self {
            findings: by_clause(report.findings.iter().map(|finding| (finding.clause, finding))),
            readings: by_clause(report.open.iter().map(|open| (open.clause, open))),
            departures: by_clause(departures.filter_map(|note| Some((note.clause?, note)))),
            gaps: report.not_tested.iter().map(|gap| (gap.clause, gap)).collect(),
            known: report.known_gaps.iter().filter_map(|gap| gap.finding.as_deref()).collect(),
        }
    }

    fn take(&mut self, clause: &'r ClauseReport) -> Standing<'r> {
        let id = &clause.id;
        let findings = self.findings.remove(id).unwrap_or_default();
        let readings = self.readings.remove(id).unwrap_or_default();
        let departures = self.departures.remove(id).unwrap_or_default();
        let gap = self.gaps.remove(id);
        let broken = clause.broken || findings.iter().any(|finding| !finding.flaky);
        let all_known = !findings.is_empty() && findings.iter().all(|finding| self.known.contains(finding.id.as_str()));
        let state = if all_known {
            State::KnownGap
        } else if broken {
            State::Fail
        } else if !findings.is_empty() {
            State::Flaky
        } else if clause.excluded.is_some() {
            State::Untestable
        } else if !departures.is_empty() {
            State::Departs
        } else if !readings.is_empty() {
            State::Open
        } else if clause.tested.accept + clause.tested.reject > 0 {
            State::Pass
        } else if gap.is_some() || is_open(clause) {
            State::NotTested
        } else {
            State::Untestable
        };
        Standing { clause, state, findings, readings, departures, gap }
    }
}

/// Whether the documents leave the clause open, so that it has no sides that could be missing.
fn is_open(clause: &ClauseReport) -> bool {
    clause.stance == "Contradicted" || clause.stance == "Silent"
}

fn by_clause<'r, T>(parts: impl Iterator<Item = (ClauseId, &'r T)>) -> BTreeMap<ClauseId, Vec<&'r T>> {
    let mut sorted: BTreeMap<ClauseId, Vec<&T>> = BTreeMap::new();
    for (clause, part) in parts {
        sorted.entry(clause).or_default().push(part);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn state(report: &Report, clause: ClauseId) -> State {
        let groups = groups(report);
        let mut all = groups.iter().flat_map(|group| &group.standings);
        all.find(|standing| standing.clause.id == clause).unwrap().state
    }

    #[test]
    fn every_clause_stands_in_one_group_and_has_one_state() {
        for report in samples::reports() {
            let groups = groups(&report);
            assert_eq!(groups.len(), 4);
            let counted: usize =
                State::ALL.iter().flat_map(|state| groups.iter().map(|group| group.count(*state))).sum();
            assert_eq!(counted, report.clauses.len());
        }
    }

    #[test]
    fn each_state_is_told_from_the_parts_of_the_report() {
        let mut report = samples::failing();
        let (known, new) = (report.findings[0].clone(), report.findings[1].clone());
        report.known_gaps.push(samples::known_gap(&known, "reported"));
        let departed = report.notes.iter().find(|note| note.kind == NoteKind::Departure).unwrap();
        let excluded = report.clauses.iter().find(|clause| clause.excluded.is_some()).unwrap();
        let tried = report.clauses.iter().find(|clause| clause.tested.accept > 0 && !clause.broken).unwrap();
        let untried = report.not_tested.iter().find(|gap| gap.reason == "No request of this run tests it.").unwrap();
        for (clause, expected) in [
            (new.clause, State::Fail),
            (known.clause, State::KnownGap),
            (departed.clause.unwrap(), State::Departs),
            (report.open[0].clause, State::Open),
            (tried.id, State::Pass),
            (untried.clause, State::NotTested),
            (excluded.id, State::Untestable),
        ] {
            assert_eq!(state(&report, clause), expected, "{clause}");
        }
        let recognised = ClauseId::EnableCodesRecognised;
        let finding = report.findings.iter().find(|finding| finding.clause == recognised).unwrap();
        let gap = samples::known_gap(finding, "reported");
        report.known_gaps.push(gap);
        assert_eq!(state(&report, recognised), State::KnownGap);
    }

    #[test]
    fn a_report_states_what_its_other_parts_say_of_each_clause() {
        let mut report = samples::failing();
        let known = samples::known_gap(&report.findings[0], "reported");
        report.known_gaps.push(known);
        report.judge_again();
        for standing in groups(&report).iter().flat_map(|group| &group.standings) {
            assert_eq!(standing.clause.state, Some(standing.state), "{}", standing.clause.id);
            assert_eq!(standing.clause.remarks, standing.remarks(), "{}", standing.clause.id);
        }
        let of_first = report.clauses.iter().find(|clause| clause.id == report.findings[0].clause).unwrap();
        assert_eq!((of_first.state, &of_first.remarks[0]), (Some(State::KnownGap), &report.findings[0].title));
    }

    #[test]
    fn a_clause_that_does_not_conform_says_why() {
        for report in samples::reports() {
            for standing in groups(&report).iter().flat_map(|group| &group.standings) {
                assert!(standing.state == State::Pass || !standing.remarks().is_empty(), "{}", standing.clause.id);
            }
        }
    }
}
