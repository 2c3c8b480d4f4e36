//! Calls that overlap, in the form of the search of their orders.

use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::permitted::transition::Answer as ModelAnswer;
use mfa_reference::{ErrorCode, History, MfaOperation, Search, SuccessBody};

use super::judge::search_for;
use super::observation::{Observation, Seen, answer_of, asked};
use super::orders::Entry;
use crate::transport::TransportError;
use crate::wire::Observed;

/// A call that overlapped others, and when it was under way.
#[derive(Clone, Copy, Debug)]
pub struct OverlappingCall<'a> {
    /// The call and its reply.
    pub observation: Observation<'a>,
    /// Before it was sent.
    pub began: Duration,
    /// After its reply was read, or the attempt ended.
    pub ended: Duration,
}

/// A call's part in the search.
pub(super) enum Part {
    /// It was answered.
    Answered,
    /// Whether it was executed is unknown.
    Unknown,
    /// It has no effect, and its reply says nothing about the state.
    Nothing,
}

/// The calls in the form of the search, each with its position among `calls`. Whether the calls of the list
/// `in_doubt` were executed is left open.
pub(super) fn entries_of<'a>(
    calls: &'a [OverlappingCall<'a>],
    told: &'a [Option<SuccessBody>],
    history: &'a History,
    search: Search,
    in_doubt: &[usize],
) -> (Vec<Entry<'a>>, Vec<usize>) {
    let mut entries = Vec::new();
    let mut positions = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let observation = &call.observation;
        let told_once = told.get(index).and_then(Option::as_ref).map(ModelAnswer::Success);
        let answer = match part_of(observation) {
            Part::Nothing => continue,
            Part::Answered if !in_doubt.contains(&index) => told_once.or_else(|| match observation.observed {
                Observed::Reply(reply) => answer_of(reply),
                Observed::Unreadable { .. } | Observed::Broken(_) => None,
            }),
            Part::Answered | Part::Unknown => None,
        };
        let wide = if search == Search::Day { search } else { search_for(observation) };
        entries.push(Entry {
            asked: asked(observation, history, wide),
            answer,
            began: call.began,
            ended: call.ended,
            at: observation.window.from,
        });
        positions.push(index);
    }
    (entries, positions)
}

pub(super) fn part_of(observation: &Observation<'_>) -> Part {
    match observation.observed {
        // It was never sent.
        Observed::Broken(TransportError::Connect(_) | TransportError::Request(_)) => Part::Nothing,
        Observed::Broken(_) | Observed::Unreadable { .. } if observation.operation.is_read() => Part::Nothing,
        Observed::Broken(_) | Observed::Unreadable { .. } => Part::Unknown,
        Observed::Reply(reply) => match answer_of(reply) {
            Some(Seen::Success(SuccessBody::MfaDevices(page))) if page.next.is_some() => Part::Nothing,
            Some(Seen::Success(SuccessBody::VirtualDevices(page))) if page.next.is_some() => Part::Nothing,
            Some(_) => Part::Answered,
            None if reply.status >= 500 => Part::Unknown,
            None => Part::Nothing,
        },
    }
}

pub(super) fn carries_codes(call: &OverlappingCall<'_>) -> bool {
    call.observation.request.get("AuthenticationCode1").is_some()
}

/// The code of a refusal.
pub(super) fn code_of(call: &OverlappingCall<'_>) -> Option<ErrorCode> {
    let Observed::Reply(reply) = call.observation.observed else { return None };
    match answer_of(reply)? {
        Seen::Error(code) => Some(code),
        Seen::Success(_) => None,
    }
}

/// The clause on `ConcurrentModification`.
#[must_use]
pub const fn concurrent_modification(operation: MfaOperation) -> ClauseId {
    match operation {
        MfaOperation::Enable => ClauseId::EnableConcurrentModification,
        MfaOperation::Resync => ClauseId::ResyncConcurrentModification,
        MfaOperation::Deactivate => ClauseId::DeactivateConcurrentModification,
    }
}
