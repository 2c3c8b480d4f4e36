//! What a report says about a run beyond its result: the target and the command.

use std::path::PathBuf;

use super::value::TargetInfo;
use crate::transport::http::ExtraHeader;

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
    /// The options that name the target in a replay, and say how to reach it: `--endpoint-url http://127.0.0.1:5000`,
    /// `--target moto`; empty for the embedded reference.
    pub target_option: String,
    /// How scripts reach the target.
    pub access: Access,
}

/// What a script needs to reach the target, beyond its URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The file of the certificates that the run trusted.
    pub ca_file: Option<PathBuf>,
    /// The headers of every request.
    pub headers: Vec<ExtraHeader>,
    /// The run's own key.
    pub key: OwnKey,
}

/// The key that signs what the run itself asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OwnKey {
    /// Not one of AWS: `test`.
    #[default]
    Dummy,
    /// One that the user gave.
    Given {
        /// The profile that it came from; `None` for the environment.
        profile: Option<String>,
        /// Whether a session token belongs to it.
        has_token: bool,
    },
}
