//! The verdict and the figures.

use super::page::{Page, Tone};
use crate::report::value::{ClauseCount, Report, RunVerdict};
use crate::report::verdict::headline;
use crate::report::words::{figures, name_of, place_of, shared};
use crate::wire::escape_for_people;

/// Whether the target answered any call of the three operations.
pub(super) fn has_answers(report: &Report) -> bool {
    report.unusable.is_none() || report.operations.iter().any(|one| one.accepted + one.rejected + one.failed > 0)
}

/// The verdict and why.
pub(super) fn write_head(page: &mut Page, report: &Report) {
    let mut name = name_of(&report.target);
    if let Some(place) = place_of(&report.target) {
        name.extend([" at ", place]);
    }
    page.line(0, &format!("{}  {}", headline(report), escape_for_people(&name)), tone(report));
    page.paragraph(0, "", &report.verdict_reason, Tone::Plain);
}

pub(super) fn write(page: &mut Page, report: &Report) {
    write_head(page, report);
    page.gap();
    table(page, report);
    page.gap();
    page.paragraph(0, "", &figures(report), Tone::Faint);
    page.line(0, &format!("again: {}", escape_for_people(&report.command)), Tone::Faint);
}

/// Repeats the verdict at the end, where a terminal is after a long report.
pub(super) fn close(page: &mut Page, report: &Report) {
    if !report.findings.is_empty() {
        page.gap();
        page.paragraph(0, "", &format!("{}: {}", report.verdict.word(), report.verdict_reason), tone(report));
    }
}

const fn tone(report: &Report) -> Tone {
    match report.verdict {
        RunVerdict::Pass => Tone::Good,
        RunVerdict::Fail => Tone::Bad,
        RunVerdict::Inconclusive => Tone::Doubtful,
    }
}

fn table(page: &mut Page, report: &Report) {
    let row = |name: &str, cells: [&str; 5]| {
        let [accepted, rejected, failed, tested, broken] = cells;
        format!("{name:<20}{accepted:>10}{rejected:>10}{failed:>8}{tested:>20}{broken:>11}")
    };
    page.line(0, &row("", ["accepted", "rejected", "failed", "clauses tested", "broken"]), Tone::Faint);
    for operation in &report.operations {
        let (tested, broken) = cells(operation.clauses);
        let tone = if operation.clauses.broken > 0 { Tone::Removed } else { Tone::Plain };
        let [accepted, rejected] = if operation.present {
            [operation.accepted.to_string(), operation.rejected.to_string()]
        } else {
            ["absent".to_owned(), String::new()]
        };
        let cells = [accepted.as_str(), &rejected, &operation.failed.to_string(), &tested, &broken];
        page.line(0, &row(&operation.name, cells), tone);
    }
    let shared = shared(report);
    let (tested, broken) = cells(shared);
    let tone = if shared.broken > 0 { Tone::Removed } else { Tone::Plain };
    page.line(0, &row("shared by all", ["", "", "", &tested, &broken]), tone);
}

fn cells(count: ClauseCount) -> (String, String) {
    (format!("{} of {}", count.tested, count.of), count.broken.to_string())
}
