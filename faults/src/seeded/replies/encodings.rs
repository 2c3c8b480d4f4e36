//! Replies in another encoding, and the content of set-up and listing replies.

use data_encoding::BASE64;
use mfa_reference::service::Behaviour;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{DeviceExtras, ErrorCode, MfaDeviceEntry, Outcome, QrCode, SuccessBody};

use crate::altered::{Altered, decides, documented_reply, edited, renders, writes};
use crate::entry::Registered;
use crate::parts::listings::lists;

/// Repeats wrong values in its message.
fn repeats_values(repeated: fn(&[&str]) -> String) -> Altered {
    decides(move |_, request, decision| match decision {
        Decision::Refuse { code: ErrorCode::ValidationError, message }
            if request.operation().under_test().is_some() =>
        {
            let violations = request.violations();
            let values: Vec<&str> = violations.iter().filter_map(|violation| violation.text).collect();
            Decision::refuse(ErrorCode::ValidationError, format!("{message}: {}", repeated(&values)))
        }
        other => other,
    })
}

/// Stands for the first control character between the decision and the renderer; the others follow it.
const STAND_IN: u32 = 0xE000;

/// Whether XML forbids a character even as a reference.
const fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}')
}

/// The private character that carries a forbidden one through the writer; `with_references` then writes the reference.
fn stand_in(character: char) -> char {
    let code = Some(STAND_IN + u32::from(character)).filter(|_| is_forbidden(character));
    code.and_then(char::from_u32).unwrap_or(character)
}

/// A text with its control characters written as references.
fn with_references(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut all, character| {
        match u32::from(character).checked_sub(STAND_IN).filter(|code| *code < 0x20) {
            Some(code) => all.extend(["&#", &code.to_string(), ";"]),
            None => all.push(character),
        }
        all
    })
}

/// Repeats wrong values, and escapes them with references.
fn writes_references() -> Altered {
    let stood_in = |values: &[&str]| values.iter().flat_map(|value| value.chars()).map(stand_in).collect();
    repeats_values(stood_in).and_renderer(|operation, outcome, id| {
        edited(documented_reply(operation, outcome, id), |text| with_references(&text))
    })
}

/// An error whose message is in a CDATA section, which text in the message can end.
fn in_cdata(text: &str, message: &str) -> String {
    let allowed = |character: &char| !character.is_control() && !matches!(character, '\u{FFFE}' | '\u{FFFF}');
    let message: String = message.chars().filter(allowed).collect();
    match (text.split_once("<Message>"), text.split_once("</Message>")) {
        (Some((head, _)), Some((_, tail))) => format!("{head}<Message><![CDATA[{message}]]></Message>{tail}"),
        _ => text.to_owned(),
    }
}

/// Writes messages in CDATA sections.
fn writes_cdata() -> Altered {
    let renderer = writes(|_, outcome, text| match outcome {
        Outcome::Error { message, .. } => in_cdata(&text, message),
        Outcome::Success(_) => text,
    })
    .behaviour
    .renderer;
    repeats_values(|values| values.join(", "))
        .and_renderer(move |operation, outcome, id| renderer.render(operation, outcome, id))
}

/// A text in Latin-1, with a question mark for any other character.
fn in_latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

/// Writes replies in Latin-1.
fn writes_latin_1() -> Altered {
    repeats_values(|values| values.join(", ")).and_renderer(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if operation.is_some_and(|operation| operation.under_test().is_some()) {
            reply.body = in_latin_1(&String::from_utf8_lossy(&reply.body));
        }
        reply
    })
}

/// A text with two references for each character that needs two units in UTF-16.
fn in_units(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut all, character| {
        let mut units = [0; 2];
        match character.encode_utf16(&mut units) {
            [high, low] => all.extend([format!("&#{high};"), format!("&#{low};")]),
            _ => all.push(character),
        }
        all
    })
}

/// Repeats wrong values, and escapes them unit by unit.
fn writes_units() -> Altered {
    let printable = |values: &[&str]| values.concat().chars().filter(|character| !character.is_control()).collect();
    repeats_values(printable)
        .and_renderer(|operation, outcome, id| edited(documented_reply(operation, outcome, id), |text| in_units(&text)))
}

/// Gives each new device another picture.
fn draws(change: fn(&QrCode) -> QrCode) -> Altered {
    let altered = decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let extras = DeviceExtras { qr_code: change(&extras.qr_code), ..extras };
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    });
    Altered { behaviour: Behaviour { draws_pictures: true, ..altered.behaviour }, ..altered }
}

/// The picture as a Python bytes literal, which a real emulator has sent.
fn as_python_writes_it(code: &QrCode) -> QrCode {
    match code.to_blob() {
        Some(blob) => QrCode::NotBase64(format!("b'{blob}'")),
        None => QrCode::Absent,
    }
}

fn picture_of_random_bytes() -> Altered {
    draws(|_| QrCode::NotPng((0..64).map(|byte: u8| byte.wrapping_mul(151)).collect()))
}

/// The picture without its last chunk.
fn cut(code: &QrCode) -> QrCode {
    match code {
        QrCode::Png(bytes) => QrCode::NotPng(bytes.get(..bytes.len().saturating_sub(12)).unwrap_or_default().to_vec()),
        other => other.clone(),
    }
}

/// Changes the entries of users' listings.
fn entries(change: fn(usize, MfaDeviceEntry) -> MfaDeviceEntry) -> Altered {
    lists(move |_, _, items| items.into_iter().enumerate().map(|(at, item)| change(at, item)).collect())
}

fn undated(entry: MfaDeviceEntry) -> MfaDeviceEntry {
    MfaDeviceEntry { enable_date: String::new(), ..entry }
}

fn enable_dates_as_numbers() -> Altered {
    entries(|_, entry| MfaDeviceEntry { enable_date: "1769860800".to_owned(), ..entry })
}

fn latin_1_undeclared() -> Altered {
    renders(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if operation.is_some_and(|operation| operation.under_test().is_some()) {
            reply = edited(reply, |text| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}<!-- r"));
            reply.body.extend(b"\xe9ponse -->");
        }
        reply
    })
}

/// Writes every reply with another text.
fn writes_each(change: fn(&str) -> String) -> Altered {
    renders(move |operation, outcome, id| edited(documented_reply(operation, outcome, id), |text| change(&text)))
}

/// A text in which every tag has a prefix.
fn prefixed(text: &str) -> String {
    let text = text.replace(" xmlns=", " xmlns:iam=");
    text.replace("</", "\u{0}").replace('<', "<iam:").replace('\u{0}', "</iam:")
}

/// A text with the metadata before the result.
fn metadata_first(text: &str) -> String {
    let moved = text.split_once("<ResponseMetadata>").and_then(|(before, rest)| {
        let (metadata, after) = rest.split_once("</ResponseMetadata>")?;
        let (root, result) = before.split_once('>')?;
        Some(format!("{root}><ResponseMetadata>{metadata}</ResponseMetadata>{result}{after}"))
    });
    moved.unwrap_or_else(|| text.to_owned())
}

/// Writes every reply as other bytes of another type.
fn sends(change: fn(&str) -> (Vec<u8>, &'static str)) -> Altered {
    renders(move |operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        let (body, kind) = change(&String::from_utf8_lossy(&reply.body));
        HttpResponse { body, content_type: kind.into(), ..reply }
    })
}

/// A text with a comment that is not in ASCII, and a declaration of its encoding.
fn declaring(encoding: &str, text: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<!-- réponse -->{text}")
}

fn replies_in_latin_1() -> Altered {
    sends(|text| (in_latin_1(&declaring("ISO-8859-1", text)), "text/xml"))
}

fn latin_1_by_content_type() -> Altered {
    sends(|text| (in_latin_1(&format!("<!-- réponse -->{text}")), "text/xml; charset=ISO-8859-1"))
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn replies_in_utf_16() -> Altered {
    sends(|text| (utf16(&format!("\u{feff}{}", declaring("UTF-16", text)), u16::to_be_bytes), "text/xml"))
}

fn utf_16_by_its_mark() -> Altered {
    sends(|text| (utf16(&format!("\u{feff}<!-- réponse -->{text}"), u16::to_le_bytes), "text/xml"))
}

/// A text with each message and each request id in a CDATA section.
fn all_in_cdata(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["Message", "RequestId"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some((before, rest)) = text.split_once(&open)
            && let Some((content, after)) = rest.split_once(&close)
        {
            let plain = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            if !plain.contains("]]>") && !plain.contains('&') {
                text = format!("{before}{open}<![CDATA[{plain}]]>{close}{after}");
            }
        }
    }
    text
}

/// A text with each type, each code and each request id in a CDATA section.
fn in_sections(text: &str) -> String {
    ["Type", "Code", "RequestId"].into_iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("<{name}>"), &format!("<{name}><![CDATA["))
            .replace(&format!("</{name}>"), &format!("]]></{name}>"))
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("replies-left-in-base64", || writes(|_, _, text| BASE64.encode(text.as_bytes()))),
    ("control-characters-as-references", writes_references),
    ("messages-in-cdata", writes_cdata),
    ("messages-in-latin-1", writes_latin_1),
    ("astral-characters-as-two-references", writes_units),
    ("picture-as-python-writes-it", || draws(as_python_writes_it)),
    ("picture-of-random-bytes", picture_of_random_bytes),
    ("picture-cut-off", || draws(cut)),
    ("no-enable-dates", || entries(|_, entry| undated(entry))),
    ("no-enable-date-of-the-second-device", || entries(|at, entry| if at == 1 { undated(entry) } else { entry })),
    ("enable-dates-as-numbers", enable_dates_as_numbers),
    ("no-user-names-in-listings", || entries(|_, entry| MfaDeviceEntry { user_name: String::new(), ..entry })),
    ("latin-1-undeclared", latin_1_undeclared),
    ("with-prefixes", || writes_each(prefixed)),
    ("metadata-first", || writes_each(metadata_first)),
    ("enable-dates-without-a-zone", || writes_each(|text| text.replace("Z</EnableDate>", "</EnableDate>"))),
    ("utf-8-by-its-mark", || writes_each(|text| format!("\u{feff}{text}"))),
    ("replies-in-latin-1", replies_in_latin_1),
    ("latin-1-by-content-type", latin_1_by_content_type),
    ("replies-in-utf-16", replies_in_utf_16),
    ("utf-16-by-its-mark", utf_16_by_its_mark),
    ("with-cdata", || writes_each(all_in_cdata)),
    ("codes-and-ids-in-cdata", || writes_each(in_sections)),
];
