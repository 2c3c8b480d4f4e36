//! Targets that die, hang, put off or lie about the time, on a virtual clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a broken one has to fail the test")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_conformance::serve::Answer;
use mfa_reference::clause::ClauseId;
use mfa_reference::service::behaviour::Adjacent;
use mfa_reference::{ErrorCode, MfaOperation, Millis};

use mfa_conformance::generate::examples::examples;
use mfa_conformance::report::{About, Access, Detail, Report, RunVerdict, TargetInfo, build};
use mfa_conformance::run::progress::Silent;
use mfa_conformance::run::result::{Phase, RunResult};
use mfa_conformance::run::{RunOptions, Shard, TransportFactory, run};
use mfa_conformance::transport::{BoxFuture, ConnectionPlan, Credentials, HttpReply, Transport, TransportError};
use mfa_conformance::wire::Encoded;
use mfa_faults::altered::{Altered, documented};
use mfa_faults::factory::{AlteredFactory, AlteredTransport};
use mfa_faults::line::{Incoming, Service, laid, lock, parameter, parameters};
use mfa_faults::{fault, variant};

/// A factory whose transports say that their clock is real: waiting is bounded as on a live target, and takes no time.
#[derive(Clone)]
struct Live(AlteredFactory);

struct LiveTransport(AlteredTransport);

impl TransportFactory for Live {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(LiveTransport(self.0.connect(skew_ms))))
    }
}

impl Transport for LiveTransport {
    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move { self.0.send(request, credentials).await })
    }

    fn now(&self) -> Millis {
        self.0.now()
    }

    fn clock_tolerance(&self) -> i64 {
        self.0.clock_tolerance()
    }

    fn connect_by(&mut self, plan: ConnectionPlan) {
        self.0.connect_by(plan);
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.0.wait(duration).await;
        })
    }
}

fn factory(altered: Altered) -> AlteredFactory {
    AlteredFactory::new(altered, 1, Millis(1_750_000_000_000))
}

fn options() -> RunOptions {
    RunOptions {
        seed: 1,
        sequences: 20,
        shard: Shard::WHOLE,
        workers: 1,
        max_time: None,
        max_wait: Duration::from_secs(95),
        phases: [Phase::Probe, Phase::Examples].into(),
        clause: None,
        fail_fast: false,
        shrink: true,
        strict: false,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".to_owned(),
            secret_access_key: "test".to_owned(),
            session_token: None,
        },
        prefix: "mfac-t".to_owned(),
        quick: Vec::new(),
        fuzzer: None,
    }
}

async fn judged(factory: impl TransportFactory, options: RunOptions) -> (RunResult, Report) {
    let interrupt = Arc::new(AtomicBool::new(false));
    let result = run(Box::new(factory), options, examples().unwrap(), Arc::new(Silent), interrupt).await;
    let about = About {
        target: TargetInfo { name: "trouble".to_owned(), endpoint: "none".to_owned(), version: None },
        seed: 1,
        strict: false,
        limits: Vec::new(),
        command: "run".to_owned(),
        target_option: String::new(),
        access: Access::default(),
    };
    let report = build(&result, &about);
    (result, report)
}

/// From the request of this number on, nothing is answered any more.
fn dies_at(number: u64, how: fn() -> Answer) -> Altered {
    documented().behind(laid(
        move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if incoming.calls >= number { how() } else { service(&incoming.request).into() }
        },
    ))
}

#[tokio::test]
async fn a_target_that_dies_is_inconclusive_however_it_dies() {
    for how in [|| Answer::HangUp, || Answer::Silence] as [fn() -> Answer; 2] {
        let (result, report) = judged(factory(dies_at(700, how)), options()).await;
        assert!(result.cases.is_empty(), "{:?}: {:#?}", how(), result.cases);
        assert_eq!((report.verdict, report.exit_code()), (RunVerdict::Inconclusive, 3));
        let reason = &report.verdict_reason;
        assert!(reason.contains("it stopped answering in the middle of the run ("), "{reason}");
        assert_eq!(report.cut_short, ["stopped by the loss of the target"]);
        assert!(reason.contains(" was under way") && reason.contains(" requests; "), "{reason}");
    }
}

/// Gives no reply to calls of these numbers.
fn hangs_at(numbers: &'static [u64]) -> Altered {
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if numbers.contains(&incoming.calls) { Answer::Silence } else { service(&incoming.request).into() }
    }))
}

#[tokio::test]
async fn one_request_without_a_reply_is_flaky_and_several_fail() {
    let (result, report) = judged(factory(hangs_at(&[500])), options()).await;
    let [case] = result.cases.as_slice() else { panic!("{:#?}", result.cases) };
    assert_eq!((case.divergence.clause, case.is_flaky()), (ClauseId::RobustnessAnswers, true));
    assert_eq!((report.verdict, report.exit_code()), (RunVerdict::Inconclusive, 3), "{}", report.verdict_reason);
    assert!(report.verdict_reason.contains("1 finding is flaky"), "{}", report.verdict_reason);
    assert!(report.notes.iter().any(|note| note.text.starts_with("1 request had no reply in time: 1 of ")));
    assert!(report.clauses.iter().all(|clause| !clause.broken));
    for text in [
        mfa_conformance::report::terminal(&report, false, 100, Detail::Full),
        mfa_conformance::report::markdown(&report),
    ] {
        assert!(text.contains("1 flaky finding"), "{text}");
    }
    assert!(mfa_conformance::report::junit(&report).unwrap().contains("type=\"flaky\""));
    assert!(mfa_conformance::report::html(&report).contains("state flaky"));

    let (result, report) = judged(factory(fault("hangs-now-and-then").unwrap().service.make()), options()).await;
    assert!(result.cases.iter().any(|case| !case.is_flaky() && case.occurrences > 1), "{:#?}", result.cases);
    assert_eq!(report.exit_code(), 1, "{}", report.verdict_reason);
}

#[tokio::test]
async fn three_operations_that_break_off_are_three_findings_and_no_death() {
    let broken = fault("resets-the-three-operations").unwrap();
    let (result, report) = judged(factory(broken.service.make()), options()).await;
    assert_eq!(result.probe.unusable, None);
    let operations: BTreeSet<&str> = result.cases.iter().map(|case| case.divergence.operation.name()).collect();
    let three: BTreeSet<&str> = MfaOperation::ALL.into_iter().map(|operation| operation.operation().name()).collect();
    assert_eq!(operations, three);
    assert!(result.cases.iter().all(|case| case.divergence.clause == ClauseId::RobustnessNoCrash));
    assert_eq!((report.findings.len(), report.exit_code()), (3, 1), "{}", report.verdict_reason);
}

/// Answers Throttling to each Resync.
fn throttles_resync() -> Altered {
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if parameters(&incoming.request).contains("Action=ResyncMFADevice") {
            return mfa_faults::put_off(ErrorCode::Throttling, None, incoming.calls);
        }
        service(&incoming.request).into()
    }))
}

#[tokio::test]
async fn what_is_put_off_for_good_is_not_tested_within_the_wait_and_fails_after_ten_minutes() {
    let (result, report) = judged(Live(factory(throttles_resync())), options()).await;
    assert!(result.cases.is_empty(), "{:#?}", result.cases);
    assert_eq!(report.exit_code(), 3);
    let reason = &report.verdict_reason;
    assert!(reason.contains("not tested: ResyncMFADevice was answered Throttling"), "{reason}");

    let patient = RunOptions { max_wait: Duration::from_mins(11), ..options() };
    for (result, report) in
        [judged(Live(factory(throttles_resync())), patient).await, judged(factory(throttles_resync()), options()).await]
    {
        let clauses: BTreeSet<ClauseId> = result.cases.iter().map(|case| case.divergence.clause).collect();
        assert_eq!(clauses, [ClauseId::RobustnessPersistentFailure].into(), "{}", report.verdict_reason);
        assert_eq!(report.exit_code(), 1);
    }
}

#[tokio::test]
async fn what_passes_within_the_wait_passes_on_a_live_target() {
    let slow = ["recreated-users-unmodifiable-for-ten-seconds", "throttles-for-twenty-seconds", "unavailable-at-first"];
    for name in slow {
        let (result, report) = judged(Live(factory(variant(name).unwrap().service.make())), options()).await;
        assert!(result.cases.is_empty(), "{name}: {:#?}", result.cases);
        assert_eq!(report.exit_code(), 0, "{name}: {}", report.verdict_reason);
    }
}

#[tokio::test]
async fn a_clock_that_nothing_explains_is_a_note_and_no_finding() {
    let hour = 3_600_000;
    let service = Altered { ahead_ms: 3 * hour, date_shift_ms: 2 * hour, ..documented() };
    let (result, report) = judged(factory(service), options()).await;
    assert!(result.cases.is_empty(), "{:#?}", result.cases);
    assert_eq!(report.exit_code(), 3);
    let notes: Vec<&String> = report.notes.iter().map(|note| &note.text).filter(|text| text.contains("Date")).collect();
    assert!(notes.len() == 1 && notes[0].contains("neither explains which codes the target accepts"), "{notes:?}");

    let ahead = Altered { ahead_ms: 3 * hour, ..documented() };
    let (result, report) = judged(factory(ahead), options()).await;
    assert_eq!((result.cases.len(), report.exit_code()), (0, 0), "{}", report.verdict_reason);
}

#[tokio::test]
async fn a_clock_is_found_by_what_lies_in_the_middle_of_the_accepted_codes() {
    for (ahead_ms, steps) in [(5_000, 0), (5_000, 1), (-8_000, 0), (40_000, 1), (-40_000, 1), (40_000, 2)] {
        for (into_step, dates_lie) in [(500, false), (12_000, false), (14_400, true), (27_000, false), (29_700, true)] {
            // Either the clock is off and `Date` says so, or a proxy shifts `Date`.
            let (ahead_ms, date_shift_ms) = if dates_lie { (0, ahead_ms) } else { (ahead_ms, 0) };
            let recogniser = Adjacent { steps_behind: steps, steps_ahead: steps };
            let altered = Altered { ahead_ms, date_shift_ms, ..documented() }.and_recogniser(recogniser);
            let begun = Millis(1_750_000_020_000 + into_step);
            let (result, report) = judged(AlteredFactory::new(altered, 1, begun), options()).await;
            let case = format!("{ahead_ms} ms, Date {date_shift_ms} ms, {steps} steps, {into_step} ms into a step");
            assert!(result.cases.is_empty(), "{case}: {:#?}", result.cases);
            assert_eq!(report.exit_code(), 0, "{case}: {}", report.verdict_reason);
        }
    }
    // A clock that is off excuses no service that checks nothing.
    let unchecked = Altered { ahead_ms: 5_000, ..fault("enable-codes-unchecked").unwrap().service.make() };
    let (result, report) = judged(factory(unchecked), options()).await;
    assert!(result.cases.iter().any(|case| case.divergence.clause == ClauseId::EnableCodesRecognised));
    assert_eq!(report.exit_code(), 1, "{}", report.verdict_reason);
}

/// A service that a certain input kills, and that can be started again.
#[derive(Clone)]
struct Mortal(Arc<Mutex<AlteredFactory>>);

impl TransportFactory for Mortal {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        lock(&self.0).transport(skew_ms)
    }

    fn restart(&self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            *lock(&self.0) = factory(dies_of_short_codes());
            true
        })
    }
}

/// Dies of a code that is too short.
fn dies_of_short_codes() -> Altered {
    let dead = Arc::new(AtomicBool::new(false));
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let read = parameters(&incoming.request);
        if parameter(&read, "AuthenticationCode1").is_some_and(|code| code.len() == 5) {
            dead.store(true, Ordering::Relaxed);
        }
        if dead.load(Ordering::Relaxed) { Answer::HangUp } else { service(&incoming.request).into() }
    }))
}

#[tokio::test]
async fn the_request_that_kills_a_target_is_found_by_starting_it_again() {
    let boundary = || RunOptions { phases: [Phase::Probe, Phase::Boundary].into(), ..options() };
    let (result, report) = judged(factory(dies_of_short_codes()), boundary()).await;
    assert_eq!((result.cases.len(), report.exit_code()), (0, 3), "{}", report.verdict_reason);

    let mortal = Mortal(Arc::new(Mutex::new(factory(dies_of_short_codes()))));
    let (result, report) = judged(mortal, boundary()).await;
    let [case] = result.cases.as_slice() else { panic!("{:#?}", result.cases) };
    assert_eq!(case.divergence.clause, ClauseId::RobustnessNoCrash);
    let killer = &case.trace[case.exchange].call.request;
    assert_eq!(killer.get("AuthenticationCode1").map(str::len), Some(5));
    assert_eq!(report.exit_code(), 1);
    assert!(report.verdict_reason.starts_with("1 finding"), "{}", report.verdict_reason);
}
