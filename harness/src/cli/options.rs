//! Options that several verbs share.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, ValueEnum};
use mfa_reference::clause::ClauseId;

use super::values::{Time, shard, some_time, workers};
use crate::execute::{MAX_WAIT, SETTLE};
use crate::report::{header_word, quoted};
use crate::run::Shard;
use crate::run::options::{SEQUENCES, WORKERS};
use crate::run::result::Phase;
use crate::transport::http::ExtraHeader;

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
    /// Trust the certificates of this file (PEM), and no others, for an https endpoint. Without it `SSL_CERT_FILE`, then
    /// the certificates that this machine trusts.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Sign with the keys of this profile of the AWS CLI. Any endpoint gets the id of its key and its session token.
    #[arg(long, value_name = "NAME", conflicts_with = "env_credentials")]
    pub profile: Option<String>,
    /// Sign with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` even if they are those of an AWS
    /// account. Without it only AWS itself gets such a key's id or a token.
    #[arg(long)]
    pub env_credentials: bool,
    /// Send this header with every request, as 'X-Team: blue'. Reports don't print the value if the name looks like a
    /// secret's (key, token, auth, cookie …). May be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<ExtraHeader>,
    /// Requests a second, at most.
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<std::num::NonZeroU32>,
    /// How long a request may take.
    #[arg(long, value_name = "TIME", default_value_t = REQUEST_TIMEOUT, value_parser = some_time)]
    pub request_timeout: Time,
    /// Where emulators are installed; `MFA_CONFORMANCE_CACHE`, else the user's cache folder.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

impl EndpointArgs {
    /// The given options on how to reach the endpoint, each after a blank. Values that look secret are read from the
    /// environment by the shell.
    pub(super) fn reaching(&self) -> String {
        let hosts = self.allow_host.iter().map(|host| format!(" --allow-host {}", quoted(host)));
        let aws = self.allow_aws.then(|| " --allow-aws".to_owned());
        let ca = self.ca_file.as_ref().map(|file| format!(" --ca-file {}", quoted(&file.display().to_string())));
        let profile = self.profile.as_ref().map(|name| format!(" --profile {}", quoted(name)));
        let environment = self.env_credentials.then(|| " --env-credentials".to_owned());
        let headers = self.header.iter().map(|header| format!(" --header {}", header_word(header)));
        let rate = self.rate_limit.map(|rate| format!(" --rate-limit {rate}"));
        let timeout = self.request_timeout;
        let timeout = (timeout != REQUEST_TIMEOUT).then(|| format!(" --request-timeout {timeout}"));
        let first = hosts.chain(aws).chain(ca).chain(profile).chain(environment);
        first.chain(headers).chain(rate).chain(timeout).collect()
    }
}

/// How replies are judged, and how the result is shown.
#[derive(Args, Clone, Debug)]
pub struct JudgeArgs {
    /// Also fail where AWS was recorded to do otherwise although the documents are silent.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value_t = false, hide_default_value = true, hide_possible_values = true, action = ArgAction::Set)]
    pub strict: bool,
    /// Show each finding in full, undocumented behaviour, notes and untested clauses.
    #[arg(short, long)]
    pub verbose: bool,
    /// How long a listing may take to show what was done.
    #[arg(long, value_name = "TIME", default_value_t = Time(SETTLE))]
    pub settle: Time,
    /// Write a report: json=FILE, junit=FILE, html=FILE, markdown=FILE or pytest=FILE. May be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
}

/// How long a request may take, by default.
pub const REQUEST_TIMEOUT: Time = Time(Duration::from_secs(10));

/// Which part of a run is played.
#[derive(Args, Debug)]
pub struct PartArgs {
    /// Test each clause once, in as few calls as that takes, and wait for no codes. With --max-time the rest of the run
    /// follows, as far as the time allows.
    #[arg(long, conflicts_with_all = ["phase", "clause", "shard"])]
    pub quick: bool,
    /// Play one part of the run: K/N, as 2/4 for the second of four; /N takes K from `JOB_COMPLETION_INDEX`, which
    /// Kubernetes sets in the pods of an Indexed Job. `report` puts the parts' reports together.
    #[arg(long, value_name = "K/N", default_value = "1/1", hide_default_value = true, value_parser = shard)]
    pub shard: Shard,
    /// How long the run may take, shrinking and clean-up included. Where something is found, the last quarter is for
    /// shrinking. Clean-up of a target that becomes slow may take ten seconds more.
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<Time>,
    /// Go through this phase alone, after the probe. May be given several times.
    #[arg(long, value_name = "NAME",
          value_parser = PossibleValuesParser::new(Phase::ALL.into_iter().skip(1).map(Phase::name)))]
    pub phase: Vec<String>,
    /// Look at this clause alone.
    #[arg(long, value_name = "ID")]
    pub clause: Option<ClauseId>,
    /// Begin no further scenario after the first finding.
    #[arg(long)]
    pub fail_fast: bool,
}

/// `run`
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// How replies are judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Which part is played.
    #[command(flatten)]
    pub part: PartArgs,
    /// How long to wait altogether for codes that nobody has used yet.
    #[arg(long, value_name = "TIME", default_value_t = Time(MAX_WAIT))]
    pub max_wait: Time,
    /// The number from which all sequences are drawn: the same number, the same sequences.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many sequences are drawn.
    #[arg(long, value_name = "N", default_value_t = SEQUENCES)]
    pub scenarios: u64,
    /// How many scenarios are played at once.
    #[arg(short = 'j', long, value_name = "N", default_value_t = WORKERS, value_parser = workers)]
    pub workers: usize,
    /// Leave findings as they were found: neither shrunk nor confirmed.
    #[arg(long)]
    pub no_shrink: bool,
    /// Let the findings of this list pass; fail on others, on what no longer shows, and on what has expired. See
    /// `known-gaps update`.
    #[arg(long, value_name = "FILE")]
    pub known_gaps: Option<PathBuf>,
    /// Write the run's events as they happen, a line of JSON each: see docs/events.md. With - they go to standard
    /// output, and the report to standard error.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Print what would be played, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The file with the options that neither this command line nor the environment gives; without it,
    /// mfa-conformance.toml in the current folder, if there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How a report is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// The whole report, for programs.
    Json,
    /// JUnit XML, a case for each clause.
    Junit,
    /// A page that needs nothing else.
    Html,
    /// Text for pull requests and summaries.
    Markdown,
    /// Tests for pytest, one for each finding.
    Pytest,
}

/// A requested report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// How.
    pub format: FileFormat,
    /// Where it goes.
    pub file: PathBuf,
}

/// Reads `FORMAT=FILE`.
pub(super) fn report_file(text: &str) -> Result<ReportFile, String> {
    let known = "there are json, junit, html, markdown and pytest, as in json=report.json";
    let Some((name, file)) = text.split_once('=') else {
        return Err(format!("give the format and the file: {known}"));
    };
    if file.is_empty() {
        return Err(format!("give a file after {name}=: {known}"));
    }
    let format = FileFormat::from_str(name, false).map_err(|_| format!("no report format {name:?}: {known}"))?;
    Ok(ReportFile { format, file: PathBuf::from(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_file_is_a_format_and_a_file() {
        let html = ReportFile { format: FileFormat::Html, file: "a=b.html".into() };
        assert_eq!(report_file("html=a=b.html"), Ok(html));
        for (text, words) in [
            ("json", "give the format and the file: there are json"),
            ("json=", "give a file after json=: there are json"),
            ("terminal=x", "no report format \"terminal\": there are json"),
            ("issue=x", "no report format \"issue\""),
            ("HTML=x", "no report format \"HTML\""),
        ] {
            assert!(report_file(text).unwrap_err().contains(words), "{text}");
        }
    }
}
