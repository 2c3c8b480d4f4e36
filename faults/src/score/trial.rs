//! A trial is one run on one altered service, without a socket and on a virtual clock.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::clause::{ClauseId, Stance};
use serde::Serialize;

use crate::entry::{Fault, Make};
use crate::factory::AlteredFactory;
use crate::line::lock;
use crate::witness::{shown_by, without_needless};
use mfa_conformance::oracle::{Bucket, Divergence};
use mfa_conformance::run::result::{Case, Phase, RunResult};
use mfa_conformance::run::{Progress, RunOptions, Shard, run};
use mfa_conformance::scenario::Scenario;
use mfa_conformance::transport::Credentials;

/// When the virtual clocks begin, in milliseconds since the epoch. Each seed's begins at another point of a time step.
const BEGINNING: i64 = 1_750_000_000_000;

/// With how many seeds variants are also tried in strict mode. A variant departs from a Recorded clause often, so more
/// seeds add little.
const STRICT_SEEDS: u64 = 2;

/// How a trial is conducted.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The hand-written scenarios.
    pub examples: Arc<Vec<Scenario>>,
    /// The most sequences to draw.
    pub sequences: u64,
    /// The scenarios of a quick run, if quick runs are tried; else none.
    pub quick: Vec<Scenario>,
    /// Whether the shortest scenario that shows each fault is searched for.
    pub witnesses: bool,
}

/// The result of a trial on a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultTrial {
    /// The seed of the run.
    pub seed: u64,
    /// The clauses that findings were attributed to.
    pub named: Vec<String>,
    /// Whether one of them is right and a breach of each is possible.
    pub right: bool,
    /// Calls of the three operations until the first divergence.
    pub calls: Option<u64>,
    /// The number of actions of the shrunk scenario of the first rightly attributed finding.
    pub shrunk: Option<usize>,
    /// The phase of the first finding.
    pub phase: Option<&'static str>,
    /// The findings, as sentences.
    pub findings: Vec<String>,
    /// The shortest scenario that shows the fault alone, if it was searched for.
    #[serde(skip)]
    pub witness: Option<Scenario>,
}

impl FaultTrial {
    /// Whether anything was found.
    #[must_use]
    pub fn found(&self) -> bool {
        !self.named.is_empty()
    }
}

/// The result of a trial on a variant, in the default mode and in strict mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariantTrial {
    /// The seed of the run.
    pub seed: u64,
    /// The findings in the default mode. It should have none.
    pub flagged: Vec<String>,
    /// The clauses that findings were attributed to in strict mode; absent if that wasn't tried.
    pub strict: Option<Vec<String>>,
    /// The findings in strict mode, as sentences.
    pub findings: Vec<String>,
    /// Why scenarios could not be judged to their end in the default mode.
    pub unfinished: Vec<String>,
}

/// Runs a fault: the first phases, and more until one attributes it rightly. With the second seed they always include
/// the boundary table, which shows other attributions of the fault.
pub async fn try_fault(fault: &Fault, seed: u64, plan: &Plan) -> FaultTrial {
    let examples: BTreeSet<Phase> = [Phase::Probe, Phase::Examples].into();
    let table = [Phase::Probe, Phase::Examples, Phase::Boundary].into();
    let all: BTreeSet<Phase> = Phase::ALL.into_iter().collect();
    let (first, more) = if !plan.quick.is_empty() {
        ([Phase::Probe, Phase::Quick].into(), Vec::new())
    } else if seed == 2 {
        (table, vec![all])
    } else {
        (examples, vec![table, all])
    };
    let right = |run: &Ran| failing(&run.result).iter().any(|case| fault.is_named_by(case.divergence.clause));
    let mut run = Trial::new(&fault.service, seed).run(plan, &options(seed, plan, first, false)).await;
    for phases in more {
        if !right(&run) {
            run = Trial::new(&fault.service, seed).run(plan, &options(seed, plan, phases, false)).await;
        }
    }
    let cases = &failing(&run.result);
    let best = cases.iter().find(|case| case.divergence.clause == fault.breaks);
    let best = best.or_else(|| cases.iter().find(|case| fault.is_named_by(case.divergence.clause)));
    let shrunk = best.filter(|case| case.confirmation.is_reproduced());
    let shrunk = shrunk.map(|case| case.scenario.actions());
    let mut scenarios: Vec<&Scenario> = cases.iter().map(|case| &case.scenario).collect();
    scenarios.sort_by_key(|scenario| scenario.actions());
    let mut witness = None;
    for scenario in scenarios {
        if plan.witnesses
            && witness.is_none()
            && let Some(number) = shown_by(fault, scenario).await
        {
            witness = Some(without_needless(fault, scenario.clone(), number).await);
        }
    }
    FaultTrial {
        witness,
        seed,
        named: distinct(cases),
        right: right(&run) && cases.iter().all(|case| demands(case.divergence.clause)),
        calls: run.calls,
        shrunk,
        phase: cases.iter().map(|case| case.phase).min().map(Phase::name),
        findings: cases.iter().map(told).collect(),
    }
}

/// Runs a variant, in the default mode and in strict mode.
pub async fn try_variant(service: &Make, seed: u64, plan: &Plan) -> VariantTrial {
    let all: BTreeSet<Phase> =
        if plan.quick.is_empty() { Phase::ALL.into_iter().collect() } else { [Phase::Probe, Phase::Quick].into() };
    let usual = Trial::new(service, seed).run(plan, &options(seed, plan, all.clone(), false)).await;
    let strict = if seed <= STRICT_SEEDS {
        let options = RunOptions { shrink: false, ..options(seed, plan, all, true) };
        Some(Trial::new(service, seed).run(plan, &options).await.result.cases)
    } else {
        None
    };
    let mut flagged: Vec<String> = usual.result.cases.iter().map(told).collect();
    flagged.extend(usual.result.probe.unusable.iter().map(|why| format!("judged unusable: {why}")));
    VariantTrial {
        seed,
        flagged,
        findings: strict.iter().flatten().map(told).collect(),
        strict: strict.map(|cases| distinct(&cases)),
        unfinished: usual.result.unfinished.iter().map(|(why, times)| format!("{times} times: {why}")).collect(),
    }
}

/// The findings that fail a target.
fn failing(result: &RunResult) -> Vec<Case> {
    result.cases.iter().filter(|case| !case.is_flaky()).cloned().collect()
}

/// Whether a clause can be broken in the default mode: it is neither Recorded nor open.
fn demands(clause: ClauseId) -> bool {
    !clause.stance().is_open() && clause.stance() != Stance::Recorded
}

fn distinct(cases: &[Case]) -> Vec<String> {
    let clauses: BTreeSet<ClauseId> = cases.iter().map(|case| case.divergence.clause).collect();
    clauses.into_iter().map(|clause| clause.to_string()).collect()
}

/// A finding in one line.
fn told(case: &Case) -> String {
    let one = &case.divergence;
    format!("{} by {}: {}, {} expected ({})", one.clause, one.operation, one.class, one.expected, case.scenario.name)
}

fn options(seed: u64, plan: &Plan, phases: BTreeSet<Phase>, strict: bool) -> RunOptions {
    RunOptions {
        seed,
        sequences: plan.sequences,
        shard: Shard::WHOLE,
        workers: 1,
        max_time: None,
        max_wait: Duration::from_secs(95),
        phases,
        clause: None,
        fail_fast: false,
        shrink: true,
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".to_owned(),
            secret_access_key: "test".to_owned(),
            session_token: None,
        },
        prefix: format!("mfac-{seed}"),
        quick: plan.quick.clone(),
        fuzzer: None,
    }
}

/// An altered service on which a run is conducted.
struct Trial {
    factory: AlteredFactory,
}

/// A run that was conducted.
struct Ran {
    result: RunResult,
    calls: Option<u64>,
}

impl Trial {
    fn new(service: &Make, seed: u64) -> Self {
        let into_step = i64::try_from(seed.wrapping_mul(7_919) % 30_000).unwrap_or_default();
        let factory = AlteredFactory::new(service.make(), seed, Millis(BEGINNING + into_step));
        Self { factory }
    }

    async fn run(self, plan: &Plan, options: &RunOptions) -> Ran {
        let watch = Arc::new(Watch { calls: self.factory.calls(), before: AtomicU64::new(0), first: Mutex::new(None) });
        let (examples, interrupt) = (plan.examples.as_ref().clone(), Arc::new(AtomicBool::new(false)));
        let progress = Arc::clone(&watch);
        let result = run(Box::new(self.factory.clone()), options.clone(), examples, progress, interrupt).await;
        let first = lock(&watch.first).take();
        let calls = first.filter(|_| !result.cases.is_empty()).map(|before| {
            let within =
                result.cases.iter().filter(|case| (case.phase, case.first_scenario) == first_of(&result.cases));
            before + within.map(|case| case.requests_to_first).min().unwrap_or_default()
        });
        Ran { result, calls }
    }
}

fn first_of(cases: &[Case]) -> (Phase, u64) {
    cases.iter().map(|case| (case.phase, case.first_scenario)).min().unwrap_or((Phase::Probe, 0))
}

/// Counts the calls before the scenario in which the first divergence showed.
struct Watch {
    calls: Arc<AtomicU64>,
    before: AtomicU64,
    first: Mutex<Option<u64>>,
}

impl Progress for Watch {
    fn begins(&self, _: Option<u64>, _: Option<Duration>) {}

    fn phase(&self, _: Phase) {}

    fn played(&self, _: u64, findings: usize) {
        let mut first = lock(&self.first);
        if findings > 0 && first.is_none() {
            *first = Some(self.before.load(Ordering::Relaxed));
        }
        self.before.store(self.calls.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn found(&self, _: &Divergence) {}

    fn shrinks(&self, _: usize) {}

    fn shrunk(&self, _: &Bucket, _: &Case) {}

    fn note(&self, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault;

    #[tokio::test]
    async fn seeds_that_can_be_used_by_chance_alone_break_nothing_else() {
        let plan = Plan {
            examples: Arc::new(mfa_conformance::generate::examples::examples().unwrap()),
            sequences: 50,
            quick: Vec::new(),
            witnesses: false,
        };
        let trial = try_fault(&fault("seeds-of-letters-and-digits").unwrap(), 1, &plan).await;
        assert_eq!(trial.named, ["support.seed-usable"], "{:#?}", trial.findings);
        assert_eq!(trial.findings.len(), 1, "{:#?}", trial.findings);
    }
}
