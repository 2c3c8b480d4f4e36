//! A call and its reply, before they are judged.

use mfa_reference::account::{DeviceId, UserId};
use mfa_reference::belief::State;
use mfa_reference::clause::ClauseId;
pub(super) use mfa_reference::permitted::transition::Answer as Seen;
use mfa_reference::{
    Context, ErrorCode, History, Limits, MfaOperation, Operation, RawRequest, Search, TimeStep, Window,
};

use super::belief::Asked;
use super::verdict::{Divergence, Expected, ObservedClass};
use crate::wire::{Answer, Observed, Reply, Style};

/// A call and its reply.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The operation that the call is meant for.
    pub operation: Operation,
    /// What was sent.
    pub request: &'a RawRequest,
    /// How the request was encoded.
    pub style: Style,
    /// The user name of the signer, if it is an IAM user.
    pub caller: Option<&'a str>,
    /// When the service may have read its clock.
    pub window: Window,
    /// The time steps of the request's codes, as far as the sender knows.
    pub carried: &'a [TimeStep],
    /// Whether another call of the run on the same objects may have overlapped.
    pub overlapped: bool,
    /// The run's known bounds on the limits of devices.
    pub limits: Limits,
    /// The reply, or why there is none.
    pub observed: &'a Observed,
}

/// A call as the belief needs it.
pub(super) fn asked<'a>(observation: &Observation<'a>, history: &'a History, search: Search) -> Asked<'a> {
    Asked {
        request: observation.request,
        caller: observation.caller,
        context: Context {
            window: observation.window,
            search,
            history,
            overlapped: observation.overlapped,
            limits: observation.limits,
        },
    }
}

/// The user and the device that a call is about.
pub(super) fn named(state: &State, observation: &Observation<'_>) -> (Option<UserId>, Option<DeviceId>) {
    let name = observation.request.get("UserName").or(observation.caller);
    let user = name.and_then(|name| state.find_user(name).id());
    let device = observation.request.get("SerialNumber").and_then(|serial| state.find_device(serial).id());
    (user, device)
}

/// The reply in the model's form; `None` for an error with a code that no document knows.
pub(super) fn answer_of(reply: &Reply) -> Option<Seen<'_>> {
    match &reply.answer {
        Answer::Success(body) => Some(Seen::Success(body)),
        Answer::Error { code, .. } => ErrorCode::from_wire(code).map(Seen::Error),
    }
}

/// The message of an error.
pub(super) fn message_of(reply: &Reply) -> Option<&str> {
    match &reply.answer {
        Answer::Success(_) => None,
        Answer::Error { message, .. } => message.as_deref(),
    }
}

/// The clause that the operation exists.
pub(super) const fn exists(operation: MfaOperation) -> ClauseId {
    match operation {
        MfaOperation::Enable => ClauseId::OperationEnableExists,
        MfaOperation::Resync => ClauseId::OperationResyncExists,
        MfaOperation::Deactivate => ClauseId::OperationDeactivateExists,
    }
}

/// A divergence that names one clause.
pub(super) fn divergence(operation: Operation, clause: ClauseId, class: ObservedClass, expected: &str) -> Divergence {
    Divergence {
        clause,
        also: Vec::new(),
        operation,
        class,
        expected: Expected::Words(expected.to_owned()),
        permitted: None,
    }
}
