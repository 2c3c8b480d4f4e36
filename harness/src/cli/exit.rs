//! Exit codes, and the errors behind them.

use std::process::ExitCode;

/// The target passes, apart from known gaps.
pub const PASS: u8 = 0;
/// The target fails.
pub const FAIL: u8 = 1;
/// The command line, a file or the configuration is wrong.
pub const USAGE: u8 = 2;
/// The target could not be judged.
pub const INCONCLUSIVE: u8 = 3;
/// This program has a defect.
pub const INTERNAL: u8 = 70;

/// Why a verb has no result, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What went wrong with which input, and what to do.
    pub error: anyhow::Error,
}

impl Failure {
    /// The user's input is wrong.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: USAGE, error: error.into() }
    }

    /// The target could not be judged.
    pub fn inconclusive(error: impl Into<anyhow::Error>) -> Self {
        Self { code: INCONCLUSIVE, error: error.into() }
    }

    /// This program has a defect.
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self { code: INTERNAL, error: error.into() }
    }
}

/// The result of a verb: its exit code, or why it has no result.
pub type Outcome = Result<u8, Failure>;

/// The process's exit code.
#[must_use]
pub fn exit_code(outcome: &Outcome) -> ExitCode {
    ExitCode::from(match outcome {
        Ok(code) => *code,
        Err(failure) => failure.code,
    })
}
