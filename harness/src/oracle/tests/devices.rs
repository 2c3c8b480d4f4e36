//! New devices, and the codes that devices have seen.

use data_encoding::BASE64;
use mfa_reference::clause::Side;
use mfa_reference::totp::Seed;
use mfa_reference::{DeviceExtras, ErrorCode, Operation, SuccessBody, Window};

use super::ask::{ask, create_device, deactivate, delete_device, serial};
use super::came::{Came, devices_of, done, refused, told};
use super::talk::{Talk, WRONG};
use super::tell::{divergences, expected, open, set, tested};

fn made(serial_number: &str, seed_blob: &str) -> Came {
    told(SuccessBody::VirtualDevice {
        serial_number: serial_number.to_owned(),
        seed_blob: seed_blob.to_owned(),
        extras: DeviceExtras::default(),
    })
}

fn blob() -> String {
    Seed::from_bytes(&[7; 20]).to_blob()
}

#[test]
fn a_new_devices_serial_number_is_an_arn_of_a_device() {
    for wrong in ["fob", "arn:aws:iam::123456789012:user/fob", "fob:mfa/fob"] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&create_device("fob"), made(wrong, &blob()));
        assert_eq!(divergences(&verdict), ["serial-number.is-arn: a serial number that is not a device ARN"]);
        assert_eq!(expected(&verdict), ["the new device's ARN as its SerialNumber"]);
    }
    let mut talk = Talk::new();
    assert!(talk.hears(&create_device("fob"), made(&serial("fob"), &blob())).divergences.is_empty());
    let put_to_the_test = set(&[
        "serial-number.is-arn",
        "serial-number.path",
        "serial-number.unique",
        "support.seed-usable",
        "wire.no-cdata",
        "wire.no-prefixes",
        "wire.result-first",
        "wire.utf-8",
    ]);
    assert_eq!(tested(&talk.counted(), Side::Accept), put_to_the_test);
}

#[test]
fn a_new_devices_seed_is_base32_text_in_a_blob() {
    let seed = Seed::from_bytes(&[7; 20]);
    for (blob, class) in [
        (seed.to_base32(), "a seed that is base32 text, not a blob of it"),
        (BASE64.encode(b"0189"), "a seed that can't be used"),
        (String::new(), "a seed that can't be used"),
    ] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&create_device("fob"), made(&serial("fob"), &blob));
        assert_eq!(divergences(&verdict), [format!("support.seed-usable: {class}")]);
        assert_eq!(expected(&verdict), ["Base32StringSeed as a blob: base64 of base32 text"]);
    }
}

#[test]
fn no_two_devices_have_one_serial_number() {
    let twice = "serial-number.unique: a serial number that another device has";
    let again = || made(&serial("phone"), &blob());
    let mut talk = Talk::with_annas_phone(false);
    assert_eq!(talk.if_hears(&create_device("phone"), again()), [twice]);
    // Neither another call that names it frees it nor a deletion that is refused.
    talk.does(&talk.resync("anna", "phone", (-1, 0)));
    talk.does(&delete_device("phone"));
    let verdict = talk.hears(&create_device("phone"), again());
    assert_eq!(
        (divergences(&verdict), expected(&verdict)),
        (vec![twice.to_owned()], vec!["a SerialNumber that no other device has".to_owned()])
    );
}

#[test]
fn the_serial_number_of_a_deleted_device_is_free() {
    let mut talk = Talk::new();
    talk.does(&delete_device("phone"));
    assert_eq!(talk.state(), ["anna", "bert", "token of nobody"]);
    talk.does(&create_device("phone"));
    assert_eq!(talk.state(), ["anna", "bert", "phone of nobody", "token of nobody"]);
}

#[test]
fn a_deleted_device_that_is_listed_still_leaves_its_namesake_open_and_frees_its_serial_number_once() {
    let mut talk = Talk::new();
    talk.does(&delete_device("phone"));
    // After a divergence, the listing is taken as it is.
    talk.oracle.forget_all();
    talk.oracle.resume_from_listing("anna", &devices_of("anna", &["phone"]), |_| true);
    talk.does(&create_device("phone"));
    assert!(talk.state().contains(&"phone? of anybody".to_owned()), "{:?}", talk.state());
    // The next one has another serial number, and nothing of it is open.
    talk.does(&create_device("watch"));
    assert!(talk.state().contains(&"watch of nobody".to_owned()), "{:?}", talk.state());
    // What a listing shows of the old one is not a divergence.
    assert_eq!(talk.lists("anna", &["phone"]), [""; 0]);
    assert_eq!(
        talk.if_hears(&create_device("phone"), made(&serial("phone"), &blob())),
        ["serial-number.unique: a serial number that another device has"]
    );
}

#[test]
fn a_device_that_may_be_out_of_sync_may_refuse_until_it_is_resynchronized() {
    let mut talk = Talk::new();
    let refusal = || refused(ErrorCode::InvalidAuthenticationCode);
    let took = |talk: &mut Talk, ask| assert_eq!(divergences(&talk.hears(&ask, done())), [""; 0], "{ask:?}");
    let late = talk.enable("anna", "phone", (-50, -49));
    took(&mut talk, late);
    // A fresh pair that Enable takes doesn't put it right.
    for _ in 0..2 {
        took(&mut talk, deactivate("anna", "phone"));
        talk.wait(120_000);
        talk.counted();
        let fresh = talk.enable("anna", "phone", (-1, 0));
        assert_eq!(talk.if_hears(&fresh, refusal()), [""; 0]);
        took(&mut talk, fresh);
        let open = open(&talk.counted());
        assert!(open.contains(&"1 enable.late-codes: accepted".to_owned()), "{open:?}");
    }
    talk.wait(120_000);
    // One that Resync takes does, and Resync has to take it.
    let resync = talk.resync("anna", "phone", (-1, 0));
    assert!(talk.if_hears(&resync, refusal())[0].starts_with("resync.after-late-enable: "));
    took(&mut talk, resync);
    took(&mut talk, deactivate("anna", "phone"));
    talk.wait(120_000);
    let told = talk.if_hears(&talk.enable("anna", "phone", (-1, 0)), refusal());
    assert!(told[0].starts_with("enable.fresh-pair: InvalidAuthenticationCode"), "{told:?}");
}

#[test]
fn a_pair_that_is_refused_leaves_the_device_in_sync() {
    let mut talk = Talk::new();
    talk.hears(&talk.enable("anna", "phone", (-50, -49)), refused(ErrorCode::InvalidAuthenticationCode));
    let told = talk.if_hears(&talk.enable("anna", "phone", (-1, 0)), refused(ErrorCode::InvalidAuthenticationCode));
    assert!(told[0].starts_with("enable.fresh-pair: "), "{told:?}");
}

#[test]
fn a_code_counts_as_used_once_a_request_for_either_operation_has_carried_it() {
    let refusal = || refused(ErrorCode::InvalidAuthenticationCode);
    for (ask, used) in [
        (Talk::new().enable("anna", "phone", (-1, 0)).but("UserName", "nobody"), true),
        (Talk::new().enable("anna", "phone", (-1, 0)).but("AuthenticationCode2", WRONG[0]), true),
        (Talk::new().enable("anna", "phone", (-1, 0)).but("AuthenticationCode1", WRONG[0]), true),
        (Talk::new().resync("bert", "phone", (-1, 0)), true),
        (Talk::new().enable("anna", "token", (-1, 0)), false),
        // Deactivate has no codes.
        (deactivate("anna", "phone").codes(WRONG).carrying(&[Talk::new().step(0)]), false),
    ] {
        let mut talk = Talk::new();
        talk.does(&ask);
        let fresh = talk.enable("anna", "phone", (-1, 0));
        let told = talk.if_hears(&fresh, refusal());
        assert_eq!(told.is_empty(), used, "{ask:?}: {told:?}");
    }
}

#[test]
fn a_code_counts_as_used_once_a_service_may_have_read_it_in_a_changed_value() {
    let refusal = || refused(ErrorCode::InvalidAuthenticationCode);
    for before in ["0", "+", " "] {
        let mut talk = Talk::new();
        let second = format!("{before}{}", talk.code("phone", 0));
        let ask = talk.enable("anna", "phone", (-1, 0)).but("AuthenticationCode2", &second);
        let told = divergences(&talk.hears(&ask.carrying(&[talk.step(-1)]), done()));
        assert!(told.len() == 1 && told[0].starts_with("enable.code2.max-length: success"), "{told:?}");
        assert_eq!(talk.lists("anna", &["phone"]), [""; 0]);
        talk.wait(30_000);
        let overlapping = talk.resync("anna", "phone", (-1, 0));
        assert_eq!(talk.if_hears(&overlapping, refusal()), [""; 0], "{second:?}");
        talk.wait(30_000);
        let unused = talk.resync("anna", "phone", (-1, 0));
        assert!(talk.if_hears(&unused, refusal())[0].starts_with("resync."), "{second:?}");
    }
}

/// A talk with a target whose three devices have seeds that can't be used: what it says to a guess for the last of them
/// after guesses for the two others came to this.
fn last_of_three_guesses(others: &Came) -> Vec<String> {
    let mut talk = Talk::new();
    let guess = |device| ask(Operation::EnableMfaDevice).user("anna").device(device).codes(WRONG).beside_others();
    for device in ["one", "two", "three"] {
        talk.hears(&create_device(device), made(&serial(device), "none"));
    }
    for device in ["one", "two"] {
        assert_eq!(divergences(&talk.hears(&guess(device), others.clone())), [""; 0], "{device}");
    }
    divergences(&talk.hears(&guess("three"), done()))
}

#[test]
fn codes_that_nobody_could_know_are_refused_at_the_third_device_at_the_latest() {
    assert_eq!(last_of_three_guesses(&done()), ["enable.codes-recognised: success"]);
    // A guess that was refused was none.
    assert_eq!(last_of_three_guesses(&refused(ErrorCode::InvalidAuthenticationCode)), [""; 0]);
}

#[test]
fn a_window_that_lies_across_an_edge_leaves_a_fresh_pair_open() {
    let talk = Talk::new();
    let (from, to) = (talk.step(1).start().plus(-1), talk.step(1).start());
    let across = talk.enable("anna", "phone", (-1, 0)).within(Window { from, to });
    assert_eq!(talk.if_hears(&across, refused(ErrorCode::InvalidAuthenticationCode)), [""; 0]);
    assert_eq!(talk.if_hears(&across, done()), [""; 0]);
}
