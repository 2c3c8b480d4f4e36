//! Writes a [`Call`] as `application/x-www-form-urlencoded`.

use super::{Call, Encoded, Escapes, Method, Space, Style};

/// Writes a call's parameters, in their order, into the body of a POST or the query string of a GET.
///
/// Only RFC 3986's unreserved characters are written as themselves, so that the text also is the canonical query
/// string of Signature Version 4. Each other byte of the UTF-8 form is percent-encoded. `style` chooses the forms of a
/// space and of the escapes.
#[must_use]
pub fn encode(call: &Call) -> Encoded {
    let parameters = &call.request.parameters;
    let length = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    let mut text = String::with_capacity(length + length / 4 + 2);
    if call.style.method == Method::Get {
        text.push_str("/?");
    }
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        push_encoded(&mut text, name, call.style);
        text.push('=');
        push_encoded(&mut text, value, call.style);
    }
    match call.style.method {
        Method::Post => Encoded {
            method: Method::Post,
            path_and_query: "/".to_owned(),
            body: text.into_bytes(),
            ..Encoded::default()
        },
        Method::Get => Encoded { method: Method::Get, path_and_query: text, ..Encoded::default() },
    }
}

fn push_encoded(target: &mut String, text: &str, style: Style) {
    let digits = if style.escapes == Escapes::SmallLetters { b"0123456789abcdef" } else { b"0123456789ABCDEF" };
    for byte in text.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if unreserved && style.escapes != Escapes::Everything {
            target.push(char::from(byte));
        } else if byte == b' ' && style.space == Space::Plus {
            target.push('+');
        } else {
            target.push('%');
            for nibble in [byte >> 4, byte & 0xf] {
                target.extend(digits.get(usize::from(nibble)).map(|digit| char::from(*digit)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Style;
    use mfa_reference::{Operation, RawRequest};
    use proptest::prelude::*;

    fn call(parameters: &[(&str, &str)], method: Method, space: Space) -> Encoded {
        encode(&Call {
            operation: Operation::EnableMfaDevice,
            request: RawRequest::new("EnableMFADevice", parameters),
            style: Style { method, space, ..Style::default() },
        })
    }

    #[test]
    fn a_post_carries_its_parameters_in_the_body_in_order() {
        let encoded = call(&[("UserName", "Bob"), ("AuthenticationCode1", "000123")], Method::Post, Space::Percent);
        assert_eq!(encoded.path_and_query, "/");
        assert_eq!(
            encoded.body,
            "Action=EnableMFADevice&Version=2010-05-08&UserName=Bob&AuthenticationCode1=000123".as_bytes()
        );
    }

    #[test]
    fn a_get_carries_them_in_the_query_and_has_no_body() {
        let encoded = call(&[("SerialNumber", "arn:aws:iam::1:mfa/x")], Method::Get, Space::Percent);
        assert_eq!(
            encoded.path_and_query,
            "/?Action=EnableMFADevice&Version=2010-05-08&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fx"
        );
        assert_eq!(encoded.body, "".as_bytes());
    }

    #[test]
    fn a_space_is_written_as_the_style_says_and_a_plus_never_as_itself() {
        assert!(call(&[("A", "a b+c")], Method::Post, Space::Percent).body.ends_with("A=a%20b%2Bc".as_bytes()));
        assert!(call(&[("A", "a b+c")], Method::Post, Space::Plus).body.ends_with("A=a+b%2Bc".as_bytes()));
    }

    #[test]
    fn unreserved_characters_stay_and_each_other_byte_is_encoded() {
        assert!(call(&[("A", "aZ09-._~")], Method::Post, Space::Percent).body.ends_with("A=aZ09-._~".as_bytes()));
        assert!(
            call(&[("A", "=&%*é\0\n")], Method::Post, Space::Percent)
                .body
                .ends_with("A=%3D%26%25%2A%C3%A9%00%0A".as_bytes())
        );
    }

    #[test]
    fn escapes_are_written_as_the_style_says_in_names_and_values() {
        let written = |escapes| {
            encode(&Call {
                operation: Operation::GetUser,
                request: RawRequest { parameters: vec![("A:".to_owned(), "b/C".to_owned())] },
                style: Style { escapes, ..Style::default() },
            })
            .body
        };
        assert_eq!(written(Escapes::Reserved), "A%3A=b%2FC".as_bytes());
        assert_eq!(written(Escapes::SmallLetters), "A%3a=b%2fC".as_bytes());
        assert_eq!(written(Escapes::Everything), "%41%3A=%62%2F%43".as_bytes());
    }

    #[test]
    fn no_parameters_leave_an_empty_text() {
        let encode_empty = |method| {
            encode(&Call {
                operation: Operation::GetUser,
                request: RawRequest::default(),
                style: Style { method, ..Style::default() },
            })
        };
        assert_eq!(encode_empty(Method::Post).body, "".as_bytes());
        assert_eq!(encode_empty(Method::Get).path_and_query, "/?");
    }

    proptest! {
        /// Another implementation of the format reads the same parameters.
        #[test]
        fn a_form_parser_reads_back_what_was_written(
            parameters in prop::collection::vec((any::<String>(), any::<String>()), 1..6),
            plus in any::<bool>(),
            escapes in prop::sample::select(&[Escapes::Reserved, Escapes::SmallLetters, Escapes::Everything]),
        ) {
            let space = if plus { Space::Plus } else { Space::Percent };
            let encoded = encode(&Call {
                operation: Operation::GetUser,
                request: RawRequest { parameters: parameters.clone() },
                style: Style { method: Method::Post, space, escapes },
            });
            let url = url::Url::parse(&format!("http://localhost/?{}", std::str::from_utf8(&encoded.body).unwrap())).unwrap();
            let read: Vec<_> = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            prop_assert_eq!(read, parameters);
        }
    }
}
