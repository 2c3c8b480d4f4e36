//! The matrix as a value.
//!
//! Fields are added, never changed, within a schema version.

use mfa_reference::clause::ClauseId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::RunVerdict;

/// Several targets, compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// The version of this form.
    pub schema_version: u32,
    /// The version of the tool that made the matrix.
    pub tool_version: String,
    /// The command that made it.
    pub command: String,
    /// The targets, in the order in which they were asked for.
    pub columns: Vec<Column>,
    /// The clauses that requests can decide, by operation.
    pub groups: Vec<Group>,
    /// The clauses that no request can decide, which are in no group.
    #[schemars(with = "Vec<String>")]
    pub excluded: Vec<ClauseId>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its version, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What became of its run.
    pub outcome: ColumnOutcome,
}

/// What became of a target's run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ColumnOutcome {
    /// There is a report.
    Judged(Judged),
    /// There is none: it could not be installed or started, or was not reached.
    NotJudged {
        /// Why.
        why: String,
    },
}

/// What a target's report says as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The file that shows the report, beside the matrix.
    pub page: String,
    /// The verdict.
    pub verdict: RunVerdict,
    /// Its reason.
    pub verdict_reason: String,
    /// The command that repeats the run.
    pub command: String,
    /// Whether departures from Recorded clauses were divergences.
    pub strict: bool,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The operations that the target doesn't implement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_implemented: Vec<String>,
    /// Scenarios played.
    pub scenarios: u64,
    /// Calls of the three operations.
    pub requests: u64,
    /// How many cells of the column are in which state.
    pub totals: CellCount,
    /// What differs from the documents.
    pub findings: Vec<FindingLine>,
}

/// How many cells are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellCount {
    /// Clauses that were kept.
    pub pass: u64,
    /// Clauses that were broken.
    pub fail: u64,
    /// Clauses that leave open what a target does, with the reading that it took.
    pub open: u64,
    /// Clauses that nothing tested.
    pub not_tested: u64,
}

/// A finding in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingLine {
    /// Its id, as in the target's report.
    pub id: String,
    /// The clause that is broken.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// How strongly the clause binds.
    pub stance: String,
    /// The finding in a short sentence.
    pub title: String,
}

/// The clauses of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The operation; absent for the clauses that all share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// A row for each clause.
    pub rows: Vec<Row>,
}

impl Matrix {
    /// The clauses that no call tested on any target. The forms for people name them without a row.
    pub fn idle(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows).filter(|row| row.is_idle())
    }
}

impl Column {
    /// Whether the target has no operation of this group, so that nothing can be tested there.
    #[must_use]
    pub fn lacks(&self, group: &Group) -> bool {
        match (&self.outcome, &group.operation) {
            (ColumnOutcome::Judged(judged), Some(operation)) => judged.not_implemented.contains(operation),
            (ColumnOutcome::Judged(_) | ColumnOutcome::NotJudged { .. }, _) => false,
        }
    }
}

impl Group {
    /// The rows of the clauses that some call tested.
    pub fn shown(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_idle())
    }

    /// How many of its cells in a column are in which state.
    #[must_use]
    pub fn count(&self, column: usize) -> CellCount {
        let mut count = CellCount::default();
        for cell in self.rows.iter().filter_map(|row| row.cells.get(column)) {
            match cell {
                Cell::Pass { .. } => count.pass += 1,
                Cell::Fail { .. } => count.fail += 1,
                Cell::Open { .. } => count.open += 1,
                Cell::NotTested { .. } => count.not_tested += 1,
                Cell::NotJudged => {}
            }
        }
        count
    }

    /// The title above its rows.
    #[must_use]
    pub fn title(&self) -> &str {
        self.operation.as_deref().unwrap_or("Shared by all")
    }
}

/// One clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The clause.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// How strongly it binds.
    pub stance: String,
    /// What it requires.
    pub requires: String,
    /// What became of it, in the order of the columns.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether no call tested the clause on any target.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.cells.iter().all(|cell| matches!(cell, Cell::NotTested { .. } | Cell::NotJudged))
    }
}

/// What became of a clause on a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Cell {
    /// It was tested and kept.
    Pass {
        /// The side that nothing tested, `accept` or `reject`, if it has two and only one was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        untested: Option<String>,
    },
    /// It was broken.
    Fail {
        /// The ids of the findings.
        findings: Vec<String>,
    },
    /// The documents leave open what a target does, or only AWS was recorded to do otherwise.
    Open {
        /// What the target did.
        readings: Vec<Reading>,
    },
    /// Nothing put it to the test.
    NotTested {
        /// Why.
        reason: String,
    },
    /// The target was not judged.
    NotJudged,
}

/// A reading that a target took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// What it did.
    pub reading: String,
    /// How often.
    pub count: u64,
}
