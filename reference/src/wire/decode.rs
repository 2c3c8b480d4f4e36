//! Decoding: the parameters of a request, and whose key signed it.

use std::fmt;

use super::message::HttpRequest;
use crate::outcome::ErrorCode;
use crate::request::RawRequest;

/// A request, decoded but not understood: whether it names an action is the service's question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The parameters of the query and then of the form, without those of a presigned query (`X-Amz-…`).
    pub request: RawRequest,
    /// The access key that the request claims to be signed with: of the `Authorization` header, otherwise of the
    /// query's `X-Amz-Credential`. No signature is checked.
    pub access_key_id: Option<String>,
}

/// The part of a request that parameters come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What follows the `?` of the target.
    Query,
    /// The body of a POST.
    Form,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Query => "query string",
            Self::Form => "form",
        })
    }
}

/// Why a request carries no parameters that could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A `%` without its two hexadecimal digits.
    #[error(
        "the {part} has a percent sign without two hexadecimal digits in \"{excerpt}\"; write a percent sign as %25"
    )]
    Escape {
        /// Where it stands.
        part: Part,
        /// The beginning of the parameter, as received.
        excerpt: String,
    },
    /// A parameter that is not text.
    #[error("the {part} is not UTF-8 in \"{excerpt}\"; percent-encode the bytes of the text's UTF-8 form")]
    NotUtf8 {
        /// Where it stands.
        part: Part,
        /// The beginning of the parameter, as received.
        excerpt: String,
    },
    /// A body that is not a form.
    #[error("a body of the type \"{0}\" has no parameters; send application/x-www-form-urlencoded")]
    ContentType(String),
    /// A method that calls nothing.
    #[error("the method \"{0}\" calls no operation; use GET or POST")]
    Method(String),
}

impl DecodeError {
    /// The error that the service answers.
    ///
    /// Of the common errors, `MalformedQueryString` speaks of syntax and `InvalidQueryParameter` of what "does not
    /// adhere to AWS standards". No document speaks of other methods: whatever such a request asks for, it is no
    /// action, so `InvalidAction`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Escape { .. } | Self::NotUtf8 { .. } => ErrorCode::MalformedQueryString,
            Self::ContentType(_) => ErrorCode::InvalidQueryParameter,
            Self::Method(_) => ErrorCode::InvalidAction,
        }
    }
}

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// How the parameters of a presigned query begin. Like all names of parameters, they are case-sensitive.
const PRESIGN: &str = "X-Amz-";

/// How much of a request an error repeats, in code points.
const EXCERPT: usize = 40;

/// Takes the parameters out of a request.
///
/// A GET has them in its query; a POST in its query, its form, or both. The path says nothing. Names and values are
/// decoded exactly once, `+` and `%20` to a space (clause `wire.form-encoding`); empty values and repeated names are
/// kept. A body without a content type is taken for a form, and the body of a GET has no meaning (RFC 9110 §9.3.1).
///
/// # Errors
///
/// [`DecodeError`], if the method, the type of the body or the encoding is none of the query protocol.
pub fn decode(http: &HttpRequest<'_>) -> Result<Decoded, DecodeError> {
    let form = match http.method {
        "GET" => &[],
        "POST" => form_of(http)?,
        other => return Err(DecodeError::Method(excerpt(other.as_bytes()))),
    };
    let query = http.target.split_once('?').map_or("", |(_, query)| query);

    let mut parameters = Vec::with_capacity(8);
    let mut presigned_by = None;
    for (part, bytes) in [(Part::Query, query.as_bytes()), (Part::Form, form)] {
        for segment in bytes.split(|byte| *byte == b'&').filter(|segment| !segment.is_empty()) {
            let (name, value) = parameter(segment, part)?;
            if !name.starts_with(PRESIGN) {
                parameters.push((name, value));
            } else if part == Part::Query && name == "X-Amz-Credential" && presigned_by.is_none() {
                presigned_by = access_key(&value).map(str::to_owned);
            }
        }
    }
    let signed_by = http.authorization.and_then(authorized).map(str::to_owned);
    Ok(Decoded { request: RawRequest { parameters }, access_key_id: signed_by.or(presigned_by) })
}

fn form_of<'a>(http: &HttpRequest<'a>) -> Result<&'a [u8], DecodeError> {
    let Some(content_type) = http.content_type.filter(|_| !http.body.is_empty()) else {
        return Ok(http.body);
    };
    let media_type = content_type.split_once(';').map_or(content_type, |(media_type, _)| media_type);
    if media_type.trim().eq_ignore_ascii_case(FORM) {
        Ok(http.body)
    } else {
        Err(DecodeError::ContentType(excerpt(content_type.as_bytes())))
    }
}

/// A name and its value; a name without `=` has the empty value.
fn parameter(segment: &[u8], part: Part) -> Result<(String, String), DecodeError> {
    let mut halves = segment.splitn(2, |byte| *byte == b'=');
    let mut half = || {
        let bytes = unescaped(halves.next().unwrap_or_default())
            .ok_or_else(|| DecodeError::Escape { part, excerpt: excerpt(segment) })?;
        String::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8 { part, excerpt: excerpt(segment) })
    };
    Ok((half()?, half()?))
}

/// The bytes without their form encoding, or `None` if a percent sign stands alone.
fn unescaped(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(*rest.next()?)? << 4 | hexadecimal(*rest.next()?)?,
            other => *other,
        });
    }
    Some(plain)
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The access key in the `Credential` of an `Authorization` header of Signature Version 4.
fn authorized(header: &str) -> Option<&str> {
    let (_scheme, fields) = header.trim_start().split_once(' ')?;
    fields.split(',').find_map(|field| access_key(field.trim().strip_prefix("Credential=")?))
}

/// The access key in `AKID/date/region/service/aws4_request`.
fn access_key(credential: &str) -> Option<&str> {
    let (key, scope) = credential.split_once('/')?;
    (!key.is_empty() && scope.ends_with("/aws4_request")).then_some(key)
}

fn excerpt(received: &[u8]) -> String {
    String::from_utf8_lossy(received).chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn get(target: &str) -> HttpRequest<'_> {
        HttpRequest { method: "GET", target, content_type: None, authorization: None, body: b"" }
    }

    fn post<'a>(target: &'a str, body: &'a [u8]) -> HttpRequest<'a> {
        HttpRequest { method: "POST", target, content_type: Some(FORM), authorization: None, body }
    }

    fn pairs(http: &HttpRequest<'_>) -> Vec<(String, String)> {
        decode(http).unwrap().request.parameters
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_query_and_a_form_carry_the_same_parameters() {
        let encoded = "Action=GetUser&UserName=Bob";
        let expected = owned(&[("Action", "GetUser"), ("UserName", "Bob")]);
        assert_eq!(pairs(&get(&format!("/?{encoded}"))), expected);
        assert_eq!(pairs(&post("/", encoded.as_bytes())), expected);
    }

    #[test]
    fn the_query_of_a_post_comes_before_its_form() {
        assert_eq!(pairs(&post("/?a=1&b=2", b"a=3")), owned(&[("a", "1"), ("b", "2"), ("a", "3")]));
    }

    #[test]
    fn the_body_of_a_get_has_no_meaning() {
        let with_body = HttpRequest { body: b"b=%", ..get("/?a=1") };
        assert_eq!(pairs(&with_body), owned(&[("a", "1")]));
    }

    #[test]
    fn both_spellings_of_a_space_and_an_escaped_plus_are_decoded() {
        assert_eq!(pairs(&post("/", b"a=x+y%20z%2Bw%2b")), owned(&[("a", "x y z+w+")]));
    }

    #[test]
    fn hexadecimal_digits_count_in_either_case() {
        for byte in 0..128_u8 {
            let plain = owned(&[(char::from(byte).encode_utf8(&mut [0; 4]), "")]);
            assert_eq!(pairs(&get(&format!("/?%{byte:02x}"))), plain);
            assert_eq!(pairs(&get(&format!("/?%{byte:02X}"))), plain);
        }
    }

    #[test]
    fn what_is_decoded_is_not_decoded_again() {
        assert_eq!(pairs(&get("/?a=%252B%2526%253D")), owned(&[("a", "%2B%26%3D")]));
    }

    #[test]
    fn empty_values_and_repeated_names_are_kept() {
        let expected = owned(&[("a", ""), ("a", ""), ("a", "="), ("", "b")]);
        assert_eq!(pairs(&get("/?a&a=&&a==&=b&")), expected);
    }

    #[test]
    fn a_question_mark_in_the_query_is_a_character_of_it() {
        assert_eq!(pairs(&get("/path?a=?")), owned(&[("a", "?")]));
    }

    #[test]
    fn a_percent_sign_without_two_digits_is_malformed() {
        for bad in ["%", "%4", "%G0", "%0g", "a%", "%%41", "%+1"] {
            let error = decode(&post("/", format!("Action={bad}").as_bytes())).unwrap_err();
            assert_eq!(error, DecodeError::Escape { part: Part::Form, excerpt: format!("Action={bad}") });
            assert_eq!(error.code(), ErrorCode::MalformedQueryString);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_malformed() {
        for bad in ["%FF", "%C3", "%ED%A0%80", "%C0%80"] {
            let error = decode(&get(&format!("/?{bad}=1"))).unwrap_err();
            assert_eq!(error, DecodeError::NotUtf8 { part: Part::Query, excerpt: format!("{bad}=1") });
            assert_eq!(error.code(), ErrorCode::MalformedQueryString);
        }
    }

    #[test]
    fn an_error_repeats_no_more_than_the_beginning() {
        let error = decode(&get(&format!("/?{}%", "é".repeat(1000)))).unwrap_err();
        assert_eq!(error, DecodeError::Escape { part: Part::Query, excerpt: "é".repeat(EXCERPT) });
    }

    #[test]
    fn other_methods_call_nothing() {
        for method in ["PUT", "HEAD", "get", ""] {
            let error = decode(&HttpRequest { method, ..get("/?Action=GetUser") }).unwrap_err();
            assert_eq!(error, DecodeError::Method(method.to_owned()));
            assert_eq!(error.code(), ErrorCode::InvalidAction);
        }
    }

    #[test]
    fn only_a_form_carries_parameters() {
        let json = HttpRequest { content_type: Some("application/json"), ..post("/", b"{}") };
        assert_eq!(decode(&json), Err(DecodeError::ContentType("application/json".to_owned())));
        for content_type in [None, Some("APPLICATION/x-www-form-urlencoded ; charset=utf-8")] {
            assert_eq!(pairs(&HttpRequest { content_type, ..post("/", b"a=1") }), owned(&[("a", "1")]));
        }
        assert_eq!(pairs(&HttpRequest { body: b"", ..json }), owned(&[]));
    }

    #[test]
    fn the_access_key_of_the_header_is_told() {
        let key = |header: &str| {
            let signed = HttpRequest { authorization: Some(header), ..get("/") };
            decode(&signed).unwrap().access_key_id
        };
        let rest = "SignedHeaders=host;x-amz-date, Signature=00";
        let scope = "20260101/us-east-1/iam/aws4_request";
        assert_eq!(key(&format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, {rest}")).unwrap(), "AKIDEXAMPLE");
        assert_eq!(key(&format!("AWS4-HMAC-SHA256 {rest},Credential=AKIDEXAMPLE/{scope}")).unwrap(), "AKIDEXAMPLE");
        for unsigned in
            ["", "Basic dXNlcg==", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE", "Bearer Credential=/x/aws4_request"]
        {
            assert_eq!(key(unsigned), None, "{unsigned}");
        }
    }

    #[test]
    fn a_presigned_query_tells_its_key_and_nothing_else() {
        let target = "/?Action=GetUser&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Fus-east-1\
                      %2Fiam%2Faws4_request&X-Amz-Signature=00";
        let presigned = decode(&get(target)).unwrap();
        assert_eq!(presigned.access_key_id.as_deref(), Some("AKIDEXAMPLE"));
        assert_eq!(presigned.request.parameters, owned(&[("Action", "GetUser")]));

        let header = "AWS4-HMAC-SHA256 Credential=HEADER/20260101/us-east-1/iam/aws4_request";
        let both = decode(&HttpRequest { authorization: Some(header), ..get(target) }).unwrap();
        assert_eq!(both.access_key_id.as_deref(), Some("HEADER"));
    }

    #[test]
    fn only_the_first_credential_of_the_query_tells_a_key() {
        let scope = "/20260101/us-east-1/iam/aws4_request";
        let key = |http: &HttpRequest<'_>| decode(http).unwrap().access_key_id;
        let twice = format!("/?X-Amz-Credential=FIRST{scope}&X-Amz-Credential=SECOND{scope}");
        assert_eq!(key(&get(&twice)).as_deref(), Some("FIRST"));
        assert_eq!(key(&get(&format!("/?X-Amz-Other=AKIDEXAMPLE{scope}"))), None);
        assert_eq!(key(&post("/", format!("X-Amz-Credential=AKIDEXAMPLE{scope}").as_bytes())), None);
        assert_eq!(key(&get("/?X-Amz-Credential=AKIDEXAMPLE/20260101/us-east-1/iam/aws2_request")), None);
    }

    #[test]
    fn an_error_tells_the_part_that_it_is_about() {
        let told = |http: &HttpRequest<'_>| decode(http).unwrap_err().to_string();
        assert!(told(&get("/?a=%")).starts_with("the query string has a percent sign"));
        assert!(told(&post("/", b"a=%FF")).starts_with("the form is not UTF-8"));
    }

    fn escaped(text: &str) -> String {
        text.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
    }

    proptest! {
        /// Whatever comes in, decoding answers.
        #[test]
        fn any_bytes_are_decoded_or_refused(
            target in any::<String>(),
            authorization in any::<Option<String>>(),
            body in proptest::collection::vec(prop_oneof![Just(b'%'), Just(b'&'), Just(b'='), any::<u8>()], 0..64),
        ) {
            let http = HttpRequest { authorization: authorization.as_deref(), ..post(&target, &body) };
            if let Err(error) = decode(&http) {
                prop_assert_eq!(error.code().status(), 404);
            }
        }

        /// Names and values of which every byte is escaped come back as they were, by query and by form.
        #[test]
        fn escaped_parameters_come_back(pairs in proptest::collection::vec(any::<(String, String)>(), 0..8)) {
            let encoded: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
            let encoded = encoded.join("&");
            let by_form = decode(&post("/", encoded.as_bytes())).unwrap();
            let target = format!("/?{encoded}");
            prop_assert_eq!(&decode(&get(&target)).unwrap(), &by_form);
            prop_assert_eq!(by_form.request.parameters, pairs);
        }
    }
}
