//! Services whose requests spoil each other, on a connection or in the long run.

use std::collections::BTreeMap;
use std::sync::Arc;

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};

use super::request::{is_under_test, misreads};
use crate::altered::{documented, documented_reply};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Lay, Service, laid, parameter, parameters, with_parameters, without};

/// Fills what a request lacks from those before it on the same connection.
fn leaks(names: &'static [&'static str]) -> Lay {
    Arc::new(move || {
        let mut kept: BTreeMap<&'static str, String> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let mut now = parameters(&incoming.request);
            let under_test = is_under_test(&now);
            for name in names {
                if let Some(value) = parameter(&now, name) {
                    kept.insert(name, value.to_owned());
                } else if let Some(left) = kept.get(name).filter(|_| under_test) {
                    now = format!("{now}&{name}={left}");
                }
            }
            Ok(with_parameters(&incoming.request, &now, service).into())
        })
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "leaks-the-user-name",
        "A call without UserName takes the last one that came on the same connection.",
        C::WireRequestBoundary,
        // The parameter that is missing should have been missed; the caller should have been meant.
        &[
            C::Parameter(Parameter::EnableUserName, Aspect::Required),
            C::Parameter(Parameter::ResyncUserName, Aspect::Required),
            C::DeactivateDefaultUser,
        ],
        Stateful,
        || documented().behind(leaks(&["UserName"])),
    ),
    row(
        "leaks-the-codes",
        "A call without a code takes the last one that came on the same connection.",
        C::WireRequestBoundary,
        &[
            C::Parameter(Parameter::EnableCode1, Aspect::Required),
            C::Parameter(Parameter::EnableCode2, Aspect::Required),
            C::Parameter(Parameter::ResyncCode1, Aspect::Required),
            C::Parameter(Parameter::ResyncCode2, Aspect::Required),
        ],
        Stateful,
        || documented().behind(leaks(&["AuthenticationCode1", "AuthenticationCode2"])),
    ),
    row(
        "user-name-lost-on-a-kept-connection",
        "From the 24th request on one connection on, EnableMFADevice doesn't read UserName.",
        C::Parameter(Parameter::EnableUserName, Aspect::Required),
        // Nothing tells which of a right call's parts was not read.
        &[C::EnableFreshPair, C::Parameter(Parameter::EnableUserName, Aspect::Pattern), C::WireRequestBoundary],
        Stateful,
        || {
            misreads(|incoming, parameters| {
                if incoming.carried >= 24 && parameters.contains("Action=EnableMFADevice") {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
    ),
    row(
        "fails-after-200-calls",
        "From the 200th request on, DeactivateMFADevice is answered ServiceFailure.",
        C::RobustnessPersistentFailure,
        &[C::RobustnessNoCrash],
        Stateful,
        || {
            documented().behind(laid(|incoming, service| {
                use mfa_reference::{ErrorCode, Operation, Outcome};
                if incoming.calls >= 200 && parameters(&incoming.request).contains("Action=DeactivateMFADevice") {
                    let outcome = Outcome::Error { code: ErrorCode::ServiceFailure, message: "Too many.".to_owned() };
                    return Ok(documented_reply(Some(Operation::DeactivateMfaDevice), &outcome, "late").into());
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    row(
        "carried-out-twice",
        "Each request is carried out twice, and the second answer is told.",
        C::EnableFreshPair,
        // The second of two equal calls finds what the first has done.
        &[C::EnableAlreadyEnabled, C::DeactivateDissociates, C::DeactivateNoCodeNeeded],
        Shallow,
        || {
            documented().behind(laid(|incoming, service| {
                if is_under_test(&parameters(&incoming.request)) {
                    let _first = service(&incoming.request);
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
];
