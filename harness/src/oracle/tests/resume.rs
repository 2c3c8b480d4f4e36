//! Going on after a divergence.

use std::time::Duration;

use mfa_reference::clause::Side;
use mfa_reference::{ErrorCode, Operation};

use super::ask::{ask, deactivate, delete_device, list, serial};
use super::came::{Came, all_devices, broken, devices_of, done, page, refused, told};
use super::talk::Talk;
use super::tell::{divergence, set, tested};
use crate::oracle::Oracle;
use crate::transport::TransportError;

/// A talk after a divergence: the phone was anna's.
fn unsettled() -> Talk {
    let mut talk = Talk::with_annas_phone(false);
    talk.oracle.forget_all();
    talk
}

fn resume_from(talk: &mut Talk, user: &str, devices: &[&str]) {
    talk.oracle.resume_from_listing(user, &devices_of(user, devices), |serial| !serial.ends_with("undefined"));
}

#[test]
fn after_a_divergence_nobody_knows_who_is_there_and_whose_the_devices_are() {
    let talk = unsettled();
    assert_eq!(talk.state(), ["anna?", "bert?", "phone? of anybody", "token? of anybody"]);
    for listing in [devices_of("anna", &[]), devices_of("anna", &["phone", "token"])] {
        assert_eq!(talk.if_hears(&list("anna"), told(listing)), [""; 0]);
    }
}

#[test]
fn listings_are_taken_as_they_are() {
    let mut talk = unsettled();
    resume_from(&mut talk, "anna", &["token"]);
    assert_eq!(talk.state(), ["anna", "bert?", "phone? of anybody", "token of anna"]);
    resume_from(&mut talk, "bert", &[]);
    talk.oracle.all_listed();
    assert_eq!(talk.state(), ["anna", "bert", "phone? of nobody", "token of anna"]);
    // From now on they count.
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &["token"]))), [""; 0]);
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &[]))).len(), 1);
    assert_eq!(talk.if_hears(&list("bert"), told(devices_of("bert", &["phone"]))).len(), 1);
    // The same listing once more says nothing else.
    resume_from(&mut talk, "anna", &["token"]);
    assert_eq!(talk.state(), ["anna", "bert", "phone? of nobody", "token of anna"]);
}

#[test]
fn an_invented_device_that_others_may_name_stays_open() {
    let mut talk = unsettled();
    resume_from(&mut talk, "anna", &["token", "watch", "undefined"]);
    for (devices, differences) in
        [(&["token", "watch", "undefined"] as &[&str], 0), (&["token", "watch"], 0), (&["token", "undefined"], 1)]
    {
        let found = talk.if_hears(&list("anna"), told(devices_of("anna", devices)));
        assert_eq!(found.len(), differences, "{devices:?}: {found:?}, {:?}", talk.state());
    }
}

#[test]
fn what_was_enabled_and_cannot_be_listed_may_be_there() {
    let mut talk = unsettled();
    let watch = ask(Operation::EnableMfaDevice).user("anna").device("watch").codes(["123456", "654321"]);
    assert_eq!(talk.if_hears(&watch, refused(ErrorCode::EntityAlreadyExists)).len(), 1);
    talk.oracle.resume_with_device(&serial("watch"));
    talk.oracle.resume_with_device(&serial("watch"));
    assert!(talk.state().contains(&"watch? of anybody".to_owned()), "{:?}", talk.state());
    for code in [ErrorCode::EntityAlreadyExists, ErrorCode::NoSuchEntity] {
        assert_eq!(talk.if_hears(&watch, refused(code)), [""; 0]);
    }
    // What is known already stays as it is.
    let state = talk.state();
    talk.oracle.resume_with_device(&serial("phone"));
    assert_eq!(talk.state(), state);
}

#[test]
fn a_device_that_several_users_have_stays_open() {
    let mut talk = unsettled();
    resume_from(&mut talk, "anna", &["phone"]);
    resume_from(&mut talk, "bert", &["phone"]);
    talk.oracle.all_listed();
    assert!(talk.state().contains(&"phone? of anybody".to_owned()), "{:?}", talk.state());
    for user in ["anna", "bert"] {
        for devices in [&["phone"][..], &[]] {
            assert_eq!(talk.if_hears(&list(user), told(devices_of(user, devices))), [""; 0], "{user} {devices:?}");
        }
    }
}

#[test]
fn a_device_that_the_target_invented_is_there_from_now_on() {
    let mut talk = unsettled();
    resume_from(&mut talk, "anna", &["fob"]);
    assert!(talk.state().contains(&"fob of anna".to_owned()), "{:?}", talk.state());
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &["fob"]))), [""; 0]);
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &[]))).len(), 1);
}

#[test]
fn a_device_that_is_listed_although_its_deletion_was_told_stays_open() {
    let mut talk = Talk::new();
    talk.does(&delete_device("phone"));
    talk.oracle.forget_all();
    resume_from(&mut talk, "anna", &["phone"]);
    talk.oracle.all_listed();
    for devices in [&["phone"][..], &[]] {
        assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", devices))), [""; 0]);
    }
}

#[test]
fn a_user_whom_a_listing_does_not_find_is_gone() {
    let mut talk = unsettled();
    talk.oracle.resume_without_user("anna");
    talk.oracle.resume_without_user("nobody");
    assert_eq!(talk.state(), ["bert?", "phone? of anybody", "token? of anybody"]);
    // Of a user who isn't there, and of another body than a listing, nothing is taken.
    resume_from(&mut talk, "anna", &["phone"]);
    talk.oracle.resume_from_listing("bert", &all_devices(&[("phone", None)]), |_| true);
    assert_eq!(talk.state(), ["bert?", "phone? of anybody", "token? of anybody"]);
}

#[test]
fn a_call_that_was_sent_twice_may_have_had_its_effect_before() {
    let mut talk = Talk::with_annas_phone(false);
    talk.tells(&deactivate("anna", "phone"), done(), Oracle::sent_twice).unwrap();
    let states =
        [["anna", "bert", "phone of anna", "token of nobody"], ["anna", "bert", "phone? of nobody", "token of nobody"]];
    assert_eq!(talk.states(), states);
    // So it may find nothing to do.
    assert_eq!(talk.if_hears(&deactivate("anna", "phone"), refused(ErrorCode::NoSuchEntity)), [""; 0]);
    let mut listing = Talk::with_annas_phone(false);
    listing.tells(&list("anna"), done(), Oracle::sent_twice).unwrap();
    assert_eq!(listing.state(), ["anna", "bert", "phone of anna", "token of nobody"]);
}

#[test]
fn a_request_that_no_sdk_would_send_has_only_to_be_answered() {
    let failed = |code: ErrorCode| refused(code).status(500);
    let unknown = failed(ErrorCode::InternalFailure).replacing("InternalFailure", "Oops");
    let timeout = Came::Broken(TransportError::Timeout(Duration::from_secs(5)));
    let never_sent = Came::Broken(TransportError::Request("a line break in a header".to_owned()));
    for (came, named) in [
        (timeout, Some("robustness.answers: no reply in time")),
        (broken(), Some("robustness.no-crash: a broken connection")),
        (never_sent, None),
        (page(500, "<html></html>"), Some("robustness.no-crash: status 500 without an IAM reply")),
        (page(400, "<html></html>"), None),
        (page(501, "<html></html>"), None),
        (failed(ErrorCode::InternalFailure), Some("robustness.no-crash: InternalFailure")),
        (unknown, Some("robustness.no-crash: the unknown code \"Oops\"")),
        (done().to(Operation::EnableMfaDevice, 500), Some("robustness.no-crash: status 500 with a success")),
        (refused(ErrorCode::ServiceUnavailable), None),
        (refused(ErrorCode::MalformedQueryString), None),
        (done(), None),
    ] {
        let mut talk = Talk::with_annas_phone(false);
        let shown = format!("{came:?}");
        let told = talk.tells(&ask(Operation::EnableMfaDevice), came, Oracle::judge_malformed);
        assert_eq!(told.as_ref().map(divergence).as_deref(), named, "{shown}");
        let operation = told.map(|divergence| (divergence.operation, divergence.expected.to_string()));
        let expected = (Operation::EnableMfaDevice, "any answer except an internal failure".to_owned());
        assert_eq!(operation, named.map(|_| expected));
        // Whatever it did is taken as it is.
        assert_eq!(talk.state(), ["anna?", "bert?", "phone? of anybody", "token? of anybody"]);
        assert_eq!(tested(&talk.counted(), Side::Reject), set(&["robustness.no-crash"]));
    }
}

#[test]
fn codes_of_an_odd_request_may_be_used_up() {
    let mut talk = Talk::new();
    let fresh = talk.enable("anna", "phone", (-1, 0));
    assert!(talk.tells(&fresh, done(), Oracle::judge_malformed).is_none());
    resume_from(&mut talk, "anna", &["phone"]);
    resume_from(&mut talk, "bert", &[]);
    talk.hears(&deactivate("anna", "phone"), done());
    assert_eq!(talk.newest_carried("phone"), Some(talk.step(0)));
    assert_eq!(talk.if_hears(&fresh, refused(ErrorCode::InvalidAuthenticationCode)), [""; 0]);
}
