//! What a run sends: nothing about what it didn't make, and the inputs, instants and connections that show faults which
//! nothing else shows.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a broken one has to fail the test")]

#[path = "../../harness/tests/support/running.rs"]
#[expect(dead_code, reason = "other tests have use for all of it")]
mod running;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mfa_conformance::fuzz::Fuzzer;
use mfa_conformance::generate::Plan;
use mfa_conformance::generate::boundary::boundary;
use mfa_conformance::generate::examples::examples;
use mfa_conformance::generate::sequences::sequence;
use mfa_conformance::report::value::RunVerdict;
use mfa_conformance::report::{About, Access, TargetInfo, build};
use mfa_conformance::run::RunOptions;
use mfa_conformance::run::result::{Phase, RunResult};
use mfa_conformance::scenario::{Action, Scenario, ScenarioStep, Value};
use mfa_conformance::transport::{Credentials, Transport};
use mfa_conformance::wire::{Answer, Call, Observed, Reply, Style, encode, read};
use mfa_faults::altered::{Altered, as_recorded};
use mfa_faults::factory::AlteredFactory;
use mfa_faults::fault;
use mfa_reference::account::Account;
use mfa_reference::clause::ClauseId;
use mfa_reference::totp::Seed;
use mfa_reference::{MfaOperation, Millis, Operation, RawRequest, SuccessBody};
use running::{options, run_on};

/// How many users and devices the account has before a run.
const MANY: usize = 5_000;

/// The path of the devices whose serial number is their name alone.
const LITERAL: &str = "/literal/";

/// The texts that a value is made of, if it is made of no symbol.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Repeated(text, times) => Some(text.repeat(*times)),
        Value::Edited(value, edit) => literal(value).map(|text| edit.apply(&text)),
        Value::UserName(_)
        | Value::FormerName(_)
        | Value::SerialNumber(_)
        | Value::Code(_)
        | Value::WrongCode(..)
        | Value::PopularCode(..)
        | Value::OwnLetters(_) => None,
    }
}

/// Every text that a scenario gives as a user's name or as a serial number.
fn literals(scenario: &Scenario) -> Vec<String> {
    let mut found = Vec::new();
    for scenario_step in &scenario.steps {
        match scenario_step {
            ScenarioStep::One(Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call)) => {
                found.extend([&call.user, &call.device].into_iter().flatten().filter_map(literal));
            }
            ScenarioStep::One(Action::Call(call)) => {
                let named = call.parameters.iter().filter(|(name, _)| matches!(&**name, "UserName" | "SerialNumber"));
                found.extend(named.filter_map(|(_, value)| literal(value)));
            }
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => {}
        }
    }
    found
}

/// Every literal name that occurs in what a run plays, and some that were in it once.
fn every_literal() -> BTreeSet<String> {
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let sequences = (0..1_500).map(|number| sequence(1, number, &plan));
    let all = examples().unwrap().into_iter().chain(boundary()).chain(sequences);
    let once = ["u1", "u2", "d1", "q", "123456", "GAHT12345678", "GAHT12345", "no one", "a", "x", "0", "1"];
    let found = all.flat_map(|scenario| literals(&scenario)).chain(once.map(str::to_owned));
    found.filter(|name| !name.is_empty() && name.len() < 128).collect()
}

async fn called(
    transport: &mut dyn Transport,
    operation: Operation,
    parameters: &[(&str, &str)],
) -> Option<SuccessBody> {
    let credentials =
        Credentials { access_key_id: "test".into(), secret_access_key: "test".into(), session_token: None };
    let call = Call { operation, request: RawRequest::new(operation.name(), parameters), style: Style::default() };
    let reply = transport.send(&encode(&call), &credentials).await.unwrap();
    match read(operation, reply) {
        Observed::Reply(Reply { answer: Answer::Success(body), .. }) => Some(body),
        Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => None,
    }
}

/// A service whose account is full: each literal name is a user's, and a device's serial number. Every fifth device is
/// enabled for a user.
async fn full(altered: Altered) -> AlteredFactory {
    let altered = altered.and_effects(|account, effect, body, now| {
        let SuccessBody::VirtualDevice { serial_number, seed_blob, extras } = body else {
            return account.apply(effect, Some(body), now);
        };
        let serial_number = serial_number.rsplit_once(LITERAL).map_or(serial_number.as_str(), |(_, name)| name);
        let (serial_number, seed_blob) = (serial_number.to_owned(), seed_blob.clone());
        let body = SuccessBody::VirtualDevice { serial_number, seed_blob, extras: extras.clone() };
        account.apply(effect, Some(&body), now);
    });
    let factory = AlteredFactory::new(altered, 3, Millis(1_750_000_000_000));
    let mut transport = factory.connect(0);
    let literals = every_literal();
    let others = (literals.len()..MANY).map(|number| format!("staff{number}"));
    for (number, name) in literals.iter().cloned().chain(others).enumerate() {
        let user = called(&mut transport, Operation::CreateUser, &[("UserName", &name)]).await;
        let path = if literals.contains(&name) { LITERAL } else { "/" };
        let parameters = [("VirtualMFADeviceName", name.as_str()), ("Path", path)];
        let made = called(&mut transport, Operation::CreateVirtualMfaDevice, &parameters).await;
        let Some(SuccessBody::VirtualDevice { serial_number, seed_blob, extras: _ }) = made else { continue };
        let serial_number = if path == LITERAL { name.clone() } else { serial_number };
        if user.is_some() && number % 5 == 0 {
            let (seed, _) = Seed::from_blob(&seed_blob).unwrap();
            let now = transport.now().step();
            let codes = [seed.code(now.plus(-1)).to_string(), seed.code(now).to_string()];
            let parameters = [
                ("UserName", name.as_str()),
                ("SerialNumber", serial_number.as_str()),
                ("AuthenticationCode1", codes[0].as_str()),
                ("AuthenticationCode2", codes[1].as_str()),
            ];
            let _too_short_for_some = called(&mut transport, Operation::EnableMfaDevice, &parameters).await;
        }
    }
    factory
}

/// All that an account holds, but for the numbers that it gives away.
fn told(account: &Account) -> Vec<String> {
    let users = account.users().map(|(_, user)| {
        let devices: Vec<String> =
            user.devices().filter_map(|id| account.device(id)).map(|device| device.serial_number.to_string()).collect();
        format!("{:?} has {devices:?} and {:?}", user.entry, user.keys().collect::<Vec<_>>())
    });
    let devices = account.devices_after("").map(|(_, device)| {
        let owner = device.owner.and_then(|id| Some(account.user(id)?.entry.user_name.clone()));
        format!("{} is {owner:?}'s since {:?} with {:?}", device.serial_number, device.enabled_at, device.seed)
    });
    users.chain(devices).collect()
}

fn verdict(result: &RunResult) -> (RunVerdict, String) {
    let about = About {
        target: TargetInfo { name: "full".to_owned(), endpoint: "none".to_owned(), version: None },
        seed: 1,
        strict: false,
        limits: Vec::new(),
        command: "run".to_owned(),
        target_option: String::new(),
        access: Access::default(),
    };
    let report = build(result, &about);
    (report.verdict, report.verdict_reason)
}

fn conducted(sequences: u64) -> RunOptions {
    RunOptions {
        sequences,
        max_wait: Duration::from_secs(95),
        settle: Duration::from_secs(2),
        prefix: "mfac-9k2f7c1x".to_owned(),
        ..options()
    }
}

#[test]
fn the_account_has_every_literal_name() {
    let all = every_literal();
    for name in ["Bob", "R1234", "null", "undefined", "__proto__", "000000000", "123456", "root", "u1", "q"] {
        assert!(all.contains(name), "{name}: {all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_full_of_literal_names_is_unchanged_and_the_verdict_is_a_pass() {
    let factory = full(as_recorded()).await;
    let before = factory.look(told);
    assert!(before.len() > 2 * MANY - 200, "{}", before.len());
    assert!(before.iter().filter(|line| line.contains("is Some")).count() > MANY / 6);
    let played = conducted(150);
    let fuzzed = RunOptions {
        phases: BTreeSet::from([Phase::Probe]),
        max_time: Some(Duration::from_secs(5)),
        fuzzer: Some(Arc::new(Fuzzer::new(1, Vec::new()))),
        ..conducted(0)
    };
    for options in [RunOptions { strict: true, ..played.clone() }, played, fuzzed] {
        let strict = options.strict;
        let result = run_on(factory.clone(), options).await;
        assert!(result.cases.is_empty(), "strict: {strict}: {:#?}", result.cases);
        assert!(result.leftovers.is_empty(), "{:?}", result.leftovers);
        let (verdict, reason) = verdict(&result);
        assert_eq!(verdict, RunVerdict::Pass, "{reason} {:?}", result.unfinished);
        let after = factory.look(told);
        let changed: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        assert!(changed.is_empty() && after.len() == before.len(), "strict: {strict}: {changed:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_service_is_left_as_it_was_found() {
    for name in ["enable-attaches-anything", "enable-makes-users-up"] {
        let factory = full(fault(name).unwrap().service.make()).await;
        let before = factory.look(told);
        let result = run_on(factory.clone(), RunOptions { shrink: true, ..conducted(60) }).await;
        let breaks = fault(name).unwrap().breaks;
        assert!(result.cases.iter().any(|case| case.divergence.clause == breaks), "{name}: {:#?}", result.cases);
        let after = factory.look(told);
        let changed: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        assert!(changed.is_empty() && after.len() == before.len(), "{name}: {changed:#?} {:?}", result.leftovers);
    }
}

/// The faults that only one of the generated scenarios shows, and a part of its name.
const SHOWN_BY: [(&str, &str); 4] = [
    ("two-full-stops-taken-for-one", "twice in a row"),
    ("code-654321-opens-every-device", "popular codes"),
    ("all-devices-listed-to-the-hundredth", "more devices than a page"),
    ("assigned-devices-listed-to-the-fifth", "are all listed as assigned"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_nothing_else_sends_shows_a_fault_that_nothing_else_shows() {
    for (name, shown_by) in SHOWN_BY {
        let fault = fault(name).unwrap();
        let factory = AlteredFactory::new(fault.service.make(), 3, Millis(1_750_000_000_000));
        let result = run_on(factory, RunOptions { workers: 1, shrink: true, ..conducted(60) }).await;
        let found: Vec<(ClauseId, &str)> =
            result.cases.iter().map(|case| (case.divergence.clause, case.scenario.name.as_str())).collect();
        assert!(!found.is_empty(), "{name}");
        for (clause, scenario) in found {
            assert!(fault.is_named_by(clause), "{name} is named by {clause} in {scenario}");
            assert!(scenario.contains(shown_by), "{name} is shown by {scenario}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_for_a_connection_shows_with_every_seed() {
    for name in ["listings-cached-by-connection", "first-deactivate-of-a-connection-forgotten"] {
        let fault = fault(name).unwrap();
        for seed in 1..=5 {
            let phases = [Phase::Probe, Phase::Examples].into_iter().collect();
            let factory = AlteredFactory::new(fault.service.make(), seed, Millis(1_750_000_000_000));
            let result = run_on(factory, RunOptions { workers: 1, seed, phases, ..conducted(0) }).await;
            let named: Vec<ClauseId> = result.cases.iter().map(|case| case.divergence.clause).collect();
            assert!(named.iter().any(|clause| fault.is_named_by(*clause)), "{name}, seed {seed}: {named:?}");
        }
    }
}
