//! What is answered without the handler.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;

use super::exchange::{BODY_TIMEOUT, MAX_BODY};

/// What is answered without the handler, in plain text: no document says how the protocol would put it.
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
}

impl Refusal {
    /// The response that says so.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.to_string())));
        *response.status_mut() = match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Unsayable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    }
}
