//! Known gaps, undocumented behaviour, notes, untested clauses.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::report::value::{OpenReading, Report};
use crate::report::words::{gap_state, gap_text, gaps, missing, sentence};

pub(super) fn sections(report: &Report) -> Markup {
    html! {
        @if !report.known_gaps.is_empty() {
            section id="known-gaps" {
                h2 { "Known gaps" }
                ul { @for gap in gaps(report) { li { b { (gap_state(gap)) ":" } " " (gap_text(gap)) } } }
            }
        }
        @if !report.open.is_empty() { (open(&report.open)) }
        @if !report.notes.is_empty() {
            section id="notes" {
                h2 { "Notes" }
                ul { @for note in &report.notes {
                    li { (sentence(note)) @if let Some(command) = &note.command { " " code { (command) } } }
                } }
            }
        }
        @if !report.not_tested.is_empty() {
            section id="missing" {
                h2 { "Not tested" }
                ul { @for reason in missing(report) { li { (reason) } } }
            }
        }
    }
}

fn open(readings: &[OpenReading]) -> Markup {
    let mut by_clause: BTreeMap<String, Vec<&OpenReading>> = BTreeMap::new();
    for open in readings {
        by_clause.entry(open.clause.to_string()).or_default().push(open);
    }
    html! {
        section id="open" {
            h2 { "Undocumented: what this target does" }
            dl {
                @for (clause, taken) in by_clause {
                    dt { a href={ "#c-" (clause) } { code { (clause) } } }
                    dd {
                        @if let Some(first) = taken.first() { p.faint { (first.question) } }
                        @for open in taken { p { (open.reading) " " span.count { (open.count) "×" } } }
                    }
                }
            }
        }
    }
}
