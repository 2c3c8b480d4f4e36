//! Judges a call without a reply in the protocol.

use mfa_reference::clause::{ClauseId, Stance};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, RawRequest, Search};

use super::belief::TooManyStates;
use super::observation::{Observation, Seen, answer_of, asked, divergence, exists, named};
use super::pending::{OVERLAPS_MS, Pending};
use super::released_serials::Pair;
use super::state::Oracle;
use super::verdict::{Divergence, ObservedClass, Verdict};
use super::{request_encoding, wire};
use crate::transport::TransportError;
use crate::wire::{Format, Observed};

impl Oracle {
    pub(super) fn broken(
        &mut self,
        observation: &Observation<'_>,
        error: &TransportError,
        verdict: &mut Verdict,
    ) -> Result<(), TooManyStates> {
        let (clause, class) = match error {
            TransportError::Timeout(_) => (ClauseId::RobustnessAnswers, ObservedClass::Timeout),
            TransportError::Connect(_)
            | TransportError::Broken(_)
            | TransportError::TooLarge(_)
            | TransportError::NotHttp(_)
            | TransportError::Request(_) => (ClauseId::RobustnessNoCrash, ObservedClass::Broken),
        };
        verdict.divergences.push(divergence(observation.operation, clause, class, "a reply"));
        if matches!(error, TransportError::Timeout(_)) {
            self.stays_pending(observation);
        }
        self.may_have_happened(observation)
    }

    pub(super) fn unreadable(
        &mut self,
        observation: &Observation<'_>,
        status: u16,
        format: Format,
        verdict: &mut Verdict,
    ) -> Result<(), TooManyStates> {
        self.may_have_happened(observation)?;
        let mut class = ObservedClass::Unreadable(status);
        let no_action = observation.operation.under_test().and_then(|_| no_action(observation));
        if let Some(clause) = no_action.filter(|clause| !self.strict || clause.stance() != Stance::Recorded) {
            self.note_no_action(clause, status);
            return Ok(());
        }
        let clause = match (no_action, observation.operation.under_test(), format) {
            (Some(clause), _, _) => clause,
            (None, Some(operation), Format::Foreign) if !self.operations.present.contains(&operation) => {
                exists(operation)
            }
            (None, Some(_), Format::OtherResponse) if status >= 400 => {
                class = ObservedClass::Envelope("an error without ErrorResponse");
                ClauseId::WireErrorEnvelope
            }
            (None, Some(operation), Format::OtherResponse) => {
                class = ObservedClass::Envelope("the response of another operation");
                wire::success_root(operation)
            }
            (None, Some(_) | None, _) if status >= 500 => ClauseId::RobustnessNoCrash,
            (None, Some(_), _) => ClauseId::WireWellFormed,
            // No clause covers the replies of the other operations. Without such replies nothing is tested.
            (None, None, _) => return Ok(()),
        };
        let expected = format!("{}Response or ErrorResponse", observation.operation);
        let also = request_encoding::clauses(observation).collect();
        verdict.divergences.push(Divergence { also, ..divergence(observation.operation, clause, class, &expected) });
        Ok(())
    }

    /// Notes the reply to a request without a known action. No document says what it must be.
    fn note_no_action(&mut self, clause: ClauseId, status: u16) {
        let what = format!("answered with status {status} without an IAM reply");
        let noted = if clause.stance().is_open() { &mut self.tally.open } else { &mut self.tally.departures };
        *noted.entry((clause, what)).or_default() += 1;
    }

    /// A passing failure that did not pass.
    #[must_use]
    pub fn persistent(&self, observation: &Observation<'_>) -> Divergence {
        let code = match observation.observed {
            Observed::Reply(reply) => match answer_of(reply) {
                Some(Seen::Error(code)) => Some(code),
                Some(Seen::Success(_)) | None => None,
            },
            Observed::Unreadable { .. } | Observed::Broken(_) => None,
        };
        let clause = match (observation.operation.under_test(), code) {
            (Some(MfaOperation::Enable), Some(ErrorCode::EntityTemporarilyUnmodifiable)) => {
                ClauseId::EnableTemporarilyUnmodifiable
            }
            (Some(MfaOperation::Deactivate), Some(ErrorCode::EntityTemporarilyUnmodifiable)) => {
                ClauseId::DeactivateTemporarilyUnmodifiable
            }
            (Some(MfaOperation::Resync), Some(ErrorCode::LimitExceeded)) => ClauseId::ResyncLimit,
            (Some(MfaOperation::Deactivate), Some(ErrorCode::LimitExceeded)) => ClauseId::DeactivateLimit,
            _ => ClauseId::RobustnessPersistentFailure,
        };
        let class = code.map_or(ObservedClass::Broken, ObservedClass::Error);
        divergence(observation.operation, clause, class, "an answer when the request is sent again")
    }

    /// Accounts for a call that may have had the effect of a permitted success, and may have used up its codes.
    pub(super) fn may_have_happened(&mut self, observation: &Observation<'_>) -> Result<(), TooManyStates> {
        let device = named(self.state(), observation).1;
        let asked = asked(observation, &self.history, Search::Day);
        let kept = self.belief.may_have_happened(&asked, observation.window.from);
        self.remember_codes(observation, device, None, Pair::Unknown);
        kept
    }

    /// Remembers a call that was sent and has no answer. A connection that could not be made carried no call.
    pub(super) fn stays_pending(&mut self, observation: &Observation<'_>) {
        let is_sent = match observation.observed {
            Observed::Broken(TransportError::Connect(_) | TransportError::Request(_))
            | Observed::Reply(_)
            | Observed::Unreadable { .. } => false,
            Observed::Broken(_) => true,
        };
        if is_sent && !observation.operation.is_read() {
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

/// The clause on a request without a known action, if it is one.
fn no_action(observation: &Observation<'_>) -> Option<ClauseId> {
    let Some(action) = observation.request.get("Action") else { return Some(ClauseId::WireMissingAction) };
    let known = Operation::from_name(action).is_some();
    match observation.request.get("Version") {
        Some(RawRequest::VERSION) => (!known).then_some(ClauseId::WireUnknownAction),
        Some(_) | None => Some(ClauseId::WireUnknownVersion),
    }
}
