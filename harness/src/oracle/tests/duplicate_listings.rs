//! Devices that a target lists twice.

use mfa_reference::Operation;

use super::ask::{ask, list};
use super::came::{all_devices, dated, devices_of, told};
use super::talk::Talk;
use super::tell::divergences;
use crate::oracle::Admitted;

#[test]
fn a_device_that_is_listed_twice_is_told_once_in_a_scenario() {
    let mut talk = Talk::with_annas_phone(false);
    let twice = || told(devices_of("anna", &["phone", "phone"]));
    assert_eq!(talk.admits(&list("anna"), twice()), Admitted::Never);
    let verdict = talk.hears(&list("anna"), twice());
    assert_eq!(divergences(&verdict), ["enable.associates: a device is listed twice"]);
    talk.oracle.forget_all();
    talk.oracle.resume_from_listing("anna", &devices_of("anna", &["phone", "phone"]), |_| true);
    talk.oracle.resume_from_listing("bert", &devices_of("bert", &[]), |_| true);
    talk.oracle.all_listed();
    assert_eq!(talk.admits(&list("anna"), twice()), Admitted::Surely);
    assert_eq!(divergences(&talk.hears(&list("anna"), twice())), [""; 0]);
    // So it is in the listing of the whole account.
    let account = ask(Operation::ListVirtualMfaDevices);
    let all = |listed: &[(&str, Option<&str>)]| told(all_devices(listed));
    let doubled = [("phone", Some("anna")), ("token", None), ("phone", Some("anna"))];
    assert_eq!(talk.if_hears(&account, all(&doubled)), [""; 0]);
    // Another one is a divergence of its own.
    let other = [("phone", Some("anna")), ("token", None), ("token", None)];
    assert_eq!(talk.if_hears(&account, all(&other)).len(), 1);
    // And what is wrong about one that is told once is wrong.
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("bert", &["phone", "phone"]))).len(), 1);
    assert_eq!(talk.if_hears(&list("anna"), told(dated(&[]))).len(), 1);
}

#[test]
fn a_device_that_is_listed_once_for_each_of_two_users_is_not_listed_twice() {
    let mut talk = Talk::with_annas_phone(false);
    talk.oracle.forget_all();
    for user in ["anna", "bert"] {
        talk.oracle.resume_from_listing(user, &devices_of(user, &["phone"]), |_| true);
    }
    let twice = talk.if_hears(&list("anna"), told(devices_of("anna", &["phone", "phone"])));
    assert_eq!(twice, ["enable.associates: a device is listed twice"]);
}
