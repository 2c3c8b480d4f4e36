//! Python expressions.

use std::fmt::Write as _;

use mfa_reference::totp::SeedEncoding;

use super::text::Piece;
use crate::execute::origin::CodeSource;
use crate::scenario::Edit;

/// A text as a literal, in ASCII.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        // Writing to a String doesn't fail.
        let _ = match character {
            '"' | '\\' => write!(literal, "\\{character}"),
            ' '..='~' => write!(literal, "{character}"),
            '\n' => write!(literal, "\\n"),
            _ if u32::from(character) < 0x100 => write!(literal, "\\x{:02x}", u32::from(character)),
            _ if u32::from(character) < 0x1_0000 => write!(literal, "\\u{:04x}", u32::from(character)),
            _ => write!(literal, "\\U{:08x}", u32::from(character)),
        };
    }
    literal.push('"');
    literal
}

/// Pieces as an expression.
pub(super) fn pieces(pieces: &[Piece]) -> String {
    let parts: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => string(text),
            Piece::Prefix => "P".to_owned(),
            Piece::Capitals => "P.upper()".to_owned(),
            Piece::Serial(number) => format!("serial{}", number + 1),
            Piece::KeyId(number) => format!("key{}[0]", number + 1),
            Piece::Repeated(text, times) => format!("{} * {times}", string(text)),
        })
        .collect();
    if parts.is_empty() { string("") } else { parts.join(" + ") }
}

/// A value that is made from a code of the device of this number, as an expression.
pub(super) fn code(number: usize, source: &CodeSource) -> String {
    let code = format!("code(seed{}, {})", number + 1, source.step);
    source.edits.iter().fold(code, |text, edit| edited(&text, edit))
}

fn edited(text: &str, edit: &Edit) -> String {
    match edit {
        Edit::Insert { at, text: new } => format!("({text}[:{at}] + {} + {text}[{at}:])", string(new)),
        Edit::Append(new) => format!("({text} + {})", string(new)),
        Edit::Replace { at, text: new } => format!("({text}[:{at}] + {} + {text}[{}:])", string(new), at + 1),
        Edit::Remove { at } => format!("({text}[:{at}] + {text}[{}:])", at + 1),
        Edit::AddToDigit { at, by } => {
            format!("({text}[:{at}] + str((int({text}[{at}]) + {by}) % 10) + {text}[{}:])", at + 1)
        }
        Edit::OtherCase => format!("{text}.swapcase()"),
        Edit::DropLast(count) => format!("{text}[:-{count}]"),
        Edit::AfterLast(mark) => format!("{text}.rpartition({})[2]", string(mark)),
        Edit::FitTo(length) => format!("({text} + \"a\" * {length})[:{length}]"),
    }
}

/// The base32 seed in a reply to `CreateVirtualMFADevice`. boto3 has already decoded the base64.
pub(super) const fn seed(encoding: SeedEncoding) -> &'static str {
    match encoding {
        SeedEncoding::Blob => r#"reply["VirtualMFADevice"]["Base32StringSeed"]"#,
        SeedEncoding::PlainBase32 => r#"base64.b64encode(reply["VirtualMFADevice"]["Base32StringSeed"])"#,
    }
}
