//! Conducts runs in this process, so that tests can inspect their results.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a broken one has to fail the test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_conformance::clock::Clock;
use mfa_conformance::endpoint::{Endpoint, Policy};
use mfa_conformance::generate::examples::examples;
use mfa_conformance::oracle::Bucket;
use mfa_conformance::run::options::{SEQUENCES, WORKERS};
use mfa_conformance::run::progress::Silent;
use mfa_conformance::run::result::{Phase, RunResult};
use mfa_conformance::run::{HttpFactory, RunOptions, Shard, TransportFactory, run};
use mfa_conformance::transport::Credentials;
use mfa_conformance::transport::http::Options;

/// The default options of the command line, without waiting and shrinking.
pub(crate) fn options() -> RunOptions {
    RunOptions {
        seed: 1,
        sequences: SEQUENCES,
        shard: Shard::WHOLE,
        workers: WORKERS,
        max_time: None,
        max_wait: Duration::ZERO,
        phases: Phase::ALL.into_iter().collect(),
        clause: None,
        fail_fast: false,
        shrink: false,
        strict: false,
        settle: Duration::from_millis(50),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        prefix: "mfac-test".into(),
        quick: Vec::new(),
        fuzzer: None,
    }
}

/// An endpoint on this machine.
pub(crate) async fn factory(url: &str, request_timeout: Duration) -> HttpFactory {
    let endpoint = Endpoint::parse(url, &Policy::default()).unwrap().resolve().await.unwrap();
    let options = Options { request_timeout, ..Options::default() };
    HttpFactory { endpoint, clock: Clock::system(), options }
}

/// Conducts a run with all examples.
pub(crate) async fn run_on(factory: impl TransportFactory, options: RunOptions) -> RunResult {
    let interrupt = Arc::new(AtomicBool::new(false));
    run(Box::new(factory), options, examples().unwrap(), Arc::new(Silent), interrupt).await
}

/// The findings of a run, with the place where each first showed. Their counts also depend on the target's seeds: of
/// some hundred wrong codes, the device emits one in another hour.
pub(crate) fn findings(result: &RunResult) -> BTreeSet<(Bucket, Phase, u64)> {
    let of = |case: &mfa_conformance::run::result::Case| (case.divergence.bucket(), case.phase, case.first_scenario);
    result.cases.iter().map(of).collect()
}

/// How many scenarios were played.
pub(crate) fn scenarios(result: &RunResult) -> u64 {
    result.phases.iter().map(|phase| phase.scenarios).sum()
}
