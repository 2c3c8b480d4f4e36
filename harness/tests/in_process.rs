//! Scenarios played on the documented service without a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, Stop, play};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, RawCall, Scenario, Signer, UserRef, Value};
use mfa_conformance::transport::Credentials;
use mfa_conformance::transport::in_process::InProcess;
use mfa_conformance::wire::Malformed;
use mfa_reference::account::Effect;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::service::{Behaviour, Memory, Service};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Request, SuccessBody};

fn settings(strict: bool) -> Settings {
    Settings {
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        operations: Operations::all(),
        starts_empty: false,
        patience: Patience::Always,
        keep_trace: false,
    }
}

async fn play_on_reference(scenario: &Scenario, strict: bool) -> Played {
    let service = Service::new(Behaviour::default(), 7);
    let mut transport = InProcess::new(service, Millis(1_750_000_000_000));
    play(scenario, "mfac-test", &settings(strict), &mut transport, &Stop::default()).await
}

#[tokio::test]
async fn one_devices_whole_life_conforms_on_the_reference() {
    let (alice, bob, device) = (UserRef(1), UserRef(2), DeviceRef(1));
    let about = |user| MfaCall::about(user, device);
    let scenario = Scenario::of(
        "one device's whole life",
        vec![
            Action::CreateUser { user: alice, name: NameForm::Plain },
            Action::CreateUser { user: bob, name: NameForm::Length(64) },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::Enable(MfaCall {
                code1: Some(Value::text("000000")),
                code2: Some(Value::text("000000")),
                ..about(alice)
            }),
            Action::Resync(about(alice).fresh(device)),
            Action::Enable(about(alice).fresh(device)),
            Action::Enable(about(bob).fresh(device)),
            Action::Resync(about(bob).fresh(device)),
            Action::Resync(about(alice).fresh(device)),
            Action::Deactivate(about(bob)),
            Action::DeleteUser { user: alice },
            Action::RenameUser { user: alice, name: NameForm::Plain },
            Action::CreateKey { user: alice },
            Action::Deactivate(MfaCall { user: None, signer: Signer::User(alice), ..about(alice) }),
            Action::Deactivate(about(alice)),
            Action::ListVirtualDevices { status: None },
            Action::Enable(about(bob).fresh(device)),
            Action::ListVirtualDevices { status: None },
        ],
    );
    let played = play_on_reference(&scenario, true).await;
    assert!(played.found.is_empty(), "{:#?}", played.found);
    assert_eq!(played.unfinished, None);
    assert!(played.leftovers.is_empty());
    println!("{:#?}", played.tally);
}

/// Found by fuzzing: a deleted user's number stood for another user. A rename by that number left the other user with
/// its former name for listings and deletion.
#[tokio::test]
async fn a_user_who_is_renamed_and_given_a_key_by_a_deleted_ones_number_is_followed() {
    let (deleted, bearer, device) = (UserRef(1), UserRef(2), DeviceRef(1));
    let malformed = Malformed { content_type: Some("text/plain".to_owned()), ..Malformed::default() };
    let raw =
        RawCall { parameters: vec![("Action".to_owned(), Value::text("EnableMFADevice"))], get: false, malformed };
    let scenario = Scenario::of(
        "a user under a deleted one's name",
        vec![
            Action::CreateUser { user: deleted, name: NameForm::Plain },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::DeleteUser { user: deleted },
            Action::CreateUser { user: bearer, name: NameForm::SameAs(1) },
            Action::CreateKey { user: deleted },
            Action::RenameUser { user: deleted, name: NameForm::Plain },
            Action::Enable(MfaCall::about(deleted, device).fresh(device)),
            // Any effect is accepted, as the users' listings show it.
            Action::Call(raw),
            Action::Deactivate(MfaCall::about(deleted, device)),
        ],
    );
    let played = play_on_reference(&scenario, true).await;
    assert!(played.found.is_empty(), "{:#?}", played.found);
    assert_eq!((played.unfinished, played.leftovers.len()), (None, 0));
}

/// Accepts one Enable of an absent device, and then refuses to list.
#[derive(Debug, Default)]
struct Secretive {
    enabled: AtomicBool,
}

impl Rules for Secretive {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let refuse = |code| Decision::Refuse { code, message: "No.".to_owned() };
        let documented = Documented::default().decide(situation, request, memory);
        match (request, &documented) {
            (Request::Codes { .. }, Decision::Refuse { code: ErrorCode::NoSuchEntity, .. }) => {
                if self.enabled.swap(true, Ordering::Relaxed) {
                    refuse(ErrorCode::EntityAlreadyExists)
                } else {
                    Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
                }
            }
            (Request::Support(support), _)
                if support.operation == Operation::ListMfaDevices && self.enabled.load(Ordering::Relaxed) =>
            {
                refuse(ErrorCode::InvalidInput)
            }
            _ => documented,
        }
    }
}

/// Found by fuzzing on moto: a device is already enabled although no listing shows it, because listings can't be read.
#[tokio::test]
async fn what_a_target_has_enabled_and_does_not_list_may_be_there() {
    let (user, absent) = (UserRef(1), DeviceRef(9));
    let enable = || Action::Enable(MfaCall::about(user, absent).fresh(absent));
    let steps = vec![Action::CreateUser { user, name: NameForm::Plain }, enable(), enable()];
    for listings in [true, false] {
        let behaviour = Behaviour { rules: Arc::new(Secretive::default()), ..Behaviour::default() };
        let mut transport = InProcess::new(Service::new(behaviour, 7), Millis(1_750_000_000_000));
        let settings = Settings { operations: Operations { listings, ..Operations::all() }, ..settings(false) };
        let scenario = Scenario::of("a device that was never created", steps.clone());
        let played = play(&scenario, "mfac-test", &settings, &mut transport, &Stop::default()).await;
        let found = played.found.iter().filter(|found| found.divergence.operation == Operation::EnableMfaDevice);
        let clauses: Vec<String> = found.map(|found| found.divergence.clause.to_string()).collect();
        assert_eq!(clauses, ["enable.device-exists"], "{listings}: {:#?}", played.found);
    }
}

/// Renames a user behind an internal failure, once.
#[derive(Debug, Default)]
struct HidesARename(AtomicBool);

impl Rules for HidesARename {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let documented = Documented::default().decide(situation, request, memory);
        match (request, documented) {
            (Request::Support(support), Decision::CarryOut { effect, body })
                if support.operation == Operation::UpdateUser && !self.0.swap(true, Ordering::Relaxed) =>
            {
                Decision::FailAfter { effect, body, code: ErrorCode::ServiceFailure, message: "Again.".to_owned() }
            }
            (_, documented) => documented,
        }
    }
}

#[tokio::test]
async fn what_the_clean_up_takes_back_unjudged_is_no_finding_later() {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let steps = vec![
        Action::CreateUser { user, name: NameForm::Plain },
        Action::CreateDevice { device, name: NameForm::Plain },
        Action::Enable(MfaCall::about(user, device).fresh(device)),
        Action::RenameUser { user, name: NameForm::Plain },
    ];
    let behaviour = Behaviour { rules: Arc::new(HidesARename::default()), ..Behaviour::default() };
    let mut transport = InProcess::new(Service::new(behaviour, 7), Millis(1_750_000_000_000));
    let scenario = Scenario::of("a rename that a failure hides", steps);
    let played = play(&scenario, "mfac-test", &settings(false), &mut transport, &Stop::default()).await;
    assert!(played.found.is_empty(), "{:#?}", played.found);
    assert_eq!((played.unfinished, played.leftovers.len()), (None, 0));
}

#[tokio::test]
async fn generated_sequences_and_the_boundary_table_conform_on_the_reference() {
    use mfa_conformance::generate::{Plan, boundary::boundary, sequences::sequence};
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let generated = (0..500).map(|number| sequence(3, number, &plan));
    let mut calls = 0;
    for scenario in boundary().into_iter().chain(generated) {
        for strict in [false, true] {
            let played = play_on_reference(&scenario, strict).await;
            calls += played.requests.total();
            assert!(played.found.is_empty(), "{scenario:#?}\n{:#?}", played.found);
            assert_eq!(played.unfinished, None, "{scenario:#?}");
            assert!(played.leftovers.is_empty(), "{scenario:#?}");
        }
    }
    assert!(calls > 10_000, "{calls} calls");
}
