//! Reads the command line and calls the verb.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::args::{Cli, Color, Verb};
use super::config::configure;
use super::console::{print, say_error};
use super::exit::{Failure, INTERNAL, Outcome, PASS, USAGE, exit_code};
use super::lines::{shortened, without_commands};
use super::{clauses, cleanup, fuzz, judge, known_gaps, matrix, replay, report, run, serve, snapshot, targets};

/// Does what the command line asks.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = std::panic::catch_unwind(|| {
        let matches = match Cli::command().try_get_matches() {
            Ok(matches) => matches,
            Err(told) => return refused(&told),
        };
        let cli = Cli::from_arg_matches(&matches).map_err(Failure::internal)?;
        match cli.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        dispatch(cli, &matches)
    });
    let Ok(outcome) = outcome else {
        say_error("this is a defect of mfa-conformance: please report it with the command line and the text above");
        return ExitCode::from(INTERNAL);
    };
    if let Err(failure) = &outcome {
        say_error(&format!("{:#}", failure.error));
    }
    exit_code(&outcome)
}

/// Prints clap's message: help, the version, or an error in the command line.
fn refused(told: &clap::Error) -> Outcome {
    let text = told.render();
    if told.use_stderr() {
        let mut out = anstream::stderr().lock();
        // If standard error is closed, nobody can read an error about it.
        let _lost = writeln!(out, "{}", without_commands(&shortened(&text.ansi().to_string())));
        return Ok(USAGE);
    }
    print(&text.ansi().to_string())?;
    Ok(PASS)
}

fn dispatch(mut cli: Cli, matches: &ArgMatches) -> Outcome {
    configure(&mut cli.verb, matches)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    match cli.verb {
        Verb::Run(args) => runtime.block_on(run::run(*args)),
        Verb::Fuzz(args) => runtime.block_on(fuzz::fuzz(*args)),
        Verb::Replay(args) => runtime.block_on(replay::replay(args)),
        Verb::Judge(args) => judge::judge(&args),
        Verb::Matrix(args) => runtime.block_on(matrix::matrix(args)),
        Verb::KnownGaps(verb) => runtime.block_on(known_gaps::known_gaps(verb)),
        Verb::Report(args) => report::report(&args),
        Verb::Snapshot(verb) => runtime.block_on(snapshot::snapshot(verb)),
        Verb::Clauses(verb) => clauses::clauses(&verb),
        Verb::Targets(verb) => runtime.block_on(targets::targets(verb)),
        Verb::Serve(args) => runtime.block_on(serve::serve(&args)),
        Verb::Cleanup(args) => runtime.block_on(cleanup::cleanup(args)),
        Verb::Schema { format } => schema(&format),
        Verb::Protocol => {
            let text = crate::protocol::document().map_err(Failure::internal)?;
            print(&(text + "\n"))?;
            Ok(PASS)
        }
        Verb::Man { folder } => {
            clap_mangen::generate_to(Cli::command(), &folder)
                .with_context(|| format!("the manual pages can't be written to {}", folder.display()))
                .map_err(Failure::usage)?;
            Ok(PASS)
        }
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "mfa-conformance", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(PASS)
        }
    }
}

fn schema(format: &str) -> Outcome {
    let schema = match format {
        "scenario" => crate::scenario::scenario_schema(),
        "recording" => crate::recording::form::schema(),
        "report" => crate::report::schema(),
        "matrix" => crate::matrix::schema(),
        "known-gaps" => crate::known_gaps::schema(),
        "config" => super::config::schema(),
        "events" => super::events::schema(),
        _ => crate::target::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::internal)?;
    print(&(text + "\n"))?;
    Ok(PASS)
}
