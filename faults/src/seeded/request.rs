//! Services that read requests wrongly.

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::wire::HttpResponse;

use crate::altered::{Altered, documented, documented_reply};
use crate::entry::Difficulty::{Narrow, Shallow};
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, by_get, laid, map_values, misread, parameter, parameters, without};

/// Reads the parameters otherwise.
pub(super) fn misreads(read: fn(&Incoming<'_>, &str) -> String) -> Altered {
    documented().behind(misread(read))
}

/// Knows no action of this name.
fn lacks(action: &'static str) -> Altered {
    documented().behind(misread(move |_, parameters| {
        parameters.replace(&format!("Action={action}"), &format!("Action=No{action}"))
    }))
}

/// Whether parameters ask for an operation under test.
pub(super) fn is_under_test(parameters: &str) -> bool {
    let action = parameter(parameters, "Action").unwrap_or_default();
    matches!(action, "EnableMFADevice" | "ResyncMFADevice" | "DeactivateMFADevice")
}

/// Answers 501 and no XML.
fn not_implemented() -> HttpResponse {
    HttpResponse { status: 501, body: b"Not Implemented".to_vec(), ..HttpResponse::xml(501, "", String::new()) }
}

const USER_PATTERN: &[C] = &[
    C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
    C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
    C::WireFormEncoding,
];

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

pub(crate) const FAULTS: &[FaultRow] = &[
    row("no-enable", "EnableMFADevice is an unknown action.", C::OperationEnableExists, &[], Shallow, || {
        lacks("EnableMFADevice")
    }),
    row("no-resync", "ResyncMFADevice is an unknown action.", C::OperationResyncExists, &[], Shallow, || {
        lacks("ResyncMFADevice")
    }),
    row(
        "no-deactivate",
        "DeactivateMFADevice is an unknown action.",
        C::OperationDeactivateExists,
        &[],
        Shallow,
        || lacks("DeactivateMFADevice"),
    ),
    row(
        "resync-not-implemented",
        "ResyncMFADevice is answered 501 in plain text.",
        C::OperationResyncExists,
        &[],
        Shallow,
        || {
            documented().behind(laid(|incoming, service| {
                let resync = parameters(&incoming.request).contains("Action=ResyncMFADevice");
                Ok(if resync { not_implemented() } else { service(&incoming.request) }.into())
            }))
        },
    ),
    row("get-without-parameters", "The parameters of a GET are not read.", C::WireGet, &[], Shallow, || {
        misreads(|incoming, parameters| if by_get(&incoming.request) { String::new() } else { parameters.to_owned() })
    }),
    row("get-not-allowed", "A GET is answered 405 in plain text.", C::WireGet, &[C::WireWellFormed], Shallow, || {
        documented().behind(laid(|incoming, service| {
            let refused = HttpResponse { status: 405, ..not_implemented() };
            Ok(if by_get(&incoming.request) { refused } else { service(&incoming.request) }.into())
        }))
    }),
    row(
        "get-without-effect",
        "EnableMFADevice by GET answers 200 and does nothing.",
        C::WireGet,
        // What a listing shows is that the device isn't associated.
        &[C::EnableAssociates],
        Narrow,
        || {
            documented().behind(laid(|incoming, service| {
                use mfa_reference::{Operation, Outcome, SuccessBody};
                let read = parameters(&incoming.request);
                if by_get(&incoming.request) && read.contains("Action=EnableMFADevice") {
                    // The service looks at what is asked and is stopped before it does it: an absent version does that.
                    let outcome = Outcome::Success(SuccessBody::Empty);
                    return Ok(documented_reply(Some(Operation::EnableMfaDevice), &outcome, "get").into());
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    row(
        "get-without-a-user-name",
        "DeactivateMFADevice by GET doesn't read UserName.",
        C::WireGet,
        // The user that is named isn't the one that is meant then.
        &[C::DeactivateByAdministrator, C::DeactivateDissociates],
        Narrow,
        || {
            misreads(|incoming, parameters| {
                if by_get(&incoming.request) && parameters.contains("Action=DeactivateMFADevice") {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
    ),
    row("action-first", "Action is read only as the first parameter.", C::WireParameterOrder, &[], Shallow, || {
        misreads(|_, parameters| without(parameters, |index, name| name == "Action" && index > 0))
    }),
    row(
        "codes-by-position",
        "The first code in a request is the first code, whichever it is called.",
        C::WireParameterOrder,
        // The codes are swapped: a fresh pair is refused.
        &[C::EnableFreshPair, C::ResyncSynchronizes],
        Narrow,
        || {
            misreads(|_, parameters| {
                match (parameters.find("AuthenticationCode1="), parameters.find("AuthenticationCode2=")) {
                    (Some(one), Some(two)) if two < one => parameters
                        .replace("AuthenticationCode1=", "AuthenticationCode3=")
                        .replace("AuthenticationCode2=", "AuthenticationCode1=")
                        .replace("AuthenticationCode3=", "AuthenticationCode2="),
                    _ => parameters.to_owned(),
                }
            })
        },
    ),
    row(
        "user-name-before-serial-number",
        "UserName is read only before SerialNumber.",
        C::WireParameterOrder,
        &[],
        Narrow,
        || {
            misreads(|_, parameters| match (parameters.find("UserName="), parameters.find("SerialNumber=")) {
                (Some(user), Some(serial)) if serial < user => without(parameters, |_, name| name == "UserName"),
                _ => parameters.to_owned(),
            })
        },
    ),
    row(
        "plus-decoded-twice",
        "A plus that is escaped is decoded to a space.",
        C::WireFormEncoding,
        // A user whose name has a plus isn't found.
        &[C::Parameter(Parameter::EnableUserName, Aspect::Pattern), C::EnableUserExists],
        Narrow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { parameters.replace("%2B", "%20") } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "query-plus-decoded-twice",
        "A plus that is escaped in a query is decoded to a space.",
        C::WireFormEncoding,
        &[C::WireGet, C::Parameter(Parameter::EnableUserName, Aspect::Pattern)],
        Narrow,
        || {
            misreads(
                |incoming, parameters| {
                    if by_get(&incoming.request) { parameters.replace("%2B", "%20") } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "escapes-decoded-twice",
        "Values are decoded twice: %2541 is taken for A.",
        C::WireFormEncoding,
        // A percent sign is no character of any pattern.
        &[C::Parameter(Parameter::EnableUserName, Aspect::Pattern)],
        Narrow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { parameters.replace("%25", "%") } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "serial-number-escapes-kept",
        "A slash that is escaped in SerialNumber stays %2F.",
        C::WireFormEncoding,
        // The device's own ARN, all in the pattern, is refused.
        &[C::SerialNumberOwnArn, C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern), C::EnableFreshPair],
        Shallow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { parameters.replace("%2F", "%252F") } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "user-name-trimmed",
        "White space around UserName is dropped.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        USER_PATTERN,
        Narrow,
        || misreads(|_, parameters| trimmed(parameters, "UserName")),
    ),
    row(
        "serial-number-trimmed",
        "White space around SerialNumber is dropped.",
        C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
        &[
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
        ],
        Narrow,
        || misreads(|_, parameters| trimmed(parameters, "SerialNumber")),
    ),
    row(
        "codes-trimmed",
        "White space around the codes is dropped.",
        C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
        // A code with a space is too long and holds a character that is no digit.
        &[
            C::Parameter(Parameter::EnableCode1, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode1, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
        ],
        Narrow,
        || misreads(|_, parameters| trimmed(&trimmed(parameters, "AuthenticationCode1"), "AuthenticationCode2")),
    ),
    row(
        "code-hyphens-dropped",
        "Hyphens in the codes are dropped.",
        C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
        &[
            C::Parameter(Parameter::EnableCode1, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode2, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode1, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
        ],
        Narrow,
        || {
            misreads(|_, parameters| {
                map_values(parameters, |name, value| {
                    if name.starts_with("AuthenticationCode") { value.replace('-', "") } else { value.to_owned() }
                })
            })
        },
    ),
    row(
        "codes-cut-to-six-digits",
        "Of a code that is too long the first six characters count.",
        C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
        &[
            C::Parameter(Parameter::EnableCode2, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode1, Aspect::MaxLength),
            C::Parameter(Parameter::ResyncCode2, Aspect::MaxLength),
        ],
        Narrow,
        || {
            misreads(|_, parameters| {
                map_values(parameters, |name, value| match value.get(..6) {
                    Some(first) if name.starts_with("AuthenticationCode") => first.to_owned(),
                    _ => value.to_owned(),
                })
            })
        },
    ),
    row(
        "lines-after-a-value-dropped",
        "A newline at the end of a value is let pass, as $ lets it in a regular expression.",
        C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        &[
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::EnableCode1, Aspect::MaxLength),
        ],
        Narrow,
        || {
            misreads(|_, parameters| {
                map_values(parameters, |_, value| value.strip_suffix("%0A").unwrap_or(value).to_owned())
            })
        },
    ),
];
