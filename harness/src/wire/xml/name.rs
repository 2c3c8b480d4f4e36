//! Names as XML 1.0 §2.3 and Namespaces in XML 1.0 §3 define them.

use super::error::{Fault, Problem, excerpt};

/// A qualified name, split at its colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QualifiedName<'a> {
    pub(super) prefix: Option<&'a str>,
    pub(super) local: &'a str,
}

impl<'a> QualifiedName<'a> {
    /// Splits and checks a name that starts at `offset`.
    pub(super) fn parse(text: &'a str, offset: usize) -> Result<Self, Fault> {
        let name = match text.split_once(':') {
            None => Self { prefix: None, local: text },
            Some((prefix, local)) => Self { prefix: Some(prefix), local },
        };
        if name.prefix.is_none_or(is_simple_name) && is_simple_name(name.local) {
            Ok(name)
        } else {
            Err(Problem::Name(excerpt(text)).at(offset))
        }
    }
}

/// Whether a text is an `NCName`: a name without a colon.
pub(super) fn is_simple_name(text: &str) -> bool {
    // The names of the protocol are letters throughout.
    if text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return !text.is_empty();
    }
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

const fn starts_name(character: char) -> bool {
    matches!(
        character,
        'A'..='Z' | '_' | 'a'..='z'
            | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}'
    )
}

const fn continues_name(character: char) -> bool {
    starts_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_splits_at_its_one_colon() {
        let name = QualifiedName::parse("iam:User", 0).unwrap();
        assert_eq!((name.prefix, name.local), (Some("iam"), "User"));
        assert_eq!(QualifiedName::parse("User", 0).unwrap().prefix, None);
    }

    #[test]
    fn malformed_names_are_refused() {
        for name in
            ["", ":", "a:", ":a", "a:b:c", "1a", "a:1", "-a", ".a", "a b", "a/", "a\u{d7}", "\u{b7}", "a<", "\u{37e}"]
        {
            assert!(QualifiedName::parse(name, 0).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_outside_ascii_are_names() {
        for name in ["élément", "名前", "a\u{b7}", "_", "a-1.b"] {
            assert!(QualifiedName::parse(name, 0).is_ok(), "{name:?}");
        }
    }
}
