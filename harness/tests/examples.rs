//! The examples, played without a socket: on the documented service, and on services with one thing wrong.

#[expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests: a broken one has to fail the test, and a service changes few of all cases"
)]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, play};
use mfa_conformance::generate::examples::{example_files, examples};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::Scenario;
use mfa_conformance::transport::Credentials;
use mfa_reference::clause::ClauseId;
use mfa_reference::service::Behaviour;
use mfa_reference::{MfaOperation, Step};
use support::broken::{Broken, Misread, with};
use support::faults::FAULTS;
use support::variants::{VARIANTS, ordered, orders};

fn settings(strict: bool) -> Settings {
    Settings {
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        operations: Operations { present: MfaOperation::ALL.into_iter().collect() },
        listings: true,
        patience: Patience::Always,
        retries: 5,
        keep_trace: false,
    }
}

async fn play_on(service: Broken, scenario: &Scenario, strict: bool) -> Played {
    play_through(service.transport(), scenario, strict).await
}

async fn play_through(mut transport: Misread, scenario: &Scenario, strict: bool) -> Played {
    play(scenario, "mfac-test", &settings(strict), &mut transport, &AtomicBool::new(false)).await
}

#[tokio::test]
async fn every_example_conforms_on_the_documented_service() {
    for example in examples().unwrap() {
        let played = play_on(with(Behaviour::default()), &example, true).await;
        assert!(played.found.is_empty(), "{}: {:#?}\n{:#?}", example.name, played.found, played.trace.last());
        assert_eq!(played.unfinished, None, "{}", example.name);
        assert!(played.leftovers.is_empty(), "{}: {:?}", example.name, played.leftovers);
    }
}

/// The examples by the names of their files, without `.json`.
#[expect(clippy::unwrap_used, reason = "an example that can't be read fails the test")]
fn by_name() -> BTreeMap<&'static str, Scenario> {
    let names = example_files().into_iter().map(|(name, _)| name.trim_end_matches(".json"));
    names.zip(examples().unwrap()).collect()
}

/// The clauses that what was found breaks, and those that it may break as well.
fn broken_clauses(played: &Played) -> BTreeSet<String> {
    let found = played.found.iter().map(|found| &found.divergence);
    found.flat_map(|one| std::iter::once(one.clause).chain(one.also.clone())).map(|id| id.to_string()).collect()
}

#[tokio::test]
async fn a_fault_is_found_by_the_examples_written_for_the_clause_that_it_breaks() {
    let examples = by_name();
    let mut wrong = Vec::new();
    for fault in FAULTS.iter().copied().flatten() {
        for name in fault.found_by {
            let example = examples.get(name).unwrap_or_else(|| panic!("there is no {name}.json"));
            let played = play_on((fault.service)(), example, fault.strict).await;
            let broken = broken_clauses(&played);
            if !example.cites.iter().any(|cited| broken.contains(cited)) {
                wrong.push(format!(
                    "{name} on a service that {}: {broken:?}, unfinished {:?}",
                    fault.name, played.unfinished
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_finds_some_fault() {
    let finding: BTreeSet<&str> = FAULTS.iter().copied().flatten().flat_map(|fault| fault.found_by).copied().collect();
    let idle: Vec<&str> = by_name().into_keys().filter(|name| !finding.contains(name)).collect();
    assert!(idle.is_empty(), "no fault is named that these find: {idle:#?}");
}

/// The clauses that an example cites and does not put to the test on the documented service, and why.
const NOT_SHOWN: &[(&str, &[&str], &str)] = &[
    (
        "document-sample-deactivate",
        &["deactivate.serial-number.min-length", "deactivate.serial-number.rejected", "deactivate.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    (
        "document-sample-enable",
        &["enable.serial-number.min-length", "enable.serial-number.rejected", "enable.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    (
        "document-sample-resync",
        &["resync.serial-number.min-length", "resync.serial-number.rejected", "resync.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    ("enable-early-codes", &["enable.associates"], "the documented service takes no early codes"),
    ("enable-codes-one-step-early", &["enable.rejected-no-effect"], "the documented service takes these codes"),
    ("enable-codes-one-step-late", &["enable.rejected-no-effect"], "the documented service takes these codes"),
    ("enable-gap-between-the-codes", &["enable.associates"], "the documented service takes no codes with a gap"),
    ("enable-late-codes-then-resync", &["resync.after-late-enable"], "the documented service takes no late codes"),
    (
        "delete-user-after-deleting-its-device",
        &["delete-virtual-device.frees-user"],
        "the documented service deletes no enabled device",
    ),
    (
        "delete-user-and-create-it-again",
        &["recreated-user.has-no-device"],
        "the oracle names the clause when it is broken, and keeps no deleted names to count it otherwise",
    ),
];

#[tokio::test]
async fn every_example_puts_the_clauses_to_the_test_that_it_cites() {
    for (name, example) in by_name() {
        let played = play_on(with(Behaviour::default()), &example, true).await;
        let exercised: BTreeSet<String> = played.tally.exercised.keys().map(|(clause, _)| clause.to_string()).collect();
        let demanded = example.cites.iter().filter(|cited| !cited.parse::<ClauseId>().unwrap().stance().is_open());
        let missing: Vec<&str> = demanded.filter(|cited| !exercised.contains(*cited)).map(String::as_str).collect();
        let expected =
            NOT_SHOWN.iter().find(|(known, ..)| *known == name).map_or(&[] as &[&str], |(_, clauses, _)| clauses);
        assert_eq!(missing, expected, "{name}");
    }
}

#[tokio::test]
async fn no_example_blames_a_service_whose_clock_is_off_by_what_is_known() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for into_step in [0, 1, 5, 500, 999, 1_000, 15_000, 28_990, 29_000, 29_500, 29_990, 29_999] {
            for behind in [-1_000, -400, 400, 1_000] {
                let now = Step(58_333_333).start().plus(into_step);
                let transport = with(Behaviour::default()).transport_at(now, behind);
                let played = play_through(transport, &example, true).await;
                blamed.extend(blame(&format!("is {behind} ms behind, {into_step} ms into a step"), name, &played));
            }
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

#[tokio::test]
async fn no_example_blames_a_service_that_conforms_otherwise() {
    let (mut blamed, mut seen) = (Vec::new(), BTreeMap::new());
    for (name, example) in by_name() {
        let usual = play_on(with(Behaviour::default()), &example, false).await;
        for variant in VARIANTS {
            let played = play_on((variant.service)(), &example, false).await;
            blamed.extend(blame(variant.name, name, &played));
            let differs = played.tally != usual.tally || played.requests != usual.requests;
            *seen.entry(variant.name).or_insert(false) |= differs;
        }
        for order in orders() {
            let played = play_on(ordered(order), &example, false).await;
            blamed.extend(blame(&format!("checks {order:?}"), name, &played));
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
    let unseen: Vec<_> = seen.into_iter().filter(|(_, seen)| !seen).collect();
    assert!(unseen.is_empty(), "no example can tell these from the documented service: {unseen:?}");
}

/// What an example holds against a service that conforms.
fn blame(service: &str, example: &str, played: &Played) -> Vec<String> {
    let found = played.found.iter().map(|found| {
        let sent = played.trace.get(found.exchange).map(|exchange| exchange.call.operation.name());
        let one = &found.divergence;
        format!("{example} on one that {service}: {} by {sent:?}: {}, {} expected", one.clause, one.class, one.expected)
    });
    let left = played.leftovers.iter().map(|left| format!("{example} on one that {service}: {} left", left.what));
    let unfinished = played.unfinished.iter().map(|why| format!("{example} on one that {service}: {why}"));
    found.chain(left).chain(unfinished).collect()
}
