//! The file format: JSON with a checked-in schema, `fixtures/schemas/recording.schema.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file of recorded histories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordingFile {
    /// The schema of the file, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What the file holds, and what its words mean, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legend: Option<serde_json::Value>,
    /// The histories.
    pub histories: Vec<HistoryForm>,
}

/// A sequence of calls on users and devices of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryForm {
    /// Its name.
    pub id: String,
    /// Where the recording is kept.
    pub source: String,
    /// On which day it was made.
    pub recorded: String,
    /// Whether `at` is the time of sending or of the answer: "at = seconds at which the answer came".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Beginning>,
    /// The calls, in order.
    pub steps: Vec<StepForm>,
}

/// When a history began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// The instant: `2026-09-11T19:58:24.00Z`.
    pub utc: String,
    /// The time step of 30 seconds that it lies in, counted from the Unix epoch.
    pub totp_step: i64,
}

/// One call and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    /// The operation: `EnableMFADevice`.
    pub op: String,
    /// Who signs: `admin`, `user a`, `user a with MFA session`.
    pub signer: String,
    /// The user that the call names: a symbol, or `absent`.
    pub user: Option<String>,
    /// The device that it names: a symbol, or `absent`.
    pub device: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Whether the status was recorded; otherwise it is that of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_recorded: Option<bool>,
    /// The code of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message of an error; `{user a}` and `{serial number}` stand for names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Seconds since the history began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The authentication codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<CodesForm>,
    /// The steps of codes that `codes` gives a word for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes_detail: Option<Vec<i64>>,
    /// The steps of the codes, counted from the history's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_from_first: Option<Vec<i64>>,
    /// The name that the call gives: a new one of a user, or what kind of name it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path that it gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Further parameters.
    #[serde(rename = "other inputs", default, skip_serializing_if = "Option::is_none")]
    pub other_inputs: Option<BTreeMap<String, serde_json::Value>>,
    /// What the answer lists: each device, and whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<Vec<Listed>>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The codes of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CodesForm {
    /// Codes of the device's own, by their steps from the time of sending.
    Offsets(Vec<i64>),
    /// `same`, `reversed`, `right`, `unknown`, or `literal 123456, 654321`.
    Words(String),
}

/// A device in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The device's symbol.
    pub device: String,
    /// The symbol of its user, if it is somebody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The JSON Schema of recordings.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(RecordingFile)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_up_to_date_and_holds_for_the_recordings() {
        let schema = serde_json::to_value(super::schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/recording.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            text,
            "write it with `mfa-conformance schema recording > fixtures/schemas/recording.schema.json`"
        );
        let recordings: serde_json::Value = serde_json::from_str(crate::recording::bundled::TEXT).unwrap();
        assert!(jsonschema::is_valid(&schema, &recordings));
    }
}
