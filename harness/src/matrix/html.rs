//! The matrix as one HTML page, readable offline and without script.

use maud::{Markup, html};

use super::value::{Cell, CellCount, Column, ColumnOutcome, Group, Judged, Matrix, Row};
use super::words::{class, half, mark, name, reading, verdict, word};
use crate::report::counted;
use crate::web::{Frame, Kind, Part, bar};

const STYLE: &str = include_str!("matrix.css");

/// What the page is about.
const TITLE: &str = "Emulators of IAM's MFA operations, compared";

/// The matrix as a page: totals, then rows of clauses and columns of targets. Names stay in sight.
#[must_use]
pub fn html(matrix: &Matrix) -> String {
    html_with(matrix, "", &html! {})
}

/// The page with another part, and its style, at the end.
pub(crate) fn html_with(matrix: &Matrix, style: &str, end: &Markup) -> String {
    let style = format!("{STYLE}{style}");
    Frame { title: TITLE, style: &style, script: None }.around(&html! {
        main {
            h1 { (TITLE) }
            (totals(matrix))
            h2 id="clauses" { "Clause by clause" }
            (legend())
            (table(matrix))
            (idle(matrix))
            (end)
        }
        footer {
            p { "Made by mfa-conformance " (matrix.tool_version) " with" }
            pre tabindex="0" { (matrix.command) }
        }
    })
}

/// A bar for each target.
fn totals(matrix: &Matrix) -> Markup {
    html! {
        ul.results {
            @for column in &matrix.columns {
                li {
                    h2 {
                        (linked(column, "", &html! { (name(column)) }))
                        " " span class={ "verdict " (class_of(column)) } { (verdict(column)) }
                    }
                    @match &column.outcome {
                        ColumnOutcome::Judged(judged) => {
                            div { (count_bar(judged.totals)) }
                            p.faint { (figures(judged)) }
                        }
                        ColumnOutcome::NotJudged { why } => p.why { (why) },
                    }
                }
            }
        }
    }
}

const fn class_of(column: &Column) -> &'static str {
    match &column.outcome {
        ColumnOutcome::Judged(judged) => judged.verdict.class(),
        ColumnOutcome::NotJudged { .. } => "inconclusive",
    }
}

/// How many clauses are in which state, as a bar.
pub(crate) fn count_bar(count: CellCount) -> Markup {
    bar(&[
        Part { kind: Kind::Bad, count: count.fail, word: "fail" },
        Part { kind: Kind::Good, count: count.pass, word: "pass" },
        Part { kind: Kind::Open, count: count.open, word: "undocumented" },
        Part { kind: Kind::Missing, count: count.not_tested, word: "not tested" },
    ])
}

fn figures(judged: &Judged) -> String {
    let findings = counted(judged.findings.len() as u64, "finding");
    let (scenarios, calls) = (counted(judged.scenarios, "scenario"), counted(judged.requests, "call"));
    let missing = match judged.not_implemented.as_slice() {
        [] => String::new(),
        operations => format!("; not implemented: {}", operations.join(", ")),
    };
    format!("{findings} in {scenarios} with {calls}{missing}")
}

fn legend() -> Markup {
    html! {
        dl.legend {
            div { dt.good { "✓ pass" } dd { "the target keeps the clause; ½: the run tested only refusals or only acceptances" } }
            div { dt.bad { "✗ fail" } dd { "the target breaks the clause" } }
            div { dt.open { "◐ undocumented" } dd { "no document says what a service does here, or only a recording of AWS differs" } }
            div { dt.none { "– not tested" } dd { "no request of the run tests it" } }
        }
    }
}

/// `shown` as a link to a place on the target's own page, if it has one.
fn linked(column: &Column, place: &str, shown: &Markup) -> Markup {
    match &column.outcome {
        ColumnOutcome::Judged(judged) => html! { a href={ (judged.page) (place) } { (shown) } },
        ColumnOutcome::NotJudged { .. } => html! { (shown) },
    }
}

fn table(matrix: &Matrix) -> Markup {
    html! {
        div.matrix tabindex="0" role="region" aria-label="Clauses and targets" {
            table {
                thead {
                    tr {
                        th scope="col" { "clause" }
                        @for column in &matrix.columns {
                            th scope="col" {
                                (linked(column, "", &html! { (column.name) " " small { @if let Some(version) = &column.version { (version) } } }))
                            }
                        }
                    }
                }
                @for group in &matrix.groups { (rows(matrix, group)) }
            }
        }
    }
}

/// The clauses without a row.
fn idle(matrix: &Matrix) -> Markup {
    let ids: Vec<String> = matrix.idle().map(|row| row.clause.to_string()).collect();
    html! {
        details.idle {
            summary {
                (ids.len()) " clauses that nothing tested on any target, and " (matrix.excluded.len())
                " that no request can decide, are left out"
            }
            p { (ids.join(", ")) }
        }
    }
}

fn rows(matrix: &Matrix, group: &Group) -> Markup {
    html! {
        @if group.shown().next().is_some() {
            tbody {
                tr.group {
                    th scope="rowgroup" { (group.title()) }
                    @for (index, column) in matrix.columns.iter().enumerate() { (share(column, index, group)) }
                }
                @for clause in group.shown() { (row(matrix, group, clause)) }
            }
        }
    }
}

/// How many clauses of a group a target keeps, or that it lacks the operation.
fn share(column: &Column, index: usize, group: &Group) -> Markup {
    let count = group.count(index);
    html! {
        @match &column.outcome {
            ColumnOutcome::NotJudged { .. } => td.none {},
            ColumnOutcome::Judged(_) if column.lacks(group) => td.lacks { "not imple\u{ad}mented" },
            ColumnOutcome::Judged(_) => td { span.good { (count.pass) " ✓" } " " span.bad { (count.fail) " ✗" } },
        }
    }
}

fn row(matrix: &Matrix, group: &Group, row: &Row) -> Markup {
    html! {
        tr {
            th scope="row" {
                details {
                    summary {
                        // A long id breaks where its parts meet.
                        @for part in row.clause.to_string().split_inclusive(['.', '-']) { (part) wbr; }
                        " " small { (row.stance) }
                    }
                    p { (row.requires) }
                }
            }
            @for (column, one) in matrix.columns.iter().zip(&row.cells) {
                @if column.lacks(group) && matches!(one, Cell::NotTested { .. }) { td.lacks {} } @else { (cell(column, row, one)) }
            }
        }
    }
}

/// The state of a clause, which leads to what the target's page says of it.
fn cell(column: &Column, row: &Row, cell: &Cell) -> Markup {
    let place = match cell {
        Cell::Fail { findings } if findings.len() == 1 => findings.first().map(|id| format!("#f-{id}")),
        Cell::Fail { .. } | Cell::Pass { .. } | Cell::Open { .. } | Cell::NotTested { .. } | Cell::NotJudged => None,
    };
    let place = place.unwrap_or_else(|| format!("#c-{}", row.clause));
    let says = says(column, cell);
    html! {
        td class=(class(cell)) title=[(!says.is_empty()).then(|| says.join("; "))] {
            (linked(column, &place, &html! {
                (mark(cell))
                @if matches!(cell, Cell::Pass { untested: Some(_) }) { "½" }
                span.word { " " (word(cell)) }
            }))
            @for text in &says { " " small { (text) } }
        }
    }
}

/// What a cell says in words, where there is room.
fn says(column: &Column, cell: &Cell) -> Vec<String> {
    match cell {
        Cell::Pass { untested } => untested.iter().map(|untested| half(untested).to_owned()).collect(),
        Cell::Fail { findings } => findings.iter().map(|id| title(column, id)).collect(),
        Cell::Open { readings } => readings.iter().map(|one| reading(one, readings.len())).collect(),
        Cell::NotTested { reason } => vec![reason.clone()],
        Cell::NotJudged => Vec::new(),
    }
}

/// A finding's title.
fn title(column: &Column, id: &str) -> String {
    let ColumnOutcome::Judged(judged) = &column.outcome else { return id.to_owned() };
    judged.findings.iter().find(|finding| finding.id == id).map_or(id, |finding| &finding.title).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_page_has_a_cell_for_each_tested_clause_and_target() {
        let matrix = samples::matrix();
        let page = html(&matrix);
        let rows = matrix.groups.iter().flat_map(Group::shown).count();
        assert!(rows > 10 && matrix.idle().all(|row| page.contains(&row.clause.to_string())));
        let heads = matrix.groups.iter().filter(|group| group.shown().next().is_some()).count();
        assert_eq!(page.matches("<td").count(), (rows + heads) * matrix.columns.len());
        assert!(page.contains("href=\"one.html\"") && !page.contains("href=\"four"), "four was not judged");
    }

    #[test]
    fn a_divergence_leads_to_its_findings() {
        let page = html(&samples::matrix());
        let finding = "<a href=\"two.html#f-2e00489b\">✗<span class=\"word\"> fail</span></a> <small>EnableMFADevice \
                       accepts wrong codes</small>";
        assert!(page.contains(finding));
        assert!(page.contains("✗ fail") && page.contains("◐ undocumented") && page.contains("– not tested"));
        assert!(page.contains("no &lt;b&gt;four&lt;/b&gt;"), "the target that was not judged says why");
    }

    #[test]
    fn an_operation_that_a_target_does_not_implement_is_named_once() {
        let mut matrix = samples::matrix();
        let resync = matrix.groups.iter_mut().find(|group| group.operation.as_deref() == Some("ResyncMFADevice"));
        let resync = resync.unwrap();
        // Another target tests a clause that this one can't have.
        let row = resync.rows.iter_mut().find(|row| row.is_idle()).unwrap();
        row.cells[0] = Cell::Pass { untested: None };
        let resync = resync.clone();
        let lacking: Vec<bool> = matrix.columns.iter().map(|column| column.lacks(&resync)).collect();
        assert_eq!(lacking, [false, true, false, false]);
        let page = html(&matrix);
        assert_eq!(page.matches("not imple\u{ad}mented").count(), 1);
        assert!(page.contains("not implemented: ResyncMFADevice") && page.contains("<td class=\"lacks\"></td>"));
    }

    #[test]
    fn nothing_that_a_target_sends_is_markup() {
        let page = html(&samples::hostile());
        assert!(!page.contains("<script") && !page.contains("\" ' &"));
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let page = html(&samples::matrix());
        for outside in ["http://", "https://", "src=", "@import", "url(", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
