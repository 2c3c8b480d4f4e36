//! The states that a target may be in: how replies split them and rule them out.

use mfa_reference::clause::ClauseId;
use mfa_reference::{ErrorCode, MfaOperation, Operation, SuccessBody};

use super::ask::{Ask, ask, create_device, create_user, deactivate, delete_device, list, rename, serial};
use super::came::{all_devices, broken, devices_of, done, refused, told};
use super::talk::{Talk, WRONG};
use super::tell::{departures, divergences};
use crate::oracle::verdict::Fit;
use crate::oracle::{Admitted, TooManyStates};

/// A talk in which anna has these devices and is called carl now, and another device is nobody's.
fn renamed(devices: &[&str]) -> Talk {
    let mut talk = Talk::empty(false, &MfaOperation::ALL);
    for call in [create_user("anna"), create_user("bert"), create_device("watch")] {
        talk.does(&call);
    }
    for device in devices {
        talk.does(&create_device(device));
        talk.does(&talk.enable("anna", device, (-1, 0)));
    }
    talk.does(&rename("anna", "carl"));
    talk
}

fn enable(user: &str, serial: &str, codes: [&str; 2]) -> Ask {
    ask(Operation::EnableMfaDevice).user(user).with("SerialNumber", serial).codes(codes)
}

fn listing(devices: &[&str]) -> SuccessBody {
    devices_of("anna", devices)
}

fn carls(devices: &[&str]) -> SuccessBody {
    devices_of("carl", devices)
}

#[test]
fn a_reply_conforms_if_it_does_in_some_world() {
    let talk = Talk::with_annas_phone(false);
    assert_eq!(talk.admits(&list("anna"), told(listing(&["phone"]))), Admitted::Surely);
    assert_eq!(talk.admits(&list("anna"), told(listing(&[]))), Admitted::Never);
    assert_eq!(talk.admits(&list("anna"), told(listing(&["phone", "token"]))), Admitted::Never);
    assert_eq!(talk.admits(&list("anna"), refused(ErrorCode::NoSuchEntity)), Admitted::Never);
    assert_eq!(talk.admits(&list("anna"), broken()), Admitted::Never);
    let malformed = refused(ErrorCode::NoSuchEntity).replacing("NoSuchEntity", "NoSuchThing");
    assert_eq!(talk.admits(&list("anna"), malformed), Admitted::Never);
}

#[test]
fn asking_whether_a_reply_conforms_changes_nothing() {
    let talk = renamed(&["phone"]);
    let before = (talk.state(), talk.oracle.tally.clone());
    talk.admits(&list("carl"), told(carls(&["phone"])));
    assert_eq!((talk.state(), talk.oracle.tally.clone()), before);
}

#[test]
fn a_departure_is_told_once_it_is_the_reading_in_every_world_and_then_no_more() {
    let mut talk = renamed(&["phone"]);
    let clause = ClauseId::RenameKeepsDevice;
    assert_eq!(departures(&talk.counted()), [""; 0]);
    assert_eq!(talk.admits(&list("carl"), told(carls(&[]))), Admitted::IfDeparting(clause));
    assert_eq!(talk.admits(&list("carl"), told(carls(&["phone"]))), Admitted::Surely);
    assert_eq!(talk.admits(&list("carl"), told(carls(&["phone", "watch"]))), Admitted::Never);
    let shown = format!("1 {clause}: ListMFADevices: success");
    assert_eq!((talk.lists("carl", &[]), departures(&talk.counted())), (vec![], vec![shown]));
    assert_eq!(talk.state(), ["bert", "carl", "phone? of anybody", "watch of nobody"]);
    assert_eq!(talk.admits(&list("carl"), told(carls(&[]))), Admitted::Surely);
    assert_eq!((talk.lists("carl", &[]), departures(&talk.counted())), (vec![], vec![]));
    talk.oracle.listing_conforms();
    let foreign = "state.isolation: a device is listed that isn't the user's, also rename.keeps-device";
    assert_eq!(talk.lists("carl", &["watch"]), [foreign]);
}

#[test]
fn a_world_that_the_target_reaches_without_a_departure_has_none() {
    // No device was there to be kept: both readings come to the same.
    let mut talk = renamed(&[]);
    assert_eq!(departures(&talk.counted()), [""; 0]);
    assert_eq!((talk.lists("carl", &[]), departures(&talk.counted())), (vec![], vec![]));
    // A broken constraint and an absent user: either may be named, and only the one would depart.
    let two = enable("nobody", &serial("none"), ["12345", "123456"]);
    let verdict = talk.hears(&two, refused(ErrorCode::NoSuchEntity));
    assert_eq!((divergences(&verdict), departures(&talk.counted())), (vec![], vec![]));
}

#[test]
fn a_departure_is_a_divergence_in_strict_mode_and_explains_the_state_all_the_same() {
    let mut talk = Talk::strict();
    let absent = enable("anna", &serial("absent"), WRONG);
    assert_eq!(talk.admits(&absent, refused(ErrorCode::NoSuchEntity)), Admitted::Surely);
    assert_eq!(talk.admits(&absent, done()), Admitted::Never);
    let before = talk.state();
    let verdict = talk.hears(&absent, refused(ErrorCode::InvalidAuthenticationCode));
    let named = "enable.device-exists.code: InvalidAuthenticationCode";
    assert_eq!((divergences(&verdict), verdict.fit), (vec![named.to_owned()], Fit::Explained));
    assert_eq!(talk.state(), before);
}

#[test]
fn a_reply_conforms_surely_in_a_world_that_departs_from_no_more_than_it_must() {
    let mut talk = Talk::with_annas_phone(false);
    talk.does(&talk.enable("anna", "token", (-1, 0)));
    // Either the second of two serial numbers was taken, or the renamed user lost the device, or both.
    talk.does(&deactivate("anna", "token").device("phone"));
    talk.does(&rename("anna", "carl"));
    talk.hears(&deactivate("carl", "token"), broken());
    let without = || told(devices_of("carl", &[]));
    assert!(matches!(talk.admits(&list("carl"), without()), Admitted::IfDeparting(_)));
    assert_eq!(talk.lists("carl", &[]), [""; 0]);
    // Which of them it was, nobody knows.
    assert_eq!(departures(&talk.counted()), [""; 0]);
    assert_eq!(talk.admits(&list("carl"), without()), Admitted::Surely);
}

#[test]
fn a_recording_that_is_all_there_is_to_break_names_it() {
    let mut talk = Talk::with_annas_phone(true);
    assert_eq!(divergences(&talk.hears(&delete_device("phone"), done())), ["delete-virtual-device.attached: success"]);
}

#[test]
fn what_only_a_recording_says_gives_way_to_what_the_documents_say() {
    for (strict, named) in [
        (false, "state.isolation: a device is listed that isn't the user's, also rename.keeps-device"),
        (true, "rename.keeps-device: a device is listed that isn't the user's, also state.isolation"),
    ] {
        let mut talk = Talk::with_annas_phone(strict);
        talk.oracle.listing_conforms();
        talk.does(&rename("bert", "carl"));
        let listing = told(devices_of("carl", &["phone"]));
        assert_eq!(divergences(&talk.hears(&list("carl"), listing)), [named]);
    }
}

#[test]
fn each_device_of_a_renamed_user_doubles_the_worlds_up_to_sixty_four() {
    let mut talk = Talk::empty(false, &MfaOperation::ALL);
    let users: Vec<String> = (0..7).map(|number| format!("user-{number}")).collect();
    for user in &users {
        let device = format!("of-{user}");
        talk.does(&create_user(user));
        talk.does(&create_device(&device));
        talk.does(&talk.enable(user, &device, (-1, 0)).beside_others());
    }
    let (last, others) = users.split_last().unwrap();
    for user in others {
        talk.does(&rename(user, &format!("{user}-again")));
    }
    let too_many = talk.tells(&rename(last, "again"), done(), |oracle, observation| oracle.judge(observation).err());
    assert_eq!(too_many, Some(TooManyStates));
    assert_eq!(TooManyStates.to_string(), "more than 64 states are possible");
}

#[test]
fn worlds_that_become_the_same_are_one() {
    let mut talk = Talk::empty(false, &MfaOperation::ALL);
    // Each round doubles the states, and what is listed after it makes them the same again.
    for round in 0..8 {
        let (user, device) = (format!("user-{round}"), format!("device-{round}"));
        talk.does(&create_user(&user));
        talk.does(&create_device(&device));
        talk.does(&talk.enable(&user, &device, (-1, 0)).beside_others());
        talk.does(&rename(&user, &format!("{user}-again")));
        talk.does(&list(&format!("{user}-again")));
    }
    assert_eq!(talk.state().len(), 16);
}

#[test]
fn a_reply_that_conforms_in_no_world_leaves_them_as_they_are_but_for_what_it_named() {
    let mut talk = Talk::with_annas_phone(false);
    let all = told(all_devices(&[("phone", Some("bert")), ("token", None)]));
    let verdict = talk.hears(&ask(Operation::ListVirtualMfaDevices), all);
    assert_eq!(divergences(&verdict), ["enable.associates: a device is listed that isn't the user's"]);
    assert_eq!(talk.state(), ["anna", "bert", "phone of anna", "token of nobody"]);
    talk.does(&deactivate("anna", "phone"));
}
