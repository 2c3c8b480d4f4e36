//! The file `mfa-conformance.toml`: options of a run that a team sets once.
//!
//! The command line wins over the environment, which wins over the file. What leaves a part of a run out stays with the
//! command line: a file would hide it. So do `--allow-aws` and the choice of credentials. The file gives its values to the options of the command
//! line, which check them and describe them.

use std::error::Error as _;
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, FromArgMatches as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::de::DeTable;

use super::args::Verb;
use super::console::say;
use super::exit::Failure;
use super::options::RunArgs;
use super::target_session::endpoint_of_environment;
use super::verbs::KnownGapsVerb;

/// The file that is read from the current folder, if it exists.
const IN_THIS_FOLDER: &str = "mfa-conformance.toml";

/// Options of `run` and of `known-gaps update`, under the names that they have on the command line. Paths are relative
/// to the file's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
// The fields are what TOML has for each option. The options themselves check the values and describe them.
pub struct Config {
    target: Option<String>,
    endpoint_url: Option<String>,
    allow_host: Vec<String>,
    ca_file: Option<PathBuf>,
    #[schemars(skip_serializing_if = "Vec::is_empty", inner(regex(pattern = "^[^:]+:.*$")))]
    header: Vec<String>,
    rate_limit: Option<NonZeroU32>,
    #[schemars(skip_serializing_if = "Option::is_none", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    request_timeout: Option<String>,
    cache_dir: Option<PathBuf>,
    strict: Option<bool>,
    #[schemars(skip_serializing_if = "Option::is_none", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    settle: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none", regex(pattern = r"^\d+(ms|s|m|h)$"))]
    max_wait: Option<String>,
    #[schemars(
        skip_serializing_if = "Vec::is_empty",
        inner(regex(pattern = "^(json|junit|html|markdown|pytest)=.+$"))
    )]
    report: Vec<String>,
    seed: Option<u64>,
    scenarios: Option<u64>,
    #[schemars(range(min = 1, max = 512))]
    workers: Option<usize>,
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
    /// It is not TOML, has a key that there isn't or a value that the option refuses, or names both a target and an
    /// endpoint.
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
                Some(key) if key == "profile" || key == "env-credentials" => format!(
                    "`{key}` can't stand in a file: whoever ran in its folder would send credentials unawares. Take the \
                     line out, and give --{key} on the command line each time"
                ),
                Some(key) => format!("`{key}`: {}", error.message()),
            };
            wrong(at, problem)
        })?;
        let table = DeTable::parse(text).ok();
        let value_of = |key: &str| table.as_ref()?.get_ref().get(key);
        let place = |key: &str| value_of(key).map_or(0, |value| value.span().start);
        for (key, argument) in config.arguments() {
            run_options().try_get_matches_from([argument]).map_err(|error| {
                let reason = error.source().map_or_else(|| "give a value".to_owned(), ToString::to_string);
                wrong(place(&key), format!("`{key}`: {reason}"))
            })?;
        }
        if config.target.is_some() && config.endpoint_url.is_some() {
            let problem = "`endpoint-url`: there is a `target`, too: take one of the two out";
            return Err(wrong(place("endpoint-url"), problem.to_owned()));
        }
        Ok(config)
    }

    /// The allowed options of a file: one that just lies in the folder must not allow other hosts.
    fn trusted(self, file: &str, is_named: bool) -> Result<Self, ConfigError> {
        if is_named || self.allow_host.is_empty() { Ok(self) } else { Err(ConfigError::Unnamed(file.to_owned())) }
    }

    /// The command line that it stands for: each argument with its key.
    fn arguments(&self) -> Vec<(String, String)> {
        // JSON can hold all that a file can.
        let Ok(Value::Object(keys)) = serde_json::to_value(self) else { return Vec::new() };
        let mut arguments = Vec::new();
        for (key, value) in keys {
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            for value in values.iter().filter(|value| !value.is_null()) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                arguments.push((key.clone(), format!("--{key}={text}")));
            }
        }
        arguments
    }

    /// Sets the options that neither the command line has `given`, by their ids there, nor the environment.
    fn fill(
        &self,
        folder: &Path,
        args: &mut RunArgs,
        given: impl Fn(&str) -> bool,
        environment: Environment,
    ) -> Result<(), clap::Error> {
        let counts = |key: &str| match key {
            "target" | "endpoint-url" => !environment.has_endpoint && !given("target") && !given("endpoint_url"),
            "cache-dir" => !environment.has_cache && !given("cache_dir"),
            _ => !given(&key.replace('-', "_")),
        };
        let arguments = self.arguments().into_iter().filter(|(key, _)| counts(key)).map(|(_, argument)| argument);
        args.update_from_arg_matches(&run_options().try_get_matches_from(arguments)?)?;
        let reports = args.judge.report.iter_mut().map(|report| ("report", &mut report.file));
        let cache = args.endpoint.cache_dir.iter_mut().map(|folder| ("cache-dir", folder));
        let gaps = args.known_gaps.iter_mut().map(|file| ("known-gaps", file));
        let ca_file = args.endpoint.ca_file.iter_mut().map(|file| ("ca-file", file));
        for (_, path) in reports.chain(cache).chain(gaps).chain(ca_file).filter(|(key, _)| counts(key)) {
            *path = folder.join(&*path);
        }
        Ok(())
    }
}

/// The options of `run`. One that is not given has no value, not even the one that is built in.
fn run_options() -> Command {
    RunArgs::augment_args(Command::new("run").no_binary_name(true)).mut_args(|arg| {
        let arg = arg.default_value(None::<&'static str>);
        if matches!(arg.get_action(), ArgAction::SetTrue) { arg.action(ArgAction::Set) } else { arg }
    })
}

/// What the environment sets.
#[derive(Clone, Copy, Debug, Default)]
struct Environment {
    has_endpoint: bool,
    has_cache: bool,
}

/// Sets the options of a verb that runs from the file that `--config` names, else from that of this folder, if there is
/// one.
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
    let folder = path.parent().unwrap_or(Path::new(""));
    config.fill(folder, args, given, environment).map_err(Failure::internal)
}

/// The key on whose line, or in whose value, this byte is.
fn key_at(text: &str, at: usize) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let mut entries = table.get_ref().iter();
    let (key, _) = entries.find(|(key, value)| key.span().start <= at && at < value.span().end)?;
    Some(key.get_ref().to_string())
}

/// The JSON Schema of the file, for editors that know TOML by such.
#[must_use]
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Config);
    let options = run_options();
    for (key, form) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let option = options.get_arguments().find(|option| option.get_long() == Some(key));
        if let (Some(help), Some(form)) = (option.and_then(Arg::get_help), form.as_object_mut()) {
            form.insert("description".to_owned(), format!("{help}.").into());
        }
    }
    schema
}

#[cfg(test)]
mod tests;
