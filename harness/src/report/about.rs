//! What a report says about a run beyond its result: the target and the command.

use super::value::TargetInfo;

/// The target, and how to repeat the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What was tested.
    pub target: TargetInfo,
    /// The seed of the sequences.
    pub seed: u64,
    /// Whether departures from Recorded clauses were divergences.
    pub strict: bool,
    /// The options that made the run leave something out: `--phase`, `--clause`.
    pub limits: Vec<String>,
    /// The command that repeats the whole run: `mfa-conformance run …`. A shard needs `--shard` too.
    pub command: String,
    /// The option that names the target in a replay: `--endpoint-url http://127.0.0.1:5000`, `--target moto`; empty for
    /// the embedded reference.
    pub target_option: String,
}
