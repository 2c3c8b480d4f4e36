//! Replies that aren't in the protocol.

use mfa_reference::{ErrorCode, MfaOperation, Operation};

use super::ask::{Ask, ask, create_user, deactivate};
use super::came::{Came, broken, page, refused};
use super::talk::Talk;
use super::tell::{departures, divergences, expected, open};
use crate::oracle::Oracle;

const HTML: &str = "<html><body>Oops</body></html>";
const CUT_OFF: &str = "<ErrorResponse><Error>";

fn told(talk: &mut Talk, ask: &Ask, came: Came) -> Vec<String> {
    divergences(&talk.hears(ask, came))
}

#[test]
fn a_reply_that_is_not_in_the_protocol_is_named_by_what_it_is() {
    let wrong_root = "<DeactivateMFADeviceResponse/>";
    for (status, body, named) in [
        (200, HTML, "wire.well-formed: status 200 without an IAM reply"),
        (404, HTML, "wire.well-formed: status 404 without an IAM reply"),
        (200, CUT_OFF, "wire.well-formed: status 200 without an IAM reply"),
        (500, HTML, "robustness.no-crash: status 500 without an IAM reply"),
        (502, CUT_OFF, "robustness.no-crash: status 502 without an IAM reply"),
        (200, wrong_root, "wire.enable.success-root: the response of another operation"),
        (400, wrong_root, "wire.error.envelope: an error without ErrorResponse"),
        (499, wrong_root, "wire.error.envelope: an error without ErrorResponse"),
    ] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&talk.enable("anna", "phone", (-1, 0)), page(status, body));
        assert_eq!(divergences(&verdict), [named], "{status} {body}");
        assert_eq!(expected(&verdict), ["EnableMFADeviceResponse or ErrorResponse"]);
        // It may have been carried out.
        let states = [
            ["anna", "bert", "phone of nobody", "token of nobody"],
            ["anna", "bert", "phone of anna", "token of nobody"],
        ];
        assert_eq!(talk.states(), states);
    }
}

#[test]
fn the_root_of_a_success_is_a_clause_of_each_operation() {
    for (operation, clause) in [
        (Operation::ResyncMfaDevice, "wire.resync.success-root"),
        (Operation::DeactivateMfaDevice, "wire.deactivate.success-root"),
    ] {
        let named = told(&mut Talk::new(), &ask(operation), page(200, "<EnableMFADeviceResponse/>"));
        assert_eq!(named, [format!("{clause}: the response of another operation")]);
    }
}

#[test]
fn an_operation_that_has_never_answered_in_the_protocol_is_missing_whatever_the_status() {
    let mut talk = Talk::empty(false, &[MfaOperation::Enable]);
    for status in [200, 404, 500] {
        let without = format!("status {status} without an IAM reply");
        let missing = told(&mut talk, &deactivate("anna", "phone"), page(status, HTML));
        assert_eq!(missing, [format!("operation.deactivate.exists: {without}")]);
    }
    let there = told(&mut talk, &ask(Operation::EnableMfaDevice), page(404, HTML));
    assert_eq!(there, ["wire.well-formed: status 404 without an IAM reply"]);
    // It has something of the protocol.
    let cut_off = told(&mut talk, &deactivate("anna", "phone"), page(404, CUT_OFF));
    assert_eq!(cut_off, ["wire.well-formed: status 404 without an IAM reply"]);
}

#[test]
fn of_an_operation_that_sets_up_only_a_crash_is_told() {
    let mut talk = Talk::new();
    for status in [200, 400, 499] {
        assert_eq!(told(&mut talk, &create_user("carl"), page(status, HTML)), [""; 0]);
    }
    let crashed = "robustness.no-crash: status 500 without an IAM reply";
    assert_eq!(told(&mut talk, &create_user("carl"), page(500, HTML)), [crashed]);
}

#[test]
fn the_manner_of_the_call_may_be_what_the_service_fails_at() {
    let mut talk = Talk::new();
    let by_get = talk.enable("anna", "phone", (-1, 0)).get();
    let named = "wire.well-formed: status 200 without an IAM reply, also wire.get";
    assert_eq!(told(&mut talk, &by_get, page(200, HTML)), [named]);
}

#[test]
fn what_names_no_known_action_may_be_answered_outside_the_protocol() {
    let call = ask(Operation::EnableMfaDevice);
    let noted = |clause: &str| [format!("1 {clause}: answered with status 404 without an IAM reply")];
    for (ask, clause) in [
        (call.clone().but("Action", "EnableMfaDevice"), "wire.unknown-action"),
        (call.clone().but("Version", "2010-05-09"), "wire.unknown-version"),
        (call.clone().without("Version"), "wire.unknown-version"),
        (call.clone().but("Action", "EnableMfaDevice").but("Version", "2010-05-09"), "wire.unknown-version"),
    ] {
        let (mut usual, mut strict) = (Talk::new(), Talk::strict());
        assert_eq!(told(&mut usual, &ask, page(404, HTML)), [""; 0], "{clause}");
        assert_eq!(departures(&usual.counted()), noted(clause));
        let departed = format!("{clause}: status 404 without an IAM reply");
        assert_eq!(told(&mut strict, &ask, page(404, HTML)), [departed]);
        assert_eq!(departures(&strict.counted()), [""; 0]);
    }
    for mut talk in [Talk::new(), Talk::strict()] {
        assert_eq!(told(&mut talk, &call.clone().without("Action"), page(404, HTML)), [""; 0]);
        let tally = talk.counted();
        assert_eq!((open(&tally), departures(&tally)), (noted("wire.missing-action").to_vec(), vec![]));
    }
}

#[test]
fn a_pair_that_may_have_been_accepted_without_a_reply_may_be_refused_when_it_comes_again() {
    for came in [broken(), page(200, HTML), page(200, CUT_OFF)] {
        let mut talk = Talk::new();
        let enable = talk.enable("anna", "phone", (-1, 0));
        talk.hears(&enable, came);
        assert_eq!(told(&mut talk, &enable, refused(ErrorCode::InvalidAuthenticationCode)), [""; 0]);
        let replayed = "1 enable.replayed-codes: refused with InvalidAuthenticationCode".to_owned();
        assert!(open(&talk.counted()).contains(&replayed));
    }
}

#[test]
fn so_may_a_pair_that_went_out_twice_because_a_connection_broke() {
    let mut talk = Talk::new();
    let enable = talk.enable("anna", "phone", (-1, 0));
    let came = refused(ErrorCode::InvalidAuthenticationCode);
    let at_once = talk.if_hears(&enable, came.clone());
    assert!(matches!(at_once.as_slice(), [one] if one.starts_with("enable.fresh-pair: ")), "{at_once:?}");
    talk.tells(&enable, came.clone(), Oracle::sent_twice).unwrap();
    assert_eq!(told(&mut talk, &enable, came), [""; 0]);
}

#[test]
fn an_error_in_the_root_of_a_success_has_no_envelope_whatever_its_status() {
    let wrong = "<EnableMFADeviceResponse><Error><Code>ServiceFailure</Code></Error></EnableMFADeviceResponse>";
    let mut talk = Talk::new();
    let enable = talk.enable("anna", "phone", (-1, 0));
    for status in [400, 500] {
        assert_eq!(
            told(&mut talk, &enable, page(status, wrong)),
            ["wire.error.envelope: an error without ErrorResponse"],
            "{status}"
        );
    }
}
