//! Services whose replies look or travel otherwise.

use std::sync::Arc;
use std::time::Duration;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::wire::{HttpRequest, HttpResponse};
use mfa_reference::{ErrorCode, Millis, Operation, Outcome};

use crate::altered::{Altered, documented, documented_reply, edited, renders};
use crate::entry::{Permitted, permit};
use crate::line::{Incoming, Lost, Sent, Service, laid, misread, parameters, rewrite, without};

const XMLNS: &str = " xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"";

/// Writes every reply with another text.
fn writes(change: fn(String) -> String) -> Altered {
    renders(move |operation, outcome, id| edited(documented_reply(operation, outcome, id), change))
}

/// A text with each element on a line of its own.
fn pretty(text: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0_usize;
    for part in text.split_inclusive('>').flat_map(|part| match part.rfind('<') {
        Some(0) | None => vec![part],
        Some(at) => part.split_at_checked(at).map_or_else(|| vec![part], |(text, tag)| vec![text, tag]),
    }) {
        // White space beside a text would be part of it: only tags that meet are parted.
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

/// Whether a closing tag closes an element that has just been opened.
fn leaf_ends(before: &str, close: &str) -> bool {
    let name = close.trim_start_matches("</").trim_end_matches('>');
    before.rsplit('<').next().is_some_and(|open| open.trim_end_matches('>').split(' ').next() == Some(name))
}

/// A service whose clock is ahead; `Date` tells so.
fn ahead(ahead_ms: i64) -> Altered {
    Altered { ahead_ms, ..documented() }
}

/// Closes connections that were idle for this long, or have carried so many requests.
fn closes(idle_ms: i64, most: u64) -> Altered {
    documented().behind(Arc::new(move || {
        let mut last: Option<Millis> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let idle = last.is_some_and(|last| incoming.now.0 - last.0 >= idle_ms);
            last = Some(incoming.now);
            if idle || incoming.carried >= most { Err(Lost::HungUp) } else { Ok(service(&incoming.request).into()) }
        })
    }))
}

/// The parameters that some operation here has.
const KNOWN: &[&str] = &[
    "Action",
    "Version",
    "UserName",
    "SerialNumber",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "NewUserName",
    "VirtualMFADeviceName",
    "Path",
    "AccessKeyId",
    "AssignmentStatus",
    "Marker",
    "MaxItems",
];

/// A refusal of a request that the service never gets. The service gives the request id: it is asked for nothing.
fn refusal(service: &mut Service<'_>, code: ErrorCode, message: &str) -> HttpResponse {
    let nothing = HttpRequest { method: "GET", target: "/", content_type: None, authorization: None, body: b"" };
    let request_id = service(&nothing).request_id;
    documented_reply(None, &Outcome::Error { code, message: message.to_owned() }, &request_id)
}

fn is_unknown(parameters: &str) -> bool {
    let mut named = url::form_urlencoded::parse(parameters.as_bytes());
    named.any(|(name, _)| !name.is_empty() && !KNOWN.contains(&&*name))
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit("pretty-printed", "Replies are indented.", &[], || writes(|text| pretty(&text))),
    permit("with-a-declaration", "Replies begin with an XML declaration.", &[], || {
        writes(|text| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}"))
    }),
    permit("with-comments", "Replies have comments and a processing instruction.", &[], || {
        writes(|text| {
            let text = text.replace("<RequestId>", "<!-- which one -->\n<RequestId>");
            format!("<!-- from the service -->{text}<?end now?>")
        })
    }),
    permit(
        "single-quotes-and-references",
        "Attributes have single quotes, and hyphens are character references.",
        &[],
        || {
            writes(|text| {
                let (tag, rest) = text.split_once('>').unwrap_or((&text, ""));
                let rest = rest.replace("cannot be", "can&#110;ot&#x20;be");
                format!("{}>{rest}", tag.replace('"', "'"))
            })
        },
    ),
    permit("with-more-elements", "Replies hold elements that nothing speaks of.", &[], || {
        writes(|text| {
            let text = text.replace("</RequestId>", "</RequestId><HostId>abc</HostId>");
            text.replace("</Message>", "</Message><Detail/>")
        })
    }),
    permit("with-more-attributes", "Elements have attributes that nothing speaks of.", &[], || {
        writes(|text| text.replace("<RequestId>", "<RequestId node=\"7\">").replace("<Error>", "<Error lang=\"en\">"))
    }),
    permit("with-more-headers", "Replies have headers that nothing speaks of.", &[], || {
        documented().behind(rewrite(|_, mut response| {
            response.headers.push(("x-amzn-trace-id".into(), "Root=1".to_owned()));
            response.headers.push(("server".into(), "elsewhere".to_owned()));
            response
        }))
    }),
    permit("empty-results", "A success holds an empty result.", &[], || {
        renders(|operation, outcome, id| {
            let reply = documented_reply(operation, outcome, id);
            match (operation.filter(|operation| operation.under_test().is_some()), outcome) {
                (Some(operation), Outcome::Success(_)) => edited(reply, |text| {
                    text.replacen("<ResponseMetadata>", &format!("<{operation}Result/><ResponseMetadata>"), 1)
                }),
                _ => reply,
            }
        })
    }),
    permit("request-ids-of-52-letters", "Request ids are 52 letters and digits.", &[], || {
        renders(|operation, outcome, id| {
            let letters: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
            let long = format!("{letters}{letters}").to_uppercase().chars().take(52).collect::<String>();
            documented_reply(operation, outcome, &long)
        })
    }),
    permit("one-request-id-for-all", "Every reply has the same request id.", &[C::WireRequestIdUnique], || {
        renders(|operation, outcome, _| documented_reply(operation, outcome, "00000000-0000-0000-0000-000000000000"))
    }),
    permit("errors-without-a-namespace", "Errors stand in no namespace.", &[C::WireErrorNamespace], || {
        writes(|text| if text.contains("<ErrorResponse") { text.replace(XMLNS, "") } else { text })
    }),
    permit("as-plain-text", "The Content-Type of replies is text/plain.", &[C::WireContentType], || {
        documented().behind(rewrite(|_, mut response| {
            response.content_type = "text/plain".into();
            response
        }))
    }),
    permit("content-type-with-a-charset", "The Content-Type of replies is text/xml; charset=utf-8.", &[], || {
        documented().behind(rewrite(|_, mut response| {
            response.content_type = "text/xml; charset=utf-8".into();
            response
        }))
    }),
    permit("connections-closed-after-each-reply", "Each reply closes its connection.", &[], || {
        documented().behind(rewrite(|_, mut response| {
            response.headers.push(("connection".into(), "close".to_owned()));
            response
        }))
    }),
    permit("connections-closed-when-idle", "A connection that was idle for 20 seconds is closed.", &[], || {
        closes(20_000, u64::MAX)
    }),
    permit("connections-closed-after-a-hundred-requests", "A connection carries a hundred requests.", &[], || {
        closes(i64::MAX, 100)
    }),
    permit("slow-replies", "Each reply takes 300 milliseconds.", &[], || {
        documented().behind(laid(|incoming, service| {
            Ok(Sent { response: service(&incoming.request), delay: Duration::from_millis(300) })
        }))
    }),
    permit("clock-ahead", "The clock is 40 seconds ahead, and Date tells so.", &[], || ahead(40_000)),
    permit("clock-behind", "The clock is 40 seconds behind, and Date tells so.", &[], || ahead(-40_000)),
    permit("signatures-required", "A call that isn't signed is answered MissingAuthenticationToken.", &[], || {
        documented().behind(laid(|incoming, service| {
            if incoming.request.authorization.is_none() && !incoming.request.target.contains("X-Amz-Credential") {
                let message = "The request has no authentication token.";
                return Ok(refusal(service, ErrorCode::MissingAuthenticationToken, message).into());
            }
            Ok(service(&incoming.request).into())
        }))
    }),
    permit(
        "unknown-parameters-refused",
        "A parameter that no operation has is refused.",
        &[C::WireUnknownParameter],
        || {
            documented().behind(laid(|incoming, service| {
                if is_unknown(&parameters(&incoming.request)) {
                    return Ok(refusal(service, ErrorCode::ValidationError, "The parameter is not known.").into());
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    permit(
        "last-of-duplicates",
        "Of a parameter that comes twice, the last counts.",
        &[C::WireDuplicateParameter],
        || {
            documented().behind(misread(|_, parameters| {
                let names: Vec<&str> =
                    parameters.split('&').map(|part| part.split('=').next().unwrap_or_default()).collect();
                without(parameters, |index, name| names.iter().skip(index + 1).any(|later| *later == name))
            }))
        },
    ),
    permit("listings-paged-by-one", "Listings have one element on a page.", &[], || {
        documented().behind(misread(|_, parameters| {
            let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
            if lists.iter().any(|operation| parameters.contains(&format!("Action={operation}&"))) {
                format!("{}&MaxItems=1", without(parameters, |_, name| name == "MaxItems"))
            } else {
                parameters.to_owned()
            }
        }))
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_printing_parts_tags_and_no_texts() {
        assert_eq!(pretty("<a x=\"y\"><b>c d</b><e></e></a>"), "<a x=\"y\">\n  <b>c d</b>\n  <e></e>\n</a>\n");
    }
}
