//! Faults that show only in a certain state: that of a connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::TimeStep;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::wire::HttpResponse;

use crate::altered::{Altered, documented, recognises};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, held, parameter, parameters};
use crate::seeded::request::is_under_test;

/// Keeps one handler for each action and connection, whose error is forgotten only when it was told twice.
fn keeps_errors() -> Altered {
    documented().behind(Arc::new(|| {
        let mut kept: BTreeMap<String, HttpResponse> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let read = parameters(&incoming.request);
            let response = service(&incoming.request);
            if !is_under_test(&read) {
                return Ok(response.into());
            }
            let action = parameter(&read, "Action").unwrap_or_default();
            if let Some(error) = kept.remove(action) {
                return Ok(error.into());
            }
            if (400..500).contains(&response.status) {
                kept.insert(action.to_owned(), response.clone());
            }
            Ok(response.into())
        })
    }))
}

/// Checks codes by the time at which their connection was opened.
fn reads_the_clock_once() -> Altered {
    let step: Arc<Mutex<Option<TimeStep>>> = Arc::default();
    let of_connection = Arc::clone(&step);
    recognises(move |seed, one, two, now| {
        // Whoever comes without a connection comes now.
        let then = held(&step).unwrap_or(now);
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, then.start(), None)
    })
    .behind(Arc::new(move || {
        let of_connection = Arc::clone(&of_connection);
        let mut opened = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let opened = *opened.get_or_insert_with(|| incoming.now.step());
            *held(&of_connection) = Some(opened);
            Ok(service(&incoming.request).into())
        })
    }))
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "refusal-told-again-on-its-connection",
        "A refusal is told once more to the connection's next call of the same operation, which is carried out.",
        C::WireRequestBoundary,
        // A right call seems refused, and refused with an effect; a wrong one seems refused for another's reason.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::EnableUserExists,
            C::EnableCodesRecognised,
            C::EnableAlreadyEnabled,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncRejectedNoEffect,
            C::ResyncUserExists,
            C::ResyncCodesRecognised,
            C::DeactivateDissociates,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
            C::DeactivateRejectedNoEffect,
            C::DeactivateUserExists,
            C::DeactivateDeviceExists,
            C::DeactivateReEnable,
        ],
        Stateful,
        keeps_errors,
    ),
    row(
        "clock-read-once-a-connection",
        "Codes are checked by the time at which their connection was opened.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::EnableRejectedNoEffect,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::ResyncRejectedNoEffect,
        ],
        Stateful,
        reads_the_clock_once,
    ),
];
