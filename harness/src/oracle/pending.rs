//! Calls without an answer. The target may still execute them: now, later, or never.

use mfa_reference::{Context, History, Limits, Millis, Operation, RawRequest, Search, Window};

use super::belief::{Asked, TooManyStates};
use super::observation::Observation;
use super::state::Oracle;
use crate::transport::TransportError;
use crate::wire::Observed;

/// How long a call without an answer may be under way. `ConcurrentModification` is permitted for these five minutes.
pub const OVERLAPS_MS: i64 = 5 * 60_000;

/// A call that may still be under way.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    request: RawRequest,
    caller: Option<String>,
    window: Window,
    limits: Limits,
}

impl Pending {
    fn asked<'a>(&'a self, history: &'a History) -> Asked<'a> {
        Asked {
            request: &self.request,
            caller: self.caller.as_deref(),
            context: Context {
                window: self.window,
                search: Search::Day,
                history,
                overlapped: true,
                limits: self.limits,
            },
        }
    }
}

impl Oracle {
    /// Remembers a call that was sent and has no answer. A connection that could not be made carried no call.
    pub(super) fn stays_pending(&mut self, observation: &Observation<'_>) {
        let is_sent = match observation.observed {
            Observed::Broken(TransportError::Connect(_) | TransportError::Request(_)) => false,
            Observed::Broken(_) => true,
            Observed::Reply(_) | Observed::Unreadable { .. } => false,
        };
        let changes = |operation: Operation| !operation.is_read();
        if is_sent && changes(observation.operation) {
            self.pending.push(Pending {
                request: observation.request.clone(),
                caller: observation.caller.map(str::to_owned),
                window: observation.window,
                limits: observation.limits,
            });
        }
    }

    /// Accounts for the calls that the target may have executed since the last reply.
    pub(super) fn settle_pending(&mut self) -> Result<(), TooManyStates> {
        let pending = std::mem::take(&mut self.pending);
        let mut settled = Ok(());
        for one in &pending {
            settled = settled.and(self.belief.may_have_happened(&one.asked(&self.history), one.window.from));
        }
        self.pending = pending;
        settled
    }

    /// Forgets the calls that have been under way for too long at this time.
    pub(super) fn forget_pending(&mut self, now: Millis) {
        self.pending.retain(|one| now < one.window.to.plus(OVERLAPS_MS));
    }
}
