//! What a listing may show.

use mfa_reference::account::Effect;
use mfa_reference::permitted::transition::{
    Answer, Assignment, Expect, Mismatch, Transition, listing_mismatch, virtual_mismatch,
};
use mfa_reference::{ErrorCode, ErrorCodes, SuccessBody};

use super::stage::{Stage, all_devices, devices_of, serial};

/// The phone is anna's, the token is bert's, the watch is nobody's.
fn stage() -> Stage {
    Stage::new().owned("phone", "anna").owned("token", "bert")
}

fn missing(device: &str) -> Mismatch {
    Mismatch::Missing(serial(device))
}

fn of_status(name: &str) -> Mismatch {
    Mismatch::WrongStatus(serial(name))
}

fn foreign(device: &str) -> Mismatch {
    Mismatch::Foreign(serial(device))
}

fn twice(device: &str) -> Mismatch {
    Mismatch::Twice(serial(device))
}

#[test]
fn a_users_listing_shows_the_users_devices_once_each_under_the_users_name() {
    let open = || stage().of_anybody("watch");
    let wrong_name = Mismatch::WrongName { serial_number: serial("phone"), user_name: "bert".to_owned() };
    for (case, stage, listed, expected) in [
        ("as it is", stage(), &[("phone", "anna")][..], None),
        ("nothing", stage(), &[], Some(missing("phone"))),
        ("another's", stage(), &[("phone", "anna"), ("token", "anna")], Some(foreign("token"))),
        ("nobody's", stage(), &[("phone", "anna"), ("watch", "anna")], Some(foreign("watch"))),
        ("twice", stage(), &[("phone", "anna"), ("phone", "anna")], Some(twice("phone"))),
        ("under another's name", stage(), &[("phone", "bert")], Some(wrong_name)),
        ("invented", stage(), &[("phone", "anna"), ("x", "anna")], Some(Mismatch::Invented(serial("x")))),
        ("open, shown", open(), &[("phone", "anna"), ("watch", "anna")], None),
        ("open, not shown", open(), &[("phone", "anna")], None),
        ("two, in either order", stage().owned("watch", "anna"), &[("watch", "anna"), ("phone", "anna")], None),
    ] {
        let (anna, body) = (stage.user_id("anna"), devices_of(listed));
        assert_eq!(listing_mismatch(&stage.state, anna, &body), expected, "{case}");
        let conforms = Expect::DevicesOf(anna).matches(&stage.state, Answer::Success(&body));
        assert_eq!(conforms, expected.is_none(), "{case}");
    }
    let (stage, body) = (stage(), all_devices(&[]));
    assert_eq!(listing_mismatch(&stage.state, stage.user_id("anna"), &body), Some(Mismatch::NoListing));
}

#[test]
fn a_listing_of_all_shows_each_device_once_with_its_owner() {
    let all: &[(&str, Option<&str>)] = &[("phone", Some("anna")), ("token", Some("bert")), ("watch", None)];
    let with = |device: (&'static str, Option<&'static str>)| [all, &[device]].concat();
    let swap = |device: &str, owner| {
        let swapped = |known: &(&'static str, Option<&'static str>)| {
            if known.0 == device { (known.0, owner) } else { *known }
        };
        all.iter().map(swapped).collect::<Vec<_>>()
    };
    let removed = |stage: Stage| stage.perhaps_removed("watch");
    for (case, stage, listed, expected) in [
        ("as it is", stage(), all.to_vec(), None),
        ("one is missing", stage(), all[1..].to_vec(), Some(missing("phone"))),
        ("nobody's is missing", stage(), all[..2].to_vec(), Some(missing("watch"))),
        ("one may be gone", removed(stage()), all[..2].to_vec(), None),
        ("one may be gone and isn't", removed(stage()), all.to_vec(), None),
        ("somebody else's", stage(), with(("other", Some("carl"))), None),
        ("somebody else's, twice", stage(), [with(("other", None)), vec![("other", None)]].concat(), None),
        ("twice", stage(), with(("watch", None)), Some(twice("watch"))),
        ("without its owner", stage(), swap("phone", None), Some(foreign("phone"))),
        ("with another owner", stage(), swap("phone", Some("bert")), Some(foreign("phone"))),
        ("nobody's with an owner", stage(), swap("watch", Some("anna")), Some(foreign("watch"))),
        ("open with an owner", stage().of_anybody("watch"), swap("watch", Some("anna")), None),
        ("open without one", stage().of_anybody("watch"), all.to_vec(), None),
        ("open and missing", stage().of_anybody("watch"), all[..2].to_vec(), Some(missing("watch"))),
    ] {
        let body = all_devices(&listed);
        assert_eq!(virtual_mismatch(&stage.state, Assignment::Any, &body), expected, "{case}");
        let conforms = Expect::VirtualDevices(Assignment::Any).matches(&stage.state, Answer::Success(&body));
        assert_eq!(conforms, expected.is_none(), "{case}");
    }
    let none = virtual_mismatch(&stage().state, Assignment::Any, &devices_of(&[]));
    assert_eq!(none, Some(Mismatch::NoListing));
}

#[test]
fn a_listing_by_status_shows_the_devices_of_the_status_and_no_others() {
    let assigned = [("phone", Some("anna")), ("token", Some("bert"))];
    let free = [("watch", None)];
    for (case, stage, status, listed, expected) in [
        ("assigned", stage(), Assignment::Assigned, &assigned[..], None),
        ("one is missing", stage(), Assignment::Assigned, &assigned[1..], Some(missing("phone"))),
        ("nobody's too", stage(), Assignment::Assigned, &[assigned[0], assigned[1], free[0]], Some(of_status("watch"))),
        ("unassigned", stage(), Assignment::Unassigned, &free, None),
        ("it is missing", stage(), Assignment::Unassigned, &[], Some(missing("watch"))),
        ("somebody's too", stage(), Assignment::Unassigned, &[free[0], assigned[0]], Some(of_status("phone"))),
        ("open, shown", stage().of_anybody("watch"), Assignment::Assigned, &assigned, None),
        ("open, not shown", stage().of_anybody("watch"), Assignment::Unassigned, &[], None),
    ] {
        assert_eq!(virtual_mismatch(&stage.state, status, &all_devices(listed)), expected, "{case}");
    }
}

#[test]
fn an_expectation_matches_answers_of_its_kind_alone() {
    let stage = stage();
    let anna = stage.user_id("anna");
    let error = Expect::Error(ErrorCodes::of(&[ErrorCode::NoSuchEntity]));
    let refused = Answer::Error(ErrorCode::NoSuchEntity);
    let succeeded = Answer::Success(&SuccessBody::Empty);
    for success in [Expect::Success, Expect::DevicesOf(anna), Expect::VirtualDevices(Assignment::Any)] {
        assert!(success.is_success() && !success.matches(&stage.state, refused), "{success:?}");
    }
    assert!(Expect::Success.matches(&stage.state, succeeded));
    assert!(!error.is_success() && !error.matches(&stage.state, succeeded));
    assert!(error.matches(&stage.state, refused));
    assert!(!error.matches(&stage.state, Answer::Error(ErrorCode::DeleteConflict)));
    let listing = Transition::success(Expect::DevicesOf(anna), Effect::None, &[]);
    assert!(listing.expect.matches(&stage.state, Answer::Success(&devices_of(&[("phone", "anna")]))));
}
