//! Exchanges whose replies are read from bytes, like a target's.

use mfa_reference::{Operation, RawRequest, TimeStep};

use crate::execute::Exchange;
use crate::execute::origin::{Origin, Part, Source};
use crate::transport::HttpReply;
use crate::wire::{Call, Style, read};

/// The prefix of every name.
pub(in crate::report) const PREFIX: &str = "mfac-8f3a-e12";
/// The time step of every call.
pub(in crate::report) const NOW: TimeStep = TimeStep(50_000_000);
const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

pub(in crate::report) fn user_name() -> String {
    format!("{PREFIX}-u1")
}

pub(in crate::report) fn serial() -> String {
    format!("arn:aws:iam::123456789012:mfa/{PREFIX}-d2")
}

/// An exchange whose reply is read from a target's bytes.
pub(in crate::report) fn exchange(
    step: usize,
    operation: Operation,
    parameters: &[(&str, &str)],
    status: u16,
    body: &str,
) -> Exchange {
    let reply = HttpReply {
        status,
        content_type: Some("text/xml".to_owned()),
        date: None,
        body: body.as_bytes().to_vec(),
        retried: false,
        retry_after: None,
    };
    let request = RawRequest::new(operation.name(), parameters);
    Exchange {
        step: Some(step),
        sent: NOW,
        origins: request.parameters.iter().map(|(_, value)| origin(value)).collect(),
        call: Call { operation, request, style: Style::default() },
        signer: None,
        key_from: None,
        malformed: None,
        sent_twice: false,
        overlap: None,
        observed: read(operation, reply),
    }
}

/// The origin of a value of the samples: each prefix in it is a part.
fn origin(value: &str) -> Origin {
    let places = value.match_indices(PREFIX);
    let parts = places.map(|(at, text)| Part { range: at..at + text.len(), source: Source::Prefix }).collect();
    Origin { parts, code: None }
}

pub(in crate::report) fn success(operation: Operation, result: &str) -> String {
    let name = operation.name();
    let result = if result.is_empty() { String::new() } else { format!("<{name}Result>{result}</{name}Result>") };
    format!(
        "<{name}Response xmlns=\"{NAMESPACE}\">{result}<ResponseMetadata><RequestId>3f1c</RequestId>\
         </ResponseMetadata></{name}Response>"
    )
}

pub(in crate::report) fn error(code: &str, message: &str, id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error>{id}</ErrorResponse>"
    )
}

pub(in crate::report) fn user_created(step: usize) -> Exchange {
    user_created_as(step, &user_name())
}

pub(in crate::report) fn user_created_as(step: usize, name: &str) -> Exchange {
    let user = format!(
        "<User><Path>/</Path><UserName>{name}</UserName><UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user/{name}\
         </Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>"
    );
    let body = success(Operation::CreateUser, &user);
    exchange(step, Operation::CreateUser, &[("UserName", name)], 200, &body)
}

pub(in crate::report) fn device_created(step: usize, seed: &str) -> Exchange {
    let device = format!(
        "<VirtualMFADevice><SerialNumber>{}</SerialNumber><Base32StringSeed>{seed}</Base32StringSeed></VirtualMFADevice>",
        serial()
    );
    let body = success(Operation::CreateVirtualMfaDevice, &device);
    let name = format!("{PREFIX}-d2");
    exchange(step, Operation::CreateVirtualMfaDevice, &[("VirtualMFADeviceName", &name)], 200, &body)
}

/// Base64 of base32 text.
pub(in crate::report) const SEED: &str = "SkJTV1kzRFBFSFBLM1BYUA==";

pub(in crate::report) fn enabled(step: usize, code1: &str, code2: &str, status: u16, body: &str) -> Exchange {
    let (name, serial) = (user_name(), serial());
    let parameters = [
        ("UserName", name.as_str()),
        ("SerialNumber", serial.as_str()),
        ("AuthenticationCode1", code1),
        ("AuthenticationCode2", code2),
    ];
    exchange(step, Operation::EnableMfaDevice, &parameters, status, body)
}

pub(in crate::report) fn listed(step: usize, serials: &[&str]) -> Exchange {
    let members: Vec<String> = serials
        .iter()
        .map(|serial| {
            format!(
                "<member><UserName>{}</UserName><SerialNumber>{serial}</SerialNumber>\
                 <EnableDate>2026-01-01T00:00:00Z</EnableDate></member>",
                user_name()
            )
        })
        .collect();
    let listing = format!("<MFADevices>{}</MFADevices><IsTruncated>false</IsTruncated>", members.concat());
    let body = success(Operation::ListMfaDevices, &listing);
    exchange(step, Operation::ListMfaDevices, &[("UserName", &user_name())], 200, &body)
}

/// The id of the key that the samples create.
pub(in crate::report) const KEY_ID: &str = "AKIAOLD";

pub(in crate::report) fn key_created(step: usize) -> Exchange {
    let key = format!(
        "<AccessKey><UserName>{}</UserName><AccessKeyId>{KEY_ID}</AccessKeyId><Status>Active</Status>\
         <SecretAccessKey>old</SecretAccessKey><CreateDate>2026-01-01T00:00:00Z</CreateDate></AccessKey>",
        user_name()
    );
    let body = success(Operation::CreateAccessKey, &key);
    exchange(step, Operation::CreateAccessKey, &[("UserName", &user_name())], 200, &body)
}
