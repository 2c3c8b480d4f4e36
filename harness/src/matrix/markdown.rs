//! The matrix as Markdown.

use super::value::{Cell, Column, ColumnOutcome, Group, Judged, Matrix, Row};
use super::words::{half, name, reading, state, verdict};
use crate::report::markdown::plain;

/// The matrix as GitHub's Markdown: totals, a table for each operation, and each target's findings.
#[must_use]
pub fn markdown(matrix: &Matrix) -> String {
    let mut text = "# Emulators of IAM's MFA operations, compared\n\n".to_owned();
    text.extend([
        &format!(
            "Made by mfa-conformance {} with\n\n    {}\n\n",
            plain(&matrix.tool_version),
            one_line(&matrix.command)
        ),
        "*Fail*: the target breaks the clause. *Undocumented*: no document says what a service does here, or only a \
         recording of AWS differs; the cell says what the target does. *Not tested*: no request of the run tests the \
         clause. *Refusals only* and *acceptances only*: the run tested one half of the clause. `mfa-conformance clauses \
         explain ID` prints what a clause demands and where it is written.\n\n",
    ]);
    text.push_str(&totals(matrix));
    for group in &matrix.groups {
        text.push_str(&table(matrix, group));
    }
    text.push_str(&idle(matrix));
    for column in &matrix.columns {
        text.push_str(&about(column));
    }
    text
}

/// A text on one line, for code that is indented by four spaces.
fn one_line(text: &str) -> String {
    text.replace(|sign: char| sign.is_control(), " ")
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

fn totals(matrix: &Matrix) -> String {
    let head = ["", "verdict", "pass", "fail", "undocumented", "not tested", "findings", "scenarios", "calls"];
    let mut text = line(head.map(str::to_owned));
    text.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for column in &matrix.columns {
        let figures: Vec<u64> = match &column.outcome {
            ColumnOutcome::Judged(Judged { totals, findings, scenarios, requests, .. }) => {
                let findings = findings.len() as u64;
                vec![totals.pass, totals.fail, totals.open, totals.not_tested, findings, *scenarios, *requests]
            }
            ColumnOutcome::NotJudged { .. } => Vec::new(),
        };
        let figures = (0..7).map(|index| figures.get(index).map_or_else(String::new, ToString::to_string));
        let head = [format!("**{}**", plain(&name(column))), verdict(column).to_owned()];
        text.push_str(&line(head.into_iter().chain(figures)));
    }
    text
}

fn table(matrix: &Matrix, group: &Group) -> String {
    if group.shown().next().is_none() {
        return String::new();
    }
    let heads = matrix.columns.iter().map(|column| plain(&name(column)));
    let mut text = format!("\n## {}\n\n", group.title());
    text.push_str(&line(["clause".to_owned(), "stance".to_owned()].into_iter().chain(heads)));
    text.push_str(&line((0..matrix.columns.len() + 2).map(|_| "---".to_owned())));
    text.extend(group.shown().map(|one| row(matrix, group, one)));
    for column in matrix.columns.iter().filter(|column| column.lacks(group)) {
        text.extend([format!("\n{}: not implemented.\n", plain(&name(column)))]);
    }
    text
}

/// The clauses without a row.
fn idle(matrix: &Matrix) -> String {
    let ids: Vec<String> = matrix.idle().map(|row| format!("`{}`", row.clause)).collect();
    let (count, excluded) = (ids.len(), matrix.excluded.len());
    let mut text = "\n## Tested on no target\n\n".to_owned();
    text.extend([format!(
        "{excluded} clauses are such that no request can decide them. Nothing decided these {count}:\n\n"
    )]);
    text.extend([ids.join(", "), "\n".to_owned()]);
    text
}

fn row(matrix: &Matrix, group: &Group, row: &Row) -> String {
    let head = [format!("`{}`", row.clause), row.stance.clone()];
    let cells = matrix.columns.iter().zip(&row.cells).map(|(column, one)| match one {
        Cell::NotTested { .. } if column.lacks(group) => String::new(),
        Cell::NotTested { .. } | Cell::Pass { .. } | Cell::Fail { .. } | Cell::Open { .. } | Cell::NotJudged => {
            cell(one)
        }
    });
    line(head.into_iter().chain(cells))
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Pass { untested: None } | Cell::NotTested { .. } | Cell::NotJudged => state(cell),
        Cell::Pass { untested: Some(untested) } => format!("{}, {}", state(cell), half(untested)),
        Cell::Fail { .. } => format!("**{}**", state(cell)),
        Cell::Open { readings } => {
            let shown: Vec<String> = readings.iter().map(|one| plain(&reading(one, readings.len()))).collect();
            format!("{}: {}", state(cell), shown.join("; "))
        }
    }
}

fn about(column: &Column) -> String {
    let mut text = format!("\n## {}\n\n", plain(&name(column)));
    match &column.outcome {
        ColumnOutcome::NotJudged { why } => text.extend(["Not judged: ", &plain(why), "\n"]),
        ColumnOutcome::Judged(judged) => {
            text.extend([plain(&judged.verdict_reason), "\n\n    ".to_owned(), one_line(&judged.command)]);
            text.extend(["\n\nIts report: ", &plain(&judged.page), "\n"].map(str::to_owned));
            if !judged.findings.is_empty() {
                text.push('\n');
            }
            text.extend(judged.findings.iter().map(|finding| {
                let clause = plain(&finding.clause.to_string());
                let [title, id, stance] = [&finding.title, &finding.id, &finding.stance].map(|text| plain(text));
                format!("- {title} ({clause}, {stance}; finding {id})\n")
            }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_matrix_reads_so() {
        insta::assert_snapshot!(markdown(&samples::matrix()));
    }

    #[test]
    fn nothing_that_a_target_sends_is_markup() {
        let hostile = samples::hostile();
        let text = markdown(&hostile);
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            let unescaped = line.replace("\\<", "").replace("\\*", "");
            for markup in ["<script", " `x`", "[y](", " **b**"] {
                assert!(!unescaped.contains(markup), "{line}");
            }
        }
    }

    #[test]
    fn no_text_adds_a_column() {
        let text = markdown(&samples::hostile());
        let bars = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            assert_eq!(bars(line), 3 + 4, "{line}");
        }
    }
}
