//! Replies in another form with the same meaning.

use std::fmt::Write as _;

use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, Outcome};

use crate::altered::{Altered, decides, documented, documented_reply, edited, renders};
use crate::entry::Registered;
use crate::line::rewrite;
use crate::parts::named::on_each;

/// Writes every reply with another text.
fn writes(change: fn(String) -> String) -> Altered {
    renders(move |operation, outcome, id| edited(documented_reply(operation, outcome, id), change))
}

/// A text with each element on its own line.
fn pretty(text: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0_usize;
    for part in text.split_inclusive('>').flat_map(|part| match part.rfind('<') {
        Some(0) | None => vec![part],
        Some(at) => part.split_at_checked(at).map_or_else(|| vec![part], |(text, tag)| vec![text, tag]),
    }) {
        // White space beside a text would be part of it, so it is added only between two tags.
        let close = part.starts_with("</");
        if close {
            depth = depth.saturating_sub(1);
        }
        if part.starts_with('<') && lines.ends_with('>') && !lines.is_empty() && !(close && leaf_ends(&lines, part)) {
            lines.push('\n');
            lines.push_str(&"  ".repeat(depth));
        }
        lines.push_str(part);
        if part.starts_with('<') && !close {
            depth += 1;
        }
    }
    lines + "\n"
}

/// Whether a closing tag closes the element that was opened last.
fn leaf_ends(before: &str, close: &str) -> bool {
    let name = close.trim_start_matches("</").trim_end_matches('>');
    before.rsplit('<').next().is_some_and(|open| open.trim_end_matches('>').split(' ').next() == Some(name))
}

fn with_a_declaration() -> Altered {
    writes(|text| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}"))
}

fn with_comments() -> Altered {
    writes(|text| {
        let text = text.replace("<RequestId>", "<!-- which one -->\n<RequestId>");
        format!("<!-- from the service -->{text}<?end now?>")
    })
}

fn single_quotes_and_references() -> Altered {
    writes(|text| {
        let (tag, rest) = text.split_once('>').unwrap_or((&text, ""));
        let rest = rest.replace("cannot be", "can&#110;ot&#x20;be");
        format!("{}>{rest}", tag.replace('"', "'"))
    })
}

fn with_more_elements() -> Altered {
    writes(|text| {
        let text = text.replace("</RequestId>", "</RequestId><HostId>abc</HostId>");
        text.replace("</Message>", "</Message><Detail/>")
    })
}

fn with_more_attributes() -> Altered {
    writes(|text| text.replace("<RequestId>", "<RequestId node=\"7\">").replace("<Error>", "<Error lang=\"en\">"))
}

fn with_more_headers() -> Altered {
    documented().behind(rewrite(|_, mut response| {
        response.headers.push(("x-amzn-trace-id".into(), "Root=1".to_owned()));
        response.headers.push(("server".into(), "elsewhere".to_owned()));
        response
    }))
}

fn empty_results() -> Altered {
    renders(|operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        match (operation.filter(|operation| operation.under_test().is_some()), outcome) {
            (Some(operation), Outcome::Success(_)) => edited(reply, |text| {
                text.replacen("<ResponseMetadata>", &format!("<{operation}Result/><ResponseMetadata>"), 1)
            }),
            _ => reply,
        }
    })
}

fn request_ids_of_52_letters() -> Altered {
    renders(|operation, outcome, id| {
        let letters: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        let long = format!("{letters}{letters}").to_uppercase().chars().take(52).collect::<String>();
        documented_reply(operation, outcome, &long)
    })
}

fn one_request_id_for_all() -> Altered {
    renders(|operation, outcome, _| documented_reply(operation, outcome, "00000000-0000-0000-0000-000000000000"))
}

const XMLNS: &str = " xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"";

fn errors_without_a_namespace() -> Altered {
    writes(|text| if text.contains("<ErrorResponse") { text.replace(XMLNS, "") } else { text })
}

fn as_plain_text() -> Altered {
    documented().behind(rewrite(|_, mut response| {
        response.content_type = "text/plain".into();
        response
    }))
}

fn content_type_with_a_charset() -> Altered {
    documented().behind(rewrite(|_, mut response| {
        response.content_type = "text/xml; charset=utf-8".into();
        response
    }))
}

fn messages_of_several_lines() -> Altered {
    on_each(|_, decision| match decision {
        Decision::Refuse { code, message } => {
            let more = "See \"errors\" & <help>.\n\t".repeat(40);
            Decision::refuse(code, format!("Refused:\n\t{message}\n{more}"))
        }
        other => other,
    })
}

/// A text in ASCII, with references for other characters.
fn in_ascii(text: &str) -> String {
    text.chars().fold("<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n".to_owned(), |mut ascii, character| {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let _ = write!(ascii, "&#{};", u32::from(character));
        }
        ascii
    })
}

/// An error with its type at the end.
fn type_last(text: String) -> String {
    let parts = text.split_once("<Type>").and_then(|(before, rest)| {
        let (kind, after) = rest.split_once("</Type>")?;
        let (rest, end) = after.split_once("</Error>")?;
        Some(format!("{before}{rest}<Type>{kind}</Type></Error>{end}"))
    });
    parts.unwrap_or(text)
}

fn messages_in_japanese() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::Refuse { code, message } if code != ErrorCode::ValidationError => {
            Decision::refuse(code, format!("リクエストは拒否されました。詳細：{message}"))
        }
        other => other,
    })
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("pretty-printed", || writes(|text| pretty(&text))),
    ("with-a-declaration", with_a_declaration),
    ("with-comments", with_comments),
    ("single-quotes-and-references", single_quotes_and_references),
    ("with-more-elements", with_more_elements),
    ("with-more-attributes", with_more_attributes),
    ("with-more-headers", with_more_headers),
    ("empty-results", empty_results),
    ("request-ids-of-52-letters", request_ids_of_52_letters),
    ("one-request-id-for-all", one_request_id_for_all),
    ("errors-without-a-namespace", errors_without_a_namespace),
    ("as-plain-text", as_plain_text),
    ("content-type-with-a-charset", content_type_with_a_charset),
    ("messages-of-several-lines", messages_of_several_lines),
    ("replies-in-us-ascii", || writes(|text| in_ascii(&text))),
    ("error-type-last", || writes(type_last)),
    ("messages-in-japanese", messages_in_japanese),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_printing_parts_tags_and_no_texts() {
        assert_eq!(pretty("<a x=\"y\"><b>c d</b><e></e></a>"), "<a x=\"y\">\n  <b>c d</b>\n  <e></e>\n</a>\n");
    }
}
