//! The matrix's totals, for a terminal.

use super::value::{ColumnOutcome, Judged, Matrix};
use super::words::{name, verdict};

/// A line for each target.
#[must_use]
pub fn totals(matrix: &Matrix) -> String {
    let line = |name: &str, verdict: &str, figures: [&str; 5]| {
        let [pass, fail, open, idle, findings] = figures;
        format!("{name:<28} {verdict:<13}{pass:>9}{fail:>9}{open:>14}{idle:>14}{findings:>9}\n")
    };
    let mut text = line("", "", ["pass", "fail", "undocumented", "not tested", "findings"]);
    for column in &matrix.columns {
        let figures = match &column.outcome {
            ColumnOutcome::Judged(Judged { totals, findings, .. }) => {
                let findings = findings.len() as u64;
                [totals.pass, totals.fail, totals.open, totals.not_tested, findings].map(|n| n.to_string())
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
