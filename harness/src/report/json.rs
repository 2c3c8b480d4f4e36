//! The report as JSON, and the schema that describes it: `fixtures/schemas/report.schema.json`.

use std::fmt::Write as _;

use super::value::Report;
use crate::wire::is_unseen;

/// The report as JSON text, for programs and for people.
///
/// # Errors
/// Never for a report that was built: all of its parts can be serialized.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| visible(&text) + "\n")
}

/// The JSON Schema of the report.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}

/// CI systems read `##` and one of these as the beginning of a command, anywhere in a line.
const AFTER_MARKS: [&str; 3] = ["[", "vso[", "teamcity["];

/// The same JSON with escapes for invisible characters and for commands of CI systems. Apart from white space, both
/// occur only in strings.
pub(super) fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for (index, character) in json.char_indices() {
        let after = json.get(index + 1..).unwrap_or_default();
        let commands =
            character == '#' && text.ends_with('#') && AFTER_MARKS.iter().any(|mark| after.starts_with(mark));
        if !commands && (character == '\n' || !is_unseen(character)) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String doesn't fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_schema_is_up_to_date_and_holds_for_reports() {
        let schema = serde_json::to_value(schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/report.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
        for report in samples::reports() {
            let value: serde_json::Value = serde_json::from_str(&json(&report).unwrap()).unwrap();
            assert!(jsonschema::is_valid(&schema, &value), "{value:#}");
        }
    }

    #[test]
    fn a_report_survives_its_json() {
        for report in samples::reports() {
            assert_eq!(serde_json::from_str::<Report>(&json(&report).unwrap()).unwrap(), report);
        }
    }

    #[test]
    fn a_field_that_is_missing_is_told_by_the_schema() {
        let schema = serde_json::to_value(schema()).unwrap();
        let mut value = serde_json::to_value(samples::failing()).unwrap();
        value["findings"][0].as_object_mut().unwrap().remove("reproduce");
        assert!(!jsonschema::is_valid(&schema, &value));
    }

    #[test]
    fn no_text_is_a_command_to_a_ci_system() {
        for command in ["##[error]x", "a ##vso[x]", "###teamcity[x]"] {
            let json = visible(&serde_json::json!(command).to_string());
            assert!(!["##[", "##vso[", "##teamcity["].iter().any(|mark| json.contains(mark)), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), command);
        }
    }

    #[test]
    fn nothing_in_the_text_is_unseen_but_its_line_ends() {
        let text = visible("{\"a\": \"\u{9b}2J \u{202e}x \u{e0001} \u{7f}\"}\n");
        assert_eq!(text, "{\"a\": \"\\u009b2J \\u202ex \\udb40\\udc01 \\u007f\"}\n");
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["a"], "\u{9b}2J \u{202e}x \u{e0001} \u{7f}");
    }
}
