//! The XML declaration (XML 1.0 §2.8).

use super::element::is_space;
use super::error::{Fault, Problem, excerpt};

/// The encodings that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Ascii,
}

/// Checks what is between `<?xml` and `?>` and starts at `offset`; tells the encoding.
pub(super) fn check(content: &str, offset: usize) -> Result<Encoding, Fault> {
    let malformed = || Problem::XmlDeclaration(excerpt(content)).at(offset);
    let (version, rest) = pseudo_attribute(content, "version").ok_or_else(malformed)?;
    let minor = version.strip_prefix("1.").ok_or_else(malformed)?;
    if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    let (encoding, rest) = match pseudo_attribute(rest, "encoding") {
        None => (Encoding::Utf8, rest),
        Some((name, rest)) if name.eq_ignore_ascii_case("utf-8") => (Encoding::Utf8, rest),
        Some((name, rest)) if name.eq_ignore_ascii_case("us-ascii") => (Encoding::Ascii, rest),
        Some((name, _)) => return Err(Problem::Encoding(excerpt(name)).at(offset)),
    };
    let rest = match pseudo_attribute(rest, "standalone") {
        None => rest,
        Some(("yes" | "no", rest)) => rest,
        Some(_) => return Err(malformed()),
    };
    if rest.trim_start_matches(is_space).is_empty() { Ok(encoding) } else { Err(malformed()) }
}

/// The value of the pseudo-attribute `name`, which stands next after white space, and what comes after it.
fn pseudo_attribute<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let start = text.trim_start_matches(is_space);
    let rest = start.strip_prefix(name).filter(|_| start.len() < text.len())?;
    let rest = rest.trim_start_matches(is_space).strip_prefix('=')?.trim_start_matches(is_space);
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest.strip_prefix(quote)?.split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_declarations_tell_their_encoding() {
        for (content, encoding) in [
            (" version=\"1.0\"", Encoding::Utf8),
            ("\n version = '1.0'\tencoding='utf-8' ", Encoding::Utf8),
            (" version='1.1' encoding='US-ASCII' standalone='no'", Encoding::Ascii),
            (" version='1.0' standalone='yes'", Encoding::Utf8),
        ] {
            assert_eq!(check(content, 0).unwrap(), encoding, "{content:?}");
        }
    }

    #[test]
    fn malformed_declarations_are_refused() {
        for content in [
            "",
            " ",
            " encoding='UTF-8'",
            "version='1.0'",
            " version=1.0",
            " version='2.0'",
            " version='1.'",
            " version='1.x'",
            " version='1.0'encoding='UTF-8'",
            " version='1.0' standalone='maybe'",
            " version='1.0' x='y'",
            " version='1.0' standalone='no' encoding='UTF-8'",
            " version='1.0\"",
            " version='1.0' version='1.0'",
        ] {
            assert!(matches!(check(content, 0), Err(Fault { problem: Problem::XmlDeclaration(_), .. })), "{content:?}");
        }
    }

    #[test]
    fn another_encoding_is_told_by_its_name() {
        let fault = check(" version='1.0' encoding='ISO-8859-1'", 5).unwrap_err();
        assert_eq!((fault.offset, fault.problem), (5, Problem::Encoding("ISO-8859-1".to_owned())));
    }
}
