//! Responses as HTTP, and the limits for requests.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use mfa_reference::wire::HttpResponse;

/// The largest body that reaches the handler, in bytes.
pub const MAX_BODY: usize = 1 << 20;

/// How long the body of a request may take.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The header that repeats the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

pub(super) fn into_http(response: HttpResponse) -> Result<Response<Full<Bytes>>, http::Error> {
    let mut http = Response::new(Full::new(Bytes::from(response.body)));
    *http.status_mut() = StatusCode::from_u16(response.status)?;
    let headers = http.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&response.content_type)?);
    if !response.request_id.is_empty() {
        headers.insert(REQUEST_ID, HeaderValue::try_from(response.request_id)?);
    }
    for (name, value) in response.headers {
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::try_from(value)?);
    }
    Ok(http)
}
