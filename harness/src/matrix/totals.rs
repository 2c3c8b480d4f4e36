//! The matrix's totals, for a terminal.

use super::value::{ColumnOutcome, Judged, Matrix};
use super::words::{name, verdict};

/// A line for each target.
#[must_use]
pub fn totals(matrix: &Matrix) -> String {
    let line = |name: &str, verdict: &str, figures: [&str; 5]| {
        let [conforms, diverges, open, idle, findings] = figures;
        format!("{name:<28} {verdict:<13}{conforms:>9}{diverges:>9}{open:>9}{idle:>14}{findings:>9}\n")
    };
    let mut text = line("", "", ["conforms", "diverges", "open", "not exercised", "findings"]);
    for column in &matrix.columns {
        let figures = match &column.outcome {
            ColumnOutcome::Judged(Judged { totals, findings, .. }) => {
                let findings = findings.len() as u64;
                [totals.conforms, totals.diverges, totals.open, totals.not_exercised, findings].map(|n| n.to_string())
            }
            ColumnOutcome::NotJudged { .. } => Default::default(),
        };
        text.push_str(&line(&name(column), verdict(column), figures.each_ref().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_totals_read_so() {
        insta::assert_snapshot!(totals(&samples::matrix()));
    }
}
