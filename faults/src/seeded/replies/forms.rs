//! Replies in another form.

use std::borrow::Cow;

use data_encoding::{BASE32_NOPAD, BASE32HEX_NOPAD, BASE64};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Operation, Outcome, SuccessBody};

use crate::altered::{Altered, decides, documented_reply, edited, renders, writes};
use crate::entry::Registered;
use crate::parts::replies::violations_with;

/// Writes errors in another form.
fn errors(change: fn(String) -> String) -> Altered {
    renders(move |operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        // A request without an action has no operation.
        let support = operation.is_some_and(|operation| operation.under_test().is_none());
        match outcome {
            Outcome::Error { .. } if !support => edited(reply, change),
            Outcome::Error { .. } | Outcome::Success(_) => reply,
        }
    })
}

fn error_at_the_root() -> Altered {
    errors(|text| {
        let inner = text.split_once("<Error>").and_then(|(_, rest)| rest.split_once("</Error>"));
        inner.map_or(text.clone(), |(inner, _)| format!("<Error>{inner}</Error>"))
    })
}

fn reply_cut_off() -> Altered {
    writes(|_, _, text| {
        let end = text.len().saturating_sub(3);
        text.get(..end).unwrap_or_default().to_owned()
    })
}

fn message_not_escaped() -> Altered {
    decides(|_, request, decision| {
        let texts = request.violations().into_iter().filter_map(|violation| violation.text);
        match decision {
            Decision::Refuse { code: ErrorCode::ValidationError, message } => {
                let texts: Vec<&str> = texts.collect();
                Decision::refuse(ErrorCode::ValidationError, format!("{message}: {}", texts.join(", ")))
            }
            other => other,
        }
    })
    .and_renderer(|operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        edited(reply, |text| text.replace("&lt;", "<").replace("&amp;", "&").replace("&gt;", ">"))
    })
}

/// The page of a web framework for a handler that stops with a status.
fn forbidden() -> HttpResponse {
    let page =
        "<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>\n<p>Invalid MFA code<br>\n";
    HttpResponse { content_type: Cow::Borrowed("text/html; charset=utf-8"), ..HttpResponse::xml(403, "", page.into()) }
}

fn wrong_codes_as_the_frameworks_page() -> Altered {
    renders(|operation, outcome, id| match outcome {
        Outcome::Error { code: ErrorCode::InvalidAuthenticationCode, .. } => forbidden(),
        Outcome::Error { .. } | Outcome::Success(_) => documented_reply(operation, outcome, id),
    })
}

/// The size of the buffer for an error, in bytes.
const BUFFER: usize = 512;

/// The part of a document that fits into the buffer.
fn cut(document: &str) -> String {
    document.get(..BUFFER).unwrap_or(document).to_owned()
}

fn long_errors_cut_off() -> Altered {
    writes(|_, outcome, text| match outcome {
        Outcome::Error { .. } => cut(&text),
        Outcome::Success(_) => text,
    })
}

fn error_in_the_operations_response() -> Altered {
    writes(|operation, outcome, text| match outcome {
        Outcome::Error { .. } => text.replace("ErrorResponse", &format!("{operation}Response")),
        Outcome::Success(_) => text,
    })
}

/// A success whose metadata are in the result.
fn with_a_result(operation: Operation, document: &str) -> String {
    document
        .replace("<ResponseMetadata>", &format!("<{operation}Result><ResponseMetadata>"))
        .replace("</ResponseMetadata>", &format!("</ResponseMetadata></{operation}Result>"))
}

fn metadata_inside_the_result() -> Altered {
    writes(|operation, outcome, text| match outcome {
        Outcome::Error { .. } => text,
        Outcome::Success(_) => with_a_result(operation, &text),
    })
}

/// A body in chunked transfer encoding, with one chunk.
fn chunked(document: &str) -> String {
    format!("{:x}\r\n{document}\r\n0\r\n\r\n", document.len())
}

/// A success whose root has an undeclared prefix.
fn prefixed(document: &str) -> String {
    ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"].iter().fold(document.to_owned(), |text, operation| {
        let named = |before: &str, prefix: &str| format!("{before}{prefix}{operation}Response");
        text.replace(&named("<", ""), &named("<", "iam:")).replace(&named("</", ""), &named("</", "iam:"))
    })
}

fn prefix_never_declared() -> Altered {
    writes(|_, outcome, text| match outcome {
        Outcome::Success(_) => prefixed(&text),
        Outcome::Error { .. } => text,
    })
}

/// An error whose parts are attributes of `Error`, as some serialisers write members by default.
fn with_attributes(document: &str) -> String {
    let Some((head, parts)) = document.split_once("<Error>") else { return document.to_owned() };
    let Some((parts, tail)) = parts.split_once("</Error>") else { return document.to_owned() };
    let quoted = parts.replace('"', "&quot;").replace("<Type>", " Type=\"").replace("<Code>", " Code=\"");
    let ended = ["</Type>", "</Code>", "</Message>"].iter().fold(quoted, |text, end| text.replace(end, "\""));
    format!("{head}<Error{}/>{tail}", ended.replace("<Message>", " Message=\""))
}

/// The seed in RFC 4648's other alphabet for base 32.
fn in_extended_hex(seed_blob: &str) -> Option<String> {
    let (seed, _) = Seed::from_blob(seed_blob).ok()?;
    let bytes = BASE32_NOPAD.decode(seed.to_base32().trim_end_matches('=').as_bytes()).ok()?;
    Some(BASE64.encode(BASE32HEX_NOPAD.encode(&bytes).as_bytes()))
}

/// Sends seeds in the wrong alphabet.
fn tells_seeds_in_extended_hex() -> Altered {
    renders(|operation, outcome, id| match outcome {
        Outcome::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, extras }) => {
            let seed_blob = in_extended_hex(seed_blob).unwrap_or_default();
            let (serial_number, extras) = (serial_number.clone(), extras.clone());
            let told = SuccessBody::VirtualDevice { serial_number, seed_blob, extras };
            documented_reply(operation, &Outcome::Success(told), id)
        }
        other => documented_reply(operation, other, id),
    })
}

/// A reply as the body of a SOAP message.
fn in_an_envelope(reply: &str) -> String {
    let namespace = "http://schemas.xmlsoap.org/soap/envelope/";
    format!("<s:Envelope xmlns:s=\"{namespace}\"><s:Body>{reply}</s:Body></s:Envelope>")
}

/// Refuses with only a status.
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

/// A success whose request id is an attribute of its metadata.
fn id_as_an_attribute(text: &str) -> String {
    let open = text.replace("<ResponseMetadata><RequestId>", "<ResponseMetadata RequestId=\"");
    open.replace("</RequestId></ResponseMetadata>", "\"/>")
}

fn request_id_as_an_attribute() -> Altered {
    writes(|_, outcome, text| match outcome {
        Outcome::Success(_) => id_as_an_attribute(&text),
        Outcome::Error { .. } => text,
    })
}

/// How many characters of a message are kept.
const KEPT: usize = 120;

/// Truncates a long message, and appends an HTML ellipsis.
fn cuts_messages() -> Altered {
    renders(|operation, outcome, id| match outcome {
        Outcome::Error { code: code @ ErrorCode::NoSuchEntity, message } if message.chars().count() > KEPT => {
            let message = message.chars().take(KEPT).collect();
            let reply = documented_reply(operation, &Outcome::Error { code: *code, message }, id);
            edited(reply, |text| text.replace("</Message>", "&hellip;</Message>"))
        }
        Outcome::Error { .. } | Outcome::Success(_) => documented_reply(operation, outcome, id),
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("error-at-the-root", error_at_the_root),
    ("reply-cut-off", reply_cut_off),
    ("message-not-escaped", message_not_escaped),
    ("wrong-codes-as-the-frameworks-page", wrong_codes_as_the_frameworks_page),
    ("long-errors-cut-off", long_errors_cut_off),
    ("error-in-the-operations-response", error_in_the_operations_response),
    ("metadata-inside-the-result", metadata_inside_the_result),
    ("chunk-sizes-in-the-body", || writes(|_, _, text| chunked(&text))),
    ("prefix-never-declared", prefix_never_declared),
    ("error-parts-as-attributes", || writes(|_, _, text| with_attributes(&text))),
    ("seed-in-extended-hex", tells_seeds_in_extended_hex),
    ("replies-in-an-envelope", || writes(|_, _, text| in_an_envelope(&text))),
    ("refusals-without-a-body", refuses_without_words),
    ("violations-with-status-200", || renders(violations_with(200))),
    ("violations-with-status-500", || renders(violations_with(500))),
    ("request-id-as-an-attribute", request_id_as_an_attribute),
    ("long-messages-end-with-an-html-entity", cuts_messages),
];
