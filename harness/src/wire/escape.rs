//! Makes a target's text safe to show: none of it may move a cursor, or hide or reorder text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The text on one line. Invisible characters, including line ends and tabs, become `\u{..}`.
///
/// A backslash before `u{` is escaped too, so that different texts have different results.
#[must_use]
pub fn escape_for_people(text: &str) -> Cow<'_, str> {
    escape(text, is_unseen)
}

/// Like [`escape_for_people`], but keeps line feeds and tabs.
#[must_use]
pub fn escape_lines_for_people(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_unseen(character) && !matches!(character, '\n' | '\t'))
}

/// Like [`escape_for_people`], but keeps at most `characters` characters of the original, with `…` after a cut.
#[must_use]
pub fn excerpt_for_people(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => escape_for_people(text).into_owned(),
        Some((end, _)) => {
            let mut excerpt = escape_for_people(text.get(..end).unwrap_or_default()).into_owned();
            excerpt.push('…');
            excerpt
        }
    }
}

/// A text between quotation marks, which [`escape_for_people`] escapes later. `{:?}` would escape it twice.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\0' => f.write_str("\\0")?,
                other => write!(f, "{other}")?,
            }
        }
        f.write_str("\"")
    }
}

/// The beginning of a text, with `…` after a cut. Whoever prints it must escape it.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Whether a character is invisible: a control (C0, DEL, C1), or a format character that changes direction, joins,
/// separates lines or has no width.
pub(crate) const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(|character| hidden(character) || character == '\\') {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for (index, character) in text.char_indices() {
        let poses = character == '\\' && text.get(index..).is_some_and(|rest| rest.starts_with("\\u{"));
        if poses || hidden(character) {
            // Writing to a String doesn't fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_and_bidi_overrides_become_visible() {
        for (text, shown) in [
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("a\u{9b}2J", r"a\u{9b}2J"),
            ("user\u{202e}nimda", r"user\u{202e}nimda"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("\u{7f}\r\n\t\0", r"\u{7f}\u{d}\u{a}\u{9}\u{0}"),
            ("zero\u{200b}width\u{feff}", r"zero\u{200b}width\u{feff}"),
            ("Zoë=漢字 <&>", "Zoë=漢字 <&>"),
        ] {
            assert_eq!(escape_for_people(text), shown);
        }
    }

    #[test]
    fn lines_and_tabs_are_kept_on_request() {
        assert_eq!(escape_lines_for_people("a\n\tb\r\u{1b}"), "a\n\tb\\u{d}\\u{1b}");
    }

    #[test]
    fn what_was_sent_as_an_escape_is_told_apart() {
        assert_ne!(escape_for_people(r"\u{1b}"), escape_for_people("\u{1b}"));
        assert_eq!(escape_for_people(r"C:\users"), r"C:\users");
    }

    #[test]
    fn a_quoted_text_is_escaped_once() {
        let shown = |text: &str| escape_for_people(&Quoted(text).to_string()).into_owned();
        assert_eq!(shown("a\u{2}b"), r#""a\u{2}b""#);
        assert_eq!(shown("a\n\"\u{202e}"), r#""a\n\"\u{202e}""#);
        assert_ne!(shown(r"\u{2}"), shown("\u{2}"));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(excerpt_for_people("ëëëë", 3), "ëëë…");
        assert_eq!(excerpt_for_people("ëëë", 3), "ëëë");
    }

    proptest! {
        /// No output contains an invisible character, and different texts have different outputs.
        #[test]
        fn the_escaped_text_is_visible_and_one_to_one(first in r"[\\u{}1b\x1b\x00ab]{0,6}", second in r"[\\u{}1b\x1b\x00ab]{0,6}") {
            let escaped = escape_for_people(&first);
            prop_assert!(!escaped.contains(is_unseen));
            prop_assert_eq!(first == second, escaped == escape_for_people(&second));
        }

        #[test]
        fn any_text_is_made_visible(text in any::<String>()) {
            prop_assert!(!escape_for_people(&text).contains(is_unseen));
        }
    }
}
