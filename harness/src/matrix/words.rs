//! What the forms say of columns and cells.

use super::value::{Cell, Column, ColumnOutcome, Judged, Reading};
use crate::report::RunVerdict;

/// The target with its version.
pub(super) fn name(column: &Column) -> String {
    let version = column.version.iter().map(String::as_str);
    [column.name.as_str()].into_iter().chain(version).collect::<Vec<_>>().join(" ")
}

/// What its run came to, in a word or two.
pub(super) const fn verdict(column: &Column) -> &'static str {
    match &column.outcome {
        ColumnOutcome::Judged(Judged { interrupted: true, .. }) => "interrupted",
        ColumnOutcome::Judged(judged) => match judged.verdict {
            RunVerdict::Pass => "PASS",
            RunVerdict::Fail => "FAIL",
            RunVerdict::Inconclusive => "INCONCLUSIVE",
        },
        ColumnOutcome::NotJudged { .. } => "not judged",
    }
}

/// The state of a cell, a mark before it: nobody has to tell colours apart.
pub(super) const fn state(cell: &Cell) -> &'static str {
    match cell {
        Cell::Pass { .. } => "✓ pass",
        Cell::Fail { .. } => "✗ fail",
        Cell::Open { .. } => "◐ undocumented",
        Cell::NotTested { .. } => "– not tested",
        Cell::NotJudged => "not judged",
    }
}

/// Which calls were tried, if only half of what a clause says was tested.
pub(super) fn half(untested: &str) -> &'static str {
    if untested == "accept" { "refusals only" } else { "acceptances only" }
}

/// A reading, with how often it was taken if there is another one.
pub(super) fn reading(reading: &Reading, among: usize) -> String {
    if among > 1 { format!("{} ({}×)", reading.reading, reading.count) } else { reading.reading.clone() }
}
