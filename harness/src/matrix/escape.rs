//! Text from elsewhere, put into HTML and Markdown: it stands there and does nothing.

use std::fmt::Write as _;

use crate::wire::is_unseen;

/// For the text and the quoted attributes of HTML.
pub(super) fn for_html(text: &str) -> String {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    })
}

/// For a line of Markdown, also within a table.
pub(super) fn for_markdown(text: &str) -> String {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '|' => Some("\\|"),
        '\\' => Some("\\\\"),
        '`' => Some("\\`"),
        '*' => Some("\\*"),
        '_' => Some("\\_"),
        '[' => Some("\\["),
        ']' => Some("\\]"),
        '~' => Some("\\~"),
        '#' => Some("\\#"),
        // A name that nobody meant to call.
        '@' => Some("&#64;"),
        _ => None,
    })
}

/// What can't be seen is written out; a line feed becomes a space.
fn escaped(text: &str, replacement: impl Fn(char) -> Option<&'static str>) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match replacement(character) {
            Some(replacement) => escaped.push_str(replacement),
            None if character == '\n' => escaped.push(' '),
            None if is_unseen(character) => {
                // Writing to a String doesn't fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            None => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_is_text() {
        assert_eq!(for_html("<a href='x'>\"&\u{202e}"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\\u{202e}");
        assert_eq!(for_markdown("a|b\n`c` <d> [e](f) @g"), "a\\|b \\`c\\` &lt;d&gt; \\[e\\](f) &#64;g");
    }
}
