//! What was expected, what was observed, and how they differ.

use mfa_reference::wire::{Documented, Renderer};
use mfa_reference::{ErrorCode, ErrorCodes, MfaDeviceEntry, Operation, Outcome, Page, SuccessBody};
use similar::TextDiff;

use super::finding::Sight;
use crate::execute::Exchange;
use crate::oracle::{Divergence, Expected, ObservedClass};
use crate::run::result::Case;
use crate::wire::{Answer, Observed, Reply, canonical, escape_for_people, excerpt_for_people, xml};

/// The replacement for a text that differs from call to call.
const MASK: &str = "…";

/// The elements whose text differs from call to call, or whose wording no document demands.
const MASKED: [&str; 7] =
    ["RequestId", "Message", "EnableDate", "CreateDate", "UserId", "AccessKeyId", "SecretAccessKey"];

/// How many lines of a diff are kept.
const MOST_LINES: usize = 60;

/// Both sides of a finding.
pub(super) struct ExpectedActual {
    pub(super) expected: Sight,
    pub(super) observed: Sight,
    pub(super) diff: Option<String>,
}

impl ExpectedActual {
    pub(super) fn of(case: &Case) -> Self {
        let exchange = case.trace.get(case.exchange);
        let expected = expected(&case.divergence, exchange);
        let observed =
            exchange.map(|exchange| observed(&exchange.observed, &case.divergence.class)).unwrap_or_default();
        let diff = diff(&expected, &observed);
        Self { expected, observed, diff }
    }
}

/// The reply in a few words.
pub(super) fn in_words(observed: &Observed) -> String {
    match observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(SuccessBody::MfaDevices(page)) if page.items.is_empty() => {
                format!("{}, no device listed", reply.status)
            }
            Answer::Success(SuccessBody::MfaDevices(page)) => {
                let listed: Vec<&str> = page.items.iter().map(|item| item.serial_number.as_str()).collect();
                format!("{}, listed: {}", reply.status, excerpt_for_people(&listed.join(", "), 300))
            }
            Answer::Success(_) => format!("{}, carried out", reply.status),
            Answer::Error { code, message, .. } => {
                let message = message.as_deref().map(str::trim).filter(|text| !text.is_empty());
                let code =
                    if code.is_empty() { "an error without Code".to_owned() } else { excerpt_for_people(code, 60) };
                match message {
                    Some(message) => format!("{} {code}: {}", reply.status, excerpt_for_people(message, 160)),
                    None => format!("{} {code}", reply.status),
                }
            }
        },
        Observed::Unreadable { status, why, .. } => {
            format!("{status}, not in the protocol: {}", escape_for_people(why))
        }
        Observed::Broken(error) => escape_for_people(&error.to_string()).into_owned(),
    }
}

fn observed(observed: &Observed, class: &ObservedClass) -> Sight {
    let (status, body) = match observed {
        Observed::Reply(reply) => (Some(reply.status), Some(reply.envelope.canonical())),
        Observed::Unreadable { status, body, .. } => (Some(*status), Some(foreign(body))),
        Observed::Broken(_) => (None, None),
    };
    let summary = match class {
        ObservedClass::Envelope(what) | ObservedClass::Listing(what) | ObservedClass::Body(what) => {
            format!("{what} ({})", in_words(observed))
        }
        ObservedClass::Success
        | ObservedClass::Error(_)
        | ObservedClass::UnknownError(_)
        | ObservedClass::Status(..)
        | ObservedClass::Unreadable(_)
        | ObservedClass::Broken
        | ObservedClass::Timeout => in_words(observed),
    };
    Sight { summary, status, body }
}

/// A body outside the protocol: in canonical form if it is XML, otherwise line by line.
fn foreign(body: &str) -> String {
    match xml::parse(body) {
        Ok(_) => canonical(body),
        Err(_) => body.lines().map(escape_for_people).collect::<Vec<_>>().join("\n"),
    }
}

fn expected(divergence: &Divergence, exchange: Option<&Exchange>) -> Sight {
    let operation = divergence.operation;
    let seen = exchange.and_then(|exchange| match &exchange.observed {
        Observed::Reply(reply) => Some(reply),
        Observed::Unreadable { .. } | Observed::Broken(_) => None,
    });
    match &divergence.expected {
        Expected::Success => {
            let summary = divergence.expected.to_string();
            let plain = operation.under_test().is_some() || is_without_result(operation);
            if plain { rendered(operation, &summary, &Outcome::Success(SuccessBody::Empty)) } else { words(&summary) }
        }
        Expected::Error(codes) => {
            let summary = refusal(*codes);
            match exemplar(*codes) {
                Some(code) => rendered(operation, &summary, &Outcome::Error { code, message: MASK.to_owned() }),
                None => words(&summary),
            }
        }
        Expected::Listing { serial_numbers, user_name } => {
            let listing = listing(user_name, serial_numbers, seen);
            rendered(operation, &divergence.expected.to_string(), &Outcome::Success(listing))
        }
        Expected::Words(text) => match (&divergence.class, seen.and_then(as_documented)) {
            // A wrong envelope is best shown beside the same answer in the documented envelope.
            (ObservedClass::Envelope(_), Some(outcome)) => rendered(operation, text, &outcome),
            _ => words(text),
        },
    }
}

fn words(summary: &str) -> Sight {
    Sight { summary: escape_for_people(summary).into_owned(), status: None, body: None }
}

fn rendered(operation: Operation, summary: &str, outcome: &Outcome) -> Sight {
    let response = Documented.render(Some(operation), outcome, MASK);
    let body = canonical(&String::from_utf8_lossy(&response.body));
    Sight { status: Some(response.status), body: Some(body), ..words(summary) }
}

const fn is_without_result(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::UpdateUser | Operation::DeleteUser | Operation::DeleteVirtualMfaDevice | Operation::DeleteAccessKey
    )
}

/// The same answer in the documented form.
fn as_documented(reply: &Reply) -> Option<Outcome> {
    match &reply.answer {
        Answer::Success(body) => Some(Outcome::Success(body.clone())),
        Answer::Error { code, .. } => {
            ErrorCode::from_wire(code).map(|code| Outcome::Error { code, message: MASK.to_owned() })
        }
    }
}

/// The codes in words: all, if they are few.
/// What conforms, in a few words.
pub(super) fn expected_in_words(expected: &Expected) -> String {
    match expected {
        Expected::Error(codes) => refusal(*codes),
        Expected::Success | Expected::Listing { .. } | Expected::Words(_) => expected.to_string(),
    }
}

fn refusal(codes: ErrorCodes) -> String {
    let count = codes.iter().count();
    if count == 0 {
        return "a refusal".to_owned();
    }
    if count <= 3 {
        // The exemplar comes first.
        let first = exemplar(codes);
        let others = codes.iter().filter(|code| Some(*code) != first);
        let all: Vec<String> =
            first.into_iter().chain(others).map(|code| format!("{} {code}", code.status())).collect();
        return all.join(" or ");
    }
    match exemplar(codes) {
        Some(ErrorCode::ValidationError) => "400 ValidationError, or another of the listed refusals".to_owned(),
        Some(_) | None => "a code that the operation's page or the common errors list".to_owned(),
    }
}

/// The code to show where several conform.
fn exemplar(codes: ErrorCodes) -> Option<ErrorCode> {
    [ErrorCode::ValidationError, ErrorCode::NoSuchEntity, ErrorCode::InvalidAuthenticationCode]
        .into_iter()
        .find(|code| codes.contains(*code))
        .or_else(|| codes.iter().next())
}

/// The documented listing, in the order of the observed one: the order of a listing has no meaning.
fn listing(user_name: &str, serial_numbers: &[String], seen: Option<&Reply>) -> SuccessBody {
    let shown: Vec<&str> = match seen.map(|reply| &reply.answer) {
        Some(Answer::Success(SuccessBody::MfaDevices(page))) => {
            page.items.iter().map(|item| item.serial_number.as_str()).collect()
        }
        Some(Answer::Success(_) | Answer::Error { .. }) | None => Vec::new(),
    };
    let mut ordered: Vec<&String> = serial_numbers.iter().collect();
    ordered.sort_by_key(|serial| shown.iter().position(|known| known == serial).unwrap_or(usize::MAX));
    SuccessBody::MfaDevices(Page::whole(
        ordered
            .into_iter()
            .map(|serial| MfaDeviceEntry {
                user_name: user_name.to_owned(),
                serial_number: serial.clone(),
                enable_date: MASK.to_owned(),
            })
            .collect(),
    ))
}

/// The diff from expected to observed, if both have a text.
fn diff(expected: &Sight, observed: &Sight) -> Option<String> {
    let (before, after) = (text(expected)?, text(observed)?);
    if before == after {
        return None;
    }
    let difference = TextDiff::from_lines(before.as_str(), after.as_str());
    let unified = difference.unified_diff().context_radius(3).header("documented", "observed").to_string();
    let mut lines: Vec<&str> = unified.lines().collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push(MASK);
    }
    Some(lines.join("\n"))
}

/// The status line and the body, with masks for what differs from call to call.
fn text(sight: &Sight) -> Option<String> {
    let (status, body) = (sight.status?, sight.body.as_ref()?);
    let mut text = format!("HTTP {status}\n");
    for line in body.lines() {
        text.push_str(&masked(line));
        text.push('\n');
    }
    Some(text)
}

/// A line of a canonical body, with the text of a masked element replaced, unless it is blank.
pub(super) fn masked(line: &str) -> String {
    let inner = line.trim_start();
    let indent = line.len() - inner.len();
    for name in MASKED {
        let held = inner
            .strip_prefix('<')
            .and_then(|rest| rest.strip_prefix(name))
            .and_then(|rest| rest.split_once('>'))
            .filter(|(attributes, _)| attributes.is_empty() || attributes.starts_with(' '))
            .and_then(|(attributes, rest)| Some((attributes, rest.strip_suffix(&format!("</{name}>"))?)));
        if let Some((attributes, text)) = held
            && !text.trim().is_empty()
        {
            return format!("{:indent$}<{name}{attributes}>{MASK}</{name}>", "");
        }
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn what_differs_from_call_to_call_never_shows_as_a_difference() {
        for (line, shown) in [
            ("  <RequestId>3f1c</RequestId>", "  <RequestId>…</RequestId>"),
            ("<Message xmlns=\"u\">a &lt;b></Message>", "<Message xmlns=\"u\">…</Message>"),
            ("    <Message/>", "    <Message/>"),
            ("<Message> </Message>", "<Message> </Message>"),
            ("<MessageId>1</MessageId>", "<MessageId>1</MessageId>"),
            ("<message>1</message>", "<message>1</message>"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn a_long_list_of_refusals_is_told_shortly() {
        assert_eq!(refusal(ErrorCodes::of(&[ErrorCode::EntityAlreadyExists])), "409 EntityAlreadyExists");
        assert_eq!(
            refusal(ErrorCodes::of(&[ErrorCode::LimitExceeded, ErrorCode::InvalidAuthenticationCode])),
            "403 InvalidAuthenticationCode or 409 LimitExceeded"
        );
        assert!(refusal(ErrorCodes::CLIENT).starts_with("400 ValidationError, or another"));
        assert_eq!(refusal(ErrorCodes::default()), "a refusal");
    }

    #[test]
    fn a_listing_is_compared_in_the_order_in_which_it_came() {
        let mut case = samples::wrong_listing();
        let (one, two) = ("arn:1", "arn:2");
        case.trace.push(samples::listed(2, &[two, one]));
        case.exchange = case.trace.len() - 1;
        case.divergence.expected = Expected::Listing {
            user_name: samples::user_name(),
            serial_numbers: vec![one.into(), two.into(), "arn:3".into()],
        };
        let diff = ExpectedActual::of(&case).diff.unwrap();
        let changed: Vec<&str> = diff.lines().skip(2).filter(|line| line.starts_with(['-', '+'])).collect();
        assert_eq!(changed.len(), 5, "{diff}");
        assert!(changed.iter().all(|line| line.starts_with('-')) && diff.contains("arn:3"), "{diff}");
    }

    #[test]
    fn a_page_that_is_not_in_the_protocol_is_shown_line_by_line_and_harmless() {
        let expected_actual = ExpectedActual::of(&samples::missing_operation());
        let body = expected_actual.observed.body.unwrap();
        assert_eq!(body.lines().count(), 3);
        assert!(body.contains(r"\u{1b}]0;owned\u{7}"), "{body}");
        assert_eq!(expected_actual.diff, None);
    }
}
