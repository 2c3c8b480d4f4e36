//! Runs and their reports.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mfa_reference::clause::{Aspect, ClauseId, Parameter, Side};
use mfa_reference::{MfaOperation, Operation};

use super::cases::{cases, missing_operation};
use super::replies::PREFIX;
use crate::execute::trace::Unfinished;
use crate::execute::{Leftover, Requests};
use crate::oracle::{Calls, Tally};
use crate::report::case::finding;
use crate::report::standing::groups;
use crate::report::value::{GapState, KnownGap};
use crate::report::{About, Access, Finding, Report, TargetInfo, build};
use crate::run::Shard;
use crate::run::result::{Case, Phase, PhaseResult, Probe, RunResult};

pub(crate) fn about() -> About {
    About {
        target: TargetInfo {
            name: "moto".to_owned(),
            endpoint: "http://127.0.0.1:5000".to_owned(),
            version: Some("5.2.5".to_owned()),
        },
        seed: 7,
        strict: false,
        limits: Vec::new(),
        command: "mfa-conformance run --endpoint-url http://127.0.0.1:5000 --seed 7".to_owned(),
        target_option: "--endpoint-url http://127.0.0.1:5000".to_owned(),
        access: Access::default(),
    }
}

pub(crate) fn reports() -> [Report; 3] {
    [build(&clean(), &about()), failing(), inconclusive()]
}

/// A gap that allows a finding.
pub(in crate::report) fn known_gap(finding: &Finding, reason: &str) -> KnownGap {
    KnownGap {
        finding: Some(finding.id.clone()),
        title: Some(finding.title.clone()),
        state: GapState::Known,
        clause: finding.clause,
        operation: finding.operation.clone(),
        shows: finding.observed_class.clone(),
        reason: reason.to_owned(),
        link: None,
        expires: None,
    }
}

/// A run in which nothing differed.
pub(in crate::report) fn clean() -> RunResult {
    let mut tally = Tally::default();
    for clause in [ClauseId::EnableAssociates, ClauseId::EnableFreshPair, ClauseId::DeactivateDissociates] {
        tally.tested(clause, Side::Accept);
    }
    tally.tested(ClauseId::EnableCodesRecognised, Side::Reject);
    tally.tested(ClauseId::Parameter(Parameter::EnableCode1, Aspect::Pattern), Side::Reject);
    tally.open.insert((ClauseId::EnableLateCodes, "refused with InvalidAuthenticationCode".to_owned()), 4);
    tally.calls.insert(Operation::EnableMfaDevice, Calls { accepted: 12, rejected: 30, failed: 0 });
    tally.calls.insert(Operation::DeactivateMfaDevice, Calls { accepted: 9, rejected: 4, failed: 0 });
    RunResult {
        probe: Probe { present: MfaOperation::ALL.into_iter().collect(), listings: true, ..Probe::default() },
        phases: vec![
            phase(Phase::Probe, 2, Requests { under_test: 6, other: 5 }),
            phase(Phase::Examples, 40, Requests { under_test: 49, other: 260 }),
        ],
        tally,
        cases: Vec::new(),
        shard: Shard::WHOLE,
        unusable_seed: None,
        unfinished: BTreeMap::new(),
        timeouts: BTreeMap::new(),
        leftovers: BTreeSet::new(),
        scenario_digest: "0123456789abcdef0123456789abcdef".to_owned(),
        elapsed: Duration::from_millis(1_234),
        interrupted: false,
        clause: None,
        stopped: None,
    }
}

fn phase(phase: Phase, scenarios: u64, requests: Requests) -> PhaseResult {
    PhaseResult { phase, scenarios, requests, elapsed: Duration::from_millis(600) }
}

/// A run with a finding of each kind.
pub(crate) fn failing() -> Report {
    let mut result = clean();
    result.probe.present.remove(&MfaOperation::Resync);
    result.probe.notes.push("the devices' seeds can't be used: \u{1b}[2J".to_owned());
    result.cases = cases();
    result.tally.departures.insert((ClauseId::WireErrorType, "a Type that doesn't go with the status".to_owned()), 17);
    result.tally.unclaimed.insert((Operation::EnableMfaDevice, "ErrorResponse/Error/message".to_owned()), 30);
    result.unfinished.insert(Unfinished::Parked, 2);
    result.leftovers.insert(Leftover {
        what: format!("user {PREFIX}-u1"),
        command: format!("aws iam delete-user --user-name '{PREFIX}-u1'"),
    });
    build(&result, &about())
}

/// The failing run with only two findings and few clauses: enough to show each state.
pub(in crate::report) fn short() -> Report {
    let mut report = failing();
    report.findings.truncate(2);
    let mut shown = BTreeMap::new();
    let standings = groups(&report).into_iter().flat_map(|group| group.standings);
    for standing in standings.filter(|standing| !standing.findings.is_empty() || !standing.clause.broken) {
        shown.entry(standing.state).or_insert_with(|| standing.clause.id);
    }
    report.clauses.retain(|clause| shown.values().any(|id| *id == clause.id));
    report
}

/// A run on something that isn't IAM.
pub(in crate::report) fn inconclusive() -> Report {
    let mut result = clean();
    result.tally = Tally::default();
    result.probe.present.clear();
    result.probe.unusable = Some("it doesn't speak the AWS query protocol (status 404: the body is HTML)".to_owned());
    result.cases = vec![missing_operation()];
    build(&result, &about())
}

pub(in crate::report) fn finding_of(case: &Case) -> Finding {
    finding(case, &about(), 0)
}
