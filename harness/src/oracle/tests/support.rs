//! The members of replies that set up and observe.

use mfa_reference::clause::Side;
use mfa_reference::totp::Seed;
use mfa_reference::{DeviceExtras, Operation, Page, QrCode, SuccessBody, VirtualDeviceEntry};

use super::ask::{ask, create_device, create_user, list, serial};
use super::came::{Came, DATE, dated, refused, told};
use super::talk::Talk;
use super::tell::{departures, divergences, exercised, expected};

fn made(serial_number: String, qr_code: QrCode) -> Came {
    let extras = DeviceExtras { qr_code, ..DeviceExtras::default() };
    let seed_blob = Seed::from_bytes(&[7; 20]).to_blob();
    told(SuccessBody::VirtualDevice { serial_number, seed_blob, extras })
}

fn is_put_to_the_test(talk: &mut Talk, clause: &str) -> bool {
    exercised(&talk.counted(), Side::Accept).contains(clause)
}

#[test]
fn a_new_devices_picture_is_a_png_or_left_out() {
    for (code, class) in [
        (QrCode::NotBase64("b'iVBO'".to_owned()), "a QRCodePNG that is not base64"),
        (QrCode::NotPng(vec![1; 64]), "a QRCodePNG that is not a PNG"),
    ] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&create_device("fob"), made(serial("fob"), code));
        assert_eq!(divergences(&verdict), [format!("support.qr-code: {class}")]);
        assert_eq!(expected(&verdict), ["QRCodePNG as base64 of a PNG"]);
    }
    let png = QrCode::of_device("fob", "123456789012", &Seed::from_bytes(&[7; 20]));
    for (code, exercises) in [(QrCode::Absent, false), (png, true)] {
        let mut talk = Talk::new();
        assert_eq!(divergences(&talk.hears(&create_device("fob"), made(serial("fob"), code))), [""; 0]);
        assert_eq!(is_put_to_the_test(&mut talk, "support.qr-code"), exercises);
    }
}

#[test]
fn a_new_devices_arn_ends_in_its_path_and_its_name() {
    let at = |path: &str| create_device("fob").with("Path", path);
    let arn = |end: &str| format!("arn:aws-cn:iam::000000000000:mfa{end}");
    let class = "an ARN without the device's path and name";
    for (ask, end) in [(create_device("fob"), "/fob"), (at("/"), "/fob"), (at("/a//b/"), "/a//b/fob")] {
        let mut talk = Talk::strict();
        assert_eq!(divergences(&talk.hears(&ask, made(arn(end), QrCode::Absent))), [""; 0], "{end}");
        assert!(is_put_to_the_test(&mut talk, "serial-number.path"), "{end}");
    }
    let mut talk = Talk::new();
    assert_eq!(divergences(&talk.hears(&at("/team/"), made(arn("/fob"), QrCode::Absent))), [""; 0]);
    assert_eq!(departures(&talk.counted()), [format!("1 serial-number.path: {class}")]);
    let mut talk = Talk::strict();
    let verdict = talk.hears(&at("/team/"), made(arn("/fob"), QrCode::Absent));
    assert_eq!(divergences(&verdict), [format!("serial-number.path: {class}")]);
    assert_eq!(expected(&verdict), ["an ARN that ends in :mfa/team/fob"]);
}

#[test]
fn an_entry_of_a_listing_has_a_name_and_a_date() {
    for (name, date, class) in [
        ("", DATE, "an entry without UserName"),
        ("anna", "", "an entry without EnableDate"),
        ("anna", "yesterday", "an EnableDate that is not a date-time"),
    ] {
        let mut talk = Talk::with_annas_phone(false);
        let verdict = talk.hears(&list("anna"), told(dated(&[("phone", name, date)])));
        assert_eq!(divergences(&verdict), [format!("support.listed-members: {class}")]);
        // It is reported once, and says nothing against the state.
        assert_eq!(divergences(&talk.hears(&list("anna"), told(dated(&[("phone", name, date)])))), [""; 0]);
        assert!(talk.state().contains(&"phone of anna".to_owned()), "{:?}", talk.state());
    }
    let mut talk = Talk::with_annas_phone(false);
    talk.hears(&list("bert"), told(dated(&[])));
    assert!(!is_put_to_the_test(&mut talk, "support.listed-members"));
    talk.hears(&list("anna"), told(dated(&[("phone", "anna", DATE)])));
    assert!(is_put_to_the_test(&mut talk, "support.listed-members"));
}

#[test]
fn a_listing_of_virtual_devices_repeats_no_seed() {
    let listing = |seed_blob: Option<&str>, qr_code: QrCode| {
        let plain =
            |device: &str| VirtualDeviceEntry { serial_number: serial(device), ..VirtualDeviceEntry::default() };
        let seed_blob = seed_blob.map(str::to_owned);
        let items = vec![plain("phone"), VirtualDeviceEntry { seed_blob, qr_code, ..plain("token") }];
        told(SuccessBody::VirtualDevices(Page::whole(items)))
    };
    let all = ask(Operation::ListVirtualMfaDevices);
    let class = "list.without-seeds: a device's seed in a listing";
    for (seed, picture) in [(Some("QUJD"), QrCode::Absent), (None, QrCode::NotPng(vec![1]))] {
        let mut talk = Talk::strict();
        assert_eq!(divergences(&talk.hears(&all, listing(seed, picture.clone()))), [class]);
        let mut talk = Talk::new();
        assert_eq!(divergences(&talk.hears(&all, listing(seed, picture))), [""; 0]);
        assert_eq!(departures(&talk.counted()), [format!("1 {class}")]);
    }
    let mut talk = Talk::strict();
    assert_eq!(divergences(&talk.hears(&all, listing(None, QrCode::Absent))), [""; 0]);
    assert!(is_put_to_the_test(&mut talk, "list.without-seeds"));
}

#[test]
fn a_path_without_its_slashes_is_refused_as_malformed() {
    use mfa_reference::ErrorCode::{EntityAlreadyExists, ValidationError};
    for ask in [create_device("fob").with("Path", "team/"), create_user("carl").with("Path", "/team")] {
        assert_eq!(divergences(&Talk::strict().hears(&ask, refused(ValidationError))), [""; 0]);
        let named = divergences(&Talk::strict().hears(&ask, refused(EntityAlreadyExists)));
        assert!(named.iter().any(|one| one.contains("create.path")), "{named:?}");
        assert_eq!(divergences(&Talk::new().hears(&ask, refused(EntityAlreadyExists))), [""; 0]);
    }
}
