//! The forms' words for columns and cells.

use super::value::{Cell, Column, ColumnOutcome, Judged, Reading};
use crate::report::RunVerdict;

/// The target with its version.
pub(super) fn name(column: &Column) -> String {
    let version = column.version.iter().map(String::as_str);
    [column.name.as_str()].into_iter().chain(version).collect::<Vec<_>>().join(" ")
}

/// The verdict of a target's run, in a word or two.
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

/// The state of a cell as a mark, so that nobody has to distinguish colours.
pub(super) const fn mark(cell: &Cell) -> &'static str {
    match cell {
        Cell::Pass { .. } => "✓",
        Cell::Fail { .. } => "✗",
        Cell::Open { .. } => "◐",
        Cell::NotTested { .. } => "–",
        Cell::NotJudged => "",
    }
}

/// The state of a cell in a word or two.
pub(super) const fn word(cell: &Cell) -> &'static str {
    match cell {
        Cell::Pass { .. } => "pass",
        Cell::Fail { .. } => "fail",
        Cell::Open { .. } => "undocumented",
        Cell::NotTested { .. } => "not tested",
        Cell::NotJudged => "not judged",
    }
}

/// The state of a cell for the page's colours.
pub(super) const fn class(cell: &Cell) -> &'static str {
    match cell {
        Cell::Pass { .. } => "good",
        Cell::Fail { .. } => "bad",
        Cell::Open { .. } => "open",
        Cell::NotTested { .. } | Cell::NotJudged => "none",
    }
}

/// The mark and the word.
pub(super) fn state(cell: &Cell) -> String {
    format!("{} {}", mark(cell), word(cell)).trim_start().to_owned()
}

/// Which calls were made, if only one side of a clause was tested.
pub(super) fn half(untested: &str) -> &'static str {
    if untested == "accept" { "refusals only" } else { "acceptances only" }
}

/// A reading, with its count if there are others.
pub(super) fn reading(reading: &Reading, among: usize) -> String {
    if among > 1 { format!("{} ({}×)", reading.reading, reading.count) } else { reading.reading.clone() }
}
