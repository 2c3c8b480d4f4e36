//! A header that the user adds to every request.

use std::str::FromStr;

use http::{HeaderName, HeaderValue};

/// A header that every request has in addition to its own.
#[derive(Clone, PartialEq, Eq)]
pub struct ExtraHeader {
    /// Its name, as it was written.
    name: String,
    value: String,
    parsed: (HeaderName, HeaderValue),
}

impl std::fmt::Debug for ExtraHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtraHeader").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ExtraHeader {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    pub(super) const fn parsed(&self) -> &(HeaderName, HeaderValue) {
        &self.parsed
    }

    /// Whether the value is taken for a secret, by the name. Reports don't print it.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        const WORDS: [&str; 10] =
            ["auth", "token", "key", "secret", "pass", "cookie", "credential", "session", "signature", "jwt"];
        let name = self.parsed.0.as_str();
        WORDS.iter().any(|word| name.contains(word))
    }

    /// The variable of the environment in which reproductions expect the value.
    #[must_use]
    pub fn variable(&self) -> String {
        let letters = self.name.chars();
        let name = letters.map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' });
        format!("HEADER_{}", name.collect::<String>())
    }
}

impl FromStr for ExtraHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The value may be a secret, so no message repeats it.
        let Some((name, value)) = text.split_once(':') else {
            return Err("write the name, a colon and the value, as in 'X-Team: blue'".to_owned());
        };
        let (name, value) = (name.trim(), value.trim());
        let parsed: HeaderName = name.parse().map_err(|_| format!("{name:?} can't be the name of a header"))?;
        if is_own(parsed.as_str()) {
            return Err(format!("{name} is a header that this program sets itself: leave it out"));
        }
        let mut content = HeaderValue::from_str(value)
            .map_err(|_| format!("the value of {name} has characters that no header has"))?;
        content.set_sensitive(true);
        Ok(Self { name: name.to_owned(), value: value.to_owned(), parsed: (parsed, content) })
    }
}

/// Whether a request's meaning, signature or framing rests on the header.
fn is_own(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "host",
        "authorization",
        "connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "accept-encoding",
    ];
    NAMES.contains(&name) || name.starts_with("content-") || name.starts_with("x-amz-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let header: ExtraHeader = "X-Team:  blue: sky ".parse().unwrap();
        assert_eq!((header.name(), header.value(), header.is_secret()), ("X-Team", "blue: sky", false));
        for name in ["X-Api-Key", "Cookie", "X-Auth", "X-Gateway-TOKEN"] {
            assert!(format!("{name}: x").parse::<ExtraHeader>().unwrap().is_secret(), "{name}");
        }
        assert_eq!("X-Api-Key: x".parse::<ExtraHeader>().unwrap().variable(), "HEADER_X_API_KEY");
    }

    #[test]
    fn what_a_signed_request_rests_on_cannot_be_replaced() {
        for name in ["Host", "AUTHORIZATION", "Content-Type", "content-length", "X-Amz-Date", "Transfer-Encoding"] {
            let error = format!("{name}: hush").parse::<ExtraHeader>().unwrap_err();
            assert!(error.starts_with(&format!("{name} is a header that this program sets")), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
        for text in ["X-Team", "X Team: hush", "X-Team: hush\nX: y", ": hush"] {
            let error = text.parse::<ExtraHeader>().unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
