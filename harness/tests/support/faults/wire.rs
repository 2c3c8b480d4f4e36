//! Services that read requests or write replies wrongly.

use mfa_conformance::wire::Method;
use mfa_reference::service::behaviour::Behaviour;
use mfa_reference::{ErrorCode, Request};

use super::{Fault, departure, fault, refuse};
use crate::support::broken::{decides, documented_reply, misreads, named, with};

/// The parameters without those that `drop` names, by their position and their name.
pub(crate) fn without(parameters: &str, drop: impl Fn(usize, &str) -> bool) -> String {
    let kept = parameters.split('&').enumerate().filter(|(index, parameter)| {
        let name = parameter.split('=').next().unwrap_or_default();
        !drop(*index, name)
    });
    kept.map(|(_, parameter)| parameter).collect::<Vec<_>>().join("&")
}

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "reads no parameters from a query",
        || misreads(|method, parameters| if method == Method::Get { String::new() } else { parameters.to_owned() }),
        &["wire-enable-by-get", "wire-resync-by-get", "wire-deactivate-by-get"],
    ),
    fault(
        "wants the action first",
        || misreads(|_, parameters| without(parameters, |index, name| name == "Action" && index > 0)),
        &["wire-parameters-reversed"],
    ),
    fault(
        "decodes the values of a query twice",
        || {
            misreads(|method, parameters| match method {
                Method::Get => parameters.replace("%2B", "%20"),
                Method::Post => parameters.to_owned(),
            })
        },
        &["wire-plus-in-a-user-name"],
    ),
    departure(
        "guesses which action and version are meant",
        || {
            misreads(|_, parameters| {
                parameters.replace("ActivateMFADevice", "EnableMFADevice").replace("2010-05-09", "2010-05-08")
            })
        },
        &["wire-unknown-action", "wire-unknown-version"],
    ),
    fault(
        "has no envelope for a request without an action",
        || {
            with(Behaviour::default()).and_renderer(|operation, outcome, id| {
                let mut reply = documented_reply(operation, outcome, id);
                if operation.is_none() {
                    reply.body = String::from_utf8(reply.body).unwrap().replace("<Type>Sender</Type>", "").into_bytes();
                }
                reply
            })
        },
        &["wire-missing-action"],
    ),
    departure(
        "goes by the last of several values",
        || {
            misreads(|_, parameters| {
                let names: Vec<String> =
                    parameters.split('&').map(|one| one.split('=').next().unwrap_or_default().to_owned()).collect();
                without(parameters, |index, name| names.iter().skip(index + 1).any(|later| later == name))
            })
        },
        &["wire-duplicate-parameter", "wire-duplicate-parameter-with-an-absent-user-first"],
    ),
    departure(
        "refuses a request with a parameter that it does not know",
        || {
            misreads(|_, parameters| {
                if parameters.contains("Comment=") {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
        &["wire-unknown-parameter"],
    ),
    fault(
        "takes letters and digits only for a user name",
        || {
            decides(|situation, request, decision| {
                let Some(_) = named(situation, request) else { return decision };
                let (Request::Codes { user_name, .. } | Request::Deactivate { user_name, .. }) = request else {
                    return decision;
                };
                let end = user_name.text.and_then(|name| name.chars().last());
                if end.is_some_and(|end| !end.is_ascii_alphanumeric()) {
                    refuse(ErrorCode::ValidationError)
                } else {
                    decision
                }
            })
        },
        &[
            "enable-user-name-ending-in-at-sign",
            "enable-user-name-ending-in-comma",
            "enable-user-name-ending-in-equals-sign",
            "enable-user-name-ending-in-full-stop",
            "enable-user-name-ending-in-hyphen",
            "enable-user-name-ending-in-plus-sign",
            "enable-user-name-ending-in-underscore",
            "enable-user-name-with-all-punctuation",
        ],
    ),
];
