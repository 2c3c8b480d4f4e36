//! Sends a call and has its replies judged.

use std::time::Duration;

use mfa_reference::{ErrorCode, Limits, Operation, TimeStep, Window};

use super::origin::MadeRequest;
use super::outgoing::Outgoing;
use super::player::Player;
use super::recovery::{Next, Tries, put_off, takes_minutes};
use super::trace::{Exchange, Unfinished};
use crate::oracle::{Admitted, Bucket, Divergence, Fit, Observation, Verdict};
use crate::scenario::MfaCall;
use crate::wire::{Call, Observed};

impl Player<'_> {
    /// Sends a call until its reply is not a passing failure, and has each reply judged. Before a retry it computes
    /// outdated codes again from `source`.
    pub(super) async fn send_judged(
        &mut self,
        mut outgoing: Outgoing,
        source: Option<&MfaCall>,
    ) -> Result<Verdict, Unfinished> {
        let (operation, mut tries, mut failing) = (outgoing.operation, Tries::default(), None);
        self.first_try = self.played.trace.len();
        loop {
            let (signer, made_in, carried) = (outgoing.signer, outgoing.made_in, outgoing.carried());
            let window = self.send(outgoing).await?;
            self.called = self.played.trace.len().saturating_sub(1);
            self.look_first(window, &carried).await?;
            let overlapped = self.transport.now() < self.overlaps_until;
            let exchange = self.played.trace.get(self.called).ok_or(Unfinished::LOST)?;
            let limits = self.holdings.limits(&self.share, self.settings.starts_empty);
            let judged = Observation { overlapped, limits, ..judged(exchange, window, &carried) };
            if exchange.sent_twice {
                self.oracle.sent_twice(&judged).map_err(|_| Unfinished::TooManyStates)?;
            }
            let verdict = self.oracle.judge(&judged).map_err(|_| Unfinished::TooManyStates);
            let (sure, perhaps, of_a_user) = self.oracle.held();
            self.holdings.settle(&mut self.share, sure, perhaps, of_a_user);
            let mut verdict = verdict?;
            self.unobserved |= !operation.is_read();
            let broken = matches!(exchange.observed, Observed::Broken(_));
            let code = exchange.code().and_then(ErrorCode::from_wire);
            let persistent = verdict.transient.then(|| self.oracle.persistent(&judged));
            let before = std::mem::replace(&mut failing, persistent.as_ref().map(Divergence::bucket));
            let stays = self.stays(before.as_ref(), failing.as_ref());
            let next = match code.filter(|code| verdict.transient && takes_minutes(*code)) {
                Some(code) => self.after_refusal(&mut tries, operation, code),
                None if verdict.transient => tries.after_failure(stays),
                None if broken => tries.after_break(),
                None => Next::Judge,
            };
            if next != Next::Judge {
                // The failure may pass, but a wrong form of its reply is a finding now.
                self.note_at(
                    self.called,
                    std::mem::take(&mut verdict.divergences).into_iter().filter(|_| !broken).collect(),
                );
            }
            match (next, code) {
                (Next::Again(pause), _) => {
                    self.pause(pause).await?;
                    let is_over = made_in.is_some_and(|made| made != self.transport.now().step());
                    outgoing = if let Some(source) = source.filter(|_| is_over && code.is_some_and(takes_minutes)) {
                        self.outgoing(operation, source)
                    } else {
                        let exchange = self.played.trace.get(self.called).ok_or(Unfinished::LOST)?;
                        let Call { request, style, .. } = exchange.call.clone();
                        let made = MadeRequest { request, origins: exchange.origins.clone() };
                        Outgoing { style, signer, made_in, ..Outgoing::plain(operation, made) }
                    };
                }
                (Next::GiveUp, Some(code)) => return Err(put_off(operation, code)),
                (Next::Judge | Next::GiveUp, _) => {
                    if let Some(bucket) = failing.filter(|_| !stays) {
                        self.settle_cache.outlasted(bucket);
                    }
                    verdict.divergences.extend(persistent);
                    return self.conclude(operation, verdict).await;
                }
            }
        }
    }

    /// Whether a failure is known to stay, so that waiting for it wastes time. If the failure before this reply passed,
    /// it is waited for again.
    fn stays(&self, before: Option<&Bucket>, failing: Option<&Bucket>) -> bool {
        if let (Some(bucket), None) = (before, failing) {
            self.settle_cache.passed(bucket);
        }
        !self.transport.is_virtual() && failing.is_some_and(|bucket| self.settle_cache.outlasts(bucket))
    }

    /// Keeps the findings of the last reply, and continues from the state that it shows.
    async fn conclude(&mut self, operation: Operation, mut verdict: Verdict) -> Result<Verdict, Unfinished> {
        let deleted =
            self.played.trace.get(self.called).filter(|_| operation == Operation::DeleteUser && verdict.success);
        let deleted = deleted.and_then(|exchange| exchange.call.request.get("UserName").map(str::to_owned));
        self.note_at(self.called, std::mem::take(&mut verdict.divergences));
        if let Some(name) = deleted {
            self.user_is_gone(&name);
        }
        // A reply that broke off or has a wrong form leaves the believed state valid.
        if verdict.fit == Fit::Refuted {
            self.resume_from().await?;
        }
        Ok(verdict)
    }

    /// Sends a request that no SDK would send. No document says how a target reads it, so any effect is accepted. But
    /// two internal failures or two missing replies in a row are a finding (`robustness.no-crash`).
    pub(super) async fn send_malformed(&mut self, outgoing: Outgoing) -> Result<(), Unfinished> {
        for again in [false, true] {
            let window = self.send(outgoing.clone()).await?;
            self.called = self.played.trace.len().saturating_sub(1);
            let exchange = self.played.trace.last().ok_or(Unfinished::LOST)?;
            let failed = self.oracle.judge_malformed(&judged(exchange, window, &[]));
            match failed {
                None => break,
                Some(divergence) if again => self.note(vec![divergence]),
                Some(_) => self.transport.wait(Duration::from_millis(50)).await,
            }
        }
        self.resume_from().await
    }

    /// Lists the users before a refusal is judged that the believed state doesn't explain. An earlier call may have
    /// changed the state unseen. The listings then show that change, and the finding belongs to that call.
    async fn look_first(&mut self, window: Window, carried: &[TimeStep]) -> Result<(), Unfinished> {
        if !self.unobserved {
            return Ok(());
        }
        let exchange = self.played.trace.get(self.called).ok_or(Unfinished::LOST)?;
        let speaks_of_state = match exchange.code().and_then(ErrorCode::from_wire) {
            Some(ErrorCode::NoSuchEntity | ErrorCode::EntityAlreadyExists | ErrorCode::DeleteConflict) => true,
            Some(_) | None => false,
        };
        let limits = self.holdings.limits(&self.share, self.settings.starts_empty);
        let admitted = self.oracle.admits(&Observation { limits, ..judged(exchange, window, carried) });
        if !speaks_of_state || admitted != Admitted::Never {
            return Ok(());
        }
        self.observe().await
    }
}

/// An exchange in the oracle's form.
pub(super) fn judged<'a>(exchange: &'a Exchange, window: Window, carried: &'a [TimeStep]) -> Observation<'a> {
    Observation {
        operation: exchange.call.operation,
        request: &exchange.call.request,
        style: exchange.call.style,
        caller: exchange.signer.as_deref(),
        window,
        carried,
        overlapped: false,
        limits: Limits::UNKNOWN,
        observed: &exchange.observed,
    }
}
