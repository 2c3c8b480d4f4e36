//! The matrix as one HTML page, readable offline and without script.

use super::escape::for_html;
use super::value::{Cell, Column, ColumnOutcome, Group, Judged, Matrix, Row};
use super::words::{half, name, reading, state, verdict};

const STYLE: &str = include_str!("matrix.css");

/// The matrix as a page: totals, then clauses down and targets across. Names stay in sight.
#[must_use]
pub fn html(matrix: &Matrix) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Emulators of IAM's MFA operations, compared</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>Emulators of IAM's MFA operations, compared</h1>\n"
    );
    page.push_str(&totals(matrix));
    page.push_str(LEGEND);
    page.push_str(&table(matrix));
    page.push_str(&idle(matrix));
    page.extend([format!(
        "<footer><p>Made by mfa-conformance {} with</p><pre>{}</pre></footer>\n</main>\n</body>\n</html>\n",
        for_html(&matrix.tool_version),
        for_html(&matrix.command)
    )]);
    page
}

const LEGEND: &str = "<dl class=\"legend\">\
    <div><dt class=\"good\">✓ conforms</dt><dd>it was put to the test and keeps the clause; <em>refusals only</em> or \
    <em>acceptances only</em>: half of it was</dd></div>\
    <div><dt class=\"bad\">✗ diverges</dt><dd>it breaks the clause</dd></div>\
    <div><dt class=\"open\">◐ open</dt><dd>the documents leave open what a service does, or only AWS was recorded to do \
    otherwise: the reading that it took</dd></div>\
    <div><dt class=\"none\">– not exercised</dt><dd>nothing of the run decides it</dd></div></dl>\n";

fn totals(matrix: &Matrix) -> String {
    let mut text =
        "<div class=\"scroll\"><table class=\"totals\">\n<thead><tr><th scope=\"col\">target</th>".to_owned();
    for head in ["verdict", "conforms", "diverges", "open", "not exercised", "findings", "scenarios", "calls"] {
        text.extend(["<th scope=\"col\">", head, "</th>"]);
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for column in &matrix.columns {
        text.extend(["<tr><th scope=\"row\">", &linked(column, &for_html(&name(column))), "</th><td>"]);
        text.push_str(verdict(column));
        match &column.outcome {
            ColumnOutcome::Judged(Judged { totals, findings, scenarios, requests, .. }) => {
                let findings = findings.len() as u64;
                let figures = [
                    totals.conforms,
                    totals.diverges,
                    totals.open,
                    totals.not_exercised,
                    findings,
                    *scenarios,
                    *requests,
                ];
                text.extend(figures.map(|figure| format!("</td><td>{figure}")));
            }
            ColumnOutcome::NotJudged { why } => {
                text.extend(["</td><td colspan=\"7\" class=\"why\">", &for_html(why)]);
            }
        }
        text.push_str("</td></tr>\n");
    }
    text.push_str("</tbody></table></div>\n");
    text
}

/// With a link to the target's own page, if it has one.
fn linked(column: &Column, shown: &str) -> String {
    match &column.outcome {
        ColumnOutcome::Judged(judged) => format!("<a href=\"{}\">{shown}</a>", for_html(&judged.page)),
        ColumnOutcome::NotJudged { .. } => shown.to_owned(),
    }
}

fn table(matrix: &Matrix) -> String {
    let mut text = "<div class=\"scroll matrix\" tabindex=\"0\" role=\"region\" aria-label=\"Clauses and targets\">\
                    <table>\n<thead><tr><th scope=\"col\">clause</th>"
        .to_owned();
    for column in &matrix.columns {
        let version = column.version.as_ref().map_or_else(String::new, |version| for_html(version));
        let shown = format!("{} <small>{version}</small>", for_html(&column.name));
        text.extend(["<th scope=\"col\">", &linked(column, &shown), "</th>"]);
    }
    text.push_str("</tr></thead>\n");
    for group in &matrix.groups {
        text.push_str(&rows(matrix, group));
    }
    text.push_str("</table></div>\n");
    text
}

/// The clauses that have no row.
fn idle(matrix: &Matrix) -> String {
    let ids: Vec<String> = matrix.idle().map(|row| for_html(&row.clause)).collect();
    let (count, excluded) = (ids.len(), matrix.excluded.len());
    format!(
        "<details class=\"idle\"><summary>{count} clauses that nothing put to the test on any target, and {excluded} \
         that no request can decide, are left out</summary><p>{}</p></details>\n",
        ids.join(", ")
    )
}

fn rows(matrix: &Matrix, group: &Group) -> String {
    if group.shown().next().is_none() {
        return String::new();
    }
    let mut text = format!(
        "<tbody><tr class=\"group\"><th colspan=\"{}\" scope=\"rowgroup\"><span>{}</span></th></tr>\n",
        matrix.columns.len() + 1,
        for_html(group.title())
    );
    text.extend(group.shown().map(|clause| row(matrix, clause)));
    text.push_str("</tbody>\n");
    text
}

fn row(matrix: &Matrix, row: &Row) -> String {
    let mut text = format!(
        "<tr><th scope=\"row\"><details><summary>{} <small>{}</small></summary><p>{}</p></details></th>",
        // A long id breaks where its parts meet.
        for_html(&row.clause).replace('.', ".<wbr>").replace('-', "-<wbr>"),
        for_html(&row.stance),
        for_html(&row.requires)
    );
    text.extend(matrix.columns.iter().zip(&row.cells).map(|(column, one)| cell(column, one)));
    text.push_str("</tr>\n");
    text
}

fn cell(column: &Column, cell: &Cell) -> String {
    let state = state(cell);
    match cell {
        Cell::Conforms { untested: None } => format!("<td class=\"good\">{state}</td>"),
        Cell::Conforms { untested: Some(untested) } => {
            format!("<td class=\"good\">{state} <small>{}</small></td>", half(untested))
        }
        Cell::Diverges { findings } => {
            let items: Vec<String> = findings.iter().map(|id| format!("<li>{}</li>", finding(column, id))).collect();
            let items = items.concat();
            format!("<td class=\"bad\"><details><summary>{state}</summary><ul>{items}</ul></details></td>")
        }
        Cell::Open { readings } => {
            let shown: Vec<String> = readings.iter().map(|one| for_html(&reading(one, readings.len()))).collect();
            format!("<td class=\"open\">{state} <small>{}</small></td>", shown.join("; "))
        }
        Cell::NotExercised { reason } => {
            let reason = for_html(reason);
            format!("<td class=\"none\"><details><summary>{state}</summary><p>{reason}</p></details></td>")
        }
        Cell::NotJudged => format!("<td class=\"none\">{state}</td>"),
    }
}

fn finding(column: &Column, id: &str) -> String {
    let ColumnOutcome::Judged(judged) = &column.outcome else { return for_html(id) };
    let title = judged.findings.iter().find(|finding| finding.id == id).map_or(id, |finding| &finding.title);
    linked(column, &for_html(title))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_page_is_well_formed_and_has_a_cell_for_each_exercised_clause_and_target() {
        let matrix = samples::matrix();
        let page = html(&matrix);
        // But for its first line and its void elements the page is XML.
        let text = page.replace("<!DOCTYPE html>\n", "").replace("<wbr>", "");
        let text: String = text
            .lines()
            .map(|line| if line.starts_with("<meta") { line.replace("\">", "\"/>") } else { line.to_owned() })
            .collect::<Vec<_>>()
            .join("\n");
        let document = roxmltree::Document::parse(&text).unwrap();
        let rows = matrix.groups.iter().flat_map(|group| group.shown()).count();
        assert!(rows > 10 && matrix.idle().all(|row| page.contains(&row.clause)));
        let of_class = |class: &str| {
            document
                .descendants()
                .filter(|node| node.has_tag_name("td") && node.attribute("class") == Some(class))
                .count()
        };
        let cells: usize = ["good", "bad", "open", "none"].into_iter().map(of_class).sum();
        assert_eq!(cells, rows * matrix.columns.len());
        let links: Vec<&str> = document.descendants().filter_map(|node| node.attribute("href")).collect();
        assert!(links.contains(&"one.html") && !links.iter().any(|link| link.contains("four")), "{links:?}");
    }

    #[test]
    fn a_divergence_tells_its_findings() {
        let page = html(&samples::matrix());
        assert!(page.contains("EnableMFADevice accepts codes that the device never emitted near now"));
        assert!(page.contains("✗ diverges") && page.contains("◐ open") && page.contains("– not exercised"));
        assert!(page.contains("no &lt;b&gt;four&lt;/b&gt;"), "the target that was not judged says why");
    }

    #[test]
    fn nothing_that_a_target_sends_is_markup() {
        let page = html(&samples::hostile());
        assert!(!page.contains("<script") && !page.contains('\u{202e}') && !page.contains("\" ' &"));
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let page = html(&samples::matrix());
        for outside in ["http://", "https://", "src=", "@import", "url(", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
