//! `snapshot`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use mfa_reference::Millis;
use mfa_reference::service::Behaviour;
use similar::{ChangeTag, TextDiff};

use super::console::{print, say};
use super::exit::{FAIL, Failure, Outcome, PASS};
use super::interrupt::on_interrupt;
use super::run::new_prefix;
use super::target_session::TargetSession;
use super::verbs::{SnapshotArgs, SnapshotVerb};
use crate::execute::Stop;
use crate::run::probe::probe;
use crate::run::result::Phase;
use crate::run::{InProcessFactory, RunOptions};
use crate::snapshot::folder::{Change, compare, propose, record};
use crate::snapshot::{Transcript, play, scenarios};

/// The start time of the reference's clock, fixed so that its snapshots never change.
const BEGINNING: Millis = Millis(1_750_000_000_000);

pub(super) async fn snapshot(verb: SnapshotVerb) -> Outcome {
    match verb {
        SnapshotVerb::Record(args) => {
            let (folder, transcripts) = transcripts(&args).await?;
            record(&folder, &transcripts).map_err(Failure::usage)?;
            say(&format!("{} snapshots written to {}", transcripts.len(), folder.display()));
            Ok(PASS)
        }
        SnapshotVerb::Check { snapshot, accept } => {
            let (folder, transcripts) = transcripts(&snapshot).await?;
            let changes = compare(&folder, &transcripts).map_err(Failure::usage)?;
            print(&told(&changes))?;
            if !accept {
                propose(&folder, &changes).map_err(Failure::usage)?;
            }
            if changes.is_empty() {
                say(&format!("{} snapshots of {}: nothing has changed", transcripts.len(), folder.display()));
                return Ok(PASS);
            }
            if accept {
                record(&folder, &transcripts).map_err(Failure::usage)?;
                say(&format!("{} changes written to {}", changes.len(), folder.display()));
                return Ok(PASS);
            }
            let (count, shown) = (changes.len(), folder.display());
            say(&format!(
                "{count} of {} changed in {shown}: `--accept` or `cargo insta review` takes them over",
                transcripts.len()
            ));
            Ok(FAIL)
        }
    }
}

/// Plays the scenarios. Returns the folder of the target and the transcripts.
async fn transcripts(args: &SnapshotArgs) -> Result<(PathBuf, Vec<Transcript>), Failure> {
    let scenarios = scenarios().map_err(Failure::internal)?;
    let session = TargetSession::prepare(&args.endpoint, 1).await?;
    let interrupt = on_interrupt(session.started());
    let (embedded, stop) = (session.embedded().is_some(), Stop::on(interrupt.flag.clone()));
    let usable = if embedded { Ok(()) } else { usable(&session, &stop).await };
    if let Err(why) = usable {
        session.close().await;
        return Err(why);
    }
    let played = if embedded {
        let factory = InProcessFactory { behaviour: Behaviour::default(), now: BEGINNING };
        play(&factory, &session.credentials, &scenarios, new_prefix, &stop).await
    } else {
        play(&session.http, &session.credentials, &scenarios, new_prefix, &stop).await
    };
    let own = if embedded { "reference".to_owned() } else { session.name.clone() };
    let name = args.name.clone().unwrap_or(own);
    session.close().await;
    if stop.is_asked() {
        return Err(Failure::inconclusive(anyhow::anyhow!("interrupted: no snapshot was written")));
    }
    Ok((args.dir.join(folder_name(&name)), played.map_err(Failure::inconclusive)?))
}

/// Refuses a target that can't be judged: snapshots of it would say nothing.
async fn usable(session: &TargetSession, stop: &Stop) -> Result<(), Failure> {
    let options = RunOptions::of_phases([Phase::Probe], session.credentials.clone(), new_prefix());
    let (probe, _) = probe(&session.http, &options, stop).await.map_err(Failure::inconclusive)?;
    match probe.unusable {
        Some(why) => Err(Failure::inconclusive(anyhow::anyhow!("there is no snapshot of this target: {why}"))),
        None => Ok(()),
    }
}

/// A target's name as a folder name, since an endpoint's URL has special characters.
fn folder_name(name: &str) -> String {
    let of_url = Path::new(name.split_once("://").map_or(name, |(_, rest)| rest));
    of_url
        .to_string_lossy()
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || sign == '.' { sign } else { '-' })
        .collect::<String>()
        .trim_end_matches('-')
        .to_owned()
}

/// The changes as diffs.
fn told(changes: &BTreeMap<String, Change>) -> String {
    let (minus, plus) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
    let mut text = String::new();
    for (name, change) in changes {
        // Writing to a String doesn't fail.
        let _ = match change {
            Change::New(_) => writeln!(text, "{name}: new\n"),
            Change::Gone => writeln!(text, "{name}: no longer played; `--accept` deletes it\n"),
            Change::Changed { old, new } => writeln!(text, "{name}:\n{}", diff(old, new, minus, plus)),
        };
    }
    text
}

fn diff(old: &str, new: &str, minus: Style, plus: Style) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for group in diff.grouped_ops(3) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', minus),
                ChangeTag::Insert => ('+', plus),
                ChangeTag::Equal => (' ', Style::new()),
            };
            let line = change.value().trim_end_matches('\n');
            text.extend([format!("{style}{sign} {line}{style:#}\n")]);
        }
        text.push_str("  …\n");
    }
    text
}
