//! The verdict and why, the figures as bars, and the causes.

use maud::{Markup, html};

use crate::report::cause::{Cause, causes};
use crate::report::finding::Finding;
use crate::report::standing::State;
use crate::report::value::{ClauseCount, OperationReport, Report};
use crate::report::verdict::{counted, headline};
use crate::report::words::{figures, name_of, place_of, shared};
use crate::web::{Kind, Part, bar};

pub(super) fn header(report: &Report, index: Option<&str>) -> Markup {
    html! {
        header {
            p.about {
                @if let Some(index) = index { a href=(index) { "All emulators" } " · " }
                "IAM MFA operations, compared with their documents"
            }
            h1 { span class={ "verdict " (report.verdict.class()) } { (headline(report)) } " " span.target { (name_of(&report.target)) } }
            p.reason { (report.verdict_reason) }
            nav aria-label="Parts of this report" {
                a href="#findings" { "Findings " span.count { (report.findings.len()) } }
                @if !report.known_gaps.is_empty() { a href="#known-gaps" { "Known gaps " span.count { (report.known_gaps.len()) } } }
                @if !report.open.is_empty() { a href="#open" { "Undocumented " span.count { (report.open.len()) } } }
                @if !report.notes.is_empty() { a href="#notes" { "Notes " span.count { (report.notes.len()) } } }
                @if !report.not_tested.is_empty() { a href="#missing" { "Not tested" } }
                a href="#clauses" { "Clauses " span.count { (report.clauses.len()) } }
            }
        }
    }
}

/// A button that copies the text of an element. Only a browser with script shows it.
pub(super) fn copy(id: &str, what: &str) -> Markup {
    html! { button.copy.scripted type="button" data-copies=(id) aria-label={ "Copy " (what) } { "Copy" } }
}

/// A state as a label.
pub(super) fn label(state: State) -> Markup {
    html! { span class={ "state " (slug(state)) } { (state.word()) } }
}

pub(super) const fn slug(state: State) -> &'static str {
    match state {
        State::Fail => "fail",
        State::KnownGap => "known-gap",
        State::Flaky => "flaky",
        State::Departs => "departs",
        State::Open => "open",
        State::Pass => "pass",
        State::NotTested => "not-tested",
        State::Untestable => "untestable",
    }
}

/// A bar of the calls and one of the clauses for each operation; the run in figures.
pub(super) fn operations(report: &Report) -> Markup {
    html! {
        section.operations id="operations" {
            h2 { "Calls and clauses" }
            @for operation in &report.operations {
                (measures(&operation.name, Some(&calls(operation)), operation.clauses))
            }
            (measures("Shared by all", None, shared(report)))
            p.faint {
                (figures(report))
                @if let Some(place) = place_of(&report.target) { br; (place) }
                @if let Some(date) = &report.date { br; "made on " (date) }
            }
            div.form {
                pre id="again" tabindex="0" { code { (report.command) } }
                (copy("again", "the command"))
            }
        }
    }
}

fn measures(name: &str, calls: Option<&Markup>, clauses: ClauseCount) -> Markup {
    let kept = clauses.tested.saturating_sub(clauses.broken);
    let parts = [
        Part { kind: Kind::Bad, count: clauses.broken, word: "broken" },
        Part { kind: Kind::Good, count: kept, word: "kept" },
        Part { kind: Kind::Missing, count: clauses.of.saturating_sub(clauses.tested), word: "not tested" },
    ];
    html! {
        div.operation {
            h3 { (name) }
            @if let Some(calls) = calls { div.measure.calls { p { "calls" } (calls) } }
            div.measure.clauses-of { p { "clauses" } (bar(&parts)) }
        }
    }
}

fn calls(operation: &OperationReport) -> Markup {
    let parts = [
        Part { kind: Kind::Plain, count: operation.accepted, word: "accepted" },
        Part { kind: Kind::Other, count: operation.rejected, word: "rejected" },
        Part { kind: Kind::Bad, count: operation.failed, word: "failed" },
    ];
    html! {
        @if !operation.present { p { span.state.fail { "absent" } } }
        @if parts.iter().any(|part| part.count > 0) { (bar(&parts)) } @else { p.faint { "none" } }
    }
}

/// A line for each cause, as a terminal shows it.
pub(super) fn causes_of(report: &Report) -> Markup {
    let failing: Vec<&Finding> = report.failing_findings().collect();
    let flaky: Vec<&Finding> = report.flaky_findings().collect();
    let causes = causes(&failing);
    html! {
        @if !causes.is_empty() {
            section.causes id="causes" {
                h2 { (counted(causes.len() as u64, "cause")) ", the strongest first" }
                ol { @for cause in &causes { li { (one(cause)) } } }
            }
        }
        @if !flaky.is_empty() {
            section.causes id="flaky" {
                h2 { (counted(flaky.len() as u64, "flaky finding")) ": it did not reproduce, and timing could explain it" }
                ul { @for finding in flaky { li { (link(finding, &finding.title)) } } }
            }
        }
    }
}

fn one(cause: &Cause<'_>) -> Markup {
    html! {
        @match cause.findings.as_slice() {
            [only] => (link(only, &cause.title)),
            several => details {
                summary { (cause.title) }
                ul { @for finding in several { li { (link(finding, &finding.title)) } } }
            },
        }
    }
}

fn link(finding: &Finding, text: &str) -> Markup {
    html! { a href={ "#f-" (finding.id) } { (text) } }
}
