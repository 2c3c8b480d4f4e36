//! Makes printed text harmless: no line is a command for a CI system, and no message is endless.

use std::borrow::Cow;

/// Where GitHub, Azure and `TeamCity` read a command, anywhere in a line.
const ANYWHERE: [&str; 3] = ["##[", "##vso[", "##teamcity["];
/// Where GitHub reads a command at the beginning of a line, after white space.
const FIRST: &str = "::";

/// The longest line of a message that is shown whole, in characters.
const LONGEST_LINE: usize = 600;
/// How much of the end of a longer line is shown: it often says what to do.
const TAIL: usize = 200;
/// The most lines of a message.
const MOST_LINES: usize = 60;

/// The text with an escape in each place that a CI system would read as the beginning of a command.
pub(super) fn without_commands(text: &str) -> Cow<'_, str> {
    let is_harmless =
        |line: &str| !uncoloured(line).starts_with(FIRST) && !ANYWHERE.iter().any(|mark| line.contains(mark));
    // A carriage return ends a line too.
    if text.split(['\n', '\r']).all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 32);
    for line in text.split_inclusive(['\n', '\r']) {
        let content = uncoloured(line);
        let line = match content.strip_prefix(':').filter(|_| content.starts_with(FIRST)) {
            Some(rest) => {
                let before = line.get(..line.len() - content.len()).unwrap_or_default();
                Cow::Owned(format!("{before}\\u{{3a}}{rest}"))
            }
            None => Cow::Borrowed(line),
        };
        let escape = |line: Cow<'_, str>, mark: &&str| line.replace(mark, &mark.replacen("##", "#\\u{23}", 1)).into();
        harmless.push_str(&ANYWHERE.iter().fold(line, escape));
    }
    Cow::Owned(harmless)
}

/// The line without white space and colours before it.
fn uncoloured(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some(after) = rest.strip_prefix("\u{1b}[") {
        let Some(end) = after.find('m') else { break };
        rest = after.get(end + 1..).unwrap_or_default().trim_start();
    }
    rest
}

/// A message of bounded length: a long line loses its middle, and a long message its last lines.
pub(super) fn shortened(text: &str) -> String {
    let mut lines = text.lines();
    let mut short: Vec<String> = lines.by_ref().take(MOST_LINES).map(shortened_line).collect();
    let left_out = lines.count();
    if left_out > 0 {
        short.push(format!("… {left_out} more lines"));
    }
    short.join("\n")
}

fn shortened_line(line: &str) -> String {
    let length = line.chars().count();
    if length <= LONGEST_LINE {
        return line.to_owned();
    }
    let head: String = line.chars().take(LONGEST_LINE - TAIL).collect();
    let tail: String = line.chars().skip(length - TAIL).collect();
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_as_a_command_whatever_stands_before_it() {
        for (text, shown) in [
            ("::error::x\n", "\\u{3a}:error::x\n"),
            ("a\n \t::error::x", "a\n \t\\u{3a}:error::x"),
            ("a\r::error::x", "a\r\\u{3a}:error::x"),
            ("\u{1b}[1m::error::x", "\u{1b}[1m\\u{3a}:error::x"),
            ("  \u{1b}[0m \u{1b}[31m::x", "  \u{1b}[0m \u{1b}[31m\\u{3a}:x"),
            ("a ##[error]b ##[c]", "a #\\u{23}[error]b #\\u{23}[c]"),
            ("+ ##vso[task.x]y", "+ #\\u{23}vso[task.x]y"),
            ("##teamcity[x]", "#\\u{23}teamcity[x]"),
            ("###[x]", "##\\u{23}[x]"),
        ] {
            assert_eq!(without_commands(text), shown, "{text:?}");
        }
    }

    #[test]
    fn any_other_text_stays_as_it_is() {
        for text in ["", "arn:aws:iam::1:mfa/x", "a ::error::x", "# ## x\n\n", "## [x]", ": :x"] {
            assert!(matches!(without_commands(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }

    #[test]
    fn a_message_is_short_whatever_the_input() {
        let long = format!("{} can't be read. Give a file", "x".repeat(1_000_000));
        let short = shortened(&long);
        assert!(short.chars().count() <= LONGEST_LINE + 3 && short.ends_with("Give a file"), "{short}");
        assert_eq!(shortened(&"line\n".repeat(10_000)).lines().count(), MOST_LINES + 1);
        assert_eq!(shortened("a\nb"), "a\nb");
    }
}
