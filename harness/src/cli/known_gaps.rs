//! `known-gaps`

use super::console::{print, say};
use super::exit::{FAIL, Failure, INCONCLUSIVE, Outcome, PASS};
use super::files::{try_to_write, write_whole};
use super::inputs::{read_known_gaps, today};
use super::run::report_of;
use super::verbs::KnownGapsVerb;
use crate::known_gaps::{read, update};
use crate::wire::escape_for_people;

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
            // Report a list that can't be updated before the run, which takes a while.
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
            Ok(PASS)
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
            Ok(if known.gaps.iter().any(|gap| gap.is_expired(&today)) { FAIL } else { PASS })
        }
    }
}
