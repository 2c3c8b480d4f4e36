//! Other readings of requests, where the documents leave a choice.

use std::collections::BTreeSet;

use mfa_reference::wire::{HttpRequest, HttpResponse};
use mfa_reference::{ErrorCode, Operation, Outcome};

use crate::altered::{Altered, documented, documented_reply};
use crate::entry::Registered;
use crate::line::{Service, laid, misread, parameter, parameters, without};

/// A refusal of a request that never reaches the service. An empty request to the service supplies the request id.
fn refusal(service: &mut Service<'_>, code: ErrorCode, message: &str) -> HttpResponse {
    let nothing = HttpRequest { method: "GET", target: "/", content_type: None, authorization: None, body: b"" };
    let request_id = service(&nothing).request_id;
    documented_reply(None, &Outcome::Error { code, message: message.to_owned() }, &request_id)
}

fn signatures_required() -> Altered {
    documented().behind(laid(|incoming, service| {
        if incoming.request.authorization.is_none() && !incoming.request.target.contains("X-Amz-Credential") {
            let message = "The request has no authentication token.";
            return refusal(service, ErrorCode::MissingAuthenticationToken, message).into();
        }
        service(&incoming.request).into()
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

fn is_unknown(parameters: &str) -> bool {
    let mut named = url::form_urlencoded::parse(parameters.as_bytes());
    named.any(|(name, _)| !name.is_empty() && !KNOWN.contains(&&*name))
}

fn unknown_parameters_refused() -> Altered {
    documented().behind(laid(|incoming, service| {
        if is_unknown(&parameters(&incoming.request)) {
            return refusal(service, ErrorCode::ValidationError, "The parameter is not known.").into();
        }
        service(&incoming.request).into()
    }))
}

fn last_of_duplicates() -> Altered {
    documented().behind(misread(|_, parameters| {
        let names: Vec<&str> = parameters.split('&').map(|part| part.split('=').next().unwrap_or_default()).collect();
        without(parameters, |index, name| names.iter().skip(index + 1).any(|later| *later == name))
    }))
}

/// Refuses repeated parameters.
fn refuses_repeated_parameters() -> Altered {
    documented().behind(laid(|incoming, service| {
        let asked = parameters(&incoming.request);
        let mut names = BTreeSet::new();
        let is_repeated = |part: &str| !names.insert(part.split('=').next().unwrap_or_default().to_owned());
        if !asked.split('&').filter(|part| !part.is_empty()).any(is_repeated) {
            return service(&incoming.request).into();
        }
        let outcome = Outcome::Error {
            code: ErrorCode::InvalidParameterCombination,
            message: "A parameter came more than once.".to_owned(),
        };
        let id = format!("22222222-3333-4444-5555-{:012}", incoming.calls);
        documented_reply(None, &outcome, &id).into()
    }))
}

/// The parameters with an action in the documents' spelling.
fn with_known_action(parameters: &str) -> String {
    let asked = parameter(parameters, "Action").unwrap_or_default();
    match Operation::ALL.into_iter().find(|operation| operation.name().eq_ignore_ascii_case(asked)) {
        Some(operation) => format!("Action={operation}&{}", without(parameters, |_, name| name == "Action")),
        None => parameters.to_owned(),
    }
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("signatures-required", signatures_required),
    ("unknown-parameters-refused", unknown_parameters_refused),
    ("last-of-duplicates", last_of_duplicates),
    ("repeated-parameters-refused", refuses_repeated_parameters),
    ("actions-in-any-case", || documented().behind(misread(|_, parameters| with_known_action(parameters)))),
];
