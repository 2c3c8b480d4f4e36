//! Escapes texts for Markdown, so that they don't format, link, mention or break anything.

/// Follows a character that would begin a mention or a reference, to prevent that.
const STOP: &str = "<!-- -->";

/// The text, escaped for a line.
pub(crate) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for (index, character) in text.char_indices() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '!' | '$' => {
                escaped.extend(['\\', character]);
            }
            // GitHub turns addresses into links.
            ':' if text.get(index..).is_some_and(|rest| rest.starts_with("://")) => escaped.push_str("\\:"),
            '@' | '#' => escaped.extend(["\\", character.encode_utf8(&mut [0; 4]), STOP]),
            '\n' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The text, escaped for an HTML element in a line.
pub(super) fn within_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '@' | '#' => escaped.extend([character.encode_utf8(&mut [0; 4]), STOP]),
            ':' => escaped.push_str("&#58;"),
            '\n' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The text as code, in a line outside tables.
pub(super) fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    // Markdown strips one space at each end, so text that begins or ends with a backtick or a space needs one more.
    let needs_space = text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if needs_space { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The text as a block of code.
pub(super) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_neither_formats_nor_mentions() {
        assert_eq!(plain("a|b *c* <img> [x](http://y)"), r"a\|b \*c\* \<img\> \[x\](http\://y)");
        assert_eq!(plain("@everyone #12"), r"\@<!-- -->everyone \#<!-- -->12");
        assert_eq!(within_html("</details> @all"), "&lt;/details&gt; @<!-- -->all");
    }

    #[test]
    fn no_text_ends_its_own_code() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(block("text", "x\n```\ny\n"), "````text\nx\n```\ny\n````\n");
    }
}
