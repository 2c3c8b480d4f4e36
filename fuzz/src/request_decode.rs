//! What the service decodes of a request and what the harness encodes, compared.

use mfa_reference::wire::{DecodeError, Decoded, HttpRequest, decode};
use mfa_reference::{Operation, RawRequest};

use mfa_conformance::wire::{Call, Escapes, Method, Space, Style, encode};

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The same bytes are decoded in two ways.
    #[error("decoded once as {once:?} and then as {again:?}: decoding has to depend on the bytes alone")]
    Unstable {
        /// At first.
        once: Result<Decoded, DecodeError>,
        /// Then.
        again: Result<Decoded, DecodeError>,
    },
    /// A form and a query of the same bytes differ.
    #[error("decoded as {form:?} from a form and as {query:?} from a query: the encoding is the same in both")]
    FormAndQuery {
        /// As the body of a POST.
        form: Result<Decoded, DecodeError>,
        /// As the query of a GET.
        query: Result<Decoded, DecodeError>,
    },
    /// What was decoded comes back otherwise once it is encoded again.
    #[error("{request:?} is decoded as {back:?} once it is encoded in the style {style:?}")]
    RoundTrip {
        /// What was encoded.
        request: RawRequest,
        /// How.
        style: Style,
        /// What came back.
        back: Result<Decoded, DecodeError>,
    },
}

/// Any bytes, as a form and as a query: they are decoded or refused, both times and in both places alike, and what was
/// decoded comes back whole from the harness's own encoding of it, in each style.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let (form, again) = (decode(&post(bytes)), decode(&post(bytes)));
    if form != again {
        return Err(Broken::Unstable { once: form, again });
    }
    // A query is text: hyper lets nothing else pass.
    if let Ok(text) = std::str::from_utf8(bytes) {
        let query = decode(&get(&format!("/?{text}")));
        let alike = match (&form, &query) {
            (Ok(form), Ok(query)) => form.request == query.request,
            (Err(form), Err(query)) => form.code() == query.code(),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        };
        if !alike {
            return Err(Broken::FormAndQuery { form, query });
        }
    }
    let Ok(Decoded { request, .. }) = form else { return Ok(()) };
    let styles = [
        Style { method: Method::Post, space: Space::Percent, escapes: Escapes::Reserved },
        Style { method: Method::Post, space: Space::Plus, escapes: Escapes::SmallLetters },
        Style { method: Method::Get, space: Space::Plus, escapes: Escapes::Reserved },
        Style { method: Method::Get, space: Space::Percent, escapes: Escapes::Everything },
    ];
    styles.into_iter().try_fold(request, comes_back).map(|_| ())
}

/// Encodes a request and decodes it again; the request, if it is the same.
fn comes_back(request: RawRequest, style: Style) -> Result<RawRequest, Broken> {
    // The operation says how a reply is read, and nothing of how a request is written.
    let call = Call { operation: Operation::EnableMfaDevice, request, style };
    let encoded = encode(&call);
    let back = match encoded.method {
        Method::Post => decode(&post(&encoded.body)),
        Method::Get => decode(&get(&encoded.path_and_query)),
    };
    if back.as_ref().is_ok_and(|back| back.request == call.request) {
        Ok(call.request)
    } else {
        Err(Broken::RoundTrip { request: call.request, style, back })
    }
}

fn post(body: &[u8]) -> HttpRequest<'_> {
    HttpRequest { method: "POST", target: "/", content_type: None, authorization: None, body }
}

fn get(target: &str) -> HttpRequest<'_> {
    HttpRequest { method: "GET", target, content_type: None, authorization: None, body: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_does_not_come_back_is_told() {
        // Parameters of a presigned query are no parameters of the call: decoding leaves them out.
        let request = RawRequest::new("GetUser", &[("X-Amz-Date", "now")]);
        let told = comes_back(request, Style::default()).unwrap_err();
        assert!(matches!(&told, Broken::RoundTrip { back: Ok(back), .. } if back.request.get("X-Amz-Date").is_none()));
        assert!(told.to_string().contains("X-Amz-Date"), "{told}");
    }
}
