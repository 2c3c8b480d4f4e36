//! One result in a few figures.

use serde::{Deserialize, Serialize};

use crate::known_gaps::Day;
use crate::matrix::value::{CellCount, Column, ColumnOutcome};
use crate::report::{Report, RunVerdict};

/// The folder of the records within a site.
pub const FOLDER: &str = "history";

/// The version of the record's form.
const SCHEMA_VERSION: u32 = 1;

/// The result of a target's run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this form.
    pub schema_version: u32,
    /// The target.
    pub target: String,
    /// The target's version, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of the tool.
    pub tool_version: String,
    /// The day of the run.
    pub date: Day,
    /// The verdict.
    pub verdict: RunVerdict,
    /// How many findings there are.
    pub findings: u64,
    /// How many clauses are in which state.
    pub clauses: CellCount,
    /// The operations that the target doesn't implement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_implemented: Vec<String>,
    /// Whether it implements none of the operations.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implements_nothing: bool,
}

impl Record {
    /// The record of a column of a matrix, and of the report that it was made from. `today` is for reports without a
    /// date. `None` for a column that was not judged.
    pub(super) fn of(column: &Column, report: &Report, today: &Day) -> Option<Self> {
        let ColumnOutcome::Judged(judged) = &column.outcome else { return None };
        Some(Self {
            schema_version: SCHEMA_VERSION,
            target: column.name.clone(),
            version: column.version.clone(),
            tool_version: report.tool_version.clone(),
            date: report.date.clone().unwrap_or_else(|| today.clone()),
            verdict: judged.verdict,
            findings: judged.findings.len() as u64,
            clauses: judged.totals,
            not_implemented: judged.not_implemented.clone(),
            implements_nothing: judged.not_implemented.len() == report.operations.len(),
        })
    }

    /// The target with its version.
    pub(super) fn name(&self) -> String {
        self.version.as_ref().map_or_else(|| self.target.clone(), |version| format!("{} {version}", self.target))
    }

    /// The file name, without an ending, of all that is about the target and its version.
    pub(super) fn place(&self) -> String {
        place(&self.target, self.version.as_deref())
    }

    /// The file of the record.
    pub(super) fn file(&self) -> String {
        format!("{FOLDER}/{}-{}.json", self.place(), plain(&self.tool_version))
    }

    /// The page of the target and its version.
    pub(super) fn page(&self) -> String {
        page(&self.target, self.version.as_deref())
    }
}

/// The page of a target and its version.
pub(super) fn page(target: &str, version: Option<&str>) -> String {
    format!("reports/{}.html", place(target, version))
}

fn place(target: &str, version: Option<&str>) -> String {
    version.map_or_else(|| plain(target), |version| format!("{}-{}", plain(target), plain(version)))
}

/// A text as a part of a file name.
pub(super) fn plain(text: &str) -> String {
    let kept = |one: char| if one.is_ascii_alphanumeric() || one == '.' { one } else { '-' };
    let plain: String = text.chars().map(kept).take(60).collect();
    // A hidden file, or a folder above.
    if plain.starts_with('.') { plain.replacen('.', "-", 1) } else { plain }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_name_leads_to_no_other_folder() {
        for (target, version, page) in [
            ("moto", Some("5.2.5"), "reports/moto-5.2.5.html"),
            ("../../x", Some("/etc"), "reports/-.-..-x--etc.html"),
            ("<b>", None, "reports/-b-.html"),
        ] {
            assert_eq!(super::page(target, version), page);
        }
    }
}
