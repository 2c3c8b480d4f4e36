//! How a call is put on the wire.

use mfa_reference::clause::Side;
use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, create_user, deactivate};
use super::came::{done, refused};
use super::talk::Talk;
use super::tell::{divergences, set, tested};
use crate::wire::Escapes;

/// The clauses on the manner of calls.
const MANNERS: [&str; 3] = ["wire.get", "wire.parameter-order", "wire.form-encoding"];

/// The clauses on its manner that a call tests on a side.
fn manners(talk: &mut Talk, ask: &Ask, side: Side) -> Vec<String> {
    talk.does(ask);
    tested(&talk.counted(), side).into_iter().filter(|clause| MANNERS.contains(&clause.as_str())).collect()
}

#[test]
fn a_call_puts_the_clauses_on_its_manner_to_the_test() {
    let plain = deactivate("anna", "phone");
    for (ask, clauses) in [
        (plain.clone(), vec![]),
        (plain.clone().get(), vec!["wire.get"]),
        (plain.clone().last("UserName"), vec![]),
        (plain.clone().last("Action"), vec!["wire.parameter-order"]),
        (plain.clone().escaped(Escapes::Everything), vec!["wire.form-encoding"]),
        (plain.clone().get().last("Action"), vec!["wire.get", "wire.parameter-order"]),
    ] {
        assert_eq!(manners(&mut Talk::with_annas_phone(false), &ask, Side::Accept), clauses, "{ask:?}");
        // The phone is nobody's.
        assert_eq!(manners(&mut Talk::new(), &ask, Side::Reject), clauses, "{ask:?}");
        assert_eq!(manners(&mut Talk::new(), &ask, Side::Accept), [""; 0], "{ask:?}");
    }
    for name in ["a+b", "a b", "a%b"] {
        let encoded = plain.clone().but("UserName", name);
        assert_eq!(manners(&mut Talk::new(), &encoded, Side::Reject), ["wire.form-encoding"], "{name}");
    }
    let set_up = create_user("carl").get().last("Action").escaped(Escapes::SmallLetters);
    assert_eq!(manners(&mut Talk::new(), &set_up, Side::Accept), [""; 0]);
}

#[test]
fn a_service_that_finds_no_action_in_a_get_does_not_read_its_query() {
    let talk = Talk::with_annas_phone(false);
    let missing = || refused(ErrorCode::MissingAction);
    let call = deactivate("anna", "phone");
    let by_get = talk.if_hears(&call.clone().get(), missing());
    let by_post = talk.if_hears(&call, missing());
    // By POST it says nothing of that clause, which otherwise comes before all that the refusal breaks.
    assert!(!by_post[0].contains("wire.get"), "{by_post:?}");
    let broken = by_post[0].replace(": MissingAction, also", "");
    assert_eq!(by_get, [format!("wire.get: MissingAction, also {broken}")]);
}

#[test]
fn another_refusal_of_a_get_is_named_by_what_it_says() {
    let mut talk = Talk::with_annas_phone(false);
    let call = talk.enable("anna", "token", (-1, 0)).get().last("Action");
    let told = divergences(&talk.hears(&call, refused(ErrorCode::InvalidAuthenticationCode)));
    assert!(told[0].starts_with("enable.fresh-pair: InvalidAuthenticationCode, also "), "{told:?}");
    assert!(told[0].ends_with(" wire.get wire.parameter-order"), "{told:?}");
    let tally = talk.counted();
    assert!(tested(&tally, Side::Accept).is_superset(&set(&["wire.get", "wire.parameter-order"])));
    let reordered = deactivate("bert", "phone").last("Action");
    let told = divergences(&talk.hears(&reordered, done()));
    assert_eq!(told, ["deactivate.other-users: success, also wire.parameter-order"]);
    let without = ask(Operation::DeactivateMfaDevice).without("Action").get();
    assert_eq!(talk.if_hears(&without, refused(ErrorCode::MissingAction)), [""; 0]);
}
