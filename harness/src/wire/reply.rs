//! Reads the bytes of an HTTP reply.

use std::borrow::Cow;

use mfa_reference::Operation;

use super::bounds::{KeptBody, MOST_MESSAGE, MOST_WORD, bounded};
use super::claims::{Claims, has_content};
use super::escape::cut;
use super::success::{self, Missing, scalar};
use super::xml::{Element, XmlError, decode, parse};
use super::{Answer, Envelope, Flaw, Format, Observed, Reply, shape};
use crate::transport::HttpReply;

/// How much of an unreadable body is kept, in characters.
const BODY_EXCERPT: usize = 2_000;

/// Why a reply can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Unreadable {
    #[error("the body is empty")]
    Empty,
    #[error("the body is HTML")]
    Html,
    #[error("the body is JSON")]
    Json,
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("the root element is <{found}>, neither {operation}Response nor ErrorResponse")]
    Root { found: String, operation: Operation },
    #[error("{operation}Response is the root of an error, not ErrorResponse")]
    ErrorInside { operation: Operation },
    #[error("{operation}Response can't be used: {missing}")]
    Missing { operation: Operation, missing: Missing },
}

impl Unreadable {
    /// What the reply is instead of one in the protocol.
    fn format(&self, operation: Operation, body: &str) -> Format {
        let opens = |root: &str| body.contains(&format!("<{root}"));
        match self {
            Self::Root { found, .. } if found.ends_with("Response") => Format::OtherResponse,
            Self::ErrorInside { .. } => Format::OtherResponse,
            Self::Missing { .. } => Format::BrokenEnvelope,
            Self::Xml(_) if opens(&format!("{operation}Response")) || opens("ErrorResponse") => Format::BrokenEnvelope,
            Self::Xml(_) | Self::Root { .. } | Self::Empty | Self::Html | Self::Json => Format::Foreign,
        }
    }
}

/// Reads the reply to a call of `operation`. It never fails: a reply outside the protocol is
/// [`Observed::Unreadable`].
///
/// It finds elements by their local names, so that it understands a reply in a wrong namespace. The envelope reports
/// the namespaces. It trims white space around each value, except messages.
#[must_use]
pub fn read(operation: Operation, reply: HttpReply) -> Observed {
    let HttpReply { status, content_type, body: bytes, .. } = reply;
    // ASCII characters in UTF-16 are also valid UTF-8, with a zero byte in each.
    let other_encoding =
        std::str::from_utf8(&bytes).is_err() || bytes.contains(&0) || bytes.starts_with(b"\xef\xbb\xbf");
    let (text, understood) = match decode(&bytes, content_type.as_deref()) {
        Ok(text) => {
            let understood = understand(operation, &text);
            (text, understood)
        }
        Err(error) => {
            let text = String::from_utf8_lossy(&bytes);
            let why = foreign_format(&text).unwrap_or(Unreadable::Xml(error));
            (text, Err(why))
        }
    };
    match understood {
        Ok((answer, envelope)) => {
            let own = match text {
                Cow::Owned(own) => Some(own),
                Cow::Borrowed(_) => None,
            };
            // Borrowed text is the original bytes, so they are UTF-8.
            let body = own.unwrap_or_else(|| String::from_utf8(bytes).unwrap_or_default());
            let content_type = content_type.map(|text| bounded(text.into(), MOST_WORD));
            let body = KeptBody::of(body);
            let mut envelope = Envelope { content_type, body, ..envelope };
            envelope.flaws.extend(other_encoding.then_some(Flaw::OtherEncoding));
            Observed::Reply(Reply { status, answer, envelope })
        }
        Err(why) => Observed::Unreadable {
            status,
            format: why.format(operation, &text),
            why: why.to_string(),
            body: text.chars().take(BODY_EXCERPT).collect(),
        },
    }
}

/// The answer in a body, and the parts of the envelope that the body determines.
fn understand(operation: Operation, body: &str) -> Result<(Answer, Envelope), Unreadable> {
    let root = parse(body).map_err(|error| foreign_format(body).unwrap_or(Unreadable::Xml(error)))?;
    let (answer, claims) = if root.name == "ErrorResponse" {
        (error_answer(&root), Claims::of_error(&root))
    } else if root.name.strip_prefix(operation.name()) == Some("Response") {
        if root.child("Error").is_some_and(|error| error.child("Code").is_some()) {
            return Err(Unreadable::ErrorInside { operation });
        }
        let body = success::body(operation, &root).map_err(|missing| Unreadable::Missing { operation, missing })?;
        (Answer::Success(body), Claims::of_success(operation, &root))
    } else if root.name.eq_ignore_ascii_case("html") {
        return Err(Unreadable::Html);
    } else {
        return Err(Unreadable::Root { found: cut(root.name, 60), operation });
    };
    let envelope = envelope(operation, &root, &answer, claims);
    Ok((answer, envelope))
}

fn error_answer(root: &Element<'_>) -> Answer {
    let error = root.child("Error");
    let member = |name| error.and_then(|error| error.child(name));
    Answer::Error {
        code: member("Code").map(scalar).unwrap_or_default(),
        message: member("Message").map(|message| bounded(message.text(), MOST_MESSAGE)),
        kind: member("Type").map(scalar),
    }
}

fn envelope(operation: Operation, root: &Element<'_>, answer: &Answer, claims: Claims<'_>) -> Envelope {
    let (id_parent, result) = match answer {
        Answer::Success(_) => {
            (root.child("ResponseMetadata"), root.elements().find(|element| shape::is_result(operation, element.name)))
        }
        Answer::Error { .. } => (Some(root), None),
    };
    let code = root.child("Error").and_then(|error| error.child("Code"));
    let flaws = [
        (!claims.one_namespace, Flaw::SeveralNamespaces),
        (claims.prefixed, Flaw::Prefix),
        (claims.cdata, Flaw::Cdata),
        (code.is_some_and(|code| code.text() != scalar(code)), Flaw::PaddedCode),
        (shape::result(operation).is_none() && result.is_some_and(has_content), Flaw::ResultWithContent),
    ];
    Envelope {
        flaws: flaws.into_iter().filter_map(|(is_so, flaw)| is_so.then_some(flaw)).collect(),
        namespace: root.namespace.as_ref().map(|name| match name.len() {
            0..=MOST_WORD => name.clone(),
            _ => bounded(name.as_ref().into(), MOST_WORD).into(),
        }),
        result_first: result.map(|result| root.elements().next().is_some_and(|first| std::ptr::eq(first, result))),
        request_id: id_parent.and_then(|parent| parent.child("RequestId")).map(scalar),
        unclaimed: claims.into_unclaimed(),
        ..Envelope::default()
    }
}

/// The format of a body that isn't XML, if it is a common one.
fn foreign_format(body: &str) -> Option<Unreadable> {
    let body = body.trim_matches(|character: char| character.is_ascii_whitespace());
    if body.is_empty() {
        return Some(Unreadable::Empty);
    }
    let beginning: String = body.chars().take(1_000).map(|character| character.to_ascii_lowercase()).collect();
    let holds = |tag: &str| beginning.contains(tag);
    if beginning.starts_with('<') && (holds("<!doctype html") || holds("<html")) {
        return Some(Unreadable::Html);
    }
    serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok().then_some(Unreadable::Json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mfa_reference::SuccessBody;
    use proptest::prelude::*;

    const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

    fn http(status: u16, body: &[u8]) -> HttpReply {
        HttpReply {
            status,
            content_type: Some("text/xml".to_owned()),
            date: None,
            body: body.to_vec(),
            retried: false,
            retry_after: None,
        }
    }

    fn reply(operation: Operation, body: &str) -> Reply {
        let observed = read(operation, http(200, body.as_bytes()));
        let Observed::Reply(reply) = observed else { panic!("{observed:?}") };
        reply
    }

    fn why(operation: Operation, body: &[u8]) -> String {
        let observed = read(operation, http(500, body));
        let Observed::Unreadable { why, status: 500, .. } = observed else { panic!("{observed:?}") };
        why
    }

    #[test]
    fn a_success_without_output_is_read_whole() {
        let body = format!(
            "<EnableMFADeviceResponse xmlns='{NAMESPACE}'><ResponseMetadata><RequestId> 7a62\n</RequestId>\
             </ResponseMetadata></EnableMFADeviceResponse>"
        );
        assert_eq!(
            reply(Operation::EnableMfaDevice, &body),
            Reply {
                status: 200,
                answer: Answer::Success(SuccessBody::Empty),
                envelope: Envelope {
                    flaws: [].into(),
                    namespace: Some(NAMESPACE.into()),
                    result_first: None,
                    request_id: Some("7a62".to_owned()),
                    content_type: Some("text/xml".to_owned()),
                    unclaimed: vec![],
                    body: KeptBody::of(body.clone()),
                },
            }
        );
    }

    #[test]
    fn an_error_is_read_with_its_message_untouched() {
        let body = "<ErrorResponse><Error><Type> Sender </Type><Code>\nNoSuchEntity</Code><Message> no &lt;user&gt;\n</Message>\
                    </Error><RequestId>r</RequestId></ErrorResponse>";
        let reply = reply(Operation::EnableMfaDevice, body);
        assert_eq!(
            reply.answer,
            Answer::Error {
                code: "NoSuchEntity".to_owned(),
                message: Some(" no <user>\n".to_owned()),
                kind: Some("Sender".to_owned()),
            }
        );
        assert_eq!((reply.envelope.request_id.as_deref(), reply.envelope.namespace), (Some("r"), None));
    }

    #[test]
    fn what_stands_in_the_wrong_place_is_absent_and_unclaimed() {
        let body =
            "<ErrorResponse><Error><code>X</code><RequestId>r</RequestId></Error><ResponseMetadata/></ErrorResponse>";
        let reply = reply(Operation::EnableMfaDevice, body);
        assert_eq!(reply.answer, Answer::Error { code: String::new(), message: None, kind: None });
        assert_eq!(reply.envelope.request_id, None);
        assert_eq!(
            reply.envelope.unclaimed,
            ["ErrorResponse/Error/RequestId", "ErrorResponse/Error/code", "ErrorResponse/ResponseMetadata"]
        );
    }

    #[test]
    fn a_result_with_content_is_told_from_an_empty_one() {
        let with = |result: &str| {
            let body = format!("<ResyncMFADeviceResponse>{result}</ResyncMFADeviceResponse>");
            reply(Operation::ResyncMfaDevice, &body).envelope.has(Flaw::ResultWithContent)
        };
        assert!(with("<ResyncMFADeviceResult><Drift>1</Drift></ResyncMFADeviceResult>"));
        assert!(with("<ResyncMFADeviceResult>ok</ResyncMFADeviceResult>"));
        assert!(!with("<ResyncMFADeviceResult> </ResyncMFADeviceResult>"));
        assert!(!with("<EnableMFADeviceResult>x</EnableMFADeviceResult>"));
    }

    #[test]
    fn prefixes_and_what_stands_before_the_result_are_noticed() {
        let form = |body: &str| {
            let envelope = reply(Operation::ListMfaDevices, body).envelope;
            (envelope.has(Flaw::Prefix), envelope.result_first)
        };
        let result = "<ListMFADevicesResult><MFADevices/></ListMFADevicesResult>";
        let metadata = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>";
        let root = |content: &str| format!("<ListMFADevicesResponse>{content}</ListMFADevicesResponse>");
        assert_eq!(form(&root(&format!(" <!-- c --> {result}{metadata}"))), (false, Some(true)));
        assert_eq!(form(&root(&format!("{metadata}{result}"))), (false, Some(false)));
        let extra = "<x:Extra xmlns:x='u'/>";
        assert_eq!(form(&root(&format!("{result}{metadata}{extra}"))), (false, Some(true)));
        assert_eq!(form(&root(&format!("{extra}{result}"))), (false, Some(false)));
        let prefixed = root(&result.replace("MFADevices/", "p:MFADevices xmlns:p='u'/"));
        assert_eq!(form(&prefixed), (true, Some(true)));
        assert_eq!(form("<p:ErrorResponse xmlns:p='u'><Error/></p:ErrorResponse>"), (true, None));
    }

    #[test]
    fn a_body_of_another_format_is_named() {
        let operation = Operation::ResyncMfaDevice;
        for (body, expected) in [
            (&b""[..], "the body is empty"),
            (b" \r\n", "the body is empty"),
            (b"<!doctype html>\n<html lang=en><title>500", "the body is HTML"),
            (b"<HTML><body/></HTML>", "the body is HTML"),
            (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "the body is HTML"),
            (br#"{"__type":"InternalError"}"#, "the body is JSON"),
            (b"[]", "the body is JSON"),
            (b"Not Found", "malformed XML at byte 0 (line 1): there is content outside the root element"),
            (b"<ErrorResponse><Error>", "malformed XML at byte 22 (line 1): the document ends before </Error>"),
            (
                b"<DeactivateMFADeviceResponse/>",
                "the root element is <DeactivateMFADeviceResponse>, neither ResyncMFADeviceResponse nor ErrorResponse",
            ),
        ] {
            assert_eq!(why(operation, body), expected);
        }
    }

    #[test]
    fn a_broken_envelope_is_told_from_a_foreign_format() {
        for (body, expected) in [
            ("<html><body/></html>", Format::Foreign),
            ("<Response/>", Format::OtherResponse),
            ("<DeactivateMFADeviceResponse/>", Format::OtherResponse),
            ("<ResyncMFADeviceResponse><Error><Code>X</Code></Error></ResyncMFADeviceResponse>", Format::OtherResponse),
            ("<Devices/>", Format::Foreign),
            ("Not Found", Format::Foreign),
            ("<ErrorResponse><Error>", Format::BrokenEnvelope),
            ("<ResyncMFADeviceResponse/><ResyncMFADeviceResponse/>", Format::BrokenEnvelope),
            ("<EnableMFADeviceResponse>", Format::Foreign),
        ] {
            let observed = read(Operation::ResyncMfaDevice, http(200, body.as_bytes()));
            let Observed::Unreadable { format, .. } = observed else { panic!("{body}") };
            assert_eq!(format, expected, "{body}");
        }
    }

    #[test]
    fn a_missing_member_is_named() {
        assert_eq!(
            why(Operation::CreateVirtualMfaDevice, b"<CreateVirtualMFADeviceResponse/>"),
            "CreateVirtualMFADeviceResponse can't be used: the result has no VirtualMFADevice, or an empty one"
        );
    }

    #[test]
    fn the_body_of_an_unreadable_reply_is_cut_at_two_thousand_characters() {
        let observed = read(Operation::GetUser, http(502, "é".repeat(5_000).as_bytes()));
        let Observed::Unreadable { body, .. } = observed else { panic!("{observed:?}") };
        assert_eq!(body.chars().count(), 2_000);
    }

    #[test]
    fn the_canonical_form_is_made_from_the_kept_body() {
        let envelope = reply(Operation::DeleteUser, "<DeleteUserResponse><a/></DeleteUserResponse>").envelope;
        assert_eq!(envelope.canonical(), "<DeleteUserResponse>\n  <a/>\n</DeleteUserResponse>");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_as_something(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            operation in prop::sample::select(&Operation::ALL),
            before in prop::sample::select(&["", "<", "<html", "{", "<ErrorResponse>", "<!doctype", "\u{feff}"]),
        ) {
            let body: Vec<u8> = before.bytes().chain(bytes).collect();
            let observed = read(operation, http(200, &body));
            prop_assert!(matches!(observed, Observed::Unreadable { .. }), "{:?}", observed);
        }

        /// A reply has the same reading in every declared encoding.
        #[test]
        fn a_declared_encoding_makes_no_difference(message in "[ -~é]{0,40}") {
            let escaped = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let declared = |encoding: &str| format!(
                "<?xml version='1.0' encoding='{encoding}'?><ErrorResponse><Error><Message>{escaped}</Message></Error></ErrorResponse>"
            );
            let latin1: Vec<u8> = declared("ISO-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            let marked = format!("\u{feff}{}", declared("UTF-16"));
            let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (bytes, text) in [(latin1, declared("ISO-8859-1")), (utf16, marked)] {
                let Observed::Reply(read) = read(Operation::GetUser, http(400, &bytes)) else { panic!() };
                prop_assert_eq!(&read.envelope.body, &KeptBody::of(text));
                prop_assert_eq!(read.envelope.has(Flaw::OtherEncoding), !bytes.is_ascii());
                let Answer::Error { message: read, .. } = read.answer else { panic!() };
                prop_assert_eq!(read.as_ref(), Some(&message));
            }
        }

        /// Reading a reply doesn't change its message.
        #[test]
        fn a_message_survives_the_reading(message in "[ -~é\u{202e}\n\t]{0,40}") {
            let escaped = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let body = format!("<ErrorResponse><Error><Message>{escaped}</Message></Error></ErrorResponse>");
            let Answer::Error { message: read, .. } = reply(Operation::GetUser, &body).answer else { panic!() };
            prop_assert_eq!(read, Some(message));
        }
    }
}
