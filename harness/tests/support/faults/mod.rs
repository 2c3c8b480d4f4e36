//! The broken services, and the examples that each is found by.

mod codes;
mod deactivate;
mod delete;
mod enable;
mod resync;
pub(crate) mod wire;

use mfa_reference::service::behaviour::Decision;
use mfa_reference::world::{DeviceId, Effect, User, UserId, World};
use mfa_reference::{ErrorCode, MfaOperation, Millis, SuccessBody};

use crate::support::broken::{Broken, Named, decides, named};

/// One thing that a service does wrong.
pub(crate) struct Fault {
    /// What it does.
    pub(crate) name: &'static str,
    /// Whether it only departs from a Recorded clause, so that it is found in strict mode alone.
    pub(crate) strict: bool,
    /// Makes the service.
    pub(crate) service: fn() -> Broken,
    /// The examples that find it and were written for a clause that it breaks.
    pub(crate) found_by: &'static [&'static str],
}

const fn fault(name: &'static str, service: fn() -> Broken, found_by: &'static [&'static str]) -> Fault {
    Fault { name, strict: false, service, found_by }
}

const fn departure(name: &'static str, service: fn() -> Broken, found_by: &'static [&'static str]) -> Fault {
    Fault { name, strict: true, service, found_by }
}

/// Every fault.
pub(crate) const FAULTS: &[&[Fault]] =
    &[codes::FAULTS, enable::FAULTS, resync::FAULTS, deactivate::FAULTS, delete::FAULTS, wire::FAULTS];

pub(crate) fn done(effect: Effect) -> Decision {
    Decision::CarryOut { effect, body: SuccessBody::Empty }
}

pub(crate) const fn refused_with(decision: &Decision) -> Option<ErrorCode> {
    match decision {
        Decision::Refuse { code, .. } => Some(*code),
        Decision::CarryOut { .. } => None,
    }
}

pub(crate) fn refuse(code: ErrorCode) -> Decision {
    Decision::refuse(code, "no")
}

fn documented(world: &mut World, effect: &Effect, body: &SuccessBody, now: Millis) {
    world.apply(effect, Some(body), now);
}

/// Changes decisions about one operation under test.
pub(crate) fn on(operation: MfaOperation, otherwise: fn(&Named<'_>, Decision) -> Decision) -> Broken {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) if named.operation == operation => otherwise(&named, decision),
        Some(_) | None => decision,
    })
}

/// Gives in to a refusal with `NoSuchEntity`, without doing anything.
fn never_misses(operation: MfaOperation) -> Broken {
    match operation {
        MfaOperation::Enable => on(MfaOperation::Enable, |_, decision| gives_in(decision)),
        MfaOperation::Resync => on(MfaOperation::Resync, |_, decision| gives_in(decision)),
        MfaOperation::Deactivate => on(MfaOperation::Deactivate, |_, decision| gives_in(decision)),
    }
}

fn gives_in(decision: Decision) -> Decision {
    if refused_with(&decision) == Some(ErrorCode::NoSuchEntity) { done(Effect::None) } else { decision }
}

/// The devices of a user.
pub(crate) fn devices_of(world: &World, user: UserId) -> Vec<DeviceId> {
    world.user(user).into_iter().flat_map(User::devices).collect()
}

/// Makes devices nobody's.
pub(crate) fn dissociate(world: &mut World, devices: &[DeviceId], now: Millis) {
    for device in devices {
        world.apply(&Effect::Dissociate(*device), None, now);
    }
}
