//! Replaces references and line ends.

use std::borrow::Cow;

use super::error::{Fault, Problem, excerpt};

/// The character that a reference stands for; `name` is what is between `&` and `;`.
pub(super) fn resolve(name: &str) -> Result<char, Problem> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        return Err(if super::name::is_simple_name(name) {
            Problem::UnknownEntity(excerpt(name))
        } else {
            Problem::Reference(excerpt(name))
        });
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let code = code_point(digits, radix).ok_or_else(|| Problem::Reference(excerpt(name)))?;
    char::from_u32(code).filter(|character| is_allowed(*character)).ok_or(Problem::ForbiddenCharacter(code))
}

/// The number that the digits write. A sign is refused, and an overflow stays beyond all characters.
fn code_point(digits: &str, radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits
        .chars()
        .try_fold(0_u32, |code, digit| Some(code.saturating_mul(radix).saturating_add(digit.to_digit(radix)?)))
}

/// Whether XML 1.0 §2.2 allows the character in a document.
pub(super) const fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Text with each line end as one `\n` (XML 1.0 §2.11).
pub(super) fn normalise_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// An attribute's value with its references resolved and its white space as spaces (XML 1.0 §3.3.3).
pub(super) fn normalise_attribute(raw: &str, offset: usize) -> Result<Cow<'_, str>, Fault> {
    if !raw.contains(['&', '\t', '\r', '\n']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(character) = rest.chars().next() {
        let place = offset + (raw.len() - rest.len());
        rest = rest.strip_prefix(character).unwrap_or_default();
        match character {
            '&' => {
                let (name, after) = rest.split_once(';').ok_or_else(|| Problem::Reference(excerpt(rest)).at(place))?;
                value.push(resolve(name).map_err(|problem| problem.at(place))?);
                rest = after;
            }
            '\r' => {
                value.push(' ');
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
            '\t' | '\n' => value.push(' '),
            other => value.push(other),
        }
    }
    Ok(Cow::Owned(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_entities_and_numbers_resolve() {
        for (name, character) in
            [("amp", '&'), ("quot", '"'), ("#65", 'A'), ("#x1F600", '😀'), ("#x0000000000041", 'A'), ("#xd", '\r')]
        {
            assert_eq!(resolve(name), Ok(character), "{name}");
        }
    }

    #[test]
    fn unknown_malformed_and_forbidden_references_are_told_apart() {
        assert_eq!(resolve("nbsp"), Err(Problem::UnknownEntity("nbsp".to_owned())));
        for name in ["", "#", "#x", "#+65", "#x+41", "#-1", "#X41", "#4 1", "#1a", "a b", " amp", "#x110000000g"] {
            assert!(matches!(resolve(name), Err(Problem::Reference(_))), "{name:?}");
        }
        for (name, code) in [
            ("#0", 0),
            ("#x1b", 0x1b),
            ("#xD800", 0xd800),
            ("#xFFFE", 0xfffe),
            ("#x110000", 0x11_0000),
            ("#99999999999", u32::MAX),
        ] {
            assert_eq!(resolve(name), Err(Problem::ForbiddenCharacter(code)), "{name}");
        }
    }

    #[test]
    fn white_space_in_attributes_becomes_spaces_unless_it_was_a_reference() {
        assert_eq!(normalise_attribute("a\r\nb\tc\rd\n&#10;&#9;", 0).unwrap(), "a b c d \n\t");
        assert_eq!(normalise_attribute("ab&bad", 10).unwrap_err().offset, 12);
    }
}
