//! The options of each verb.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use mfa_reference::clause::{ClauseId, Stance};

use super::options::{EndpointArgs, JudgeArgs, ReportFile, RunArgs, report_file};
use super::values::{Time, shard, some_time, workers};
use crate::execute::{MAX_WAIT, SETTLE};
use crate::known_gaps::Day;
use crate::run::Shard;
use crate::run::options::{SEQUENCES, WORKERS};

/// How long fuzzing takes, by default.
pub const FUZZ_TIME: Time = Time(Duration::from_mins(2));

/// `fuzz`
#[derive(Args, Debug)]
pub struct FuzzArgs {
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// How replies are judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The number from which all changes are drawn. With one worker the same number makes the same changes, as long as
    /// the same comes back, which hangs on the clock as well.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many scenarios are played at once.
    #[arg(short = 'j', long, value_name = "N", default_value_t = WORKERS, value_parser = workers)]
    pub workers: usize,
    /// How long the run may take. The examples and the boundary table come first; where something is found, the last
    /// quarter is for shrinking.
    #[arg(long, value_name = "TIME", default_value_t = FUZZ_TIME, value_parser = some_time)]
    pub max_time: Time,
    /// Play one part: K/N, as 2/4 for the second of four, or /N as in `run`. Each part draws other numbers of the seed
    /// and plays its part of the boundary table. `report` merges the reports of the parts.
    #[arg(long, value_name = "K/N", default_value = "1/1", hide_default_value = true, value_parser = shard)]
    pub shard: Shard,
    /// Where the scenarios that showed something new are kept: the next run continues with them. Several processes may
    /// share the folder: each writes its new scenarios there and reads the others', every ten seconds. Findings are
    /// kept in `findings` there, one file for each, for `replay`.
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
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
    #[arg(long, value_name = "TIME", default_value_t = Time(MAX_WAIT))]
    pub max_wait: Time,
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
    /// Show each finding in full, undocumented behaviour, notes and untested clauses.
    #[arg(short, long)]
    pub verbose: bool,
    /// Write a report: json=FILE, junit=FILE, html=FILE, markdown=FILE or pytest=FILE. May be given several times.
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
        /// Print the ids alone, one a line, for programs.
        #[arg(long)]
        ids: bool,
    },
    /// Tell what a clause demands, where it is written and how it is tested.
    Explain {
        /// The clause's id, as `enable.code2.subsequent`.
        id: ClauseId,
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
}

/// `matrix`
#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 every target passes, 1 one fails, 3 one could not be installed, started or \
                        judged (it is a column that says why; this outranks a divergence), 2 usage.")]
pub struct MatrixArgs {
    /// The emulators, as `targets list` names them. What isn't installed is installed.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required_unless_present = "from")]
    pub targets: Vec<String>,
    /// JSON reports to compare: nothing is started then. May stand beside --targets.
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub from: Vec<PathBuf>,
    /// The folder for the matrix (HTML, Markdown, JSON) and each target's own report; without --site, `matrix`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The folder of a static site: the matrix, a page for each target and version, badges, and a history. Earlier
    /// results there are kept.
    #[arg(long, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// The number from which all sequences are drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many sequences are drawn for each target.
    #[arg(long, value_name = "N", default_value_t = SEQUENCES)]
    pub scenarios: u64,
    /// How many scenarios are played at once.
    #[arg(short = 'j', long, value_name = "N", default_value_t = WORKERS, value_parser = workers)]
    pub workers: usize,
    /// How long to wait on each target for codes that nobody has used yet.
    #[arg(long, value_name = "TIME", default_value_t = Time(MAX_WAIT))]
    pub max_wait: Time,
    /// How long a listing may take to show what was done. Targets that list wrongly are waited for again and again.
    #[arg(long, value_name = "TIME", default_value_t = Time(SETTLE))]
    pub settle: Time,
    /// Where emulators are installed; `MFA_CONFORMANCE_CACHE`, else the user's cache folder.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

/// `known-gaps …`
#[derive(Debug, Subcommand)]
pub enum KnownGapsVerb {
    /// Run, and bring a list up to date: what is new is added, what no longer shows is taken out, comments and order stay.
    Update {
        /// The list; it is made if it isn't there.
        file: PathBuf,
        /// The last day on which what is new is let pass, as 2026-12-31; without it, there is none.
        #[arg(long, value_name = "DAY")]
        expires: Option<Day>,
        /// How to run.
        #[command(flatten)]
        run: Box<RunArgs>,
    },
    /// Tell what a list lets pass, and until when. Exit code 1 if something in it has expired.
    Check {
        /// The list.
        file: PathBuf,
    },
}

/// How a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Terminal,
    /// The whole report, for programs and for this verb.
    Json,
    /// JUnit XML, a case for each clause.
    Junit,
    /// A page that needs nothing else.
    Html,
    /// Text for pull requests and summaries.
    Markdown,
    /// Tests for pytest, one for each finding, to put into the target's repository.
    Pytest,
    /// One finding as a bug report for the target's tracker.
    Issue,
}

/// `report`
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// A report that `--report json=FILE` wrote; or those of all the shards of a run, which are put together.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Show this finding alone, by its id: as text, or with `--format issue` for its tracker.
    #[arg(long, value_name = "ID")]
    pub finding: Option<String>,
    /// Let the findings of this list pass, as `run --known-gaps` does.
    #[arg(long, value_name = "FILE")]
    pub known_gaps: Option<PathBuf>,
    /// Show each finding in full, undocumented behaviour, notes and untested clauses.
    #[arg(short, long)]
    pub verbose: bool,
    /// Exit as the run would have: 0 PASS, 1 FAIL, 3 INCONCLUSIVE.
    #[arg(long)]
    pub check: bool,
    /// Write it to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `snapshot …`
#[derive(Debug, Subcommand)]
pub enum SnapshotVerb {
    /// Write down what a target answers to the examples and to fixed sequences.
    Record(SnapshotArgs),
    /// Tell where a target answers otherwise than was written down: exit code 1, and a `.snap.new` beside each snapshot.
    Check {
        /// Which, and where.
        #[command(flatten)]
        snapshot: SnapshotArgs,
        /// Write down what has changed.
        #[arg(long)]
        accept: bool,
    },
}

/// Which snapshots of what.
#[derive(Args, Debug)]
pub struct SnapshotArgs {
    /// Where the snapshots are; each target has a folder of its own there.
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub dir: PathBuf,
    /// The name of the target's folder; without it, the target's own, or what its URL says.
    #[arg(long)]
    pub name: Option<String>,
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

/// `cleanup`
#[derive(Args, Debug)]
pub struct CleanupArgs {
    /// What the names to be deleted begin with; a run tells its prefix.
    #[arg(long, default_value = "mfac-", value_parser = cleanup_prefix)]
    pub prefix: String,
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

fn cleanup_prefix(text: &str) -> Result<String, String> {
    if text.starts_with("mfac-") {
        return Ok(text.to_owned());
    }
    Err("every name that a run creates begins with mfac-; so must this prefix".to_owned())
}
