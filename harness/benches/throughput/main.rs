//! How much of the possible rate a run has: its requests per second over those of a loop that signs and sends the same
//! requests with the same client, workers and runtime to the same kind of server, and drops the bodies.
//!
//! The requests are recorded from a run. For the loop to get the same replies, seeds and keys hang on names and on
//! nothing else, and its server's clock begins where the recording's began.
//!
//! Both are measured in turn, several times, each time on a fresh server in this process; the round whose ratio is the
//! median is printed. So is what fuzzing sends, over the same loop of the same round. Then criterion measures what one scenario costs apart from HTTP.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measures, and stops where it can't"
)]

mod factories;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use criterion::{Criterion, criterion_group};
use factories::{Embedded, Recording};
use mfa_conformance::execute::{Patience, Settings, Stop, play};
use mfa_conformance::fuzz::Fuzzer;
use mfa_conformance::generate::{Plan, sequences::sequence};
use mfa_conformance::oracle::Operations;
use mfa_conformance::report::{About, Access, TargetInfo, build, json};
use mfa_conformance::run::options::WORKERS;
use mfa_conformance::run::result::{Phase, RunResult};
use mfa_conformance::run::{RunOptions, Shard, Silent, TransportFactory, run as run_on};
use mfa_conformance::transport::Credentials;
use mfa_conformance::transport::in_process::InProcess;
use mfa_conformance::wire::Encoded;
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::{MfaOperation, Millis};
use tokio::runtime::Runtime;

fn credentials() -> Credentials {
    Credentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned(), session_token: None }
}

fn options(sequences: u64) -> RunOptions {
    RunOptions {
        seed: 1,
        sequences,
        shard: Shard::WHOLE,
        workers: WORKERS,
        max_time: None,
        max_wait: Duration::ZERO,
        phases: BTreeSet::from([Phase::Sequences]),
        clause: None,
        fail_fast: false,
        shrink: true,
        strict: false,
        settle: Duration::from_secs(2),
        credentials: credentials(),
        prefix: "mfac-bench".to_owned(),
        quick: Vec::new(),
        fuzzer: None,
    }
}

async fn run(factory: impl TransportFactory, options: RunOptions) -> RunResult {
    let interrupt = Arc::new(AtomicBool::new(false));
    let result = run_on(Box::new(factory), options, Vec::new(), Arc::new(Silent), interrupt).await;
    let found: Vec<_> = result.cases.iter().map(|case| &case.divergence).collect();
    assert!(found.is_empty(), "the reference diverges: {found:?}");
    result
}

/// What the workers of a run send to the embedded server, and when it began.
struct Recorded {
    began: Millis,
    workers: Vec<Vec<(Encoded, Credentials)>>,
}

async fn record(sequences: u64) -> Recorded {
    let embedded = Embedded::start(None).await;
    let began = embedded.factory.clock.now();
    let sent = Arc::new(Mutex::new(Vec::new()));
    run(Recording { http: embedded.factory.clone(), sent: sent.clone() }, options(sequences)).await;
    embedded.close().await;
    let all = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
    // The first transport is the probe's.
    let workers = all.into_iter().skip(1);
    let workers = workers.map(|sent| std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner)));
    Recorded { began, workers: workers.collect() }
}

/// Requests per second of the harness: drawing the sequences, playing them, judging, and the report.
async fn harness(sequences: u64) -> Rate {
    let embedded = Embedded::start(None).await;
    let about = About {
        limits: Vec::new(),
        target: TargetInfo {
            name: "the embedded reference".to_owned(),
            endpoint: embedded.factory.endpoint.url().to_string(),
            version: None,
        },
        seed: 1,
        strict: false,
        command: String::new(),
        target_option: String::new(),
        access: Access::default(),
    };
    let clock = embedded.factory.clock;
    let cpu = cpu_time();
    let result = run(embedded.factory.clone(), options(sequences)).await;
    let reporting = clock.stopwatch();
    black_box(json(&build(&result, &about)).expect("a report"));
    let reporting = reporting.elapsed();
    let cpu = cpu_time().saturating_sub(cpu);
    embedded.close().await;
    let phase = result.phases.iter().find(|phase| phase.phase == Phase::Sequences).expect("it was asked for");
    Rate::of(phase.requests.total(), phase.elapsed + reporting, cpu)
}

/// Requests per second of fuzzing for that long: changing scenarios, playing them, judging.
async fn fuzzing(length: Duration) -> f64 {
    let embedded = Embedded::start(None).await;
    let fuzzer = Arc::new(Fuzzer::new(1, Vec::new()));
    let options = RunOptions {
        phases: BTreeSet::from([Phase::Probe]),
        fuzzer: Some(fuzzer),
        max_time: Some(length),
        ..options(0)
    };
    let result = run(embedded.factory.clone(), options).await;
    embedded.close().await;
    let phase = result.phases.iter().find(|phase| phase.phase == Phase::Fuzz).expect("it was asked for");
    Rate::of(phase.requests.total(), phase.elapsed, Duration::ZERO).per_second
}

/// Requests per second of a loop that signs and sends, and drops what comes back.
async fn signing_loop(recorded: &Arc<Recorded>) -> Rate {
    let embedded = Embedded::start(Some(recorded.began)).await;
    let (watch, cpu) = (embedded.factory.clock.stopwatch(), cpu_time());
    let mut tasks = Vec::new();
    for worker in 0..recorded.workers.len() {
        let (recorded, factory) = (recorded.clone(), embedded.factory.clone());
        tasks.push(tokio::spawn(async move {
            let mut http = factory.transport(0).expect("a client");
            for (request, credentials) in recorded.workers.get(worker).into_iter().flatten() {
                drop(http.send(request, credentials).await.expect("a reply"));
            }
        }));
    }
    for task in tasks {
        task.await.expect("a worker that doesn't panic");
    }
    let (elapsed, cpu) = (watch.elapsed(), cpu_time().saturating_sub(cpu));
    embedded.close().await;
    Rate::of(recorded.workers.iter().map(|sent| sent.len() as u64).sum(), elapsed, cpu)
}

/// What requests cost.
#[derive(Clone, Copy)]
struct Rate {
    /// How many in a second.
    per_second: f64,
    /// Time of this process's processors for each, its server's included, in microseconds: other work on the machine
    /// changes it less.
    cpu: f64,
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "far fewer requests than 2 to the 52")]
    fn of(requests: u64, elapsed: Duration, cpu: Duration) -> Self {
        let requests = requests as f64;
        Self { per_second: requests / elapsed.as_secs_f64(), cpu: cpu.as_secs_f64() * 1e6 / requests }
    }
}

/// What all threads of this process have had of the processors.
fn cpu_time() -> Duration {
    Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime)).unwrap_or_default()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// What one round has measured.
struct Round {
    harness: Rate,
    looped: Rate,
    /// Requests per second of fuzzing.
    fuzzed: f64,
}

impl Round {
    /// The harness's rate over the loop's.
    fn ratio(&self) -> f64 {
        self.harness.per_second / self.looped.per_second
    }

    /// Fuzzing's rate over the loop's.
    fn fuzzed_ratio(&self) -> f64 {
        self.fuzzed / self.looped.per_second
    }
}

/// Measures all in turn and prints the rounds whose ratios are the medians.
fn ratio(rounds: usize, sequences: u64, fuzzed_for: Duration) {
    let mut measured: Vec<Round> = runtime().block_on(async {
        let recorded = Arc::new(record(sequences).await);
        let mut measured = Vec::new();
        for round in 0..rounds {
            // Whatever drifts meanwhile favours neither.
            measured.push(if round % 2 == 0 {
                let (harness, looped) = (harness(sequences).await, signing_loop(&recorded).await);
                Round { harness, looped, fuzzed: fuzzing(fuzzed_for).await }
            } else {
                let (fuzzed, looped) = (fuzzing(fuzzed_for).await, signing_loop(&recorded).await);
                Round { harness: harness(sequences).await, looped, fuzzed }
            });
        }
        measured
    });
    let middle = measured.len() / 2;
    measured.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let ratios: Vec<String> = measured.iter().map(|round| format!("{:.2}", round.ratio())).collect();
    let mut cpu: Vec<f64> = measured.iter().map(|round| round.looped.cpu / round.harness.cpu).collect();
    cpu.sort_by(f64::total_cmp);
    if let (Some(round), Some(cpu)) = (measured.get(middle), cpu.get(middle)) {
        println!(
            "harness/loop ratio: {:.2} (harness {} requests/s, signing loop {} requests/s)",
            round.ratio(),
            thousands(round.harness.per_second),
            thousands(round.looped.per_second),
        );
        println!(
            "by processor time: {cpu:.2} ({:.0} and {:.0} µs a request, server included); {WORKERS} workers, {rounds} \
             rounds of ratio {}",
            round.harness.cpu,
            round.looped.cpu,
            ratios.join(" ")
        );
    }
    measured.sort_by(|one, other| one.fuzzed_ratio().total_cmp(&other.fuzzed_ratio()));
    if let Some(round) = measured.get(middle) {
        println!(
            "fuzz/loop ratio: {:.2} (fuzz {} requests/s, signing loop {} requests/s)",
            round.fuzzed_ratio(),
            thousands(round.fuzzed),
            thousands(round.looped.per_second),
        );
    }
}

/// A rate as people read it, with a comma before the last three digits.
fn thousands(rate: f64) -> String {
    let text = format!("{rate:.0}");
    match text.split_at_checked(text.len().saturating_sub(3)) {
        Some((front, back)) if !front.is_empty() => format!("{front},{back}"),
        Some(_) | None => text,
    }
}

/// What one scenario costs apart from HTTP: drawn, and played on a service without a socket.
fn scenarios(criterion: &mut Criterion) {
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let settings = Settings {
        strict: false,
        settle: Duration::ZERO,
        credentials: credentials(),
        operations: Operations::all(),
        starts_empty: false,
        patience: Patience::Never,
        keep_trace: false,
    };
    let runtime = runtime();
    let mut number = 0;
    criterion.bench_function("draw a sequence", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % 200;
            sequence(1, number, &plan)
        });
    });
    let drawn: Vec<_> = (0..200).map(|number| sequence(1, number, &plan)).collect();
    criterion.bench_function("play 200 sequences in process", |bencher| {
        bencher.iter(|| {
            for scenario in &drawn {
                let mut transport = InProcess::new(Service::new(Behaviour::default(), 1), Millis(1_750_000_000_000));
                let stop = Stop::default();
                let played = runtime.block_on(play(scenario, "mfac-bench", &settings, &mut transport, &stop));
                assert!(black_box(played).found.is_empty(), "the reference conforms");
            }
        });
    });
}

criterion_group!(groups, scenarios);

fn main() {
    // `cargo test` runs benchmarks too, once and quickly.
    let measuring = std::env::args().any(|argument| argument == "--bench");
    if measuring {
        ratio(9, 1_500, Duration::from_secs(2));
    } else {
        ratio(1, 20, Duration::from_millis(50));
    }
    groups();
    Criterion::default().configure_from_args().final_summary();
}
