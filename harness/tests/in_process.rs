//! Scenarios played on the documented service without a socket.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, play};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, Signer, UserRef, Value};
use mfa_conformance::transport::Credentials;
use mfa_conformance::transport::in_process::InProcess;
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::{MfaOperation, Millis};

fn settings(strict: bool) -> Settings {
    Settings {
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        operations: Operations { present: MfaOperation::ALL.into_iter().collect(), ..Operations::default() },
        others_assigned: true,
        listings: true,
        patience: Patience::Always,
        retries: 5,
        keep_trace: false,
    }
}

async fn play_on_reference(scenario: &Scenario, strict: bool) -> Played {
    let service = Service::new(Behaviour::default(), 7);
    let mut transport = InProcess::new(service, Millis(1_750_000_000_000));
    play(scenario, "mfac-test", &settings(strict), &mut transport, &AtomicBool::new(false)).await
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
