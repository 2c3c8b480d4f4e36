//! Merges the reports of a run's shards into the report of the whole run.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::clause::ClauseId;

use super::coverage::{count, not_tested};
use super::finding::Finding;
use super::join::{clearest, joined};
use super::notes::{sort_notes, sort_open};
use super::value::{KnownGap, Note, NoteKind, OpenReading, Report, ShardReport, Totals};

/// Why reports can't be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// One of them is about a whole run.
    #[error("{0} tells of a whole run: give the reports of `run --shard 1/N` to `run --shard N/N`")]
    Whole(String),
    /// They are about different runs.
    #[error("{0} tells of another run than {1}: {2} is {3} there, and {4} here")]
    OtherRun(String, String, &'static str, String, String),
    /// A shard is missing.
    #[error("the report of shard {0}/{1} is missing: give those of all {1}")]
    Missing(u64, u64),
    /// Two reports are about the same shard.
    #[error("{0} and {1} both tell of shard {2}")]
    Twice(String, String, u64),
    /// No report was given.
    #[error("no report was given")]
    Nothing,
}

/// Merges the shards of a run. Each report comes with its name for errors.
/// [`apply_again`](crate::known_gaps::apply_again) updates the known gaps afterwards, since it knows the day.
///
/// # Errors
/// They aren't the shards of one run, each once.
pub fn merge(reports: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let parts = in_order(reports)?;
    let clear = clearest(parts.iter().flat_map(|(_, shard)| shard.parts.iter().cloned()));
    let findings = joined(&clear);
    let mut reports = parts.into_iter().map(|(report, _)| report);
    let mut whole = reports.next().ok_or(MergeError::Nothing)?;
    for report in reports {
        add(&mut whole, report);
    }
    if let Some(command) = whole.shard.take().and_then(|shard| shard.whole_command) {
        whole.command = command;
    }
    conclude(&mut whole, findings);
    Ok(whole)
}

/// The reports by their shards' indices, each with its parts.
fn in_order(reports: Vec<(String, Report)>) -> Result<Vec<(Report, ShardReport)>, MergeError> {
    let mut by_index: BTreeMap<u64, (String, Report, ShardReport)> = BTreeMap::new();
    for (name, report) in reports {
        let Some(shard) = report.shard.clone() else { return Err(MergeError::Whole(name)) };
        if let Some((other, known, known_shard)) = by_index.values().next() {
            let about = |report: &Report, shard: &ShardReport| {
                [
                    ("the target", target(report)),
                    ("the seed", report.seed.to_string()),
                    ("strict mode", report.strict.to_string()),
                    ("the number of shards", shard.of.to_string()),
                    ("the tool's version", report.tool_version.clone()),
                    ("the command", elsewhere(report, shard)),
                ]
            };
            for ((what, here), (_, there)) in about(&report, &shard).into_iter().zip(about(known, known_shard)) {
                if here != there {
                    return Err(MergeError::OtherRun(name, other.clone(), what, there, here));
                }
            }
        }
        if let Some((other, ..)) = by_index.get(&shard.index) {
            return Err(MergeError::Twice(other.clone(), name, shard.index));
        }
        by_index.insert(shard.index, (name, report, shard));
    }
    let of = by_index.values().next().map_or(0, |(_, _, shard)| shard.of);
    match (1..=of).find(|index| !by_index.contains_key(index)) {
        Some(missing) => Err(MergeError::Missing(missing, of)),
        None => Ok(by_index.into_values().map(|(_, report, shard)| (report, shard)).collect()),
    }
}

/// The target. Shards may test several instances of one target, each at a URL of its own: a URL names no other target.
fn target(report: &Report) -> String {
    let name = report.target.name.as_str();
    let mut option = report.target_option.split_whitespace();
    if option.next() == Some("--endpoint-url") && option.next() == Some(name) {
        return "an endpoint".to_owned();
    }
    format!("{name} {:?}", report.target.version)
}

/// The command of the whole run without the target, whose port may differ on each machine.
fn elsewhere(report: &Report, shard: &ShardReport) -> String {
    let command = shard.whole_command.as_deref().unwrap_or_default();
    command.replacen(report.target_option.as_str(), "", 1)
}

/// Adds the results of another shard.
fn add(whole: &mut Report, part: Report) {
    whole.unusable = whole.unusable.take().or(part.unusable);
    whole.interrupted |= part.interrupted;
    for what in part.incomplete {
        if !whole.incomplete.contains(&what) {
            whole.incomplete.push(what);
        }
    }
    for what in part.cut_short {
        if !whole.cut_short.contains(&what) {
            whole.cut_short.push(what);
        }
    }
    for gap in part.known_gaps {
        let key = |gap: &KnownGap| (gap.clause, gap.operation.clone(), gap.shows.clone());
        if !whole.known_gaps.iter().any(|known| key(known) == key(&gap)) {
            whole.known_gaps.push(gap);
        }
    }
    whole.scenario_digest = either_or(&whole.scenario_digest, &part.scenario_digest);
    whole.totals = Totals {
        scenarios: whole.totals.scenarios + part.totals.scenarios,
        requests: whole.totals.requests + part.totals.requests,
        other_requests: whole.totals.other_requests + part.totals.other_requests,
        // Shards run side by side.
        seconds: whole.totals.seconds.max(part.totals.seconds),
        clauses: whole.totals.clauses,
    };
    for phase in part.phases {
        match whole.phases.iter_mut().find(|known| known.name == phase.name) {
            Some(known) => {
                known.scenarios += phase.scenarios;
                known.requests += phase.requests;
                known.other_requests += phase.other_requests;
                known.seconds = known.seconds.max(phase.seconds);
            }
            None => whole.phases.push(phase),
        }
    }
    for (known, operation) in whole.operations.iter_mut().zip(part.operations) {
        known.accepted += operation.accepted;
        known.rejected += operation.rejected;
        known.failed += operation.failed;
    }
    for (known, clause) in whole.clauses.iter_mut().zip(part.clauses) {
        known.tested.accept += clause.tested.accept;
        known.tested.reject += clause.tested.reject;
    }
    add_open(&mut whole.open, part.open);
    add_notes(&mut whole.notes, part.notes);
}

fn add_open(whole: &mut Vec<OpenReading>, part: Vec<OpenReading>) {
    for one in part {
        match whole.iter_mut().find(|known| (&known.clause, &known.reading) == (&one.clause, &one.reading)) {
            Some(known) => known.count += one.count,
            None => whole.push(one),
        }
    }
}

/// Adds the notes of another shard, except those of its probe, which all shards share.
fn add_notes(whole: &mut Vec<Note>, part: Vec<Note>) {
    for note in part.into_iter().filter(|note| note.kind != NoteKind::Probe) {
        let same = |known: &&mut Note| {
            (known.kind, &known.text, &known.clause, &known.command)
                == (note.kind, &note.text, &note.clause, &note.command)
        };
        match whole.iter_mut().find(same) {
            Some(known) => known.count = known.count.zip(note.count).map(|(known, more)| known + more).or(known.count),
            None => whole.push(note),
        }
    }
}

/// Computes what follows from the sums.
fn conclude(whole: &mut Report, findings: Vec<Finding>) {
    let broken: BTreeSet<ClauseId> =
        findings.iter().filter(|finding| !finding.flaky).map(|finding| finding.clause).collect();
    for clause in &mut whole.clauses {
        clause.broken = broken.contains(&clause.id);
    }
    for operation in &mut whole.operations {
        operation.clauses =
            count(whole.clauses.iter().filter(|clause| clause.operation.as_ref() == Some(&operation.name)));
    }
    whole.totals.clauses = count(whole.clauses.iter());
    let reasons: BTreeMap<ClauseId, String> =
        std::mem::take(&mut whole.not_tested).into_iter().map(|entry| (entry.clause, entry.reason)).collect();
    // What no part tested, the first one didn't either.
    whole.not_tested = not_tested(&whole.clauses, |clause| reasons.get(&clause).cloned().unwrap_or_default());
    sort_open(&mut whole.open);
    sort_notes(&mut whole.notes);
    whole.findings = findings;
    whole.judge_again();
}

/// The digests of scenarios add up by exclusive or.
fn either_or(one: &str, other: &str) -> String {
    let digits = one.chars().zip(other.chars());
    let mixed = digits.filter_map(|(one, other)| char::from_digit(one.to_digit(16)? ^ other.to_digit(16)?, 16));
    mixed.collect()
}
