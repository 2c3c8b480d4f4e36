//! Examples are the scenarios of `fixtures/scenarios`: the documents' own samples and hand-written scenarios. Each
//! shows one point. A file's name says what it shows, the operation first.

use mfa_fixtures::SCENARIOS;

use crate::scenario::{Scenario, ScenarioError, read_scenario};

/// Every example, in the order of the file names.
///
/// # Errors
/// A file is not a scenario. The error names the file, the place and the remedy.
pub fn examples() -> Result<Vec<Scenario>, ScenarioError> {
    example_files().into_iter().map(|(name, text)| read_scenario(name, text)).collect()
}

/// The name and the text of each example's file, in the order of the names.
#[must_use]
pub fn example_files() -> Vec<(&'static str, &'static str)> {
    let mut files: Vec<_> = SCENARIOS
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8().unwrap_or_default())))
        .collect();
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::{scenario_schema, write_scenario};

    #[test]
    fn every_file_of_the_folder_is_read_in_the_order_of_the_names() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/scenarios");
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let embedded: Vec<String> = example_files().iter().map(|(name, _)| (*name).to_owned()).collect();
        // Cargo doesn't notice a new file. A change of fixtures/lib.rs embeds the folder again.
        assert_eq!(embedded, names);
        assert_eq!(examples().unwrap().len(), names.len());
        assert!(names.len() >= 30);
    }

    #[test]
    fn a_file_is_named_by_what_it_shows() {
        let prefixes =
            ["document-sample-", "enable-", "resync-", "deactivate-", "delete-", "rename-", "wire-", "create-"];
        for (name, _) in example_files() {
            let stem = name.strip_suffix(".json").unwrap_or_default();
            let kebab = stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(kebab && prefixes.iter().any(|prefix| stem.starts_with(prefix)), "{name}");
        }
    }

    #[test]
    fn an_example_makes_one_point_and_cites_it() {
        let examples = examples().unwrap();
        let names: BTreeSet<&str> = examples.iter().map(|example| example.name.as_str()).collect();
        assert_eq!(names.len(), examples.len(), "two examples have one name");
        for example in &examples {
            assert!(!example.cites.is_empty(), "{}", example.name);
            // Findings are named after examples, so examples are short. Only the quota of eight devices needs more.
            let quota = ["eight devices", "ninth device"].iter().any(|what| example.name.contains(what));
            assert!(example.actions() <= 12 || quota, "{}", example.name);
        }
    }

    #[test]
    fn the_schema_is_up_to_date_and_holds_for_every_example() {
        let schema = serde_json::to_value(scenario_schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/scenario.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (name, text) in example_files() {
            let example: serde_json::Value = serde_json::from_str(text).unwrap();
            let errors: Vec<String> = validator.iter_errors(&example).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            assert_eq!(example["$schema"], "../schemas/scenario.schema.json", "{name}");
        }
    }

    #[test]
    fn the_schema_refuses_what_the_reader_refuses() {
        let schema = serde_json::to_value(scenario_schema()).unwrap();
        for wrong in [
            r#"{"name": "x"}"#,
            r#"{"name": "x", "steps": [{"do": "enabel"}]}"#,
            r#"{"name": "x", "steps": [{"do": "create-user", "user": "alice"}]}"#,
            r#"{"name": "x", "steps": [{"do": "enable", "codes": "fresh pair"}]}"#,
            r#"{"name": "x", "steps": [{"do": "enable", "code": {"text": "1"}}]}"#,
            r#"{"name": "x", "steps": [{"do": "enable", "code1": "000000"}]}"#,
        ] {
            let value: serde_json::Value = serde_json::from_str(wrong).unwrap();
            assert!(!jsonschema::is_valid(&schema, &value), "{wrong}");
            assert!(read_scenario("wrong.json", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_example_survives_being_written() {
        for (name, text) in example_files() {
            let example = read_scenario(name, text).unwrap();
            assert_eq!(read_scenario(name, &write_scenario(&example).unwrap()).unwrap(), example, "{name}");
        }
    }
}
