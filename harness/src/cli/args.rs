//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use mfa_reference::clause::{ClauseId, Stance};

use super::cleanup::CleanupArgs;
use super::fuzz::FuzzArgs;
use super::known_gaps::KnownGapsVerb;
use super::matrix::MatrixArgs;
use super::report::{ReportArgs, ReportFile, report_file};
use super::snapshot::SnapshotVerb;
use super::values::{duration, shard, some_time, workers};
use crate::run::Shard;

/// Tells which documented sentences of AWS IAM's MFA operations an endpoint breaks, and the shortest sequence of calls
/// that shows each.
#[derive(Debug, Parser)]
#[command(
    name = "mfa-conformance",
    version,
    after_help = "Exit codes: 0 conforms, 1 diverges, 2 usage, 3 inconclusive, 70 internal error.\n\n\
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
    /// Serve the reference over HTTP, or a service that differs from it.
    ///
    /// It implements the operations that a run calls: EnableMFADevice, ResyncMFADevice, DeactivateMFADevice, and those
    /// that create, change, list and delete users, virtual MFA devices and access keys. It answers any other Action as
    /// AWS answers an unknown one, with 400 `InvalidAction`. It checks no signature. A call is signed by a user if the
    /// access key is one that this service has created, and by an administrator otherwise; a key that it has deleted is
    /// refused with 403 `InvalidClientTokenId`.
    Serve(ServeArgs),
    /// Services that are known to be wrong, and how well a run tells them.
    #[command(subcommand)]
    Faults(FaultsVerb),
    /// Services that differ from the reference and conform.
    #[command(subcommand)]
    Variants(VariantsVerb),
    /// Delete what an interrupted run has left on an endpoint.
    Cleanup(CleanupArgs),
    /// Print the JSON Schema of a file format.
    Schema {
        /// Which format.
        #[arg(value_parser = PossibleValuesParser::new(["scenario", "recording", "report", "matrix", "targets", "known-gaps", "config"]))]
        format: String,
    },
    /// Print what this program takes IAM's API for, as JSON: to hold it against another implementation.
    #[command(hide = true)]
    Protocol,
    /// Print a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// Which endpoint, and how to talk to it.
#[derive(Args, Clone, Debug)]
pub struct EndpointArgs {
    /// The endpoint's URL. Without it and without --target: `AWS_ENDPOINT_URL_IAM`, then `AWS_ENDPOINT_URL`, then the
    /// embedded reference.
    #[arg(long, value_name = "URL", conflicts_with = "target")]
    pub endpoint_url: Option<String>,
    /// A known emulator: started on a free port, stopped in the end. See `targets list`.
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// A host other than this machine that may be talked to. May be given several times.
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
    /// Allow AWS itself: it costs real resources of the account whose credentials are given.
    #[arg(long)]
    pub allow_aws: bool,
    /// Requests a second, at most.
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<std::num::NonZeroU32>,
    /// How long a request may take.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = some_time)]
    pub request_timeout: Duration,
    /// Where emulators are installed; `MFA_CONFORMANCE_CACHE`, else the user's cache folder.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

/// How replies are judged.
#[derive(Args, Clone, Debug)]
pub struct JudgeArgs {
    /// Also fail where AWS was recorded to do otherwise although the documents are silent.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value_t = false, hide_default_value = true, hide_possible_values = true, action = ArgAction::Set)]
    pub strict: bool,
    /// How long a listing may take to show what was done.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub settle: Duration,
    /// Write a report: json=FILE, junit=FILE, html=FILE or markdown=FILE. May be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
}

/// How many scenarios are played at once, unless something else is asked for.
pub const WORKERS: usize = 8;

/// `run`
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// How replies are judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// How long to wait altogether for codes that nobody has used yet.
    #[arg(long, value_name = "TIME", default_value = "95s", value_parser = duration)]
    pub max_wait: Duration,
    /// The number from which all sequences are drawn: the same number, the same sequences.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many sequences are drawn.
    #[arg(long, value_name = "N", default_value_t = 900)]
    pub scenarios: u64,
    /// Play one part of the run: K/N, as 2/4 for the second of four; /N takes K from `JOB_COMPLETION_INDEX`, which
    /// Kubernetes sets in the pods of an Indexed Job. `report` puts the parts' reports together.
    #[arg(long, value_name = "K/N", default_value = "1/1", hide_default_value = true, value_parser = shard)]
    pub shard: Shard,
    /// How many scenarios are played at once.
    #[arg(short = 'j', long, value_name = "N", default_value_t = WORKERS, value_parser = workers)]
    pub workers: usize,
    /// Begin no further scenario after this long.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_time: Option<Duration>,
    /// Go through this phase alone, after the probe. May be given several times.
    #[arg(long, value_name = "NAME",
          value_parser = PossibleValuesParser::new(["examples", "boundary", "sequences", "serial"]))]
    pub phase: Vec<String>,
    /// Look at this clause alone.
    #[arg(long, value_name = "ID")]
    pub clause: Option<ClauseId>,
    /// Begin no further scenario after the first finding.
    #[arg(long)]
    pub fail_fast: bool,
    /// Leave findings as they were found: neither shrunk nor confirmed.
    #[arg(long)]
    pub no_shrink: bool,
    /// Let the findings of this list pass; fail on others, on what no longer shows, and on what has expired. See
    /// `known-gaps update`.
    #[arg(long, value_name = "FILE")]
    pub known_gaps: Option<PathBuf>,
    /// Print what would be played, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The file with the options that neither this command line nor the environment gives; without it,
    /// mfa-conformance.toml in the current folder, if there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `replay`
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// The scenario file.
    pub file: PathBuf,
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// How replies are judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// How long to wait altogether for codes that nobody has used yet.
    #[arg(long, value_name = "TIME", default_value = "95s", value_parser = duration)]
    pub max_wait: Duration,
}

/// `judge`
#[derive(Args, Debug)]
pub struct JudgeRecordingsArgs {
    /// The files of recorded histories. See `mfa-conformance schema recording`.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Also fail where AWS was recorded to do otherwise although the documents are silent.
    #[arg(long)]
    pub strict: bool,
    /// Write a report: json=FILE, junit=FILE, html=FILE or markdown=FILE. May be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
}

/// `clauses …`
#[derive(Debug, Subcommand)]
pub enum ClausesVerb {
    /// List the clauses.
    List {
        /// Of one operation alone.
        #[arg(long, value_parser = PossibleValuesParser::new(["enable", "resync", "deactivate"]))]
        operation: Option<String>,
        /// Of one stance alone: stated, implied, protocol, recorded, contradicted or silent.
        #[arg(long)]
        stance: Option<Stance>,
    },
    /// Tell what a clause demands, where it is written and how it is tested.
    Explain {
        /// The clause's id, as `enable.code2.subsequent`.
        id: ClauseId,
    },
    /// Print what covers each clause: scenarios, tests, faults, variants, or the reason that nothing can. Exit code 1
    /// if a clause has neither.
    Coverage {
        /// The folder of this program's repository, where the tests are.
        #[arg(long, value_name = "DIR", default_value = ".")]
        sources: PathBuf,
    },
}

/// `targets …`
#[derive(Debug, Subcommand)]
pub enum TargetsVerb {
    /// List the known emulators.
    List {
        /// Where emulators are installed.
        #[arg(long, value_name = "DIR")]
        cache_dir: Option<PathBuf>,
    },
    /// Install one, pinned, into a folder of its own.
    Install {
        /// Its name.
        name: String,
        /// Where emulators are installed.
        #[arg(long, value_name = "DIR")]
        cache_dir: Option<PathBuf>,
    },
    /// Start one and keep it running until Ctrl-C.
    Start {
        /// Its name.
        name: String,
        /// Where emulators are installed.
        #[arg(long, value_name = "DIR")]
        cache_dir: Option<PathBuf>,
    },
}

/// `serve`
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 4599)]
    pub port: u16,
    /// The number from which ids and seeds are drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Serve a service with this fault. See `faults list`.
    #[arg(long, value_name = "NAME", conflicts_with = "variant")]
    pub fault: Option<String>,
    /// Serve this variant, which conforms. See `variants list`.
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
}

/// `faults …`
#[derive(Debug, Subcommand)]
pub enum FaultsVerb {
    /// List the faults.
    List,
    /// Tell how many faults a run finds, after how many calls, and that it flags no variant.
    Score(ScoreArgs),
}

/// `faults score`
#[derive(Args, Debug)]
pub struct ScoreArgs {
    /// How many seeds each fault and each variant is tried with; 3 and 5 if it isn't given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: Option<u64>,
    /// Only the faults with a name like this (`*` stands for any text), and no variants.
    #[arg(long, value_name = "PATTERN")]
    pub faults: Option<String>,
    /// Only the variants with a name like this, and no faults unless --faults is given, too.
    #[arg(long, value_name = "PATTERN")]
    pub variants: Option<String>,
    /// Write the score as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// How many sequences a run draws at most.
    #[arg(long, value_name = "N", default_value_t = 900)]
    pub sequences: u64,
}

/// `variants …`
#[derive(Debug, Subcommand)]
pub enum VariantsVerb {
    /// List the variants.
    List,
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
