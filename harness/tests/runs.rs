//! Whole runs: the same seed finds the same, the reference passes, and no run leaves anything behind, however it ends.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a broken one has to fail the test")]

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;
#[path = "support/servers.rs"]
#[expect(dead_code, reason = "other tests have use for servers that are no service")]
mod servers;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mfa_conformance::clock::Clock;
use mfa_conformance::known_gaps::{Day, KnownGaps, apply, apply_again, update};
use mfa_conformance::report::value::GapState;
use mfa_conformance::report::{
    About, Access, MergeError, Report, RunVerdict, TargetInfo, build, json, merge, shows_only_where_broken,
};
use mfa_conformance::run::result::Phase;
use mfa_conformance::run::{EmbeddedFactory, InProcessFactory, RunOptions, Shard, TransportFactory};
use mfa_conformance::transport::{Transport, TransportError};
use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId;
use mfa_reference::service::behaviour::{Decision, LastPair, Recogniser, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::service::{Behaviour, Memory};
use mfa_reference::totp::Seed;
use mfa_reference::{CodeOperation, ErrorCode, Millis, Operation, Request, SuccessBody, TimeStep};
use program::{Ended, end, run, start};
use running::{factory, findings, options, run_on, scenarios};
use rustix::process::{Pid, Signal, kill_process};
use servers::{Account, Event, until_it_hangs};
use tokio::process::Child;

/// Accepts any two codes.
struct AnyCodes;

impl Recogniser for AnyCodes {
    fn recognise(&self, _: &Seed, _: &str, _: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        Some(now.step())
    }
}

/// Enables devices that don't exist, and deletes users who have a device.
struct Generous;

impl Rules for Generous {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let documented = Documented::default().decide(situation, request, memory);
        let Decision::Refuse { code, .. } = &documented else { return documented };
        let done = |effect| Decision::CarryOut { effect, body: SuccessBody::Empty };
        match (request, code) {
            (Request::Codes { operation: CodeOperation::Enable, serial_number, .. }, ErrorCode::NoSuchEntity)
                if serial_number.text.is_some_and(|serial| situation.account.find_device(serial).is_none()) =>
            {
                done(Effect::None)
            }
            (Request::Support(support), ErrorCode::DeleteConflict) if support.operation == Operation::DeleteUser => {
                let user = support.name.text.and_then(|name| situation.account.find_user(name));
                user.map_or(documented, |user| done(Effect::RemoveUser(user)))
            }
            _ => documented,
        }
    }
}

/// A service with three faults.
fn faulty() -> Behaviour {
    Behaviour { recogniser: Arc::new(AnyCodes), rules: Arc::new(Generous), ..Behaviour::default() }
}

/// The reference as `run` embeds it.
async fn embedded(account: &Account) -> EmbeddedFactory {
    let http = factory(account.url(), Duration::from_secs(30)).await;
    let now = http.clock.now();
    EmbeddedFactory { http, in_process: InProcessFactory { behaviour: Behaviour::default(), now } }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_conforms_whatever_the_seed() {
    // Through sockets, as `run` does. Fewer sequences, since a test build is slow.
    for (seed, strict, sequences, least) in [(1, false, 780, 1_000), (2, true, 60, 200), (3, true, 60, 200)] {
        let account = Account::new(Behaviour::default()).await;
        let options = RunOptions { seed, strict, sequences, ..options() };
        let result = run_on(embedded(&account).await, options).await;
        assert!(result.cases.is_empty(), "seed {seed}: {:#?}", result.cases);
        assert!(result.unfinished.is_empty(), "seed {seed}: {:?}", result.unfinished);
        assert!(result.leftovers.is_empty() && account.remains().is_empty(), "seed {seed}: {:?}", result.leftovers);
        assert!(scenarios(&result) >= least, "{} scenarios", scenarios(&result));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_plays_and_finds_the_same_with_any_number_of_workers() {
    let mut seen = Vec::new();
    for workers in [1, 8] {
        let account = Account::new(faulty()).await;
        let options = RunOptions { workers, sequences: 60, ..options() };
        let result = run_on(factory(account.url(), Duration::from_secs(30)).await, options).await;
        // Which scenario shows a finding first depends on when its time step ended, since the service's clock runs.
        let found: BTreeSet<_> = findings(&result).into_iter().map(|(finding, ..)| finding).collect();
        seen.push((result.scenario_digest.clone(), found));
    }
    assert_eq!(seen[0], seen[1]);
    let clauses: Vec<String> = seen[0].1.iter().map(|(clause, ..)| clause.to_string()).collect();
    for clause in ["delete-user.requires-deactivation", "enable.codes-recognised", "enable.device-exists"] {
        assert!(clauses.iter().any(|known| known == clause), "{clause} is not among {clauses:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_tells_what_was_drawn_and_not_what_it_showed() {
    let digest = async |behaviour| {
        let factory = InProcessFactory { behaviour, now: Millis(1_750_000_000_000) };
        let result = run_on(factory, RunOptions { phases: [Phase::Overlap].into(), ..options() }).await;
        (result.scenario_digest, result.cases.is_empty())
    };
    let ((broken, no_finding), (right, none)) = (digest(faulty()).await, digest(Behaviour::default()).await);
    assert_eq!((broken, no_finding, none), (right, false, true));
}

fn about() -> About {
    About {
        target: TargetInfo { name: "faulty".to_owned(), endpoint: "none".to_owned(), version: None },
        seed: 1,
        strict: false,
        limits: Vec::new(),
        command: "run".to_owned(),
        target_option: String::new(),
        access: Access::default(),
    }
}

/// Runs in this process, where each scenario has its own service and clock, so that nothing is random.
async fn reported(behaviour: Behaviour, sequences: u64, shard: Shard) -> Report {
    let factory = InProcessFactory { behaviour, now: Millis(1_750_000_000_000) };
    let options = RunOptions { shard, sequences, shrink: true, max_wait: Duration::from_secs(90), ..options() };
    let mut report = build(&run_on(factory, options).await, &about());
    report.totals.seconds = 0.0;
    report.phases.iter_mut().for_each(|phase| phase.seconds = 0.0);
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reports_of_all_shards_come_to_that_of_the_whole_run() {
    let whole = reported(faulty(), 60, Shard::WHOLE).await;
    assert!(whole.findings.len() > 5 && whole.totals.scenarios > 300, "{:?}", whole.totals);
    let mut parts = Vec::new();
    for index in 1..=4 {
        let part = reported(faulty(), 60, Shard::new(index, 4).unwrap()).await;
        assert!(part.totals.scenarios > 40 && part.totals.scenarios < whole.totals.scenarios / 2);
        parts.push((format!("{index}.json"), part));
    }
    let missing = merge(parts[1..].to_vec()).unwrap_err();
    assert_eq!(missing, MergeError::Missing(1, 4));
    let twice = merge(vec![parts[0].clone(), parts[0].clone()]).unwrap_err();
    assert!(matches!(twice, MergeError::Twice(..)), "{twice}");
    let alone = merge(vec![("whole.json".to_owned(), whole.clone())]).unwrap_err();
    assert!(alone.to_string().starts_with("whole.json tells of a whole run"), "{alone}");
    let mut other = parts.clone();
    other[2].1.seed = 2;
    assert!(merge(other).unwrap_err().to_string().contains("the seed is 1 there, and 2 here"));
    let mut longer = parts.clone();
    assert_eq!(longer[3].1.command, "run --shard 4/4");
    longer[3].1.shard.as_mut().unwrap().whole_command = Some("run --scenarios 90".to_owned());
    assert!(merge(longer).unwrap_err().to_string().contains("the command is"));
    // Each shard may have an instance of the target of its own.
    let at = |(name, report): &(String, Report), option: &str, target: &str| {
        let mut report = report.clone();
        report.target.name = target.to_owned();
        report.target_option = format!("{option} {target}");
        report.shard.as_mut().unwrap().whole_command = Some(format!("run {option} {target} --seed 1"));
        (name.clone(), report)
    };
    let urls = (1..).map(|port| format!("http://127.0.0.1:{port}"));
    let apart: Vec<_> = parts.iter().zip(urls).map(|(part, url)| at(part, "--endpoint-url", &url)).collect();
    let command = merge(apart.clone()).unwrap().command;
    assert_eq!(command, "run --endpoint-url http://127.0.0.1:1 --seed 1");
    let mut mixed = apart;
    mixed[3] = at(&parts[3], "--target", "moto");
    assert!(merge(mixed).unwrap_err().to_string().contains("the target is an endpoint there, and moto"));
    let mut limited = parts.clone();
    limited[3].1.cut_short = vec!["limited by --phase".to_owned()];
    assert_eq!(merge(limited).unwrap().cut_short, ["limited by --phase"]);
    let alone = &parts[1].1.verdict_reason;
    assert!(alone.contains(" This is only shard 2 of 4."), "{alone}");
    // Their order has no meaning.
    parts.swap(0, 3);
    let merged = merge(parts).unwrap();
    let (merged, whole) = (json(&merged).unwrap(), json(&whole).unwrap());
    assert!(merged == whole, "{}", first_difference(&whole, &merged));
}

/// Fails to build clients after this many.
struct OutOfClients(InProcessFactory, AtomicU32);

impl TransportFactory for OutOfClients {
    fn one_service_a_scenario(&self) -> bool {
        true
    }

    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        let is_left = self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if is_left { self.0.transport(skew_ms) } else { Err(TransportError::Request("too many open files".to_owned())) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_be_built_stands_in_the_report_and_makes_the_run_inconclusive() {
    let own = InProcessFactory { behaviour: Behaviour::default(), now: Millis(1_750_000_000_000) };
    let result = run_on(OutOfClients(own, AtomicU32::new(400)), RunOptions { sequences: 60, ..options() }).await;
    assert!(result.cases.is_empty() && scenarios(&result) > 100, "{:?}", result.phases);
    let report = build(&result, &about());
    assert_eq!(report.verdict, RunVerdict::Inconclusive);
    let told =
        "Something was not tested: no client could be built: the request could not be sent: too many open files.";
    assert_eq!(report.incomplete, [told]);
}

/// The shards together allow the same known gaps as the whole run.
#[tokio::test(flavor = "multi_thread")]
async fn shards_with_known_gaps_come_to_the_whole_run_with_them() {
    let today: Day = "2026-11-22".parse().unwrap();
    let mut whole = reported(faulty(), 60, Shard::WHOLE).await;
    let list = update("gaps.toml", "", &whole, &today, None).unwrap().text;
    let mended = "[[gap]]\nclause = \"deactivate.user-exists\"\noperation = \"DeactivateMFADevice\"\nshows = \"success\"\n\
                  reason = \"mended\"\nsince = \"2026-11-22\"\n";
    for (list, code) in [(list.clone(), 0), (format!("{list}\n{mended}"), 1)] {
        let gaps = KnownGaps::read("gaps.toml", &list).unwrap();
        let mut parts = Vec::new();
        for index in 1..=2 {
            let mut part = reported(faulty(), 60, Shard::new(index, 2).unwrap()).await;
            apply(&mut part, &gaps, &today);
            assert!(part.known_gaps.iter().all(|gap| gap.state != GapState::Stale));
            parts.push((format!("{index}.json"), part));
        }
        let mut merged = merge(parts).unwrap();
        apply_again(&mut merged, &today);
        apply(&mut whole, &gaps, &today);
        assert_eq!(merged.exit_code(), code, "{}", merged.verdict_reason);
        let (merged, whole) = (json(&merged).unwrap(), json(&whole).unwrap());
        assert!(merged == whole, "{}", first_difference(&whole, &merged));
    }
}

/// A list of known gaps has to know the clauses that no call of the reference tests.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_run_of_the_reference_tests_shows_only_where_it_is_broken() {
    let report = reported(Behaviour::default(), 400, Shard::WHOLE).await;
    for entry in report.not_tested.iter().filter(|entry| entry.sides.is_empty()) {
        let clause = entry.clause;
        // No SDK is used: nothing shows those clauses.
        let unseen = [ClauseId::SdkBoto3Exceptions, ClauseId::SdkBoto3Returns];
        let excluded = clause.clause().excluded.is_some() || unseen.contains(&clause);
        assert!(excluded || shows_only_where_broken(clause), "{clause}");
    }
    for clause in ClauseId::all().filter(|clause| shows_only_where_broken(*clause)) {
        let counted = report.clauses.iter().find(|known| known.id == clause).unwrap();
        let tested = counted.tested.accept + counted.tested.reject > 0;
        assert!(!tested || matches!(clause, ClauseId::ErrorStatus(_) | ClauseId::ErrorMessage(_)), "{clause}");
    }
}

/// The first lines that differ.
fn first_difference(one: &str, other: &str) -> String {
    let lines = one.lines().zip(other.lines()).filter(|(one, other)| one != other).take(30);
    lines.flat_map(|(one, other)| ["- ", one, "\n+ ", other, "\n"]).collect()
}

/// Runs the program on an account, and returns what it left there.
async fn leaves(account: &Account, arguments: &[&str]) -> (Ended, Vec<String>) {
    let ended = run(&[&["run", "--endpoint-url", account.url(), "--max-wait", "0s"], arguments].concat()).await;
    assert!(ended.is_decent(), "{}{}", ended.stdout, ended.stderr);
    (ended, account.remains())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_leaves_nothing_behind_however_it_ends() {
    let careless = || Behaviour { recogniser: Arc::new(AnyCodes), ..Behaviour::default() };
    for (behaviour, arguments, code) in [
        (Behaviour::default(), &["--scenarios", "50"] as &[&str], 0),
        (careless(), &["--phase", "examples", "--fail-fast"], 1),
        (careless(), &["--phase", "examples", "--settle", "100ms"], 1),
    ] {
        let account = Account::new(behaviour).await;
        let (ended, remains) = leaves(&account, arguments).await;
        assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
        assert_eq!(remains, Vec::<String>::new(), "{arguments:?}");
        assert!(account.requests() > 20, "{arguments:?}: {} requests", account.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_time_is_up_ends_early_and_leaves_nothing() {
    let account = Account::new(Behaviour::default()).await;
    let watch = Clock::system().stopwatch();
    let endless = ["--scenarios", "1000000", "--max-time", "1s"];
    let ended = run(&[&["run", "--endpoint-url", account.url()], endless.as_slice()].concat()).await;
    assert!(watch.elapsed() < Duration::from_secs(10), "{:?}", watch.elapsed());
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(account.remains(), Vec::<String>::new());
}

fn signal(child: &Child, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// Starts a long run, and returns it once the account contains something of it.
async fn midst(account: &Account, url: &str) -> Child {
    let child = start(&["run", "--endpoint-url", url, "--scenarios", "1000000"]);
    let clock = Clock::system();
    while account.requests() < 200 || account.remains().is_empty() {
        clock.wait(Duration::from_millis(1)).await;
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_cleans_up_and_is_inconclusive() {
    for by in [Signal::INT, Signal::TERM] {
        let account = Account::new(Behaviour::default()).await;
        let child = midst(&account, account.url()).await;
        signal(&child, by);
        let ended = end(child).await;
        assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.is_decent() && ended.stderr.contains("stopping: cleaning up"), "{}", ended.stderr);
        assert_eq!(account.remains(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_that_has_found_something_diverges() {
    let account = Account::new(Behaviour { recogniser: Arc::new(AnyCodes), ..Behaviour::default() }).await;
    let child = start(&["run", "--endpoint-url", account.url(), "--scenarios", "1000000", "--settle", "0s"]);
    while account.requests() < 1_500 {
        Clock::system().wait(Duration::from_millis(5)).await;
    }
    signal(&child, Signal::INT);
    let ended = end(child).await;
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(account.remains(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interruption_ends_at_once() {
    let account = Account::new(Behaviour::default()).await;
    let hangs = Event::new();
    let served = until_it_hangs(account.url(), hangs.clone()).await;
    let child = midst(&account, &served.url).await;
    hangs.happen();
    signal(&child, Signal::INT);
    Clock::system().wait(Duration::from_millis(300)).await;
    let watch = Clock::system().stopwatch();
    signal(&child, Signal::INT);
    let ended = end(child).await;
    assert!(watch.elapsed() < Duration::from_secs(1), "{:?}", watch.elapsed());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert!(!account.remains().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_has_left_is_deleted_by_cleanup() {
    let account = Account::new(Behaviour::default()).await;
    let child = midst(&account, account.url()).await;
    signal(&child, Signal::KILL);
    assert_eq!(end(child).await.code, None);
    // The service may still execute the last requests.
    let mut remains = Vec::new();
    while remains != account.remains() {
        remains = account.remains();
        Clock::system().wait(Duration::from_millis(300)).await;
    }
    assert!(!remains.is_empty());
    let ended = run(&["cleanup", "--endpoint-url", account.url()]).await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let (users, devices): (Vec<_>, Vec<_>) = remains.iter().partition(|name| !name.starts_with("arn:"));
    let told = format!("deleted {} users and {} devices that begin with mfac-\n", users.len(), devices.len());
    assert_eq!(ended.stdout, told);
    assert_eq!(account.remains(), Vec::<String>::new());
}
