//! Builds the report's value from the result of a run.

use std::time::Duration;

use super::about::About;
use super::case::finding;
use super::coverage::Coverage;
use super::finding::Finding;
use super::join::joined;
use super::notes;
use super::value::{Part, PhaseReport, Report, RunVerdict, ShardReport, Totals};
use super::verdict;
use crate::execute::Requests;
use crate::run::Shard;
use crate::run::result::{Case, PhaseResult, RunResult, bucket_id};

/// The version of the report's form.
pub(super) const SCHEMA_VERSION: u32 = 2;

/// Makes the report of a run.
#[must_use]
pub fn build(result: &RunResult, about: &About) -> Report {
    report(result, about, true, verdict::of_run)
}

/// Makes the report of a run of given scenarios only. It passes if they were judged to their end and nothing differed,
/// whatever else was not tested.
#[must_use]
pub fn build_replay(result: &RunResult, about: &About) -> Report {
    // A replay shows a finding for the second time, so it isn't flaky.
    report(result, about, false, verdict::of_replay)
}

fn report(result: &RunResult, about: &About, may_be_flaky: bool, judge: fn(&Report) -> (RunVerdict, String)) -> Report {
    let cases: Vec<&Case> = if verdict::cannot_be_judged(result) { Vec::new() } else { result.cases.iter().collect() };
    let parts: Vec<Part> = cases
        .iter()
        .map(|case| Part {
            found_as: bucket_id(&case.found_as),
            alone: case.before.is_empty(),
            finding: weighed(finding(case, about, result.probe.skew_ms), may_be_flaky),
        })
        .collect();
    let findings = joined(&parts);
    let mut command = about.command.clone();
    if result.shard != Shard::WHOLE {
        command.extend([" --shard ".to_owned(), result.shard.to_string()]);
    }
    let shard = (result.shard != Shard::WHOLE).then(|| ShardReport {
        index: result.shard.index(),
        of: result.shard.of(),
        whole_command: Some(about.command.clone()),
        parts,
    });
    let coverage = Coverage::of(result, &findings);
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        verdict: RunVerdict::Inconclusive,
        verdict_reason: String::new(),
        unusable: verdict::unusable(result),
        target: about.target.clone(),
        date: None,
        seed: about.seed,
        strict: about.strict,
        command,
        target_option: about.target_option.clone(),
        scenario_digest: result.scenario_digest.clone(),
        interrupted: result.interrupted,
        incomplete: notes::incomplete(result),
        cut_short: cut_short(result, about),
        shard,
        totals: totals(result, &coverage),
        phases: result.phases.iter().map(phase).collect(),
        operations: coverage.operations,
        clauses: coverage.clauses,
        findings,
        open: notes::open(&result.tally),
        notes: notes::notes(result),
        known_gaps: Vec::new(),
        not_tested: coverage.not_tested,
    };
    (report.verdict, report.verdict_reason) = judge(&report);
    report.note_states();
    report
}

/// What cut a run short: an option, or an interrupt.
fn cut_short(result: &RunResult, about: &About) -> Vec<String> {
    let stopped = result.stopped.map(|option| format!("stopped by {option}"));
    let interrupted = result.interrupted.then(|| "stopped by an interrupt".to_owned());
    about.limits.iter().cloned().chain(stopped).chain(interrupted).collect()
}

fn weighed(finding: Finding, may_be_flaky: bool) -> Finding {
    Finding { timing: finding.timing && may_be_flaky, flaky: finding.flaky && may_be_flaky, ..finding }
}

fn totals(result: &RunResult, coverage: &Coverage) -> Totals {
    let sum = |count: fn(&Requests) -> u64| result.phases.iter().map(|phase| count(&phase.requests)).sum();
    Totals {
        scenarios: result.phases.iter().map(|phase| phase.scenarios).sum(),
        requests: sum(|requests| requests.under_test),
        other_requests: sum(|requests| requests.other),
        seconds: seconds(result.elapsed),
        clauses: coverage.total,
    }
}

fn phase(phase: &PhaseResult) -> PhaseReport {
    PhaseReport {
        name: phase.phase.name().to_owned(),
        scenarios: phase.scenarios,
        requests: phase.requests.under_test,
        other_requests: phase.requests.other,
        seconds: seconds(phase.elapsed),
    }
}

/// Seconds, rounded down to milliseconds.
fn seconds(duration: Duration) -> f64 {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).as_secs_f64()
}
