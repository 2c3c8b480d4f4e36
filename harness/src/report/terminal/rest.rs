//! Undocumented behaviour, notes, untested clauses.

use std::collections::BTreeMap;

use super::page::{Page, Tone};
use crate::report::value::{GapState, Note, NoteKind, OpenReading, Report};
use crate::report::words::{gap_state, gap_text, gaps, missing, sentence};

/// The most entries of one kind to show. The JSON report has all.
const MOST: usize = 12;

/// Where a brief report leads.
const MORE: &str = "-v shows each finding, undocumented behaviour and untested clauses; --report html=FILE writes a page, \
                    and `mfa-conformance report FILE --finding ID` shows one finding of a JSON report.";

pub(super) fn write(page: &mut Page, report: &Report) {
    known_gaps(page, report);
    open(page, &report.open);
    notes(page, &report.notes);
    not_tested(page, report);
}

/// What a reader must not miss, and where the rest is.
pub(super) fn write_brief(page: &mut Page, report: &Report) {
    let urgent = report.notes.iter().filter(|note| matches!(note.kind, NoteKind::Run | NoteKind::Leftover));
    notes(page, &urgent.cloned().collect::<Vec<_>>());
    let gaps: Vec<_> = gaps(report).into_iter().filter(|gap| gap.state != GapState::Known).collect();
    if !gaps.is_empty() {
        page.heading("Known gaps");
        for gap in gaps {
            page.paragraph(2, &format!("- {}: ", gap_state(gap)), &gap_text(gap), Tone::Plain);
        }
    }
    page.gap();
    page.paragraph(0, "", MORE, Tone::Faint);
}

fn known_gaps(page: &mut Page, report: &Report) {
    if report.known_gaps.is_empty() {
        return;
    }
    page.heading("Known gaps");
    for gap in gaps(report) {
        page.paragraph(2, &format!("- {}: ", gap_state(gap)), &gap_text(gap), Tone::Plain);
    }
}

fn open(page: &mut Page, readings: &[OpenReading]) {
    if readings.is_empty() {
        return;
    }
    page.heading("Undocumented: what this target does");
    let mut by_clause: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for open in readings {
        by_clause.entry(open.clause.to_string()).or_default().push(format!("{} ({}×)", open.reading, open.count));
    }
    for (clause, taken) in by_clause {
        let shown = taken.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
        let more = taken.len().saturating_sub(MOST);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        page.paragraph(2, &format!("{clause}: "), &format!("{shown}{more}"), Tone::Plain);
    }
}

fn notes(page: &mut Page, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    page.heading("Notes");
    for kind in [NoteKind::Run, NoteKind::Probe, NoteKind::Departure, NoteKind::Unfinished, NoteKind::Leftover] {
        let of_kind: Vec<&Note> = notes.iter().filter(|note| note.kind == kind).collect();
        for note in of_kind.iter().take(MOST) {
            page.paragraph(2, "- ", &sentence(note), Tone::Plain);
            if let Some(command) = &note.command {
                page.line(4, command, Tone::Plain);
            }
        }
        if of_kind.len() > MOST {
            page.line(2, &format!("- and {} more like it in the JSON report", of_kind.len() - MOST), Tone::Faint);
        }
    }
}

fn not_tested(page: &mut Page, report: &Report) {
    if report.not_tested.is_empty() {
        return;
    }
    page.heading("Not tested");
    for reason in missing(report) {
        page.paragraph(2, "- ", &reason, Tone::Plain);
    }
    page.line(2, "The JSON report names them.", Tone::Faint);
}
