//! Faults that any call of the kind shows.

use std::borrow::Cow;

use data_encoding::BASE64;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Outcome, SuccessBody, TimeStep};
use sha2::{Digest, Sha256};

use crate::altered::{Altered, decides, documented, documented_reply, recognises, renders, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::line::{laid, parameter, parameters};

/// A reply as the body of a message in SOAP.
fn in_an_envelope(reply: &str) -> String {
    let namespace = "http://schemas.xmlsoap.org/soap/envelope/";
    format!("<s:Envelope xmlns:s=\"{namespace}\"><s:Body>{reply}</s:Body></s:Envelope>")
}

/// Sends whoever asks for an operation to a page for signing in.
fn sends_away(action: &'static str) -> Altered {
    documented().behind(laid(move |incoming, service| {
        if parameter(&parameters(&incoming.request), "Action") != Some(action) {
            return Ok(service(&incoming.request).into());
        }
        let page = "<!doctype html><title>Redirecting...</title><p>Redirecting to <a href=/login>/login</a>.";
        let reply = HttpResponse::xml(302, "", page.to_owned());
        let headers = vec![(Cow::Borrowed("Location"), "/login".to_owned())];
        Ok(HttpResponse { headers, content_type: Cow::Borrowed("text/html"), ..reply }.into())
    }))
}

/// Tells a seed as the address that is drawn in a QR code.
fn tells_an_address() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let seed = Seed::from_blob(&seed_blob).map(|(seed, _)| seed.to_base32()).unwrap_or_default();
            let name = serial_number.rsplit('/').next().unwrap_or_default();
            let address = format!("otpauth://totp/Amazon%20Web%20Services:{name}?secret={seed}&issuer=AWS");
            let seed_blob = BASE64.encode(address.as_bytes());
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

/// The code of a step if it is made of the hash's first four bytes, and not of those that its last half byte points to.
///
/// Where that points to the first it is right; what else the first are is no more to be seen than here.
fn of_the_first_bytes(seed: &Seed, step: TimeStep) -> String {
    let digest = Sha256::digest(format!("{} {}", seed.to_base32(), step.0));
    let bytes: Vec<u32> = digest.iter().take(5).map(|byte| u32::from(*byte)).collect();
    match bytes.split_first() {
        Some((place, number)) if place % 16 != 0 => {
            let number = number.iter().fold(0_u32, |number, byte| number.wrapping_mul(256).wrapping_add(*byte));
            format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000)
        }
        Some(_) | None => seed.code(step).to_string(),
    }
}

/// Whether a pair is of two neighbouring steps by the hash's first bytes.
fn by_the_first_bytes(seed: &Seed, one: &str, two: &str, now: TimeStep) -> Option<TimeStep> {
    let mut steps = (-1..=1).map(|steps| now.plus(steps));
    steps.find(|step| of_the_first_bytes(seed, step.plus(-1)) == one && of_the_first_bytes(seed, *step) == two)
}

/// Refuses with a status and nothing else.
fn refuses_without_words() -> Altered {
    renders(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        let is_under_test = operation.is_some_and(|operation| operation.under_test().is_some());
        if is_under_test && matches!(outcome, Outcome::Error { code, .. } if *code != ErrorCode::ValidationError) {
            reply.body.clear();
        }
        reply
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "replies-in-an-envelope",
        "Replies are the body of a SOAP message, as those of the API's former protocol were.",
        C::WireErrorEnvelope,
        // It is the same for a refusal and for each operation's success, and such a reply isn't one in the protocol.
        &[
            C::WireEnableSuccessRoot,
            C::WireResyncSuccessRoot,
            C::WireDeactivateSuccessRoot,
            C::OperationEnableExists,
            C::OperationResyncExists,
            C::OperationDeactivateExists,
        ],
        Shallow,
        || writes(|_, _, text| in_an_envelope(&text)),
    ),
    row(
        "resync-sent-to-sign-in",
        "ResyncMFADevice is taken for a page of the console: 302 to where one signs in.",
        C::OperationResyncExists,
        &[],
        Shallow,
        || sends_away("ResyncMFADevice"),
    ),
    row(
        "seed-as-an-address",
        "Base32StringSeed is base64 of the otpauth address that is drawn in the QR code.",
        C::SupportSeedUsable,
        &[],
        Shallow,
        tells_an_address,
    ),
    row(
        "codes-of-the-hashs-first-bytes",
        "Codes are made of the hash's first four bytes, wherever its last half byte points to.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        Shallow,
        || recognises(by_the_first_bytes),
    ),
    row(
        "refusals-without-a-body",
        "A refusal of what keeps the constraints has the right status and an empty body.",
        C::WireWellFormed,
        // What is empty has neither code nor message.
        &[C::WireErrorEnvelope],
        Shallow,
        refuses_without_words,
    ),
];
