//! What a report says of a run beyond its result: what was tested, and by which command.

use super::value::TargetInfo;

/// What was tested, and how to do it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What was tested.
    pub target: TargetInfo,
    /// The seed from which the sequences were drawn.
    pub seed: u64,
    /// Whether departures from Recorded clauses were divergences.
    pub strict: bool,
    /// The options by which the run was to leave something out: `--phase`, `--clause`.
    pub limits: Vec<String>,
    /// The command that repeats the whole run: `mfa-conformance run …`. One shard of it takes `--shard` as well.
    pub command: String,
    /// The option that names the target to a replay: `--endpoint-url http://127.0.0.1:5000`, `--target moto`; empty for
    /// the embedded reference.
    pub target_option: String,
}
