//! Reads a report from JSON.

use mfa_reference::clause::ClauseId;
use serde::Deserialize as _;
use serde_json::Value;

use super::build::SCHEMA_VERSION;
use super::value::Report;
use crate::wire::is_unseen;

/// Why a file can't be used as a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is not JSON.
    #[error("{file}:{line}:{column}: no JSON: {problem}; give a file that `--report json=FILE` wrote")]
    Json {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// It is JSON, but not a report.
    #[error("{file}: no report: {problem}; give a file that `--report json=FILE` wrote")]
    NoReport {
        /// The file's name.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// It is about a clause that this program doesn't have.
    #[error(
        "{file}: this version of mfa-conformance ({}) has no clause `{id}`: another version wrote the report \
         ({tool_version}); use that one, or run again",
        env!("CARGO_PKG_VERSION")
    )]
    Clause {
        /// The file's name.
        file: String,
        /// The clause's id.
        id: String,
        /// The program's version that it tells of.
        tool_version: String,
    },
    /// It is a report of another version.
    #[error(
        "{file}: a report of schema version {found}, and this program reads version {SCHEMA_VERSION}; use the version \
         of mfa-conformance that wrote it ({tool_version}), or run again"
    )]
    Version {
        /// The file's name.
        file: String,
        /// The version that it has.
        found: String,
        /// The version of the program that wrote it.
        tool_version: String,
    },
}

/// Reads a report. `file` names it in errors.
///
/// # Errors
/// The text is not JSON, no report, one of another schema version, or one with a clause that this program doesn't have.
pub fn read(file: &str, text: &str) -> Result<Report, ReportError> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| ReportError::Json {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        problem: without_position(&error.to_string()),
    })?;
    let no_report = |problem: String| ReportError::NoReport { file: file.to_owned(), problem };
    let found = value.get("schema_version").ok_or_else(|| no_report("it has no `schema_version`".to_owned()))?;
    if found.as_u64() != Some(u64::from(SCHEMA_VERSION)) {
        let (file, found, tool_version) = (file.to_owned(), found.to_string(), tool_version(&value));
        return Err(ReportError::Version { file, found, tool_version });
    }
    make_visible(&mut value);
    Report::deserialize(&value).map_err(|error| match unknown_clause(&value) {
        Some(id) => ReportError::Clause { file: file.to_owned(), id, tool_version: tool_version(&value) },
        None => no_report(error.to_string()),
    })
}

/// The program's version that a report tells of.
fn tool_version(report: &Value) -> String {
    visible(report.get("tool_version").and_then(Value::as_str).unwrap_or("its version is not told"))
}

/// The id of a clause that this program doesn't have. A report lists all clauses of the version that wrote it.
fn unknown_clause(report: &Value) -> Option<String> {
    let clauses = report.get("clauses")?.as_array()?;
    let mut ids = clauses.iter().filter_map(|clause| clause.get("id")?.as_str());
    ids.find(|id| id.parse::<ClauseId>().is_err()).map(str::to_owned)
}

/// Escapes invisible characters in a report's texts, since a file may contain anything and texts are shown unescaped.
/// Scenarios are data, and the reproductions show them in a visible form.
fn make_visible(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().any(hidden) => *text = visible(text),
        Value::Array(items) => items.iter_mut().for_each(make_visible),
        Value::Object(fields) => {
            fields.iter_mut().filter(|(name, _)| *name != "scenario").for_each(|(_, field)| make_visible(field));
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn visible(text: &str) -> String {
    let escape = |character: char| {
        if hidden(character) { format!("\\u{{{:x}}}", u32::from(character)) } else { character.to_string() }
    };
    text.chars().map(escape).collect()
}

const fn hidden(character: char) -> bool {
    is_unseen(character) && character != '\n'
}

fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, samples};

    #[test]
    fn a_report_that_was_written_is_read_as_it_was() {
        for report in samples::reports() {
            assert_eq!(read("it.json", &json(&report).unwrap()).unwrap(), report);
        }
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_place_and_the_remedy() {
        let mut incomplete = serde_json::to_value(samples::failing()).unwrap();
        incomplete.as_object_mut().unwrap().remove("verdict");
        for (text, words) in [
            ("{\"a\": ", "it.json:1:6: no JSON: EOF while parsing a value;"),
            ("[]", "it.json: no report: it has no `schema_version`;"),
            (&incomplete.to_string(), "it.json: no report: missing field `verdict`;"),
            (
                "{\"schema_version\": 3, \"tool_version\": \"9.0\"}",
                "schema version 3, and this program reads version 2; use the version of mfa-conformance that wrote it \
                 (9.0)",
            ),
        ] {
            let problem = read("it.json", text).unwrap_err().to_string();
            assert!(problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn a_clause_of_another_version_is_named_with_that_version() {
        let mut value = serde_json::to_value(samples::failing()).unwrap();
        value["tool_version"] = "9.0".into();
        value["clauses"][3]["id"] = "enable.code3".into();
        let problem = read("it.json", &value.to_string()).unwrap_err().to_string();
        assert!(problem.starts_with("it.json: this version of mfa-conformance (0.1.0) has no clause `enable.code3`: "));
        assert!(problem.ends_with("another version wrote the report (9.0); use that one, or run again"), "{problem}");
        value["clauses"][3]["id"] = "enable.associates".into();
        value["findings"][0]["clause"] = "enable.code3".into();
        let problem = read("it.json", &value.to_string()).unwrap_err().to_string();
        assert!(problem.starts_with("it.json: no report: no clause has the id `enable.code3`"), "{problem}");
    }

    #[test]
    fn a_forged_report_moves_no_cursor() {
        let mut value = serde_json::to_value(samples::failing()).unwrap();
        value["findings"][0]["title"] = "\u{1b}[2J \u{202e}gpj".into();
        let report = read("it.json", &value.to_string()).unwrap();
        assert_eq!(report.findings[0].title, r"\u{1b}[2J \u{202e}gpj");
    }

    #[test]
    fn a_report_that_lacks_what_was_added_later_is_read() {
        let mut value = serde_json::to_value(samples::failing()).unwrap();
        value["clauses"][0].as_object_mut().unwrap().remove("requires");
        assert_eq!(read("it.json", &value.to_string()).unwrap().clauses[0].requires, "");
    }
}
