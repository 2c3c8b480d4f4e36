//! A call to send: its parameters in order, and how they are encoded.

use mfa_reference::{Operation, RawRequest};

/// A request of the query protocol, before signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation that the call is meant for. `request` may contain another `Action`.
    pub operation: Operation,
    /// The parameters, `Action` and `Version` among them, in the order of sending.
    pub request: RawRequest,
    /// How the parameters are encoded.
    pub style: Style,
}

/// How parameters are encoded on the wire. The style has no meaning for the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether the parameters are in the body or the query string.
    pub method: Method,
    /// How a space is encoded.
    pub space: Space,
    /// Which bytes are percent-encoded, and how.
    pub escapes: Escapes,
}

impl Style {
    /// The usual style, with GET if `get` asks for it. Servers limit the length of a request line, so long values
    /// always use POST.
    #[must_use]
    pub fn for_values(get: bool, parameters: &[(String, String)]) -> Self {
        const MOST_IN_A_QUERY: usize = 2_000;
        let length: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
        let method = if get && length <= MOST_IN_A_QUERY { Method::Get } else { Method::Post };
        Self { method, ..Self::default() }
    }

    /// The style with other escapes.
    #[must_use]
    pub const fn escaped(mut self, escapes: Escapes) -> Self {
        self.escapes = escapes;
        if matches!(escapes, Escapes::PlusForSpace) {
            self.space = Space::Plus;
        }
        self
    }
}

/// The HTTP method of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// `POST /` with a form body.
    #[default]
    Post,
    /// `GET /?…`, as in the documents' sample requests.
    Get,
}

/// How a space in a value is percent-encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Space {
    /// `%20`
    #[default]
    Percent,
    /// `+`
    Plus,
}

/// Which bytes of a value are percent-encoded, and how. RFC 3986 gives each of these the same meaning (§2.1 and §2.3).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Escapes {
    /// Those that are reserved, in capital letters: `%2F`
    #[default]
    Reserved,
    /// The same in small letters: `%2f`
    SmallLetters,
    /// Every byte, letters and digits too: `%41`
    Everything,
    /// Those that are reserved, in capital letters, but for a space, which is `+`
    PlusForSpace,
}

/// The bytes of a call, still unsigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The HTTP method.
    pub method: Method,
    /// `/`, with the query string of a GET.
    pub path_and_query: String,
    /// The form body of a POST; empty for a GET.
    pub body: Vec<u8>,
    /// The `Content-Type` of a POST; the usual one of a form if absent.
    pub content_type: Option<String>,
    /// Further headers, by name and value.
    pub headers: Vec<(String, String)>,
}
