//! The verdict, the figures, and the states of each operation's clauses.

use maud::{Markup, html};

use crate::report::standing::{Group, State};
use crate::report::value::{OperationReport, Report, RunVerdict};
use crate::report::verdict::headline;
use crate::report::words::{figures, name_of};

pub(super) fn header(report: &Report) -> Markup {
    let class = match report.verdict {
        RunVerdict::Pass => "verdict pass",
        RunVerdict::Fail => "verdict fail",
        RunVerdict::Inconclusive => "verdict inconclusive",
    };
    html! {
        header {
            p.about { "IAM MFA operations, compared with their documents" }
            h1 { span class=(class) { (headline(report)) } " " span.target { (name_of(&report.target)) } }
            p.reason { (report.verdict_reason) }
            p.faint { (report.target.endpoint) br; (figures(report)) }
            div.form {
                pre id="again" { code { (report.command) } }
                (copy("again", "the command"))
            }
            nav aria-label="Parts of this report" {
                a href="#findings" { "Findings " span.count { (report.findings.len()) } }
                a href="#clauses" { "Clauses " span.count { (report.clauses.len()) } }
                @if !report.open.is_empty() { a href="#open" { "Undocumented " span.count { (report.open.len()) } } }
                @if !report.notes.is_empty() { a href="#notes" { "Notes " span.count { (report.notes.len()) } } }
                @if !report.not_tested.is_empty() { a href="#missing" { "Not tested" } }
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

type Count = fn(&OperationReport) -> u64;

/// The table of operations, in columns so that it fits a narrow screen.
pub(super) fn operations(groups: &[Group<'_>]) -> Markup {
    let calls: [(&str, Count); 3] = [
        ("calls accepted", |operation| operation.accepted),
        ("calls rejected", |operation| operation.rejected),
        ("calls failed", |operation| operation.failed),
    ];
    html! {
        section.operations aria-label="Operations" {
            table {
                thead {
                    tr {
                        td {}
                        @for group in groups { th scope="col" { (short(group.name)) @if is_absent(group) { br; span.state.fail { "absent" } } } }
                    }
                }
                tbody {
                    @for (name, count) in calls {
                        tr {
                            th scope="row" { (name) }
                            @for group in groups {
                                td { @if let Some(operation) = group.operation { (number(count(operation))) } }
                            }
                        }
                    }
                    @for state in State::ALL.into_iter().filter(|state| groups.iter().any(|group| group.count(*state) > 0)) {
                        tr {
                            th scope="row" { span.wide { "clauses " } (label(state)) }
                            @for group in groups { td { (number(group.count(state) as u64)) } }
                        }
                    }
                }
            }
        }
    }
}

fn is_absent(group: &Group<'_>) -> bool {
    group.operation.is_some_and(|operation| !operation.present)
}

/// The name of an operation, without the common ending on narrow screens.
fn short(name: &str) -> Markup {
    html! {
        @if let Some(verb) = name.strip_suffix("MFADevice") { (verb) span.wide { "MFADevice" } } @else { (name) }
    }
}

fn number(count: u64) -> Markup {
    html! { @if count == 0 { span.faint { "0" } } @else { (count) } }
}
