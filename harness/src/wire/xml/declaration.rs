//! The XML declaration (XML 1.0 §2.8).

use super::element::is_space;
use super::error::{Fault, Problem, excerpt};

/// Checks what is between `<?xml` and `?>` and starts at `offset`.
pub(super) fn check(content: &str, offset: usize) -> Result<(), Fault> {
    read(content).map(|_| ()).ok_or_else(|| Problem::XmlDeclaration(excerpt(content)).at(offset))
}

/// The encoding that a declaration names, if it is well-formed and names one.
pub(super) fn encoding(content: &str) -> Option<&str> {
    read(content)?.encoding
}

/// What a well-formed declaration says.
struct Declaration<'a> {
    encoding: Option<&'a str>,
}

/// Reads a declaration; `None` if it is malformed.
fn read(content: &str) -> Option<Declaration<'_>> {
    let (version, rest) = pseudo_attribute(content, "version")?;
    let minor = version.strip_prefix("1.")?;
    if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (encoding, rest) = match pseudo_attribute(rest, "encoding") {
        None => (None, rest),
        Some((name, rest)) if is_encoding_name(name) => (Some(name), rest),
        Some(_) => return None,
    };
    let rest = match pseudo_attribute(rest, "standalone") {
        None => rest,
        Some(("yes" | "no", rest)) => rest,
        Some(_) => return None,
    };
    rest.trim_start_matches(is_space).is_empty().then_some(Declaration { encoding })
}

/// XML 1.0 §4.3.3, `EncName`
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
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
        for (content, named) in [
            (" version=\"1.0\"", None),
            ("\n version = '1.0'\tencoding='utf-8' ", Some("utf-8")),
            (" version='1.1' encoding='US-ASCII' standalone='no'", Some("US-ASCII")),
            (" version='1.0' standalone='yes'", None),
        ] {
            assert!(check(content, 0).is_ok(), "{content:?}");
            assert_eq!(encoding(content), named, "{content:?}");
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
            " version='1.0' encoding=''",
            " version='1.0' encoding='8bit'",
            " version='1.0' encoding='a b'",
        ] {
            assert!(matches!(check(content, 0), Err(Fault { problem: Problem::XmlDeclaration(_), .. })), "{content:?}");
        }
    }
}
