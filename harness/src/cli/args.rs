//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};

use super::options::RunArgs;
use super::verbs::{
    ClausesVerb, CleanupArgs, FuzzArgs, JudgeRecordingsArgs, KnownGapsVerb, MatrixArgs, ReplayArgs, ReportArgs,
    ServeArgs, SnapshotVerb, TargetsVerb,
};

/// Tells which documented sentences of AWS IAM's MFA operations an endpoint breaks, and the shortest sequence of calls
/// that shows each.
#[derive(Debug, Parser)]
#[command(
    name = "mfa-conformance",
    version,
    after_help = "Exit codes: 0 PASS, 1 FAIL, 2 usage, 3 INCONCLUSIVE, 70 internal error.\n\n\
                  First steps:\n  \
                  mfa-conformance run                          judge the reference that is built in\n  \
                  mfa-conformance targets install moto         install a known emulator\n  \
                  mfa-conformance run --target moto            start it, judge it, stop it\n  \
                  mfa-conformance run --endpoint-url http://127.0.0.1:5000\n  \
                  mfa-conformance clauses explain enable.codes-recognised"
)]
pub struct Cli {
    /// Whether output is coloured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Whether output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// If it goes to a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Judge an endpoint: probe, examples, boundary table, generated sequences.
    Run(Box<RunArgs>),
    /// Look for divergences beyond those that `run` finds: change scenarios at random, led by what is new about the replies.
    Fuzz(Box<FuzzArgs>),
    /// Play one scenario file on an endpoint and judge what comes back.
    Replay(ReplayArgs),
    /// Judge recorded answers without a target: histories of AWS, or others in the same format.
    Judge(JudgeRecordingsArgs),
    /// Compare several emulators: judge one after another, and put them side by side.
    Matrix(MatrixArgs),
    /// The findings of a target that are known, and let pass.
    #[command(subcommand)]
    KnownGaps(KnownGapsVerb),
    /// Show a report that was written as JSON in another form, or one of its findings as a bug report.
    Report(ReportArgs),
    /// Golden snapshots: what a target answers, written down and compared.
    #[command(subcommand)]
    Snapshot(SnapshotVerb),
    /// The clauses that endpoints are judged by.
    #[command(subcommand)]
    Clauses(ClausesVerb),
    /// The emulators that can be installed and started.
    #[command(subcommand)]
    Targets(TargetsVerb),
    /// Serve the reference over HTTP.
    ///
    /// It implements the operations that a run calls: EnableMFADevice, ResyncMFADevice, DeactivateMFADevice, and those
    /// that create, change, list and delete users, virtual MFA devices and access keys. It answers any other Action as
    /// AWS answers an unknown one, with 400 `InvalidAction`. It checks no signature. A call is signed by a user if the
    /// access key is one that this service has created, and by an administrator otherwise; a key that it has deleted is
    /// refused with 403 `InvalidClientTokenId`.
    Serve(ServeArgs),
    /// Delete what an interrupted run has left on an endpoint.
    Cleanup(CleanupArgs),
    /// Print the JSON Schema of a file format.
    Schema {
        /// Which format.
        #[arg(value_parser = PossibleValuesParser::new(["scenario", "recording", "report", "matrix", "targets", "known-gaps", "config", "events"]))]
        format: String,
    },
    /// Print what this program takes IAM's API for, as JSON: to hold it against another implementation.
    #[command(hide = true)]
    Protocol,
    /// Write the manual pages into a folder, one for each command.
    #[command(hide = true)]
    Man {
        /// The folder, which has to exist.
        folder: PathBuf,
    },
    /// Print a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_clause_is_told_with_what_is_near() {
        let error = Cli::try_parse_from(["mfa-conformance", "clauses", "explain", "enable.fresh-pear"]).unwrap_err();
        assert!(error.to_string().contains("enable.fresh-pair"), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}
