//! The matrix as one HTML page, readable offline and without script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::value::{Cell, Column, ColumnOutcome, Group, Judged, Matrix, Row};
use super::words::{half, name, reading, state, verdict};

const STYLE: &str = include_str!("matrix.css");

/// The matrix as a page: totals, then rows of clauses and columns of targets. Names stay in sight.
#[must_use]
pub fn html(matrix: &Matrix) -> String {
    let title = "Emulators of IAM's MFA operations, compared";
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // Without it a browser requests /favicon.ico.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    (totals(matrix))
                    (legend())
                    (table(matrix))
                    (idle(matrix))
                }
                footer {
                    p { "Made by mfa-conformance " (matrix.tool_version) " with" }
                    pre { (matrix.command) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn totals(matrix: &Matrix) -> Markup {
    html! {
        div.scroll {
            table.totals {
                thead {
                    tr {
                        @for head in ["target", "verdict", "pass", "fail", "undocumented", "not tested", "findings", "scenarios", "calls"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody {
                    @for column in &matrix.columns {
                        tr {
                            th scope="row" { (linked(column, "", html! { (name(column)) })) }
                            td { (verdict(column)) }
                            @match &column.outcome {
                                ColumnOutcome::Judged(judged) => (figures(judged)),
                                ColumnOutcome::NotJudged { why } => td.why colspan="7" { (why) },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn figures(judged: &Judged) -> Markup {
    let (totals, findings) = (&judged.totals, judged.findings.len() as u64);
    let figures =
        [totals.pass, totals.fail, totals.open, totals.not_tested, findings, judged.scenarios, judged.requests];
    html! { @for figure in figures { td { (figure) } } }
}

fn legend() -> Markup {
    html! {
        dl.legend {
            div { dt.good { "✓ pass" } dd { "the target keeps the clause; " em { "refusals only" } " or " em { "acceptances only" } ": the run tested one half of it" } }
            div { dt.bad { "✗ fail" } dd { "the target breaks the clause" } }
            div { dt.open { "◐ undocumented" } dd { "no document says what a service does here, or only a recording of AWS differs; the cell says what the target does" } }
            div { dt.none { "– not tested" } dd { "no request of the run tests it" } }
        }
    }
}

/// `shown` as a link to the target's own page, if it has one.
fn linked(column: &Column, place: &str, shown: Markup) -> Markup {
    match &column.outcome {
        ColumnOutcome::Judged(judged) => html! { a href={ (judged.page) (place) } { (shown) } },
        ColumnOutcome::NotJudged { .. } => shown,
    }
}

fn table(matrix: &Matrix) -> Markup {
    html! {
        div.scroll.matrix tabindex="0" role="region" aria-label="Clauses and targets" {
            table {
                thead {
                    tr {
                        th scope="col" { "clause" }
                        @for column in &matrix.columns {
                            th scope="col" {
                                (linked(column, "", html! { (column.name) " " small { @if let Some(version) = &column.version { (version) } } }))
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
                tr.group { th colspan=(matrix.columns.len() + 1) scope="rowgroup" { span { (group.title()) } } }
                @for clause in group.shown() { (row(matrix, clause)) }
            }
        }
    }
}

fn row(matrix: &Matrix, row: &Row) -> Markup {
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
            @for (column, one) in matrix.columns.iter().zip(&row.cells) { (cell(column, one)) }
        }
    }
}

fn cell(column: &Column, cell: &Cell) -> Markup {
    let state = state(cell);
    match cell {
        Cell::Pass { untested } => html! {
            td.good { (state) @if let Some(untested) = untested { " " small { (half(untested)) } } }
        },
        Cell::Fail { findings } => html! {
            td.bad {
                details {
                    summary { (state) }
                    ul { @for id in findings { li { (finding(column, id)) } } }
                }
            }
        },
        Cell::Open { readings } => html! {
            td.open { (state) @for one in readings { " " small { (reading(one, readings.len())) } } }
        },
        Cell::NotTested { reason } => html! {
            td.none { details { summary { (state) } p { (reason) } } }
        },
        Cell::NotJudged => html! { td.none { (state) } },
    }
}

/// A finding's title, as a link to the finding on the target's page.
fn finding(column: &Column, id: &str) -> Markup {
    let ColumnOutcome::Judged(judged) = &column.outcome else { return html! { (id) } };
    let title = judged.findings.iter().find(|finding| finding.id == id).map_or(id, |finding| &finding.title);
    linked(column, &format!("#f-{id}"), html! { (title) })
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
        let cells: usize = ["good", "bad", "open", "none"]
            .into_iter()
            .map(|class| page.matches(&format!("<td class=\"{class}\">")).count())
            .sum();
        assert_eq!(cells, rows * matrix.columns.len());
        assert!(page.contains("href=\"one.html\"") && !page.contains("href=\"four"), "four was not judged");
    }

    #[test]
    fn a_divergence_leads_to_its_findings() {
        let page = html(&samples::matrix());
        let finding = "<a href=\"two.html#f-2e00489b\">EnableMFADevice accepts wrong codes</a>";
        assert!(page.contains(finding));
        assert!(page.contains("✗ fail") && page.contains("◐ undocumented") && page.contains("– not tested"));
        assert!(page.contains("no &lt;b&gt;four&lt;/b&gt;"), "the target that was not judged says why");
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
