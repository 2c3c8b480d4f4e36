//! What a conforming listing says of the call before it.

use mfa_reference::clause::Side;
use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, create_user, deactivate, delete_user, list, rename};
use super::came::{done, refused};
use super::talk::{Talk, WRONG};
use super::tell::{divergences, set, tested};

/// What listings that are as they should be tested after a call, on each side.
fn after(mut talk: Talk, ask: &Ask) -> [Vec<String>; 2] {
    talk.does(ask);
    talk.counted();
    talk.oracle.listing_conforms();
    let tally = talk.counted();
    let sides = [Side::Accept, Side::Reject];
    let general = set(&["state.isolation", "state.settles"]);
    assert_eq!(sides.map(|side| tested(&tally, side).is_superset(&general)).iter().filter(|all| **all).count(), 1);
    sides.map(|side| {
        let always = set(&["state.durable", "state.isolation", "state.settles"]);
        tested(&tally, side).into_iter().filter(|clause| !always.contains(clause)).collect()
    })
}

#[test]
fn a_listing_as_it_should_be_shows_what_the_call_before_it_did() {
    let (fresh, enabled) = (Talk::new, || Talk::with_annas_phone(false));
    let wrong = |operation| ask(operation).user("anna").device("phone").codes(WRONG);
    let enable = fresh().enable("anna", "phone", (-1, 0));
    let resync = enabled().resync("anna", "phone", (-1, 0));
    for (talk, ask, accept, reject) in [
        (fresh(), enable, vec!["enable.associates"], vec![]),
        (fresh(), wrong(Operation::EnableMfaDevice), vec![], vec!["enable.rejected-no-effect"]),
        (enabled(), resync, vec!["resync.keeps-association"], vec![]),
        (
            enabled(),
            wrong(Operation::ResyncMfaDevice),
            vec![],
            vec!["resync.keeps-association", "resync.rejected-no-effect"],
        ),
        (enabled(), deactivate("anna", "phone"), vec!["deactivate.dissociates", "deactivate.only-that-device"], vec![]),
        (enabled(), deactivate("bert", "phone"), vec![], vec!["deactivate.rejected-no-effect"]),
        (enabled(), delete_user("bert"), vec!["delete-user.leaves-others"], vec![]),
        (enabled(), delete_user("anna"), vec![], vec!["delete-user.leaves-others"]),
        (enabled(), rename("anna", "carl"), vec!["rename.keeps-device"], vec![]),
        (enabled(), rename("bert", "carl"), vec![], vec![]),
        (enabled(), rename("anna", "bert"), vec![], vec![]),
        (enabled(), create_user("carl"), vec![], vec![]),
    ] {
        assert_eq!(after(talk, &ask), [accept, reject], "{ask:?}");
    }
}

#[test]
fn a_listing_shows_the_last_call_that_could_change_it() {
    let mut talk = Talk::new();
    talk.does(&talk.enable("anna", "phone", (-1, 0)));
    talk.hears(&deactivate("anna", "phone"), refused(ErrorCode::Throttling));
    let [accept, reject] = after(talk, &list("anna"));
    assert_eq!((accept, reject), (vec!["enable.associates".to_owned()], vec![]));
}

#[test]
fn a_listing_that_nothing_came_before_shows_nothing() {
    let mut talk = Talk::empty(false, &[]);
    talk.hears(&list("anna"), refused(ErrorCode::NoSuchEntity));
    talk.counted();
    talk.oracle.listing_conforms();
    assert!(talk.counted().tested.is_empty());
    // A call that changes nothing is one that could have.
    talk.hears(&deactivate("anna", "phone"), done());
    talk.counted();
    talk.oracle.listing_conforms();
    assert_eq!(tested(&talk.counted(), Side::Reject).len(), 0);
}

#[test]
fn a_user_who_vanishes_after_a_reread_went_with_the_call_that_followed() {
    let mut talk = Talk::with_annas_phone(false);
    talk.does(&ask(Operation::ResyncMfaDevice).user("anna").device("phone").codes(WRONG));
    assert!(talk.oracle.begin_reread());
    talk.does(&list("anna"));
    talk.oracle.listing_conforms();
    talk.oracle.end_reread();
    talk.does(&deactivate("anna", "phone"));
    let verdict = talk.hears(&list("anna"), refused(ErrorCode::NoSuchEntity));
    assert_eq!(divergences(&verdict), ["deactivate.only-that-device: NoSuchEntity"]);
}
