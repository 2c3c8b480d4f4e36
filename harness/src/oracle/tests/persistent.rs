//! Failures that ought to pass and don't, and connections that break.

use std::time::Duration;

use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, create_user, deactivate};
use super::came::{Came, broken, refused};
use super::talk::Talk;
use super::tell::{divergence, divergences, expected};
use crate::transport::TransportError;

fn persistent(ask: &Ask, came: Came) -> String {
    divergence(&Talk::new().tells(ask, came, |oracle, observation| oracle.persistent(observation)))
}

#[test]
fn a_passing_failure_that_does_not_pass_is_named_by_what_the_page_says_of_it() {
    let talk = Talk::new();
    let (enable, resync) = (talk.enable("anna", "phone", (-1, 0)), talk.resync("anna", "phone", (-1, 0)));
    let (deactivate, create) = (deactivate("anna", "phone"), create_user("carl"));
    let (later, limit) = (ErrorCode::EntityTemporarilyUnmodifiable, ErrorCode::LimitExceeded);
    for (ask, code, clause) in [
        (&enable, later, "enable.temporarily-unmodifiable"),
        (&deactivate, later, "deactivate.temporarily-unmodifiable"),
        (&resync, later, "robustness.persistent-failure"),
        (&create, later, "robustness.persistent-failure"),
        (&resync, limit, "resync.limit"),
        (&deactivate, limit, "deactivate.limit"),
        (&enable, limit, "robustness.persistent-failure"),
        (&enable, ErrorCode::Throttling, "robustness.persistent-failure"),
        (&deactivate, ErrorCode::ServiceFailure, "robustness.persistent-failure"),
    ] {
        assert_eq!(persistent(ask, refused(code)), format!("{clause}: {code}"), "{}", ask.operation);
    }
    let failed = Talk::new().tells(&enable, refused(later), |oracle, observation| oracle.persistent(observation));
    assert_eq!(failed.operation, Operation::EnableMfaDevice);
    assert_eq!(failed.expected.to_string(), "an answer when the request is sent again");
}

#[test]
fn a_connection_that_breaks_each_time_is_a_persistent_failure_without_a_code() {
    let broken = persistent(&ask(Operation::EnableMfaDevice), broken());
    assert_eq!(broken, "robustness.persistent-failure: a broken connection");
}

#[test]
fn a_request_without_a_reply_diverges_and_may_have_had_its_effect() {
    let said = |text: &str| text.to_owned();
    for (error, told) in [
        (TransportError::Timeout(Duration::from_secs(5)), "robustness.answers: no reply in time"),
        (TransportError::Connect(said("refused")), "robustness.no-crash: a broken connection"),
        (TransportError::Broken(said("reset")), "robustness.no-crash: a broken connection"),
        (TransportError::TooLarge(1), "robustness.no-crash: a broken connection"),
        (TransportError::NotHttp(said("x")), "robustness.no-crash: a broken connection"),
    ] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&talk.enable("anna", "phone", (-1, 0)), Came::Broken(error));
        assert_eq!((divergences(&verdict), expected(&verdict)), (vec![said(told)], vec![said("a reply")]));
        assert!(!verdict.transient && !verdict.success);
        let states = [
            ["anna", "bert", "phone of nobody", "token of nobody"],
            ["anna", "bert", "phone of anna", "token of nobody"],
        ];
        assert_eq!(talk.states(), states);
    }
}

#[test]
fn a_listing_without_a_reply_has_no_effect() {
    let mut talk = Talk::new();
    let verdict = talk.hears(&super::ask::list("anna"), broken());
    assert_eq!(divergences(&verdict), ["robustness.no-crash: a broken connection"]);
    assert_eq!(talk.state(), ["anna", "bert", "phone of nobody", "token of nobody"]);
}
