//! Parameters that are decoded or split wrongly.

use mfa_reference::wire::HttpResponse;
use mfa_reference::{MfaOperation, Operation};

use crate::altered::{Altered, documented};
use crate::entry::Registered;
use crate::line::{by_get, laid, map_values, misread, parameter, parameters, without};
use crate::parts::requests::{is_under_test, misreads};

/// Misreads the values of one parameter of the operations under test.
fn misreads_values(
    read: impl Fn(MfaOperation, &str, &str) -> Option<String> + Clone + Send + Sync + 'static,
) -> Altered {
    documented().behind(misread(move |_, parameters| {
        let action = parameter(parameters, "Action").and_then(Operation::from_name);
        match action.and_then(Operation::under_test) {
            Some(operation) => {
                map_values(parameters, |name, value| read(operation, name, value).unwrap_or_else(|| value.to_owned()))
            }
            None => parameters.to_owned(),
        }
    }))
}

/// Misreads the parameters of the operations under test.
fn misreads_under_test(read: fn(&str) -> String) -> Altered {
    documented().behind(misread(
        move |_, parameters| {
            if is_under_test(parameters) { read(parameters) } else { parameters.to_owned() }
        },
    ))
}

/// A value up to the first of these signs; `None` if it has none.
fn before_first(value: &str, signs: &[&str]) -> Option<String> {
    let end = signs.iter().filter_map(|sign| value.find(sign)).min()?;
    value.get(..end).map(str::to_owned)
}

/// A reply with status 501 and without XML.
fn not_implemented() -> HttpResponse {
    HttpResponse { status: 501, body: b"Not Implemented".to_vec(), ..HttpResponse::xml(501, "", String::new()) }
}

fn resync_not_implemented() -> Altered {
    documented().behind(laid(|incoming, service| {
        let resync = parameters(&incoming.request).contains("Action=ResyncMFADevice");
        if resync { not_implemented() } else { service(&incoming.request) }.into()
    }))
}

fn get_not_allowed() -> Altered {
    documented().behind(laid(|incoming, service| {
        let refused = HttpResponse { status: 405, ..not_implemented() };
        if by_get(&incoming.request) { refused } else { service(&incoming.request) }.into()
    }))
}

fn action_first() -> Altered {
    misreads(|_, parameters| without(parameters, |index, name| name == "Action" && index > 0))
}

fn codes_by_position() -> Altered {
    misreads(|_, parameters| match (parameters.find("AuthenticationCode1="), parameters.find("AuthenticationCode2=")) {
        (Some(one), Some(two)) if two < one => parameters
            .replace("AuthenticationCode1=", "AuthenticationCode3=")
            .replace("AuthenticationCode2=", "AuthenticationCode1=")
            .replace("AuthenticationCode3=", "AuthenticationCode2="),
        _ => parameters.to_owned(),
    })
}

fn user_name_before_serial_number() -> Altered {
    misreads(|_, parameters| match (parameters.find("UserName="), parameters.find("SerialNumber=")) {
        (Some(user), Some(serial)) if serial < user => without(parameters, |_, name| name == "UserName"),
        _ => parameters.to_owned(),
    })
}

/// The parameters with white space around one value dropped.
fn trimmed(parameters: &str, trimmed: &str) -> String {
    map_values(parameters, |name, value| {
        if name != trimmed {
            return value.to_owned();
        }
        let mut rest = value;
        loop {
            let shorter = ["%20", "%0A", "%09", "+"]
                .iter()
                .find_map(|space| rest.strip_prefix(space).or_else(|| rest.strip_suffix(space)));
            match shorter {
                Some(shorter) => rest = shorter,
                None => return rest.to_owned(),
            }
        }
    })
}

fn codes_trimmed() -> Altered {
    misreads(|_, parameters| trimmed(&trimmed(parameters, "AuthenticationCode1"), "AuthenticationCode2"))
}

fn code_hyphens_dropped() -> Altered {
    misreads(|_, parameters| {
        map_values(parameters, |name, value| {
            if name.starts_with("AuthenticationCode") { value.replace('-', "") } else { value.to_owned() }
        })
    })
}

fn codes_cut_to_six_digits() -> Altered {
    misreads(|_, parameters| {
        map_values(parameters, |name, value| match value.get(..6) {
            Some(first) if name.starts_with("AuthenticationCode") => first.to_owned(),
            _ => value.to_owned(),
        })
    })
}

fn lines_after_a_value_dropped() -> Altered {
    misreads(|_, parameters| map_values(parameters, |_, value| value.strip_suffix("%0A").unwrap_or(value).to_owned()))
}

/// The parameters with escapes in small letters not decoded.
fn keeping_small_escapes(parameters: &str) -> String {
    let mut parts = parameters.split('%');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let small = part.bytes().take(2).any(|byte| byte.is_ascii_lowercase());
        kept.push_str(if small { "%25" } else { "%" });
        kept.push_str(part);
    }
    kept
}

/// A value with needless escapes escaped again.
fn keeping_needless_escapes(value: &str) -> String {
    let mut pieces = value.split('%');
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let byte = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let is_needless = byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        kept.push_str(if is_needless { "%25" } else { "%" });
        kept.push_str(piece);
    }
    kept
}

fn needless_escapes_kept() -> Altered {
    // A client that escapes everything escapes the Action too, so the operation isn't known here.
    misreads(|_, parameters| map_values(parameters, |_, value| keeping_needless_escapes(value)))
}

/// The parameters with only the values decoded, not the names.
fn names_undecoded(parameters: &str) -> String {
    let parts = parameters.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) => format!("{}={value}", name.replace('%', "%25")),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

fn user_named_zero_taken_for_none() -> Altered {
    misreads(|_, parameters| {
        if is_under_test(parameters) && matches!(parameter(parameters, "UserName"), Some("0" | "%30")) {
            without(parameters, |_, name| name == "UserName")
        } else {
            parameters.to_owned()
        }
    })
}

/// The parameters from the action on.
fn from_the_action(parameters: &str) -> String {
    let action = parameters.split('&').position(|part| part.starts_with("Action="));
    without(parameters, |index, _| action.is_some_and(|action| index < action))
}

/// The parameters of a resynchronization with the first code in the second one's place.
fn first_code_twice(parameters: &str) -> String {
    if parameter(parameters, "Action") != Some("ResyncMFADevice") {
        return parameters.to_owned();
    }
    let rest = without(parameters, |_, name| name == "AuthenticationCode2");
    match parameter(parameters, "AuthenticationCode1") {
        Some(code) => format!("{rest}&AuthenticationCode2={code}"),
        None => rest,
    }
}

/// A colon, as it may stand in an encoded value.
const COLONS: [&str; 3] = [":", "%3A", "%3a"];

fn two_full_stops_taken_for_one() -> Altered {
    misreads_values(|_, name, value| (name == "UserName").then(|| value.replace("..", ".")))
}

/// An ARN whose partition is the usual one.
fn in_the_usual_partition(arn: &str) -> Option<String> {
    COLONS.into_iter().find_map(|colon| {
        let (partition, rest) = arn.strip_prefix("arn")?.strip_prefix(colon)?.split_once(colon)?;
        let is_one = partition.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_one && !partition.is_empty()).then(|| format!("arn{colon}aws{colon}{rest}"))
    })
}

fn partition_of_an_arn_not_looked_at() -> Altered {
    misreads_values(|_, name, value| match name {
        "SerialNumber" => in_the_usual_partition(value),
        _ => None,
    })
}

/// The encoded line feed.
const LINE_FEEDS: [&str; 2] = ["%0A", "%0a"];

fn line_feed_behind_a_serial_number_dropped() -> Altered {
    misreads_values(|operation, name, value| {
        let is_meant = operation == MfaOperation::Resync && name == "SerialNumber";
        let stripped = LINE_FEEDS.into_iter().find_map(|feed| value.strip_suffix(feed));
        stripped.filter(|_| is_meant).map(str::to_owned)
    })
}

fn values_cut_at_an_equals_sign() -> Altered {
    misreads_values(|_, _, value| before_first(value, &["=", "%3D", "%3d"]))
}

/// Cuts user names at 64 characters in requests for one operation.
fn cuts(action: &'static str) -> Altered {
    documented().behind(misread(move |_, parameters| {
        if parameter(parameters, "Action") != Some(action) {
            return parameters.to_owned();
        }
        map_values(parameters, |name, value| match value.char_indices().nth(64) {
            Some((end, _)) if name == "UserName" => value.get(..end).unwrap_or(value).to_owned(),
            _ => value.to_owned(),
        })
    }))
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("resync-not-implemented", resync_not_implemented),
    ("get-not-allowed", get_not_allowed),
    ("action-first", action_first),
    ("codes-by-position", codes_by_position),
    ("user-name-before-serial-number", user_name_before_serial_number),
    ("user-name-trimmed", || misreads(|_, parameters| trimmed(parameters, "UserName"))),
    ("serial-number-trimmed", || misreads(|_, parameters| trimmed(parameters, "SerialNumber"))),
    ("codes-trimmed", codes_trimmed),
    ("code-hyphens-dropped", code_hyphens_dropped),
    ("codes-cut-to-six-digits", codes_cut_to_six_digits),
    ("lines-after-a-value-dropped", lines_after_a_value_dropped),
    ("escaped-equals-sign-ends-a-value", || misreads_values(|_, _, value| before_first(value, &["%3D", "%3d"]))),
    ("escapes-in-small-letters-kept", || misreads_under_test(keeping_small_escapes)),
    ("nul-ends-a-value", || misreads_values(|_, _, value| before_first(value, &["%00"]))),
    ("needless-escapes-kept", needless_escapes_kept),
    ("escaped-parameter-names-kept", || misreads(|_, parameters| names_undecoded(parameters))),
    ("user-named-zero-taken-for-none", user_named_zero_taken_for_none),
    ("parameters-before-the-action-dropped", || misreads_under_test(from_the_action)),
    ("resync-reads-the-first-code-twice", || misreads(|_, parameters| first_code_twice(parameters))),
    ("two-full-stops-taken-for-one", two_full_stops_taken_for_one),
    ("partition-of-an-arn-not-looked-at", partition_of_an_arn_not_looked_at),
    ("line-feed-behind-a-serial-number-dropped", line_feed_behind_a_serial_number_dropped),
    ("values-cut-at-an-equals-sign", values_cut_at_an_equals_sign),
    ("enable-cuts-user-names-at-64", || cuts("EnableMFADevice")),
    ("resync-cuts-user-names-at-64", || cuts("ResyncMFADevice")),
    ("deactivate-cuts-user-names-at-64", || cuts("DeactivateMFADevice")),
];
