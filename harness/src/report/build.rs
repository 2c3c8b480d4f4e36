//! From what a run came to, to the report's value.

use std::time::Duration;

use super::about::About;
use super::case::finding;
use super::coverage::Coverage;
use super::finding::Finding;
use super::notes;
use super::value::{PhaseReport, Report, RunVerdict, Totals};
use super::verdict;
use crate::execute::Requests;
use crate::run::result::{Case, PhaseResult, RunResult};

/// The version of the report's form.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// Makes the report of a run.
#[must_use]
pub fn build(result: &RunResult, about: &About) -> Report {
    report(result, about, verdict::of_run)
}

/// Makes the report of a run that was to play given scenarios only: it conforms if they were judged to their end and
/// nothing differed, whatever else was not exercised.
#[must_use]
pub fn build_replay(result: &RunResult, about: &About) -> Report {
    report(result, about, verdict::of_replay)
}

fn report(result: &RunResult, about: &About, judge: fn(&RunResult, &[Finding]) -> (RunVerdict, String)) -> Report {
    let mut cases: Vec<&Case> =
        if verdict::cannot_be_judged(result) { Vec::new() } else { result.cases.iter().collect() };
    cases.sort_by_key(|case| {
        let divergence = &case.divergence;
        (divergence.clause.stance(), divergence.operation, divergence.clause, divergence.class.clone())
    });
    let findings: Vec<_> = cases.iter().map(|case| finding(case, about, result.probe.skew_ms)).collect();
    let (verdict, verdict_reason) = judge(result, &findings);
    let coverage = Coverage::of(result, &cases);
    Report {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        verdict,
        verdict_reason,
        target: about.target.clone(),
        seed: about.seed,
        strict: about.strict,
        command: about.command.clone(),
        target_option: about.target_option.clone(),
        scenario_digest: result.scenario_digest.clone(),
        interrupted: result.interrupted,
        totals: totals(result, &coverage),
        phases: result.phases.iter().map(phase).collect(),
        operations: coverage.operations,
        clauses: coverage.clauses,
        findings,
        open: notes::open(&result.tally),
        notes: notes::notes(result),
        known_gaps: Vec::new(),
        not_exercised: coverage.not_exercised,
    }
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

/// Whole milliseconds are enough.
fn seconds(duration: Duration) -> f64 {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).as_secs_f64()
}
