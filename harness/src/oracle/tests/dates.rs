//! The `EnableDate`s of devices, which a refused call leaves as they are.

use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, create_user, deactivate, list};
use super::came::{dated, done, page, refused, told};
use super::talk::{Talk, WRONG};
use super::tell::{divergences, expected};

const SAME: &str = "2026-01-01T00:00:00Z";
const OTHER: &str = "2026-01-02T00:00:00Z";
const CHANGED: &str = "a device is listed with another EnableDate";

fn lists(talk: &mut Talk, date: &str) -> Vec<String> {
    divergences(&talk.hears(&list("anna"), told(dated(&[("phone", "anna", date)]))))
}

/// A talk in which the phone's date stood still for so many milliseconds.
fn still(millis: i64) -> Talk {
    let mut talk = Talk::with_annas_phone(false);
    for _ in 0..2 {
        assert_eq!(lists(&mut talk, SAME), [""; 0]);
        talk.wait(millis);
    }
    talk
}

/// What is said if the phone is listed with another date after these calls.
fn changed_after(mut talk: Talk, calls: &[Ask]) -> Vec<String> {
    for call in calls {
        talk.does(call);
    }
    lists(&mut talk, OTHER)
}

fn wrong(operation: Operation) -> Ask {
    ask(operation).user("anna").device("phone").codes(WRONG)
}

#[test]
fn a_refused_call_leaves_the_date_as_it_is() {
    for (call, clause) in [
        (wrong(Operation::EnableMfaDevice), "enable.rejected-no-effect"),
        (wrong(Operation::ResyncMfaDevice), "resync.rejected-no-effect"),
        (deactivate("bert", "phone"), "deactivate.rejected-no-effect"),
    ] {
        assert_eq!(changed_after(still(10_000), &[call]), [format!("{clause}: {CHANGED}")]);
    }
    let mut talk = still(10_000);
    talk.does(&deactivate("bert", "phone"));
    let verdict = talk.hears(&list("anna"), told(dated(&[("phone", "anna", OTHER)])));
    assert_eq!(expected(&verdict), ["the EnableDate that was listed before"]);
    // It is reported once, and not of a listing that is wrong otherwise.
    talk.does(&deactivate("bert", "phone"));
    assert_eq!(lists(&mut talk, SAME), [""; 0]);
    let mut talk = still(10_000);
    talk.does(&deactivate("bert", "phone"));
    let wrong = talk.hears(&list("anna"), told(dated(&[("phone", "bert", OTHER)])));
    assert_eq!(divergences(&wrong), ["deactivate.rejected-no-effect: a device is listed under another name"]);
}

#[test]
fn the_last_of_several_refused_calls_is_named() {
    let calls = [deactivate("bert", "phone"), wrong(Operation::ResyncMfaDevice)];
    assert_eq!(changed_after(still(10_000), &calls), [format!("resync.rejected-no-effect: {CHANGED}")]);
}

#[test]
fn a_date_that_is_as_it_was_says_nothing() {
    let mut talk = still(10_000);
    talk.does(&deactivate("bert", "phone"));
    assert_eq!(lists(&mut talk, SAME), [""; 0]);
    // Nor does one that changes when nothing was refused since.
    assert_eq!(lists(&mut talk, OTHER), [""; 0]);
}

#[test]
fn a_date_that_did_not_stand_still_says_nothing() {
    assert_eq!(changed_after(still(4_000), &[deactivate("bert", "phone")]), [""; 0]);
}

#[test]
fn one_of_several_dates_is_enough() {
    let mut talk = still(10_000);
    talk.does(&deactivate("bert", "phone"));
    talk.oracle.forget_all();
    let both = dated(&[("phone", "anna", OTHER), ("token", "anna", SAME)]);
    let verdict = talk.hears(&list("anna"), told(both));
    assert_eq!(divergences(&verdict), [format!("deactivate.rejected-no-effect: {CHANGED}")]);
}

#[test]
fn whatever_is_carried_out_may_change_dates() {
    let refusal = deactivate("bert", "phone");
    assert_eq!(changed_after(still(10_000), &[create_user("carl"), refusal.clone()]), [""; 0]);
    // A call that only reads changes none.
    let read = ask(Operation::GetUser).user("anna");
    assert_eq!(changed_after(still(10_000), &[read, refusal]), [format!("deactivate.rejected-no-effect: {CHANGED}")]);
}

#[test]
fn a_resync_changes_no_date() {
    let resynchronized = |mut talk: Talk| {
        let resync = talk.resync("anna", "phone", (-1, 0));
        talk.hears(&resync, done());
        lists(&mut talk, OTHER)
    };
    assert_eq!(resynchronized(still(10_000)), [format!("resync.keeps-association: {CHANGED}")]);
    assert_eq!(resynchronized(still(9_000)), [""; 0]);
}

#[test]
fn a_call_that_failed_or_was_not_understood_may_have_changed_dates() {
    let fails = |came| {
        let mut talk = still(10_000);
        let resync = talk.resync("anna", "phone", (-1, 0));
        talk.hears(&resync, came);
        // The account is as it was.
        lists(&mut talk, OTHER)
    };
    for code in [ErrorCode::ServiceFailure, ErrorCode::ServiceUnavailable] {
        assert_eq!(fails(refused(code)), [""; 0], "{code}");
    }
    for came in [page(200, "<html></html>"), super::came::broken()] {
        let mut talk = still(10_000);
        talk.hears(&talk.resync("anna", "phone", (-1, 0)), came);
        talk.does(&deactivate("bert", "phone"));
        assert_eq!(lists(&mut talk, OTHER), [""; 0]);
    }
    let mut talk = still(10_000);
    talk.hears(&deactivate("bert", "phone"), refused(ErrorCode::NoSuchEntity).status(500));
    assert_eq!(lists(&mut talk, OTHER), [""; 0]);
}
