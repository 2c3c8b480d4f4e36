//! The members of replies that set up and observe.

use mfa_reference::clause::Side;
use mfa_reference::totp::Seed;
use mfa_reference::{DeviceExtras, Operation, Page, QrCode, SuccessBody, VirtualDeviceEntry};

use super::ask::{Ask, ask, create_device, create_user, deactivate, list, serial};
use super::came::{Came, DATE, dated, page, refused, told};
use super::talk::Talk;
use super::tell::{departures, divergences, expected, tested};
use crate::transport::HttpReply;

fn made(serial_number: String, qr_code: QrCode) -> Came {
    let extras = DeviceExtras { qr_code, ..DeviceExtras::default() };
    let seed_blob = Seed::from_bytes(&[7; 20]).to_blob();
    told(SuccessBody::VirtualDevice { serial_number, seed_blob, extras })
}

fn is_put_to_the_test(talk: &mut Talk, clause: &str) -> bool {
    tested(&talk.counted(), Side::Accept).contains(clause)
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
    for (code, tests) in [(QrCode::Absent, false), (png, true)] {
        let mut talk = Talk::new();
        assert_eq!(divergences(&talk.hears(&create_device("fob"), made(serial("fob"), code))), [""; 0]);
        assert_eq!(is_put_to_the_test(&mut talk, "support.qr-code"), tests);
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

/// A reply of another form than the documented one.
fn formed(ask: &Ask, content: &str) -> Came {
    let operation = ask.operation;
    page(200, &format!("<{operation}Response xmlns=\"{NAMESPACE}\">{content}</{operation}Response>"))
}

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const METADATA: &str = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>";

#[test]
fn the_result_is_the_first_element_and_another_place_is_told_once_in_a_scenario() {
    let empty = "<ListMFADevicesResult><MFADevices/><IsTruncated>false</IsTruncated></ListMFADevicesResult>";
    let ask = list("anna");
    let mut talk = Talk::new();
    assert_eq!(divergences(&talk.hears(&ask, formed(&ask, &format!("{empty}{METADATA}")))), [""; 0]);
    assert!(is_put_to_the_test(&mut talk, "wire.result-first"));
    for before in [METADATA, "<Extra/>"] {
        let mut talk = Talk::new();
        let came = || formed(&ask, &format!("{before}{empty}"));
        let verdict = talk.hears(&ask, came());
        assert_eq!(divergences(&verdict), ["wire.result-first: an element before the result"]);
        assert_eq!(expected(&verdict), ["ListMFADevicesResult as the first element, and ResponseMetadata after it"]);
        assert_eq!(divergences(&talk.hears(&ask, came())), [""; 0]);
    }
    // A reply without a result cannot hold it.
    let mut talk = Talk::with_annas_phone(false);
    let ask = deactivate("anna", "phone");
    assert_eq!(divergences(&talk.hears(&ask, formed(&ask, METADATA))), [""; 0]);
    assert!(!is_put_to_the_test(&mut talk, "wire.result-first"));
}

#[test]
fn an_element_with_a_prefix_is_told_of_each_call_of_the_operations() {
    let prefixed = METADATA.replace("RequestId", "iam:RequestId");
    let declared = format!("<ResponseMetadata xmlns:iam=\"{NAMESPACE}\">");
    let content = prefixed.replace("<ResponseMetadata>", &declared);
    let mut talk = Talk::with_annas_phone(false);
    let ask = talk.resync("anna", "phone", (-1, 0));
    for _ in 0..2 {
        let verdict = talk.hears(&ask, formed(&ask, &content));
        assert_eq!(divergences(&verdict), ["wire.no-prefixes: elements with a prefix"]);
        assert_eq!(expected(&verdict), ["elements without a prefix, in the default namespace"]);
    }
    // An element of which nothing speaks may have one.
    let extra = format!("{METADATA}<x:Extra xmlns:x=\"urn:x\"/>");
    assert_eq!(divergences(&talk.hears(&ask, formed(&ask, &extra))), [""; 0]);
}

#[test]
fn text_in_a_cdata_section_is_told_of_each_call_of_the_operations() {
    let section = METADATA.replace("<RequestId>", "<RequestId><![CDATA[").replace("</RequestId>", "]]></RequestId>");
    let mut talk = Talk::with_annas_phone(false);
    let ask = talk.resync("anna", "phone", (-1, 0));
    for _ in 0..2 {
        let verdict = talk.hears(&ask, formed(&ask, &section));
        assert_eq!(divergences(&verdict), ["wire.no-cdata: text in a CDATA section"]);
    }
    // An element of which nothing speaks may have one.
    let extra = format!("{METADATA}<Extra><![CDATA[more]]></Extra>");
    assert_eq!(divergences(&talk.hears(&ask, formed(&ask, &extra))), [""; 0]);
}

#[test]
fn a_reply_in_another_encoding_is_understood_and_told() {
    let ask = deactivate("anna", "phone");
    let declared = format!(
        "<?xml version='1.0' encoding='ISO-8859-1'?><!-- ok --><DeactivateMFADeviceResponse \
                            xmlns='{NAMESPACE}'>{METADATA}</DeactivateMFADeviceResponse>"
    );
    let latin1 = |text: &str| text.bytes().map(|byte| if byte == b'k' { 0xe9 } else { byte }).collect::<Vec<u8>>();
    let reply = |body: Vec<u8>| {
        let Came::Http(reply) = page(200, "") else { panic!("no page") };
        Came::Http(HttpReply { body, ..reply })
    };
    let talk = || Talk::with_annas_phone(false);
    let told = |body: Vec<u8>| divergences(&talk().hears(&ask, reply(body)));
    assert_eq!(told(declared.clone().into_bytes()), [""; 0]);
    let marked = format!("\u{feff}{}", declared.replace("ISO-8859-1", "UTF-8"));
    assert_eq!(told(marked.into_bytes()), ["wire.utf-8: a body that isn't plain UTF-8"]);
    assert_eq!(told(latin1(&declared)), ["wire.utf-8: a body that isn't plain UTF-8"]);
    let utf16 = format!("\u{feff}{}", declared.replace("ISO-8859-1", "UTF-16"));
    assert_eq!(
        told(utf16.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ["wire.utf-8: a body that isn't plain UTF-8"]
    );
}
