//! HTTP messages as the service sees them: what is read of a request, what is told in a response.

use std::borrow::Cow;

/// What the service reads of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpRequest<'a> {
    /// The method, as sent: methods are case-sensitive.
    pub method: &'a str,
    /// Path and query, as in the request line.
    pub target: &'a str,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The whole body.
    pub body: &'a [u8],
}

/// What the service answers; the listener adds the headers that belong to the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Cow<'static, str>,
    /// The `x-amzn-RequestId` header; empty for a response without one.
    pub request_id: String,
    /// Further headers, names and values.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The media type of every documented reply.
    pub const XML: &'static str = "text/xml";

    /// A response with an XML body and no further headers.
    #[must_use]
    pub fn xml(status: u16, request_id: &str, document: String) -> Self {
        Self {
            status,
            content_type: Cow::Borrowed(Self::XML),
            request_id: request_id.to_owned(),
            headers: Vec::new(),
            body: document.into_bytes(),
        }
    }
}
