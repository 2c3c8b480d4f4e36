//! Judges replies that were captured elsewhere, such as in a proxy or in a test of your own. Here a service enables a
//! device for the codes 000000 and 000000.
//!
//! `cargo run -p mfa-conformance --example judge_one_reply`
#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "the example prints its verdict"))]

use mfa_conformance::oracle::{Divergence, Observation, Operations, Oracle, TooManyStates};
use mfa_conformance::transport::HttpReply;
use mfa_conformance::wire::{Style, read};
use mfa_reference::clause::ClauseId;
use mfa_reference::{Limits, Millis, Operation, RawRequest, Window};

/// When the calls were made. The codes of the device near this time are the correct ones.
const NOW: Millis = Millis(1_767_225_600_000);
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/phone";

/// The body of a reply with status 200.
fn success(action: &str, result: &str, request_id: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">{result}\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// Judges a call and its reply with status 200.
fn judge(
    oracle: &mut Oracle,
    operation: Operation,
    parameters: &[(&str, &str)],
    body: String,
) -> Result<Vec<Divergence>, TooManyStates> {
    let reply = HttpReply {
        status: 200,
        content_type: Some("text/xml".to_owned()),
        date: None,
        body: body.into_bytes(),
        retried: false,
        retry_after: None,
    };
    let verdict = oracle.judge(&Observation {
        operation,
        request: &RawRequest::new(operation.name(), parameters),
        style: Style::default(),
        caller: None,
        window: Window::instant(NOW),
        carried: &[],
        overlapped: false,
        limits: Limits::UNKNOWN,
        observed: &read(operation, reply),
    })?;
    Ok(verdict.divergences)
}

#[cfg_attr(test, test)]
fn main() -> Result<(), TooManyStates> {
    let mut oracle = Oracle::new(false, Operations::all());

    let user = "<CreateUserResult><User><Path>/</Path><UserName>anna</UserName><UserId>AIDA1</UserId>\
                <Arn>arn:aws:iam::123456789012:user/anna</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>\
                </CreateUserResult>";
    let body = success("CreateUser", user, "request-1");
    assert_eq!(judge(&mut oracle, Operation::CreateUser, &[("UserName", "anna")], body)?, []);

    // The seed is base64 of base32 text. The oracle computes the codes of the device from it.
    let device = format!(
        "<CreateVirtualMFADeviceResult><VirtualMFADevice><SerialNumber>{DEVICE}</SerialNumber>\
         <Base32StringSeed>R0VaREdOQlZHWTNUUU9KUUdFWkRHTkJWR1kzVFFPSlE=</Base32StringSeed></VirtualMFADevice>\
         </CreateVirtualMFADeviceResult>"
    );
    let body = success("CreateVirtualMFADevice", &device, "request-2");
    let parameters = [("VirtualMFADeviceName", "phone")];
    assert_eq!(judge(&mut oracle, Operation::CreateVirtualMfaDevice, &parameters, body)?, []);

    let parameters = [
        ("UserName", "anna"),
        ("SerialNumber", DEVICE),
        ("AuthenticationCode1", "000000"),
        ("AuthenticationCode2", "000000"),
    ];
    let body = success("EnableMFADevice", "", "request-3");
    let divergences = judge(&mut oracle, Operation::EnableMfaDevice, &parameters, body)?;
    for divergence in &divergences {
        println!("{} is broken. Expected: {}", divergence.clause, divergence.expected);
    }
    let broken: Vec<_> = divergences.iter().map(|divergence| divergence.clause).collect();
    assert_eq!(broken, [ClauseId::EnableCodesRecognised]);
    Ok(())
}
