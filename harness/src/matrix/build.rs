//! Builds the matrix from reports.

use std::collections::BTreeMap;

use mfa_reference::MfaOperation;
use mfa_reference::clause::{Clause, ClauseId};

use super::value::{Cell, CellCount, Column, ColumnOutcome, FindingLine, Group, Judged, Matrix, Reading, Row};
use crate::report::Report;
use crate::report::standing::{Standing, State, groups};
use crate::wire::{escape_for_people, escape_lines_for_people};

/// The version of the matrix's form.
const SCHEMA_VERSION: u32 = 2;

/// A target of the matrix.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its version, if known.
    pub version: Option<String>,
    /// Its report and the file that shows it, or why it has no report.
    pub judged: Result<(Report, String), String>,
}

/// What became of the clauses on one target; `None` if it was not judged.
type Standings<'r> = Option<BTreeMap<ClauseId, Standing<'r>>>;

/// Builds the matrix. `command` is the command that repeats it.
#[must_use]
pub fn build(entries: &[Entry], command: &str) -> Matrix {
    let standings: Vec<Standings<'_>> = entries
        .iter()
        .map(|entry| {
            let (report, _) = entry.judged.as_ref().ok()?;
            let all = groups(report).into_iter().flat_map(|group| group.standings);
            Some(all.map(|standing| (standing.clause.id, standing)).collect())
        })
        .collect();
    let (rows, excluded): (Vec<Clause>, Vec<Clause>) =
        ClauseId::all().map(ClauseId::clause).partition(|clause| clause.excluded.is_none());
    let group = |operation: Option<MfaOperation>| Group {
        operation: operation.map(|operation| operation.to_string()),
        rows: rows
            .iter()
            .filter(|clause| clause.id.operation() == operation)
            .map(|clause| row(clause, &standings))
            .collect(),
    };
    let groups: Vec<Group> = MfaOperation::ALL.into_iter().map(Some).chain([None]).map(group).collect();
    Matrix {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        command: escape_for_people(command).into_owned(),
        columns: entries.iter().enumerate().map(|(index, entry)| column(index, entry, &groups)).collect(),
        groups,
        excluded: excluded.iter().map(|clause| clause.id).collect(),
    }
}

fn row(clause: &Clause, standings: &[Standings<'_>]) -> Row {
    let cells = standings.iter().map(|standings| match standings {
        Some(standings) => cell(standings.get(&clause.id)),
        None => Cell::NotJudged,
    });
    Row {
        clause: clause.id,
        stance: clause.stance.name().to_owned(),
        requires: clause.requires.clone().into_owned(),
        cells: cells.collect(),
    }
}

fn cell(standing: Option<&Standing<'_>>) -> Cell {
    let Some(standing) = standing else {
        return Cell::NotTested { reason: "Its report is of a version that doesn't know the clause.".to_owned() };
    };
    match standing.state {
        State::Fail | State::KnownGap => {
            Cell::Fail { findings: standing.findings.iter().map(|finding| finding.id.clone()).collect() }
        }
        State::Flaky => Cell::NotTested { reason: "What one scenario showed is flaky.".to_owned() },
        State::Departs | State::Open => Cell::Open { readings: readings(standing) },
        State::Pass => {
            let sides = standing.gap.map(|gap| gap.sides.as_slice()).unwrap_or_default();
            Cell::Pass { untested: sides.first().cloned() }
        }
        State::NotTested | State::Untestable => {
            let reason = standing.gap.map_or("No request of this run asks it.", |gap| &gap.reason);
            Cell::NotTested { reason: reason.to_owned() }
        }
    }
}

/// The target's readings of an open clause, or its departures from a Recorded one.
fn readings(standing: &Standing<'_>) -> Vec<Reading> {
    let departed = standing
        .departures
        .iter()
        .map(|note| Reading { reading: format!("unlike AWS: {}", note.text), count: note.count.unwrap_or(1) });
    let taken = standing.readings.iter().map(|open| Reading { reading: open.reading.clone(), count: open.count });
    departed.chain(taken).collect()
}

fn column(index: usize, entry: &Entry, groups: &[Group]) -> Column {
    let outcome = match &entry.judged {
        Ok((report, page)) => ColumnOutcome::Judged(judged(report, page, count(index, groups))),
        Err(why) => ColumnOutcome::NotJudged { why: escape_lines_for_people(why).into_owned() },
    };
    Column { name: entry.name.clone(), version: entry.version.clone(), outcome }
}

fn judged(report: &Report, page: &str, totals: CellCount) -> Judged {
    Judged {
        page: page.to_owned(),
        verdict: report.verdict,
        verdict_reason: report.verdict_reason.clone(),
        command: report.command.clone(),
        strict: report.strict,
        interrupted: report.interrupted,
        not_implemented: report
            .operations
            .iter()
            // Of what can't be judged nobody knows what it implements.
            .filter(|operation| !operation.present && report.unusable.is_none())
            .map(|operation| operation.name.clone())
            .collect(),
        scenarios: report.totals.scenarios,
        requests: report.totals.requests,
        totals,
        findings: report
            .findings
            .iter()
            .filter(|finding| !finding.flaky)
            .map(|finding| FindingLine {
                id: finding.id.clone(),
                clause: finding.clause,
                stance: finding.stance.clone(),
                title: finding.title.clone(),
            })
            .collect(),
    }
}

fn count(column: usize, groups: &[Group]) -> CellCount {
    groups.iter().map(|group| group.count(column)).fold(CellCount::default(), |sum, one| CellCount {
        pass: sum.pass + one.pass,
        fail: sum.fail + one.fail,
        open: sum.open + one.open,
        not_tested: sum.not_tested + one.not_tested,
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn cell_of(matrix: &Matrix, clause: ClauseId, column: usize) -> &Cell {
        let mut rows = matrix.groups.iter().flat_map(|group| &group.rows);
        &rows.find(|row| row.clause == clause).unwrap().cells[column]
    }

    #[test]
    fn each_state_of_a_clause_is_told() {
        let matrix = samples::matrix();
        let cell = |clause: &str, column| cell_of(&matrix, clause.parse().unwrap(), column);
        assert!(matches!(cell("enable.codes-recognised", 0), Cell::Pass { untested: None }));
        let half = Cell::Pass { untested: Some("accept".to_owned()) };
        assert_eq!(cell("enable.code1.pattern", 0), &half);
        let Cell::Open { readings } = cell("enable.late-codes", 0) else { panic!("open") };
        assert_eq!(readings[0].reading, "refused with InvalidAuthenticationCode");
        let Cell::Fail { findings } = cell("enable.codes-recognised", 1) else { panic!("diverges") };
        assert_eq!(findings.len(), 1);
        let Cell::Open { readings } = cell("wire.error.type", 1) else { panic!("a departure is open") };
        assert!(readings[0].reading.starts_with("unlike AWS: a Type"), "{readings:?}");
        let Cell::NotTested { reason } = cell("resync.synchronizes", 1) else { panic!("not tested") };
        assert_eq!(reason, "The target has no ResyncMFADevice.");
        assert_eq!(cell("enable.codes-recognised", 3), &Cell::NotJudged);
    }

    #[test]
    fn a_column_adds_up_to_all_rows() {
        let matrix = samples::matrix();
        let rows: usize = matrix.groups.iter().map(|group| group.rows.len()).sum();
        assert_eq!(rows + matrix.excluded.len(), ClauseId::all().count());
        let mut judged = 0;
        for column in &matrix.columns {
            let ColumnOutcome::Judged(column) = &column.outcome else { continue };
            let CellCount { pass, fail, open, not_tested } = column.totals;
            assert_eq!(pass + fail + open + not_tested, rows as u64);
            judged += 1;
        }
        assert_eq!(judged, 3);
    }

    #[test]
    fn every_finding_is_in_a_cell() {
        let matrix = samples::matrix();
        for (index, column) in matrix.columns.iter().enumerate() {
            let ColumnOutcome::Judged(judged) = &column.outcome else { continue };
            for finding in &judged.findings {
                let Cell::Fail { findings } = cell_of(&matrix, finding.clause, index) else {
                    panic!("{}", finding.clause)
                };
                assert!(findings.contains(&finding.id));
            }
        }
    }
}
