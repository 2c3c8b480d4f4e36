//! Services whose replies say the right thing in a form that an official SDK cannot read.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::wire::HttpResponse;

use crate::altered::{Altered, documented_reply, edited, renders};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};

/// Writes every reply with another text.
fn writes(change: fn(&str) -> String) -> Altered {
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

/// A text with each message and each request id in a CDATA section.
fn in_cdata(text: &str) -> String {
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

/// A text in ISO-8859-1; it holds nothing else.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "with-prefixes",
        "Each element has a prefix for the namespace, so that the SDK for JavaScript finds none.",
        C::WireNoPrefixes,
        &[],
        Shallow,
        || writes(prefixed),
    ),
    row(
        "metadata-first",
        "ResponseMetadata comes before the result, so that the SDK for Rust cannot read the reply.",
        C::WireResultFirst,
        &[],
        Shallow,
        || writes(metadata_first),
    ),
    row(
        "enable-dates-without-a-zone",
        "EnableDate lacks its Z, so that the SDK for JavaScript cannot read a listing of devices.",
        C::SupportListedMembers,
        &[],
        Shallow,
        || writes(|text| text.replace("Z</EnableDate>", "</EnableDate>")),
    ),
    row(
        "utf-8-by-its-mark",
        "Replies begin with the byte order mark of UTF-8, so that the SDK for JavaScript cannot read them.",
        C::WireUtf8,
        &[],
        Shallow,
        || writes(|text| format!("\u{feff}{text}")),
    ),
    row("replies-in-latin-1", "Replies are in ISO-8859-1, and declare it.", C::WireUtf8, &[], Shallow, || {
        sends(|text| (latin1(&declaring("ISO-8859-1", text)), "text/xml"))
    }),
    row(
        "latin-1-by-content-type",
        "Replies are in ISO-8859-1; only the Content-Type says so.",
        C::WireUtf8,
        &[],
        Shallow,
        || sends(|text| (latin1(&format!("<!-- réponse -->{text}")), "text/xml; charset=ISO-8859-1")),
    ),
    row(
        "replies-in-utf-16",
        "Replies are in UTF-16 with a byte order mark, and declare it.",
        C::WireUtf8,
        &[],
        Shallow,
        || sends(|text| (utf16(&format!("\u{feff}{}", declaring("UTF-16", text)), u16::to_be_bytes), "text/xml")),
    ),
    row(
        "utf-16-by-its-mark",
        "Replies are in UTF-16; only the byte order mark says so.",
        C::WireUtf8,
        &[],
        Shallow,
        || sends(|text| (utf16(&format!("\u{feff}<!-- réponse -->{text}"), u16::to_le_bytes), "text/xml")),
    ),
    row(
        "with-cdata",
        "Messages and request ids stand in CDATA sections, so that the SDK for Rust finds none.",
        C::WireNoCdata,
        &[],
        Shallow,
        || writes(in_cdata),
    ),
    row(
        "codes-and-ids-in-cdata",
        "The codes and the ids of replies stand in CDATA sections, so that the SDK for Rust finds none.",
        C::WireNoCdata,
        &[],
        Shallow,
        || writes(in_sections),
    ),
];
