//! Faults that any call of the kind shows.

use std::borrow::Cow;

use data_encoding::BASE64;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Outcome, Step, SuccessBody};
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
fn of_the_first_bytes(seed: &Seed, step: Step) -> String {
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
fn by_the_first_bytes(seed: &Seed, one: &str, two: &str, now: Step) -> Option<Step> {
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
        (Shallow, 1),
        || writes(|_, _, text| in_an_envelope(&text)),
    ),
    row(
        "resync-sent-to-sign-in",
        "ResyncMFADevice is taken for a page of the console: 302 to where one signs in.",
        C::OperationResyncExists,
        &[],
        (Shallow, 1),
        || sends_away("ResyncMFADevice"),
    ),
    row(
        "seed-as-an-address",
        "Base32StringSeed is base64 of the otpauth address that is drawn in the QR code.",
        C::SupportSeedUsable,
        &[],
        (Shallow, 1),
        tells_an_address,
    ),
    row(
        "codes-of-the-hashs-first-bytes",
        "Codes are made of the hash's first four bytes, wherever its last half byte points to.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        (Shallow, 3),
        || recognises(by_the_first_bytes),
    ),
    row(
        "refusals-without-a-body",
        "A refusal of what keeps the constraints has the right status and an empty body.",
        C::WireWellFormed,
        // What is empty has neither code nor message.
        &[C::WireErrorEnvelope],
        (Shallow, 1),
        refuses_without_words,
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::service::Service;
    use mfa_reference::wire::HttpRequest;
    use mfa_reference::{Caller, Millis, Operation, RawRequest};

    use super::*;
    use crate::line::Incoming;
    use crate::seeded::late2::played::Played;

    fn refused(code: ErrorCode) -> Outcome {
        Outcome::Error { code, message: "Gone.".to_owned() }
    }

    /// The status and the text of an answer to an `EnableMFADevice`.
    fn written(altered: &Altered, outcome: &Outcome) -> (u16, String) {
        let reply = altered.behaviour.renderer.render(Some(Operation::EnableMfaDevice), outcome, "id");
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    #[test]
    fn a_reply_lies_in_an_envelope() {
        let altered = (FAULTS[0].service)();
        for (outcome, root) in [
            (Outcome::Success(SuccessBody::Empty), "EnableMFADeviceResponse"),
            (refused(ErrorCode::NoSuchEntity), "ErrorResponse"),
        ] {
            let (_, text) = written(&altered, &outcome);
            assert!(text.contains(&format!("<s:Body><{root} ")), "{text}");
            assert!(text.ends_with(&format!("</{root}></s:Body></s:Envelope>")), "{text}");
        }
    }

    #[test]
    fn a_resync_alone_is_sent_away() {
        let mut line = (sends_away("ResyncMFADevice").lay)();
        let mut status = |body: &str| {
            let request = HttpRequest {
                method: "POST",
                target: "/",
                content_type: None,
                authorization: None,
                body: body.as_bytes(),
            };
            let incoming = Incoming { request, now: Millis(0), calls: 0, carried: 0 };
            let sent = line.pass(&incoming, &mut |_| HttpResponse::xml(404, "", String::new())).unwrap();
            (sent.response.status, sent.response.headers.len())
        };
        assert_eq!(status("Action=ResyncMFADevice&UserName=bob"), (302, 1));
        assert_eq!(status("Action=EnableMFADevice&UserName=ResyncMFADevice"), (404, 0));
    }

    #[test]
    fn an_address_is_no_seed() {
        let mut service = Service::new(tells_an_address().behaviour, 1);
        let request = RawRequest::new("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "one")]);
        let made = service.answer(&request, Caller::Administrator, Millis(0)).1;
        let Outcome::Success(SuccessBody::VirtualDevice { seed_blob, .. }) = made else { panic!("{made:?}") };
        assert!(Seed::from_blob(&seed_blob).is_err(), "{seed_blob}");
        let text = String::from_utf8(BASE64.decode(seed_blob.as_bytes()).unwrap()).unwrap();
        assert!(text.starts_with("otpauth://totp/Amazon%20Web%20Services:one?secret="), "{text}");
    }

    #[test]
    fn a_code_of_the_first_bytes_is_mostly_another() {
        let seed = Seed::from_bytes(b"12345678901234567890");
        let right = (0..1_000).filter(|step| of_the_first_bytes(&seed, Step(*step)) == seed.code(Step(*step)).as_str());
        assert!((20..150).contains(&right.count()));
        let mut played = Played::on(recognises(by_the_first_bytes));
        assert_eq!((played.user("CreateUser", "ann"), played.make_device("one")), (None, None));
        assert_eq!(played.enable("ann", "one"), Some(ErrorCode::InvalidAuthenticationCode));
    }

    #[test]
    fn a_refusal_is_a_status_alone() {
        let altered = refuses_without_words();
        assert_eq!(written(&altered, &refused(ErrorCode::NoSuchEntity)), (404, String::new()));
        for outcome in [refused(ErrorCode::ValidationError), Outcome::Success(SuccessBody::Empty)] {
            assert_eq!(written(&altered, &outcome), written(&documented(), &outcome));
        }
    }
}
