//! `known-gaps`

use std::path::PathBuf;

use clap::Subcommand;

use super::args::RunArgs;
use super::dispatch::{print, say};
use super::exit::{CONFORMS, DIVERGES, Failure, INCONCLUSIVE, Outcome};
use super::files::write_whole;
use super::report::try_to_write;
use super::run::{read_known_gaps, report_of};
use crate::clock::Clock;
use crate::known_gaps::{Day, read, update};
use crate::wire::escape_for_people;

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

pub(super) async fn known_gaps(verb: KnownGapsVerb) -> Outcome {
    match verb {
        KnownGapsVerb::Update { file, expires, run } => {
            let name = file.display().to_string();
            let unreadable = |error| Failure::usage(anyhow::anyhow!("{name} can't be read: {error}"));
            let text = match std::fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(unreadable(error)),
            };
            // A list that can't be brought up to date is told before the run, which takes a while.
            read(&name, &text).map_err(Failure::usage)?;
            let unwritable = |error| Failure::usage(anyhow::anyhow!("{name} can't be written: {error}"));
            try_to_write(&file).map_err(unwritable)?;
            let report = report_of(*run).await?;
            if report.unusable.is_some() {
                return Ok(INCONCLUSIVE);
            }
            let updated = update(&name, &text, &report, &today(), expires.as_ref()).map_err(Failure::usage)?;
            write_whole(&file, &updated.text).map_err(unwritable)?;
            let (added, removed) = (updated.added.len(), updated.removed.len());
            say(&format!("{name}: {added} added, {removed} taken out, {} as they were", updated.kept));
            Ok(CONFORMS)
        }
        KnownGapsVerb::Check { file } => {
            let known = read_known_gaps(&file)?;
            let today = today();
            let mut text = String::new();
            for gap in &known.gaps {
                let until = match &gap.expires {
                    Some(day) if gap.is_expired(&today) => format!("expired on {day}"),
                    Some(day) => format!("until {day}"),
                    None => format!("since {}", gap.since),
                };
                let line = format!("{} ({}: {}), {until}: {}", gap.clause, gap.operation, gap.shows, gap.reason);
                text.extend([escape_for_people(&line).as_ref(), "\n"]);
            }
            print(&text)?;
            Ok(if known.gaps.iter().any(|gap| gap.is_expired(&today)) { DIVERGES } else { CONFORMS })
        }
    }
}

/// The day on which a list is held against a report.
pub(super) fn today() -> Day {
    Day::of(Clock::system().now())
}
