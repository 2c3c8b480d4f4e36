//! A request of each operation from the harness, and replies as the service writes them and the harness reads them.

use mfa_reference::totp::Seed;
use mfa_reference::wire::{Documented, Renderer as _};
use mfa_reference::{
    AccessKeyEntry, DeviceExtras, ErrorCode, MfaDeviceEntry, Operation, Outcome, Page, QrCode, RawRequest, SuccessBody,
    Tag, UserEntry, VirtualDeviceEntry,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::transport::HttpReply;
use crate::wire::{Answer, Call, Method, Observed, Space, Style, encode, read};

/// A text with every kind of character that an encoding may get wrong.
const ODD: &str = "a b+c%2Bd&e=f/é\u{1F600}~_-.*'\"<>]]>\t\r\nz";
const DATE: &str = "2026-01-02T03:04:05Z";
const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

/// A request as sent.
#[derive(Debug, Serialize)]
pub(super) struct SampleRequest {
    /// The operation's own parameters.
    parameters: Vec<(String, String)>,
    /// The body of a POST, with a space as `%20`.
    post: String,
    /// The body of a POST, with a space as `+`.
    post_plus: String,
    /// The path and the query of a GET.
    get: String,
}

/// A reply as received.
#[derive(Debug, Serialize)]
pub(super) struct SampleReply {
    status: u16,
    content_type: String,
    request_id: String,
    body: String,
    /// The harness's reading of it.
    read: Value,
}

/// The parameters that the harness ever sends with an operation.
const fn sent(operation: Operation) -> &'static [(&'static str, &'static str)] {
    match operation {
        Operation::EnableMfaDevice | Operation::ResyncMfaDevice => &[
            ("UserName", ODD),
            ("SerialNumber", ODD),
            ("AuthenticationCode1", "012 45"),
            ("AuthenticationCode2", "000000"),
        ],
        Operation::DeactivateMfaDevice => &[("UserName", ODD), ("SerialNumber", ODD)],
        Operation::UpdateUser => &[("UserName", ODD), ("NewUserName", "=&")],
        Operation::CreateVirtualMfaDevice => &[("VirtualMFADeviceName", ODD)],
        Operation::DeleteVirtualMfaDevice => &[("SerialNumber", ODD)],
        Operation::CreateUser | Operation::GetUser | Operation::DeleteUser | Operation::CreateAccessKey => {
            &[("UserName", ODD)]
        }
        Operation::ListUsers => &[("Marker", ODD), ("MaxItems", "7")],
        Operation::ListMfaDevices | Operation::ListAccessKeys => {
            &[("UserName", ODD), ("Marker", ODD), ("MaxItems", "7")]
        }
        Operation::ListVirtualMfaDevices => &[("AssignmentStatus", "Unassigned"), ("Marker", ODD), ("MaxItems", "7")],
        Operation::DeleteAccessKey => &[("UserName", ODD), ("AccessKeyId", ODD)],
    }
}

pub(super) fn request(operation: Operation) -> SampleRequest {
    let parameters = sent(operation);
    let write = |method, space| {
        let request = RawRequest::new(operation.name(), parameters);
        encode(&Call { operation, request, style: Style { method, space, ..Style::default() } })
    };
    SampleRequest {
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        post: String::from_utf8_lossy(&write(Method::Post, Space::Percent).body).into_owned(),
        post_plus: String::from_utf8_lossy(&write(Method::Post, Space::Plus).body).into_owned(),
        get: write(Method::Get, Space::Percent).path_and_query,
    }
}

fn user() -> UserEntry {
    UserEntry {
        user_name: ODD.to_owned(),
        arn: format!("arn:aws:iam::123456789012:user/{ODD}"),
        user_id: "AIDAEXAMPLE".to_owned(),
        path: "/".to_owned(),
        create_date: DATE.to_owned(),
        tags: Vec::new(),
    }
}

fn key(secret: Option<&str>) -> AccessKeyEntry {
    AccessKeyEntry {
        user_name: ODD.to_owned(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: secret.map(str::to_owned),
        create_date: DATE.to_owned(),
    }
}

/// A whole page, a truncated one, and an empty one.
fn pages<T>(items: impl Fn() -> Vec<T>, body: impl Fn(Page<T>) -> SuccessBody) -> Vec<SuccessBody> {
    [Page::whole(items()), Page { items: items(), next: Some(ODD.to_owned()) }, Page::whole(Vec::new())]
        .into_iter()
        .map(body)
        .collect()
}

fn bodies(operation: Operation) -> Vec<SuccessBody> {
    let owned = || VirtualDeviceEntry {
        serial_number: ODD.to_owned(),
        user: Some(user()),
        enable_date: Some(DATE.to_owned()),
        ..VirtualDeviceEntry::default()
    };
    let nobodys = || VirtualDeviceEntry { serial_number: "arn:2".to_owned(), ..VirtualDeviceEntry::default() };
    let device =
        || MfaDeviceEntry { user_name: ODD.to_owned(), serial_number: ODD.to_owned(), enable_date: DATE.to_owned() };
    match operation {
        Operation::EnableMfaDevice
        | Operation::ResyncMfaDevice
        | Operation::DeactivateMfaDevice
        | Operation::UpdateUser
        | Operation::DeleteUser
        | Operation::DeleteVirtualMfaDevice
        | Operation::DeleteAccessKey => vec![SuccessBody::Empty],
        Operation::CreateUser | Operation::GetUser => vec![SuccessBody::User(user())],
        Operation::ListUsers => pages(|| vec![user(), user()], SuccessBody::Users),
        Operation::CreateVirtualMfaDevice => vec![SuccessBody::VirtualDevice {
            serial_number: ODD.to_owned(),
            seed_blob: "R0VaREdOQlZHWTNUUU9KUUdFWkRHTkJWR1kzVFFPSlE=".to_owned(),
            extras: DeviceExtras {
                qr_code: QrCode::of_device("d", "123456789012", &Seed::from_bytes(&[7; 20])),
                tags: vec![Tag { key: ODD.to_owned(), value: ODD.to_owned() }],
            },
        }],
        Operation::ListMfaDevices => pages(|| vec![device(), device()], SuccessBody::MfaDevices),
        Operation::ListVirtualMfaDevices => pages(|| vec![owned(), nobodys()], SuccessBody::VirtualDevices),
        Operation::CreateAccessKey => vec![SuccessBody::AccessKey(key(Some("wJalrXUtnFEMI/K7MDENG+")))],
        Operation::ListAccessKeys => pages(|| vec![key(None), key(None)], SuccessBody::AccessKeys),
    }
}

pub(super) fn successes(operation: Operation) -> Vec<SampleReply> {
    bodies(operation).into_iter().map(|body| reply(operation, &Outcome::Success(body))).collect()
}

pub(super) fn refusal(operation: Operation, code: ErrorCode) -> SampleReply {
    reply(operation, &Outcome::Error { code, message: ODD.to_owned() })
}

fn reply(operation: Operation, outcome: &Outcome) -> SampleReply {
    let response = Documented.render(Some(operation), outcome, REQUEST_ID);
    let content_type = response.content_type.into_owned();
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let observed = read(
        operation,
        HttpReply {
            status: response.status,
            content_type: Some(content_type.clone()),
            date: None,
            body: response.body,
            retried: false,
            retry_after: None,
        },
    );
    SampleReply { status: response.status, content_type, request_id: response.request_id, body, read: told(&observed) }
}

/// The reading of a reply, by the names of the members.
fn told(observed: &Observed) -> Value {
    match observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(body) => members(body),
            Answer::Error { code, message, kind } => json!({ "Code": code, "Message": message, "Type": kind }),
        },
        Observed::Unreadable { why, .. } => json!({ "unreadable": why }),
        Observed::Broken(error) => json!({ "unreadable": error.to_string() }),
    }
}

fn members(body: &SuccessBody) -> Value {
    match body {
        SuccessBody::Empty => json!({}),
        SuccessBody::User(entry) => json!({ "User": user_members(entry) }),
        SuccessBody::Users(page) => listing("Users", page, user_members),
        SuccessBody::VirtualDevice { serial_number, seed_blob, extras } => {
            let tag = |tag: &Tag| json!({ "Key": tag.key, "Value": tag.value });
            json!({ "VirtualMFADevice": {
                "SerialNumber": serial_number, "Base32StringSeed": seed_blob, "QRCodePNG": extras.qr_code.to_blob(),
                "Tags": extras.tags.iter().map(tag).collect::<Vec<_>>()
            } })
        }
        SuccessBody::MfaDevices(page) => listing("MFADevices", page, |one| {
            json!({
                "UserName": one.user_name, "SerialNumber": one.serial_number, "EnableDate": one.enable_date
            })
        }),
        SuccessBody::VirtualDevices(page) => listing("VirtualMFADevices", page, |one| {
            let mut device = json!({ "SerialNumber": one.serial_number });
            if let Some(device) = device.as_object_mut() {
                device.extend(one.user.iter().map(|user| ("User".to_owned(), user_members(user))));
                device.extend(one.enable_date.iter().map(|date| ("EnableDate".to_owned(), json!(date))));
            }
            device
        }),
        SuccessBody::AccessKey(entry) => json!({ "AccessKey": key_members(entry) }),
        SuccessBody::AccessKeys(page) => listing("AccessKeyMetadata", page, key_members),
    }
}

fn listing<T>(name: &str, page: &Page<T>, of: impl Fn(&T) -> Value) -> Value {
    let items: Vec<Value> = page.items.iter().map(of).collect();
    match &page.next {
        None => json!({ name: items, "IsTruncated": false }),
        Some(marker) => json!({ name: items, "IsTruncated": true, "Marker": marker }),
    }
}

fn user_members(entry: &UserEntry) -> Value {
    json!({
        "UserName": entry.user_name, "Arn": entry.arn, "UserId": entry.user_id, "Path": entry.path,
        "CreateDate": entry.create_date
    })
}

fn key_members(entry: &AccessKeyEntry) -> Value {
    let mut key = json!({
        "UserName": entry.user_name, "AccessKeyId": entry.access_key_id, "CreateDate": entry.create_date
    });
    if let (Some(key), Some(secret)) = (key.as_object_mut(), &entry.secret_access_key) {
        key.insert("SecretAccessKey".to_owned(), json!(secret));
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harness_reads_what_the_service_writes() {
        for operation in Operation::ALL {
            let (written, samples) = (bodies(operation), successes(operation));
            assert_eq!(written.len(), samples.len());
            for (body, sample) in written.iter().zip(&samples) {
                assert_eq!(members(body), sample.read, "{operation}");
            }
        }
    }

    #[test]
    fn a_refusal_is_read_with_all_its_members() {
        let sample = refusal(Operation::EnableMfaDevice, ErrorCode::NoSuchEntity);
        assert_eq!(sample.read, json!({ "Code": "NoSuchEntity", "Message": ODD, "Type": "Sender" }));
    }
}
