//! Every clause with its state, and the filters for clauses and findings.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::overview::{label, slug};
use crate::report::standing::{Group, Standing, State};
use crate::report::verdict::counted;

/// The filters. Only a browser with script shows them.
pub(super) fn filters(groups: &[Group<'_>]) -> Markup {
    let standings = || groups.iter().flat_map(|group| &group.standings);
    let stances: BTreeSet<&str> = standings().map(|standing| standing.clause.stance.as_str()).collect();
    let states: BTreeSet<State> = standings().map(|standing| standing.state).collect();
    html! {
        form.filters.scripted role="search" aria-label="Filter findings and clauses" {
            label { "Operation" select name="operation" { option value="" { "all" } @for group in groups { option { (group.name) } } } }
            label { "Stance" select name="stance" { option value="" { "all" } @for stance in stances { option { (stance) } } } }
            label { "State" select name="state" { option value="" { "all" } @for state in states { option value=(slug(state)) { (state.word()) } } } }
            label { "Text" input type="search" name="text" autocomplete="off"; }
            button type="reset" { "Show all" }
            output aria-live="polite" {}
        }
    }
}

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    html! {
        section.clauses id="clauses" {
            h2 { "Clauses" }
            @for group in groups.iter().filter(|group| !group.standings.is_empty()) {
                div.group {
                    h3 { (group.name) " " span.count { (group.standings.len()) } }
                    table {
                        thead { tr { th scope="col" { "Clause" } th scope="col" { "Stance" } th scope="col" { "State" } th scope="col" { "What the run saw" } } }
                        tbody { @for standing in &group.standings { (row(group.name, standing)) } }
                    }
                }
            }
        }
    }
}

fn row(operation: &str, standing: &Standing<'_>) -> Markup {
    let clause = standing.clause;
    html! {
        tr id={ "c-" (clause.id) } data-part="clause" data-operation=(operation) data-stance=(clause.stance) data-state=(slug(standing.state)) {
            th scope="row" { code { (clause.id) } p { (clause.requires) } }
            td.stance { (clause.stance) }
            td { (label(standing.state)) }
            td.saw {
                @for finding in &standing.findings { p { a href={ "#f-" (finding.id) } { (finding.title) } } }
                // The findings' titles are already links.
                @for remark in standing.remarks().iter().skip(standing.findings.len()) { p { (remark) } }
                @if let Some(count) = tested(standing) { p.faint { (count) } }
            }
        }
    }
}

/// How often the clause was tested.
fn tested(standing: &Standing<'_>) -> Option<String> {
    let count = standing.clause.tested;
    match (count.accept, count.reject) {
        (0, 0) => None,
        (accept, 0) => Some(format!("{} to accept", counted(accept, "call"))),
        (0, reject) => Some(format!("{} to refuse", counted(reject, "call"))),
        (accept, reject) => Some(format!("{} to accept, {reject} to refuse", counted(accept, "call"))),
    }
}
