//! The examples, played on the documented service without a socket.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, play};
use mfa_conformance::generate::examples::examples;
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::Scenario;
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
        operations: Operations { present: MfaOperation::ALL.into_iter().collect() },
        listings: true,
        patience: Patience::Always,
        retries: 5,
    }
}

async fn play_on(behaviour: Behaviour, scenario: &Scenario, strict: bool) -> Played {
    let mut transport = InProcess::new(Service::new(behaviour, 7), Millis(1_750_000_000_000));
    play(scenario, "mfac-test", &settings(strict), &mut transport, &AtomicBool::new(false)).await
}

#[tokio::test]
async fn every_example_conforms_on_the_documented_service() {
    for example in examples().unwrap() {
        let played = play_on(Behaviour::default(), &example, true).await;
        assert!(played.found.is_empty(), "{}: {:#?}\n{:#?}", example.name, played.found, played.trace.last());
        assert_eq!(played.unfinished, None, "{}", example.name);
        assert!(played.leftovers.is_empty(), "{}: {:?}", example.name, played.leftovers);
    }
}
