//! The file `mfa-conformance.toml`: options of a run that a team sets once.
//!
//! The command line wins over the environment, which wins over the file. Options that leave out a part of a run exist
//! only on the command line, since a file would hide them. So does `--allow-aws`.

use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::args::Verb;
use super::console::say;
use super::exit::Failure;
use super::options::{ReportFile, RunArgs, report_file};
use super::target_session::endpoint_of_environment;
use super::values::{Time, some_time, workers};
use super::verbs::KnownGapsVerb;

/// The file that is read from the current folder, if it exists.
const IN_THIS_FOLDER: &str = "mfa-conformance.toml";

/// Options of `run` and of `known-gaps update`, under the names that they have on the command line. Paths are relative
/// to the file's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The known emulator to start.
    target: Option<String>,
    /// The endpoint's URL, in place of a target.
    #[schemars(with = "Option<String>")]
    endpoint_url: Option<Spanned<String>>,
    /// Hosts other than this machine that may be talked to.
    allow_host: Vec<String>,
    /// Requests a second, at most.
    rate_limit: Option<NonZeroU32>,
    /// How long a request may take.
    #[serde(deserialize_with = "some_time_of")]
    #[schemars(with = "Option<String>", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    request_timeout: Option<Time>,
    /// Where emulators are installed.
    cache_dir: Option<PathBuf>,
    /// Whether to fail, too, where AWS was recorded to do otherwise although the documents are silent.
    strict: Option<bool>,
    /// How long a listing may take to show what was done.
    #[schemars(with = "Option<String>", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    settle: Option<Time>,
    /// How long to wait altogether for codes that nobody has used yet.
    #[schemars(with = "Option<String>", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    max_wait: Option<Time>,
    /// Reports to write, as `json=report.json`.
    #[serde(deserialize_with = "reports_of")]
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^(json|junit|html|markdown)=.+$")))]
    report: Vec<ReportFile>,
    /// The number from which all sequences are drawn.
    seed: Option<u64>,
    /// How many sequences are drawn.
    scenarios: Option<u64>,
    /// How many scenarios are played at once.
    #[serde(deserialize_with = "workers_of")]
    #[schemars(with = "Option<usize>", range(min = 1, max = 512))]
    workers: Option<usize>,
    /// The list of findings to let pass; `known-gaps update` takes the file that it is given instead.
    known_gaps: Option<PathBuf>,
}

/// Why a file of options can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{file}: {error}. Give another file with --config, or mend its rights")]
    Io {
        /// The file.
        file: String,
        /// What is wrong.
        error: std::io::Error,
    },
    /// The file's content is wrong.
    #[error("{file}: line {line}: {problem}. `mfa-conformance schema config` describes the format")]
    Format {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the key.
        problem: String,
    },
    /// The file allows other hosts, and `--config` doesn't name it.
    #[error(
        "{0}: `allow-host` counts only in a file that --config names: whoever ran in its folder would send requests to \
         another machine unawares. Take the key out, or give --config {0}"
    )]
    Unnamed(String),
}

impl Config {
    /// Reads a file's text. `file` names it in errors.
    ///
    /// # Errors
    /// The text is not TOML, has an unknown key or a value of another type, or names both a target and an endpoint.
    pub fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        let wrong = |at: usize, problem: String| {
            let line = 1 + text.get(..at).unwrap_or(text).matches('\n').count();
            ConfigError::Format { file: file.to_owned(), line, problem }
        };
        let config: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let problem = match key_at(text, at) {
                None => error.message().to_owned(),
                Some(key) if key == "allow-aws" => {
                    "`allow-aws` can't stand in a file: whoever ran in its folder would \
                    spend real resources of an AWS account unawares. Take the line out, and give --allow-aws on the \
                    command line each time"
                        .to_owned()
                }
                Some(key) => format!("`{key}`: {}", error.message()),
            };
            wrong(at, problem)
        })?;
        match (&config.target, &config.endpoint_url) {
            (Some(_), Some(url)) => {
                let problem = "`endpoint-url`: there is a `target`, too: take one of the two out";
                Err(wrong(url.span().start, problem.to_owned()))
            }
            (None, _) | (_, None) => Ok(config),
        }
    }

    /// The allowed options of a file: one that just lies in the folder must not allow other hosts.
    fn trusted(self, file: &str, is_named: bool) -> Result<Self, ConfigError> {
        if is_named || self.allow_host.is_empty() { Ok(self) } else { Err(ConfigError::Unnamed(file.to_owned())) }
    }

    /// Sets the options that the command line and the environment don't. `given` returns whether the command line has
    /// an option of this id.
    fn fill(self, folder: &Path, args: &mut RunArgs, given: impl Fn(&str) -> bool, environment: Environment) {
        let (endpoint, judge) = (&mut args.endpoint, &mut args.judge);
        if !given("target") && !given("endpoint_url") && !environment.has_endpoint {
            endpoint.target = self.target;
            endpoint.endpoint_url = self.endpoint_url.map(Spanned::into_inner);
        }
        if !environment.has_cache {
            set(&mut endpoint.cache_dir, given("cache_dir"), self.cache_dir.map(|dir| Some(folder.join(dir))));
        }
        let hosts = Some(self.allow_host).filter(|hosts| !hosts.is_empty());
        set(&mut endpoint.allow_host, given("allow_host"), hosts);
        set(&mut endpoint.rate_limit, given("rate_limit"), self.rate_limit.map(Some));
        set(&mut endpoint.request_timeout, given("request_timeout"), self.request_timeout);
        set(&mut judge.strict, given("strict"), self.strict);
        set(&mut judge.settle, given("settle"), self.settle);
        set(&mut args.max_wait, given("max_wait"), self.max_wait);
        let reports = self.report.into_iter().map(|ReportFile { format, file }| {
            let file = folder.join(file);
            ReportFile { format, file }
        });
        set(&mut judge.report, given("report"), Some(reports.collect()).filter(|files: &Vec<_>| !files.is_empty()));
        set(&mut args.seed, given("seed"), self.seed);
        set(&mut args.scenarios, given("scenarios"), self.scenarios);
        set(&mut args.workers, given("workers"), self.workers);
        set(&mut args.known_gaps, given("known_gaps"), self.known_gaps.map(|file| Some(folder.join(file))));
    }
}

/// What the environment sets.
#[derive(Clone, Copy, Debug, Default)]
struct Environment {
    has_endpoint: bool,
    has_cache: bool,
}

fn set<T>(place: &mut T, is_given: bool, value: Option<T>) {
    if let Some(value) = value
        && !is_given
    {
        *place = value;
    }
}

/// Sets the options of a verb that runs, from the file that `--config` names, or else from the current folder's file,
/// if any.
pub(super) fn configure(verb: &mut Verb, matches: &ArgMatches) -> Result<(), Failure> {
    let (args, is_update) = if let Verb::Run(args) = verb {
        (args, false)
    } else if let Verb::KnownGaps(KnownGapsVerb::Update { run, .. }) = verb {
        (run, true)
    } else {
        return Ok(());
    };
    let path = args.config.clone().unwrap_or_else(|| IN_THIS_FOLDER.into());
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && args.config.is_none() => return Ok(()),
        Err(error) => return Err(Failure::usage(ConfigError::Io { file, error })),
    };
    let config = Config::read(&file, &text).and_then(|config| config.trusted(&file, args.config.is_some()));
    let mut config = config.map_err(Failure::usage)?;
    if is_update {
        // The first update creates the list, so it can't be read before.
        config.known_gaps = None;
    }
    let mut own = matches;
    while let Some((_, below)) = own.subcommand() {
        own = below;
    }
    let given = |id: &str| own.value_source(id) == Some(ValueSource::CommandLine);
    let environment = Environment {
        has_endpoint: endpoint_of_environment().is_some(),
        has_cache: std::env::var_os("MFA_CONFORMANCE_CACHE").is_some_and(|folder| !folder.is_empty()),
    };
    // The file may be somebody else's, so tell the user that it counts.
    say(&format!("options from {file}"));
    config.fill(path.parent().unwrap_or(Path::new("")), args, given, environment);
    Ok(())
}

/// The key on whose line, or in whose value, this byte is.
fn key_at(text: &str, at: usize) -> Option<String> {
    let table = toml::de::DeTable::parse(text).ok()?;
    let mut entries = table.get_ref().iter();
    let (key, _) = entries.find(|(key, value)| key.span().start <= at && at < value.span().end)?;
    Some(key.get_ref().to_string())
}

fn some_time_of<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
    some_time(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn workers_of<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    workers(&u64::deserialize(from)?.to_string()).map(Some).map_err(D::Error::custom)
}

fn reports_of<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ReportFile>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| report_file(text).map_err(D::Error::custom)).collect()
}

/// The JSON Schema of the file, for editors of TOML.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Config)
}

#[cfg(test)]
mod tests;
