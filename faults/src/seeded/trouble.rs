//! Services that don't answer, break off, or put off for good.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode as E, MfaOperation};

use crate::altered::{Altered, documented};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Lost, Service, held, laid, parameters};
use crate::parts::{on_each, refuse};
use crate::permitted::trouble::keeps_recreated_users;
use crate::seeded::request::is_under_test;

/// Gives no reply to every so many calls; a second try works.
fn hangs_every(every: u64) -> Altered {
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if incoming.calls % every == every - 1 { Err(Lost::Silence) } else { Ok(service(&incoming.request).into()) }
    }))
}

/// Breaks off each call of the three operations, and answers all others.
fn resets_the_three() -> Altered {
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if is_under_test(&parameters(&incoming.request)) {
            return Err(Lost::HungUp);
        }
        Ok(service(&incoming.request).into())
    }))
}

/// Puts off once what names no user and no device that exists.
fn puts_off_what_names_nothing() -> Altered {
    let refused: Mutex<BTreeSet<String>> = Mutex::default();
    on_each(move |named, decision| {
        let nothing = named.user.is_none() && named.device.is_none() && named.operation != MfaOperation::Resync;
        let first = nothing && held(&refused).insert(format!("{:?} {:?}", named.user_name, named.serial));
        if first { refuse(E::EntityTemporarilyUnmodifiable) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "hangs-now-and-then",
        "Every 97th call has no reply; the same call is answered when it is sent again.",
        C::RobustnessAnswers,
        &[],
        Shallow,
        || hangs_every(97),
    ),
    row(
        "resets-the-three-operations",
        "Each call of the three operations is broken off; all others are answered.",
        C::RobustnessNoCrash,
        &[],
        Shallow,
        resets_the_three,
    ),
    row(
        "recreated-users-unmodifiable-for-good",
        "A user that was deleted and recreated is temporarily unmodifiable for good.",
        C::EnableTemporarilyUnmodifiable,
        &[C::DeactivateTemporarilyUnmodifiable],
        Stateful,
        || keeps_recreated_users(i64::MAX),
    ),
    row(
        "what-names-nothing-unmodifiable",
        "A call that names no user and no device that exists is answered EntityTemporarilyUnmodifiable once.",
        C::EnableTemporarilyUnmodifiable,
        &[C::DeactivateTemporarilyUnmodifiable],
        Shallow,
        puts_off_what_names_nothing,
    ),
];
