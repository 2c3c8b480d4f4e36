//! The encoding of a document, and its text (XML 1.0 §4.3.3, RFC 7303 §3).
//!
//! Three places can name it: a byte order mark, the `Content-Type`, the XML declaration. The first of them in this
//! order counts. Another place that names another encoding is an error, unless the bytes are the same text in both. If
//! no place names one, it is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::declaration;
use super::error::{Fault, Problem, XmlError, excerpt};
use super::parse::locate;

/// The most bytes that an XML declaration has.
const LONGEST_DECLARATION: usize = 512;

/// Reads the bytes of a document as text. A byte order mark stays in it.
///
/// # Errors
/// The bytes are not in the named encoding, two places name encodings that read them differently, or the document names
/// an unknown encoding.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Result<Cow<'a, str>, XmlError> {
    text(bytes, content_type).map_err(|fault| locate(bytes, 0, fault))
}

fn text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Result<Cow<'a, str>, Fault> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| Charset::Standard(encoding));
    // An unknown label in the header says nothing. The document's own label is part of it, so it has to be known.
    let sent = content_type.and_then(parameter).and_then(Charset::of_label);
    let declared = declared(bytes, marked)
        .map(|name| Charset::of_label(&name).ok_or_else(|| Problem::Encoding(excerpt(&name)).at(0)));
    let mut named = [marked, sent, declared.transpose()?].into_iter().flatten();
    let first = named.next().unwrap_or(Charset::Standard(UTF_8));
    let text = first.decode(bytes)?;
    for other in named.filter(|other| *other != first) {
        if other.decode(bytes).ok().as_ref() != Some(&text) {
            return Err(Problem::Encodings(first.name(), other.name()).at(0));
        }
    }
    Ok(text)
}

/// A named encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    /// Seven bits. Browsers read it as windows-1252, which would accept a byte beyond 127.
    Ascii,
    /// Each byte is the character of that number. Browsers read this as windows-1252 too.
    Latin1,
    /// UTF-16 in the byte order of its mark, which XML 1.0 §4.3.3 demands.
    Utf16,
    /// An encoding of the Encoding Standard.
    Standard(&'static Encoding),
}

impl Charset {
    fn of_label(label: &str) -> Option<Self> {
        let lower = label.trim().to_ascii_lowercase();
        let encoding = Encoding::for_label_no_replacement(lower.as_bytes())?;
        Some(match lower.as_str() {
            "utf-16" => Self::Utf16,
            "windows-1252" | "cp1252" | "x-cp1252" => Self::Standard(encoding),
            name if encoding == WINDOWS_1252 && (name.contains("ascii") || name.contains("ansi")) => Self::Ascii,
            _ if encoding == WINDOWS_1252 => Self::Latin1,
            _ => Self::Standard(encoding),
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ascii => "US-ASCII",
            Self::Latin1 => "ISO-8859-1",
            Self::Utf16 => "UTF-16",
            Self::Standard(encoding) => encoding.name(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
        match self {
            Self::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                None => utf8(bytes),
                Some(offset) => Err(Problem::NotAscii.at(offset)),
            },
            Self::Latin1 => Ok(encoding_rs::mem::decode_latin1(bytes)),
            Self::Utf16 => match Encoding::for_bom(bytes) {
                Some((encoding, _)) if encoding == UTF_16BE || encoding == UTF_16LE => {
                    Self::Standard(encoding).decode(bytes)
                }
                Some(_) | None => Err(Problem::NoByteOrder.at(0)),
            },
            Self::Standard(encoding) if encoding == UTF_8 => utf8(bytes),
            Self::Standard(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .ok_or_else(|| Problem::NotEncoded(encoding.name()).at(0)),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| Problem::NotUtf8.at(error.valid_up_to()))
}

/// The `charset` of a `Content-Type`.
fn parameter(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

/// The encoding that the XML declaration names. The declaration's own characters are ASCII, in any encoding.
fn declared(bytes: &[u8], marked: Option<Charset>) -> Option<String> {
    let beginning = bytes.get(..LONGEST_DECLARATION).unwrap_or(bytes);
    let wide = match (marked, beginning) {
        (Some(Charset::Standard(encoding)), _) if encoding != UTF_8 => Some(encoding),
        (None, [0, b'<', 0, b'?', ..]) => Some(UTF_16BE),
        (None, [b'<', 0, b'?', 0, ..]) => Some(UTF_16LE),
        _ => None,
    };
    let text = match wide {
        Some(encoding) => encoding.decode_without_bom_handling(beginning).0,
        None => String::from_utf8_lossy(beginning),
    };
    let (content, _) = text.trim_start_matches('\u{feff}').strip_prefix("<?xml")?.split_once("?>")?;
    declaration::encoding(content).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: Option<&str> = Some("text/xml");

    fn declaring(encoding: &str, text: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{text}")
    }

    fn latin1(text: &str) -> Vec<u8> {
        text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn problem(bytes: &[u8], content_type: Option<&str>) -> Problem {
        decode(bytes, content_type).unwrap_err().problem
    }

    #[test]
    fn an_encoding_that_the_declaration_names_is_read() {
        for (name, expected) in [("ISO-8859-1", "<a>é\u{85}</a>"), ("latin1", "<a>ü</a>")] {
            let document = declaring(name, expected);
            assert_eq!(decode(&latin1(&document), XML).unwrap(), document);
        }
        let euro = [declaring("windows-1252", "<a>").as_bytes(), b"\x80</a>"].concat();
        assert_eq!(decode(&euro, None).unwrap(), declaring("windows-1252", "<a>€</a>"));
        let document = declaring("UTF-16LE", "<a>é𝄞</a>");
        assert_eq!(decode(&utf16(&document, u16::to_le_bytes), XML).unwrap(), document);
    }

    #[test]
    fn a_byte_order_mark_names_an_encoding() {
        for (order, name) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "UTF-16"), (u16::to_be_bytes, "utf-16be")] {
            for document in ["\u{feff}<a>é𝄞</a>".to_owned(), format!("\u{feff}{}", declaring(name, "<a>é</a>"))] {
                assert_eq!(decode(&utf16(&document, order), XML).unwrap(), document);
            }
        }
        assert_eq!(decode("\u{feff}<a>é</a>".as_bytes(), XML).unwrap(), "\u{feff}<a>é</a>");
    }

    #[test]
    fn the_content_type_names_an_encoding() {
        for kind in ["text/xml;charset=ISO-8859-1", "text/xml; version=1; Charset=\"iso-8859-1\""] {
            assert_eq!(decode(b"<a>\xe9</a>", Some(kind)).unwrap(), "<a>é</a>");
        }
        let wide = utf16("<a>é</a>", u16::to_be_bytes);
        assert_eq!(decode(&wide, Some("text/xml; charset=utf-16be")).unwrap(), "<a>é</a>");
        // An unknown label says nothing.
        assert_eq!(decode("<a>é</a>".as_bytes(), Some("text/xml; charset=default")).unwrap(), "<a>é</a>");
    }

    #[test]
    fn what_nobody_declares_is_utf8() {
        assert_eq!(problem(b"<a>\xe9</a>", XML), Problem::NotUtf8);
        assert_eq!(decode(b"<a>\xff</a>", None).unwrap_err().offset, 3);
        let unmarked = utf16("<a>é</a>", u16::to_le_bytes);
        assert!(!decode(&unmarked, XML).is_ok_and(|text| text.contains("<a>")));
    }

    #[test]
    fn a_wrong_declaration_is_told_unless_it_makes_no_difference() {
        let both = |name: &str, text: &str| declaring(name, text).into_bytes();
        assert_eq!(problem(&both("US-ASCII", "<a>é</a>"), XML), Problem::NotAscii);
        assert_eq!(problem(&both("klingon", "<a/>"), XML), Problem::Encoding("klingon".to_owned()));
        assert_eq!(problem(&latin1(&declaring("UTF-8", "<a>é</a>")), XML), Problem::NotUtf8);
        assert_eq!(problem(&both("UTF-16", "<a/>"), XML), Problem::NoByteOrder);
        assert_eq!(problem(b"\xfe\xff\0<\0a\0", XML), Problem::NotEncoded("UTF-16BE"));
        let utf8_in_latin1 = both("UTF-8", "<a>é</a>");
        let conflict = Problem::Encodings("ISO-8859-1", "UTF-8");
        assert_eq!(problem(&utf8_in_latin1, Some("text/xml; charset=iso-8859-1")), conflict);
        let marked = utf16(&format!("\u{feff}{}", declaring("UTF-8", "<a/>")), u16::to_be_bytes);
        assert_eq!(problem(&marked, XML), Problem::Encodings("UTF-16BE", "UTF-8"));
        // Both read the same text.
        let ascii = both("UTF-8", "<a/>");
        assert_eq!(decode(&ascii, Some("text/xml; charset=ISO-8859-1")).unwrap(), declaring("UTF-8", "<a/>"));
    }

    #[test]
    fn a_declaration_that_is_malformed_names_nothing() {
        let text = "<?xml encoding='ISO-8859-1'?><a/>";
        assert_eq!(decode(text.as_bytes(), XML).unwrap(), text);
    }
}
