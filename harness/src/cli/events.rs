//! What `run --events` writes: a line of JSON for each event of a run. docs/events.md describes them for people.

use mfa_reference::clause::ClauseId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::oracle::Divergence;
use crate::report::{RunVerdict, TargetInfo, title};
use crate::run::result::bucket_id;
use crate::wire::escape_for_people;

/// The version of the lines. Within a version, events and fields are added and never changed.
pub(super) const VERSION: u32 = 1;

/// An event of a run: one line. The texts of the target in it are already escaped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventLine {
    /// When, in seconds since the program began.
    pub seconds: f64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins. It is the first line, unless the target can't be reached.
    Begin {
        /// The version of this form.
        schema_version: u32,
        /// The version of the tool.
        tool_version: String,
        /// What is tested.
        target: TargetInfo,
        /// The command that repeats the run.
        command: String,
    },
    /// A phase begins.
    Phase {
        /// Its name.
        name: String,
    },
    /// Something was found that is not like anything before it.
    Finding(Found),
    /// How far the run is. It comes every two seconds.
    Progress {
        /// What the run does: a phase, or `shrinking`.
        doing: String,
        /// How many scenarios were played.
        scenarios: u64,
        /// About how many there are; absent if the run plays until its time is up.
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<u64>,
        /// How many requests were sent.
        requests: u64,
        /// How many findings there are.
        findings: usize,
        /// How many of them were shrunk.
        shrunk: usize,
        /// About how much of the run is done.
        percent: u64,
        /// About how long it takes still, in seconds; absent if nothing tells.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds_left: Option<u64>,
    },
    /// A finding was shrunk. Its scenario may show it as another finding, and several may turn out to be one.
    Shrunk {
        /// The id of the event `finding`.
        found_as: String,
        /// The finding as it is now.
        #[serde(flatten)]
        finding: Found,
        /// How many steps its scenario has.
        steps: usize,
        /// Whether a replay showed it again.
        reproduced: bool,
    },
    /// A remark for people.
    Note {
        /// The remark.
        text: String,
    },
    /// The run is over. It is the last line.
    End {
        /// The verdict; absent if there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        verdict: Option<RunVerdict>,
        /// The verdict's reason, or what went wrong.
        reason: String,
        /// The ids of the report's findings, those that known gaps let pass among them.
        findings: Vec<String>,
        /// The exit code of `run`.
        exit_code: u8,
    },
}

/// A finding in an event.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// Its id, the same in every run.
    pub id: String,
    /// The clause that is broken.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// How strongly the clause binds.
    pub stance: String,
    /// The operation that was called.
    pub operation: String,
    /// The finding in a short sentence.
    pub title: String,
}

impl From<&Divergence> for Found {
    fn from(divergence: &Divergence) -> Self {
        Self {
            id: bucket_id(&divergence.bucket()),
            clause: divergence.clause,
            stance: divergence.clause.stance().name().to_owned(),
            operation: divergence.operation.name().to_owned(),
            title: escape_for_people(&title(divergence)).into_owned(),
        }
    }
}

/// The JSON Schema of a line.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(EventLine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_up_to_date() {
        let schema = serde_json::to_value(schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/events.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
    }

    #[test]
    fn every_event_is_described_for_people() {
        let page = include_str!("../../../docs/events.md");
        let schema = serde_json::to_value(schema()).unwrap();
        let kinds = schema["oneOf"].as_array().unwrap();
        assert!(kinds.len() >= 7, "{schema:#}");
        for kind in kinds {
            let name = kind["properties"]["event"]["const"].as_str().unwrap();
            assert!(page.contains(&format!("| `{name}` |")), "docs/events.md doesn't have {name}");
        }
    }
}
