//! What came back and what would have conformed, as findings tell it.

use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, deactivate, list, serial};
use super::came::{Came, DATE, all_devices, dated, devices_of, done, refused, told};
use super::talk::{Talk, WRONG};
use super::tell::expected;

/// The class of what came back, and what would have conformed.
fn told_of(talk: &mut Talk, ask: &Ask, came: Came) -> (String, Vec<String>) {
    let verdict = talk.hears(ask, came);
    (verdict.divergences[0].class.to_string(), expected(&verdict))
}

#[test]
fn a_wrong_listing_is_told_by_what_is_wrong_with_it() {
    for (listing, class) in [
        (devices_of("anna", &[]), "a device isn't listed"),
        (devices_of("anna", &["phone", "token"]), "a device is listed that isn't the user's"),
        (devices_of("anna", &["phone", "phone"]), "a device is listed twice"),
        (devices_of("bert", &["phone"]), "a device is listed under another name"),
        (devices_of("anna", &["phone", "fob"]), "a device is listed that doesn't exist"),
    ] {
        let of_anna = vec![format!("listed for anna: {}", serial("phone"))];
        let told = told_of(&mut Talk::with_annas_phone(false), &list("anna"), told(listing));
        assert_eq!(told, (class.to_owned(), of_anna));
    }
    let of_bert = vec!["no device listed for bert".to_owned()];
    let told = told_of(&mut Talk::with_annas_phone(false), &list("bert"), told(dated(&[("phone", "bert", DATE)])));
    assert_eq!(told, ("a device is listed that isn't the user's".to_owned(), of_bert));
}

#[test]
fn a_wrong_listing_of_the_account_is_told_by_what_is_wrong_with_it() {
    for (listed, class) in [
        (&[("token", None)][..], "a device isn't listed"),
        (&[("phone", None), ("token", None)], "a device is listed that isn't the user's"),
        (&[("phone", Some("anna")), ("token", None), ("token", None)], "a device is listed twice"),
    ] {
        let mut talk = Talk::with_annas_phone(false);
        let told = told_of(&mut talk, &ask(Operation::ListVirtualMfaDevices), told(all_devices(listed)));
        assert_eq!(told, (class.to_owned(), vec!["each device listed once, with its owner".to_owned()]));
    }
}

#[test]
fn what_would_have_conformed_is_what_is_demanded() {
    let talk = || Talk::with_annas_phone(false);
    let enable = |codes| ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(codes);
    for (ask, came, class, expected) in [
        // Neither failures that pass nor what departs from a recording nor what is merely let pass.
        (deactivate("nobody", "phone"), done(), "success", vec!["404 NoSuchEntity"]),
        (deactivate("bert", "phone").by("bert"), done(), "success", vec!["404 NoSuchEntity"]),
        (enable(["12345", WRONG[1]]), done(), "success", vec!["400 ValidationError", "409 EntityAlreadyExists"]),
        (enable(WRONG), done(), "success", vec!["409 EntityAlreadyExists"]),
        (deactivate("anna", "phone"), refused(ErrorCode::NoSuchEntity), "NoSuchEntity", vec!["200, carried out"]),
    ] {
        let (told, wanted) = told_of(&mut talk(), &ask, came);
        let mut wanted: Vec<&str> = wanted[0].split(" or ").collect();
        wanted.sort_unstable();
        assert_eq!((told.as_str(), wanted), (class, expected), "{ask:?}");
    }
}
