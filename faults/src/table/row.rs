//! The rows of the tables.

use mfa_reference::clause::ClauseId;
use serde::Deserialize;

use crate::does::service::Does;
use crate::entry::Difficulty;
use crate::table::batch::Batch;

/// A table of faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultTable {
    #[serde(rename = "fault")]
    pub(super) faults: Vec<FaultRow>,
}

/// A table of variants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantTable {
    #[serde(rename = "variant")]
    pub(super) variants: Vec<VariantRow>,
}

/// A fault as a table writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultRow {
    pub(super) name: String,
    pub(super) batch: Batch,
    pub(super) difficulty: Difficulty,
    pub(super) what: String,
    pub(super) breaks: ClauseId,
    #[serde(default)]
    pub(super) also: Vec<ClauseId>,
    /// Why the clauses of `also` are accepted.
    #[serde(default)]
    pub(super) because: Option<String>,
    /// What its service does. If absent, a function of its name makes the service.
    #[serde(default)]
    pub(super) does: Option<Does>,
}

/// A variant as a table writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantRow {
    pub(super) name: String,
    pub(super) batch: Batch,
    pub(super) what: String,
    #[serde(default)]
    pub(super) departs: Vec<ClauseId>,
    /// Whether it departs from nothing else, not even from what the documented service departs from.
    #[serde(default)]
    pub(super) exactly: bool,
    #[serde(default)]
    pub(super) because: Option<String>,
    #[serde(default)]
    pub(super) does: Option<Does>,
}

/// The departures of the documented service: AWS was recorded to be stricter.
const DOCUMENTED: &[ClauseId] = &[
    ClauseId::EnableCodesWindow,
    ClauseId::EnableCodesOrder,
    ClauseId::EnableSelfManagement,
    ClauseId::ResyncCodesWindow,
    ClauseId::ResyncCodesOrder,
    ClauseId::DeactivateSelfManagement,
];

impl VariantRow {
    /// All Recorded clauses that it departs from.
    pub(super) fn all_departs(&self) -> Vec<ClauseId> {
        let documented = if self.exactly { &[] } else { DOCUMENTED };
        self.departs.iter().chain(documented).copied().collect()
    }
}
