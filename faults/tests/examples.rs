//! The examples, played without a socket: on the documented service, on services with one thing wrong, and on others that
//! conform.

#[path = "support/expectations.rs"]
mod expectations;

use std::collections::{BTreeMap, BTreeSet};

use expectations::{FINDS, NOT_SHOWN};
use mfa_conformance::execute::trace::Unfinished;
use mfa_conformance::execute::{Played, Stop, play};
use mfa_conformance::generate::examples::{example_files, examples};
use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};
use mfa_faults::altered::{Altered, as_recorded, documented, rules};
use mfa_faults::factory::{AlteredFactory, AlteredTransport};
use mfa_faults::witness::settings;
use mfa_faults::{fault, variant, variants};
use mfa_reference::clause::ClauseId;
use mfa_reference::service::rules::{Check, Documented};
use mfa_reference::{Millis, TimeStep};

async fn play_on(service: Altered, scenario: &Scenario, strict: bool) -> Played {
    let ahead = service.ahead_ms;
    let transport = AlteredFactory::new(service, 7, Millis(1_750_000_000_000)).connect(ahead);
    play_through(transport, scenario, strict).await
}

async fn play_through(mut transport: AlteredTransport, scenario: &Scenario, strict: bool) -> Played {
    play(scenario, "mfac-test", &settings(strict), &mut transport, &Stop::default()).await
}

#[tokio::test]
async fn every_example_conforms_on_the_documented_service_and_strictly_on_the_recorded_one() {
    for example in examples().unwrap() {
        for (service, strict) in [(documented(), false), (as_recorded(), true)] {
            let played = play_on(service, &example, strict).await;
            assert!(played.found.is_empty(), "{}: {:#?}\n{:#?}", example.name, played.found, played.trace.last());
            assert_eq!(played.unfinished, None, "{}", example.name);
            assert!(played.leftovers.is_empty(), "{}: {:?}", example.name, played.leftovers);
        }
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
async fn each_example_finds_a_fault_by_a_clause_that_it_cites() {
    let examples = by_name();
    let named: Vec<&str> = FINDS.iter().map(|(example, _)| *example).collect();
    assert_eq!(named, examples.keys().copied().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (name, finds) in FINDS {
        let Some(example) = examples.get(name) else { continue };
        let (service, strict) = match fault(finds) {
            Ok(fault) => (fault.service.make(), false),
            Err(_) => (variant(finds).unwrap().service.make(), true),
        };
        let played = play_on(service, example, strict).await;
        let broken = broken_clauses(&played);
        if !example.cites.iter().any(|cited| broken.contains(cited)) {
            wrong.push(format!("{name} on {finds}: {broken:?}, unfinished {:?}", played.unfinished));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_serial_number_of_a_deleted_device_is_free_although_it_is_still_listed() {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let scenario = Scenario::of(
        "a device that is created again while it is listed still",
        vec![
            Action::CreateUser { user, name: NameForm::Plain },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::Enable(MfaCall::about(user, device).fresh(device)),
            Action::DeleteDevice { device },
            Action::CreateDevice { device, name: NameForm::Again },
            Action::RenameUser { user, name: NameForm::Plain },
        ],
    );
    let service = fault("deleted-device-stays-listed-and-is-made-again").unwrap().service.make();
    let played = play_on(service, &scenario, false).await;
    assert_eq!(played.unfinished, None);
    let named: BTreeSet<ClauseId> = played.found.iter().map(|found| found.divergence.clause).collect();
    assert_eq!(named, BTreeSet::from([ClauseId::DeleteVirtualDeviceFreesUser]));
}

#[tokio::test]
async fn every_example_puts_the_clauses_to_the_test_that_it_cites() {
    for (name, example) in by_name() {
        let played = play_on(documented(), &example, true).await;
        let tested: BTreeSet<String> = played.tally.tested.keys().map(|(clause, _)| clause.to_string()).collect();
        let demanded = example.cites.iter().filter(|cited| !cited.parse::<ClauseId>().unwrap().stance().is_open());
        let missing: Vec<&str> = demanded.filter(|cited| !tested.contains(*cited)).map(String::as_str).collect();
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
                let now = TimeStep(58_333_333).start().plus(into_step);
                let transport = AlteredFactory::new(documented(), 7, now).connect(behind);
                let played = play_through(transport, &example, false).await;
                blamed.extend(blame(&format!("is {behind} ms behind, {into_step} ms into a step"), name, &played));
            }
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

/// Every order of the checks.
fn orders() -> Vec<[Check; 4]> {
    let all = [Check::User, Check::Device, Check::Codes, Check::Assignment];
    let mut orders = Vec::new();
    for one in all {
        for two in all {
            for three in all {
                for four in all {
                    let order = [one, two, three, four];
                    if all.iter().all(|check| order.contains(check)) {
                        orders.push(order);
                    }
                }
            }
        }
    }
    orders
}

#[tokio::test]
async fn no_example_blames_a_service_that_checks_in_another_order() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for order in orders() {
            let played = play_on(rules(Documented { order, ..Documented::default() }), &example, false).await;
            blamed.extend(blame(&format!("checks {order:?}"), name, &played));
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

#[tokio::test]
async fn no_example_blames_a_service_that_conforms_otherwise() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for variant in variants().unwrap() {
            let played = play_on(variant.service.make(), &example, false).await;
            blamed.extend(blame(&variant.name, name, &played));
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

/// What an example holds against a service that conforms.
fn blame(service: &str, example: &str, played: &Played) -> Vec<String> {
    let found = played.found.iter().map(|found| {
        let sent = played.trace.get(found.exchange).map(|exchange| exchange.call.operation.name());
        let one = &found.divergence;
        format!("{example} on one that {service}: {} by {sent:?}: {}, {} expected", one.clause, one.class, one.expected)
    });
    let left = played.leftovers.iter().map(|left| format!("{example} on one that {service}: {} left", left.what));
    // Without a listing of all devices nothing tells that the samples' device is nobody's.
    let unfinished = played
        .unfinished
        .iter()
        .filter(|why| **why != Unfinished::NameTaken)
        .map(|why| format!("{example} on one that {service}: {why}"));
    found.chain(left).chain(unfinished).collect()
}
