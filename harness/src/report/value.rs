//! The report as a value: everything that any of its forms shows.
//!
//! The target's texts are already escaped. Within a schema version, fields are added and never changed.

use mfa_reference::clause::ClauseId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::known_gaps::Day;

/// What a run says of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    pub schema_version: u32,
    /// The version of the tool that made the report.
    pub tool_version: String,
    /// The verdict.
    pub verdict: RunVerdict,
    /// The verdict's reason, in a sentence or two.
    pub verdict_reason: String,
    /// Why the target can't be judged, if it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
    /// What was tested.
    pub target: TargetInfo,
    /// The day on which it was made, as 2026-12-31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// The seed from which the sequences were drawn.
    pub seed: u64,
    /// Whether departures from Recorded clauses were divergences.
    pub strict: bool,
    /// The command that repeats the run.
    pub command: String,
    /// The options that name the target to `mfa-conformance replay`, and say how to reach it; empty for the embedded
    /// reference.
    pub target_option: String,
    /// The digest of the symbolic scenarios and the plan: the same for the same seed on the same target.
    pub scenario_digest: String,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// What was left out that the run was to test, a sentence each: without a finding, the run is inconclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// What cut the run short, as "stopped by --max-time" and "limited by --phase": without a finding, the run is
    /// inconclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_short: Vec<String>,
    /// Which part of the run it tells of, if it was divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardReport>,
    /// The run in figures.
    pub totals: Totals,
    /// The phases that were run, in order.
    pub phases: Vec<PhaseReport>,
    /// The operations under test.
    pub operations: Vec<OperationReport>,
    /// Every clause of the ledger.
    pub clauses: Vec<ClauseReport>,
    /// What differs from the documents: the strongest stance first, then by operation.
    pub findings: Vec<Finding>,
    /// What the documents leave open, and which reading the target took.
    pub open: Vec<OpenReading>,
    /// What a reader should know also.
    pub notes: Vec<Note>,
    /// Findings that were known before.
    pub known_gaps: Vec<KnownGap>,
    /// Clauses, or sides of clauses, that nothing of this run could break.
    pub not_tested: Vec<NotTested>,
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// Nothing differed from the documents, and enough was tested to say so.
    Pass,
    /// Something differed.
    Fail,
    /// Nothing differed, but too little was tested to say more.
    Inconclusive,
}

/// What was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// Its name: of the catalogue, or the endpoint's host.
    pub name: String,
    /// The URL of its endpoint; words for one that has none.
    pub endpoint: String,
    /// Its version, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// One part of a run that was divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardReport {
    /// Which, from 1.
    pub index: u64,
    /// Of how many.
    pub of: u64,
    /// The command that repeats the whole run; absent in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_command: Option<String>,
    /// What the findings of all parts are put together from.
    pub parts: Vec<Part>,
}

/// What was found as one cause, and may turn out to be another's finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The id of what it was found as, before it was shrunk.
    pub found_as: String,
    /// Whether its scenario showed nothing else before.
    pub alone: bool,
    /// The finding that it is.
    pub finding: Finding,
}

/// A run in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Scenarios played.
    pub scenarios: u64,
    /// Calls of the three operations.
    pub requests: u64,
    /// Calls that set up, observed or cleaned up.
    pub other_requests: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Clauses, those of no single operation included.
    pub clauses: ClauseCount,
}

/// How many clauses there are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseCount {
    /// Clauses that some request could have broken.
    pub tested: u64,
    /// Clauses that were broken.
    pub broken: u64,
    /// Clauses that requests can break at all.
    pub of: u64,
}

/// One phase of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseReport {
    /// Its name.
    pub name: String,
    /// Scenarios played.
    pub scenarios: u64,
    /// Calls of the three operations.
    pub requests: u64,
    /// Calls that set up, observed or cleaned up.
    pub other_requests: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One operation under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationReport {
    /// Its name: `EnableMFADevice`.
    pub name: String,
    /// Whether the target has it.
    pub present: bool,
    /// Calls that ended with a success.
    pub accepted: u64,
    /// Calls that ended with an error in the protocol.
    pub rejected: u64,
    /// Calls that ended otherwise.
    pub failed: u64,
    /// The clauses that speak of this operation alone.
    pub clauses: ClauseCount,
}

/// One clause of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseReport {
    /// Its id.
    #[schemars(with = "String")]
    pub id: ClauseId,
    /// What it requires; empty in reports of earlier versions.
    #[serde(default)]
    pub requires: String,
    /// How strongly it binds.
    pub stance: String,
    /// The operation that it speaks of, if it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How often it was tested.
    pub tested: Tested,
    /// Whether it was broken.
    pub broken: bool,
    /// Its state after the run; absent in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ClauseState>,
    /// What there is to know about its state: titles of findings, what the target does, why it was not tested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Why no request can decide it, if none can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
}

/// The state of a clause after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseState {
    /// It is broken.
    Fail,
    /// It is broken, and that was known.
    KnownGap,
    /// It may be broken: only one scenario showed that, and timing could explain it.
    Flaky,
    /// AWS was recorded to behave differently, which fails only a strict run.
    Departs,
    /// The documents leave it open, and the target follows a reading.
    #[serde(rename = "undocumented")]
    Open,
    /// It was tested and kept.
    Pass,
    /// No call tested it.
    NotTested,
    /// No request can break it.
    Untestable,
}

/// How often a clause was tested, by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// By calls that had to be carried out.
    pub accept: u64,
    /// By calls that had to be refused.
    pub reject: u64,
}

/// A reading that a target took of what the documents leave open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenReading {
    /// The clause.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// Contradicted or Silent.
    pub stance: String,
    /// What is open.
    pub question: String,
    /// What the target did.
    pub reading: String,
    /// How often.
    pub count: u64,
    /// The entry of the register of document defects, if the documents disagree there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
}

/// Something that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// What there is to know.
    pub text: String,
    /// The clause that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub clause: Option<ClauseId>,
    /// How often it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The command that mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// The run as a whole.
    Run,
    /// The target, as the probe found it.
    Probe,
    /// A departure from what AWS was recorded doing.
    Departure,
    /// Scenarios that were not judged to their end.
    Unfinished,
    /// Something that could not be deleted.
    Leftover,
}

/// An entry of a list of known gaps, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownGap {
    /// The id of the finding that it lets pass, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// That finding in a short sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What became of it.
    pub state: GapState,
    /// The clause that is broken.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// The operation that is called.
    pub operation: String,
    /// How it shows.
    pub shows: String,
    /// Why it is let pass.
    pub reason: String,
    /// Where it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it is let pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// What became of an entry of a list of known gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapState {
    /// It shows, and is let pass.
    Known,
    /// It shows, and its time is over.
    Expired,
    /// It no longer shows.
    Stale,
    /// It doesn't show, but not all was played.
    NotLookedFor,
}

/// A clause that nothing of the run could break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotTested {
    /// The clause.
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// Its sides that were not tested, if only one of two wasn't; empty for the whole clause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sides: Vec<String>,
    /// Why.
    pub reason: String,
}
