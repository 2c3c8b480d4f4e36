//! Answers without the handler.

use std::sync::atomic::{AtomicU64, Ordering};

use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use mfa_reference::wire::{HttpResponse, NAMESPACE, XmlWriter};

use super::response::{BODY_TIMEOUT, MAX_BODY, into_http};

/// An answer without the handler: an error in the protocol. No document names the codes of these errors, so each code
/// is the name of the status.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the body is larger than {MAX_BODY} bytes; send less")]
    TooLarge,
    #[error("the body did not arrive within {} seconds; send it at once", BODY_TIMEOUT.as_secs())]
    TooSlow,
    #[error("the body is not what its headers say; check its length or its chunks")]
    Broken,
    #[error("the handler's response is not HTTP: {0}")]
    Unsayable(http::Error),
    #[error("the request is not HTTP/1.1; check its first line and its headers")]
    Malformed,
    #[error("the URI is longer than 65,534 bytes; send the parameters in the body of a POST")]
    LongUri,
    #[error("the headers are too many or too long; send fewer")]
    LongHeaders,
}

impl Refusal {
    /// The response of the refusal.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        let (status, document) = (self.status(), self.document());
        let response = HttpResponse::xml(status.as_u16(), &document.request_id, document.text);
        // This can't fail: the headers above have only valid characters.
        into_http(response).unwrap_or_else(|_| {
            let mut bare = Response::new(Full::default());
            *bare.status_mut() = status;
            bare
        })
    }

    /// The response as bytes, for a connection that ends with it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (status, Document { request_id, text }) = (self.status(), self.document());
        format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {}\r\nx-amzn-requestid: {request_id}\r\n\
             content-length: {}\r\n\r\n{text}",
            HttpResponse::XML,
            text.len()
        )
        .into_bytes()
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unsayable(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::LongUri => StatusCode::URI_TOO_LONG,
            Self::LongHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "RequestEntityTooLarge",
            Self::TooSlow => "RequestTimeout",
            Self::Broken | Self::Malformed => "BadRequest",
            Self::Unsayable(_) => "InternalFailure",
            Self::LongUri => "RequestURITooLong",
            Self::LongHeaders => "RequestHeaderFieldsTooLarge",
        }
    }

    fn document(&self) -> Document {
        let request_id = request_id();
        let mut xml = XmlWriter::new();
        xml.open_in(&["ErrorResponse"], NAMESPACE);
        xml.open(&["Error"]);
        xml.leaf("Type", if self.status().is_client_error() { "Sender" } else { "Receiver" });
        xml.leaf("Code", self.code());
        xml.leaf("Message", &self.to_string());
        xml.close(&["Error"]);
        xml.leaf("RequestId", &request_id);
        xml.close(&["ErrorResponse"]);
        Document { request_id, text: xml.finish() }
    }
}

/// An error reply, and the id that its header repeats.
struct Document {
    request_id: String,
    text: String,
}

/// A new id for each refusal of this process.
fn request_id() -> String {
    // Far from the seeds of services, which are small numbers and whose ids are drawn in the same way.
    static REFUSED: AtomicU64 = AtomicU64::new(1 << 48);
    mfa_reference::service::request_id(REFUSED.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_request_id_of_its_own() {
        let (one, other) = (request_id(), request_id());
        assert_ne!(one, other);
        assert!(one.len() == 36 && !one.starts_with("00000000"), "{one}");
    }

    #[test]
    fn a_refusal_is_an_error_in_the_protocol() {
        let text = String::from_utf8(Refusal::LongUri.bytes()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 414 URI Too Long\r\n"), "{head}");
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        let root = format!("<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type>");
        assert!(body.starts_with(&(root + "<Code>RequestURITooLong</Code>")), "{body}");
    }
}
