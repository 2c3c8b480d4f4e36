//! Rendering: an outcome as an HTTP response.

use super::message::HttpResponse;
use super::xml::XmlWriter;
use crate::operation::Operation;
use crate::outcome::{
    AccessKeyEntry, ErrorCode, MfaDeviceEntry, Outcome, Page, SuccessBody, Tag, UserEntry, VirtualDeviceEntry,
};
use crate::qr_code::QrCode;

/// The namespace of every reply (clauses `wire.{op}.success-root`, `wire.error.envelope`).
pub const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// A way to put an outcome on the wire.
pub trait Renderer: Send + Sync {
    /// The response that tells `outcome`. `operation` is absent where the request named none that exists; such a
    /// request can only have failed.
    fn render(&self, operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse;
}

/// The form of the documents' samples and, where they show none, of recorded replies.
///
/// The only member that is not told by an outcome is an access key's `Status`, which the service model requires: it is
/// `Active`, since nothing here makes a key inactive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Documented;

impl Renderer for Documented {
    fn render(&self, operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
        match (operation, outcome) {
            (Some(operation), Outcome::Success(body)) => success(operation, body, request_id),
            (_, Outcome::Error { code, message }) => error(*code, message, request_id),
            // The root of a success is named after its operation: without one, it is the service that is wrong.
            (None, Outcome::Success(_)) => {
                error(ErrorCode::InternalFailure, "A call of no operation has succeeded.", request_id)
            }
        }
    }
}

fn success(operation: Operation, body: &SuccessBody, request_id: &str) -> HttpResponse {
    let name = operation.name();
    let mut xml = XmlWriter::new();
    xml.open_in(&[name, "Response"], NAMESPACE);
    if *body != SuccessBody::Empty {
        xml.open(&[name, "Result"]);
        write_members(&mut xml, body);
        xml.close(&[name, "Result"]);
    }
    xml.open(&["ResponseMetadata"]);
    xml.leaf("RequestId", request_id);
    xml.close(&["ResponseMetadata"]);
    xml.close(&[name, "Response"]);
    HttpResponse::xml(200, request_id, xml.finish())
}

fn error(code: ErrorCode, message: &str, request_id: &str) -> HttpResponse {
    let mut xml = XmlWriter::new();
    xml.open_in(&["ErrorResponse"], NAMESPACE);
    xml.open(&["Error"]);
    xml.leaf("Type", if code.is_client_error() { "Sender" } else { "Receiver" });
    xml.leaf("Code", code.as_str());
    xml.leaf("Message", message);
    xml.close(&["Error"]);
    xml.leaf("RequestId", request_id);
    xml.close(&["ErrorResponse"]);
    HttpResponse::xml(code.status(), request_id, xml.finish())
}

/// Writes what stands inside `{Op}Result`, in the order of IAM's service model.
pub fn write_members(xml: &mut XmlWriter, body: &SuccessBody) {
    match body {
        SuccessBody::Empty => {}
        SuccessBody::User(entry) => user(xml, entry),
        SuccessBody::Users(page) => listing(xml, "Users", page, user_members),
        SuccessBody::VirtualDevice { serial_number, seed_blob, extras } => {
            xml.open(&["VirtualMFADevice"]);
            xml.leaf("SerialNumber", serial_number);
            xml.leaf("Base32StringSeed", seed_blob);
            qr_code(xml, &extras.qr_code);
            tags(xml, &extras.tags);
            xml.close(&["VirtualMFADevice"]);
        }
        SuccessBody::MfaDevices(page) => listing(xml, "MFADevices", page, mfa_device_members),
        SuccessBody::VirtualDevices(page) => listing(xml, "VirtualMFADevices", page, virtual_device_members),
        SuccessBody::AccessKey(entry) => {
            xml.open(&["AccessKey"]);
            access_key_members(xml, entry);
            xml.close(&["AccessKey"]);
        }
        SuccessBody::AccessKeys(page) => listing(xml, "AccessKeyMetadata", page, access_key_members),
    }
}

fn listing<T>(xml: &mut XmlWriter, name: &str, page: &Page<T>, members: fn(&mut XmlWriter, &T)) {
    xml.open(&[name]);
    for item in &page.items {
        xml.open(&["member"]);
        members(xml, item);
        xml.close(&["member"]);
    }
    xml.close(&[name]);
    xml.leaf("IsTruncated", if page.next.is_some() { "true" } else { "false" });
    if let Some(marker) = &page.next {
        xml.leaf("Marker", marker);
    }
}

fn user(xml: &mut XmlWriter, entry: &UserEntry) {
    xml.open(&["User"]);
    user_members(xml, entry);
    xml.close(&["User"]);
}

fn user_members(xml: &mut XmlWriter, entry: &UserEntry) {
    xml.leaf("Path", &entry.path);
    xml.leaf("UserName", &entry.user_name);
    xml.leaf("UserId", &entry.user_id);
    xml.leaf("Arn", &entry.arn);
    xml.leaf("CreateDate", &entry.create_date);
    tags(xml, &entry.tags);
}

fn qr_code(xml: &mut XmlWriter, code: &QrCode) {
    if let Some(blob) = code.to_blob() {
        xml.leaf("QRCodePNG", &blob);
    }
}

fn tags(xml: &mut XmlWriter, tags: &[Tag]) {
    if tags.is_empty() {
        return;
    }
    xml.open(&["Tags"]);
    for tag in tags {
        xml.open(&["member"]);
        xml.leaf("Key", &tag.key);
        xml.leaf("Value", &tag.value);
        xml.close(&["member"]);
    }
    xml.close(&["Tags"]);
}

fn mfa_device_members(xml: &mut XmlWriter, entry: &MfaDeviceEntry) {
    if !entry.user_name.is_empty() {
        xml.leaf("UserName", &entry.user_name);
    }
    xml.leaf("SerialNumber", &entry.serial_number);
    if !entry.enable_date.is_empty() {
        xml.leaf("EnableDate", &entry.enable_date);
    }
}

fn virtual_device_members(xml: &mut XmlWriter, entry: &VirtualDeviceEntry) {
    xml.leaf("SerialNumber", &entry.serial_number);
    if let Some(seed) = &entry.seed_blob {
        xml.leaf("Base32StringSeed", seed);
    }
    qr_code(xml, &entry.qr_code);
    if let Some(owner) = &entry.user {
        user(xml, owner);
    }
    if let Some(date) = &entry.enable_date {
        xml.leaf("EnableDate", date);
    }
}

fn access_key_members(xml: &mut XmlWriter, entry: &AccessKeyEntry) {
    xml.leaf("UserName", &entry.user_name);
    xml.leaf("AccessKeyId", &entry.access_key_id);
    xml.leaf("Status", "Active");
    if let Some(secret) = &entry.secret_access_key {
        xml.leaf("SecretAccessKey", secret);
    }
    xml.leaf("CreateDate", &entry.create_date);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    use super::*;
    use crate::outcome::DeviceExtras;

    const BARE: SuccessBody = SuccessBody::Empty;

    fn rendered(operation: Operation, body: SuccessBody) -> String {
        let response = Documented.render(Some(operation), &Outcome::Success(body), "id-1");
        assert_eq!((response.status, response.content_type.as_ref()), (200, "text/xml"));
        String::from_utf8(response.body).unwrap()
    }

    fn bob() -> UserEntry {
        UserEntry {
            user_name: "Bob".to_owned(),
            arn: "arn:aws:iam::123456789012:user/Bob".to_owned(),
            user_id: "AIDAEXAMPLE".to_owned(),
            path: "/".to_owned(),
            create_date: "2026-01-01T00:00:00Z".to_owned(),
            tags: Vec::new(),
        }
    }

    const BOB: &str = "<Path>/</Path><UserName>Bob</UserName><UserId>AIDAEXAMPLE</UserId>\
        <Arn>arn:aws:iam::123456789012:user/Bob</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>";

    fn result(operation: &str, members: &str) -> String {
        format!(
            "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{members}</{operation}Result>\
             <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></{operation}Response>"
        )
    }

    #[test]
    fn a_success_without_a_result_is_the_documents_sample() {
        assert_eq!(
            rendered(Operation::DeactivateMfaDevice, BARE),
            "<DeactivateMFADeviceResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
             <RequestId>id-1</RequestId></ResponseMetadata></DeactivateMFADeviceResponse>"
        );
    }

    #[test]
    fn a_user_is_rendered_with_all_required_members() {
        let expected = result("GetUser", &format!("<User>{BOB}</User>"));
        assert_eq!(rendered(Operation::GetUser, SuccessBody::User(bob())), expected);
    }

    #[test]
    fn a_truncated_listing_tells_its_marker() {
        let page = Page { items: vec![bob()], next: Some("m&m".to_owned()) };
        let expected =
            format!("<Users><member>{BOB}</member></Users><IsTruncated>true</IsTruncated><Marker>m&amp;m</Marker>");
        assert_eq!(rendered(Operation::ListUsers, SuccessBody::Users(page)), result("ListUsers", &expected));
    }

    #[test]
    fn an_empty_listing_is_whole_and_has_no_marker() {
        assert_eq!(
            rendered(Operation::ListMfaDevices, SuccessBody::MfaDevices(Page::whole(Vec::new()))),
            result("ListMFADevices", "<MFADevices></MFADevices><IsTruncated>false</IsTruncated>")
        );
    }

    #[test]
    fn a_new_device_tells_its_serial_number_and_its_seed() {
        let body = |extras| SuccessBody::VirtualDevice {
            serial_number: "arn:1".to_owned(),
            seed_blob: "QUE+/w==".to_owned(),
            extras,
        };
        let told = |extras: &str| {
            let members = "<SerialNumber>arn:1</SerialNumber><Base32StringSeed>QUE+/w==</Base32StringSeed>";
            result("CreateVirtualMFADevice", &format!("<VirtualMFADevice>{members}{extras}</VirtualMFADevice>"))
        };
        let bare = DeviceExtras::default();
        assert_eq!(rendered(Operation::CreateVirtualMfaDevice, body(bare)), told(""));
        let tags = vec![Tag { key: "team".to_owned(), value: "a&b".to_owned() }];
        let whole = DeviceExtras { qr_code: QrCode::NotPng(b"GIF".to_vec()), tags };
        assert_eq!(
            rendered(Operation::CreateVirtualMfaDevice, body(whole)),
            told("<QRCodePNG>R0lG</QRCodePNG><Tags><member><Key>team</Key><Value>a&amp;b</Value></member></Tags>")
        );
    }

    #[test]
    fn a_device_of_nobody_has_neither_user_nor_date() {
        let nobodys = VirtualDeviceEntry { serial_number: "arn:1".to_owned(), ..VirtualDeviceEntry::default() };
        let bobs = VirtualDeviceEntry {
            serial_number: "arn:2".to_owned(),
            user: Some(bob()),
            enable_date: Some("2026-01-02T00:00:00Z".to_owned()),
            ..VirtualDeviceEntry::default()
        };
        let expected = format!(
            "<VirtualMFADevices><member><SerialNumber>arn:1</SerialNumber></member><member>\
             <SerialNumber>arn:2</SerialNumber><User>{BOB}</User><EnableDate>2026-01-02T00:00:00Z</EnableDate></member>\
             </VirtualMFADevices><IsTruncated>false</IsTruncated>"
        );
        assert_eq!(
            rendered(Operation::ListVirtualMfaDevices, SuccessBody::VirtualDevices(Page::whole(vec![nobodys, bobs]))),
            result("ListVirtualMFADevices", &expected)
        );
    }

    #[test]
    fn a_users_device_is_rendered_with_all_required_members() {
        let device = MfaDeviceEntry {
            user_name: "Bob".to_owned(),
            serial_number: "arn:1".to_owned(),
            enable_date: "2026-01-02T00:00:00Z".to_owned(),
        };
        assert_eq!(
            rendered(Operation::ListMfaDevices, SuccessBody::MfaDevices(Page::whole(vec![device]))),
            result(
                "ListMFADevices",
                "<MFADevices><member><UserName>Bob</UserName><SerialNumber>arn:1</SerialNumber>\
                 <EnableDate>2026-01-02T00:00:00Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>"
            )
        );
    }

    #[test]
    fn a_secret_is_told_once() {
        let mut key = AccessKeyEntry {
            user_name: "Bob".to_owned(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: Some("secret".to_owned()),
            create_date: "2026-01-01T00:00:00Z".to_owned(),
        };
        let members = |secret| {
            format!(
                "<UserName>Bob</UserName><AccessKeyId>AKIDEXAMPLE</AccessKeyId><Status>Active</Status>{secret}\
                 <CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            )
        };
        let told = members("<SecretAccessKey>secret</SecretAccessKey>");
        assert_eq!(
            rendered(Operation::CreateAccessKey, SuccessBody::AccessKey(key.clone())),
            result("CreateAccessKey", &format!("<AccessKey>{told}</AccessKey>"))
        );
        key.secret_access_key = None;
        let listed = format!(
            "<AccessKeyMetadata><member>{}</member></AccessKeyMetadata><IsTruncated>false</IsTruncated>",
            members("")
        );
        assert_eq!(
            rendered(Operation::ListAccessKeys, SuccessBody::AccessKeys(Page::whole(vec![key]))),
            result("ListAccessKeys", &listed)
        );
    }

    fn child<'a>(node: Node<'a, 'a>, name: &str) -> Node<'a, 'a> {
        node.children().find(|child| child.has_tag_name((NAMESPACE, name))).unwrap()
    }

    #[test]
    fn every_error_has_its_status_and_tells_whose_fault_it_is() {
        for code in ErrorCode::ALL.iter().copied() {
            let outcome = Outcome::Error { code, message: "a <b> & c".to_owned() };
            let response = Documented.render(None, &outcome, "id-2");
            assert_eq!((response.status, response.request_id.as_str()), (code.status(), "id-2"));

            let text = String::from_utf8(response.body).unwrap();
            let document = Document::parse(&text).unwrap();
            let root = document.root_element();
            assert!(root.has_tag_name((NAMESPACE, "ErrorResponse")));
            let error = child(root, "Error");
            let fault = if code.status() < 500 { "Sender" } else { "Receiver" };
            assert_eq!(child(error, "Type").text(), Some(fault));
            assert_eq!(child(error, "Code").text(), Some(code.as_str()));
            assert_eq!(child(error, "Message").text(), Some("a <b> & c"));
            assert_eq!(child(root, "RequestId").text(), Some("id-2"));
        }
    }

    #[test]
    fn a_success_of_no_operation_is_the_services_failure() {
        assert_eq!(Documented.render(None, &Outcome::Success(BARE), "id-3").status, 500);
    }

    proptest! {
        /// Whatever the texts are, a reply is well-formed and as many elements as there are texts.
        #[test]
        fn any_texts_make_a_well_formed_reply(texts in any::<[String; 7]>()) {
            let [serial_number, user_name, arn, user_id, path, create_date, id] = texts;
            let user = UserEntry { user_name, arn, user_id, path, create_date: create_date.clone(), tags: Vec::new() };
            let device = VirtualDeviceEntry {
                serial_number,
                user: Some(user),
                enable_date: Some(create_date.clone()),
                ..VirtualDeviceEntry::default()
            };
            let page = Page { items: vec![device], next: Some(create_date) };
            let outcome = Outcome::Success(SuccessBody::VirtualDevices(page));
            let response = Documented.render(Some(Operation::ListVirtualMfaDevices), &outcome, &id);
            prop_assert_eq!(response.request_id, id);
            let text = String::from_utf8(response.body).unwrap();
            let document = Document::parse(&text).unwrap();
            let leaves = document.descendants().filter(|node| node.is_element() && node.first_element_child().is_none());
            prop_assert_eq!(leaves.count(), 10);
        }
    }
}
