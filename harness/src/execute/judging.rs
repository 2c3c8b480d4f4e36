//! A call until its answer is judged.

use std::time::Duration;

use mfa_reference::{ErrorCode, Limits, Operation, Step, Window};

use super::performance::Performance;
use super::trace::{CodeSource, Exchange, Unfinished};
use crate::oracle::{Admitted, Judged, Verdict};
use crate::scenario::Signer;
use crate::transport::Transport;
use crate::wire::{Call, Observed, Odd};

impl<T: Transport> Performance<'_, T> {
    /// Sends a call until it has an answer that is no passing failure, and has each answer judged.
    pub(super) async fn send_judged(
        &mut self,
        mut call: Call,
        signer: Signer,
        mut codes: [Option<CodeSource>; 2],
        carried: &[Step],
    ) -> Result<Verdict, Unfinished> {
        let mut attempt = 0;
        self.doubtful = false;
        loop {
            let window = self.send(call, signer, codes, None).await?;
            self.called = self.played.trace.len().saturating_sub(1);
            self.look_first(window, carried).await?;
            let Some(exchange) = self.played.trace.get(self.called) else { return Ok(Verdict::default()) };
            let limits = self.lingering.holdings.limits(&self.share, self.settings.starts_empty);
            let judged = Judged { limits, ..judged(exchange, window, carried) };
            self.doubtful |= self.sent_twice || exchange.is_doubtful();
            if std::mem::take(&mut self.sent_twice) {
                self.oracle.sent_twice(&judged).map_err(|_| Unfinished::TooManyWorlds)?;
            }
            let verdict = self.oracle.judge(&judged).map_err(|_| Unfinished::TooManyWorlds);
            let (sure, perhaps, of_a_user) = self.oracle.held();
            self.lingering.holdings.settle(&mut self.share, sure, perhaps, of_a_user);
            let mut verdict = verdict?;
            self.unobserved |= !exchange.call.operation.is_read();
            let broken = matches!(exchange.observed, Observed::Broken(_));
            if attempt < self.settings.retries && (verdict.transient || (broken && attempt == 0)) {
                attempt += 1;
                (call, codes) = (exchange.call.clone(), exchange.codes.clone());
                // A passing failure may pass, what is wrong with its envelope doesn't.
                self.note(std::mem::take(&mut verdict.divergences).into_iter().filter(|_| !broken).collect());
                self.transport.wait(Duration::from_millis(25 << attempt)).await;
                continue;
            }
            if verdict.transient {
                verdict.divergences.push(self.oracle.persistent(&judged));
            }
            let refuted = verdict.refuted;
            let deleted = if exchange.call.operation == Operation::DeleteUser && verdict.success {
                exchange.call.request.get("UserName").map(str::to_owned)
            } else {
                None
            };
            self.note_at(self.called, std::mem::take(&mut verdict.divergences));
            if let Some(name) = deleted {
                self.user_is_gone(&name);
            }
            // What only broke off or has a wrong form leaves known what the state may be.
            if refuted {
                self.adopt().await?;
            }
            return Ok(verdict);
        }
    }

    /// Sends a request that no SDK would send. How it is read is nowhere written, so whatever it does is taken as it is;
    /// but no request is answered twice running by an internal failure, or not at all (`robustness.no-crash`).
    pub(super) async fn send_odd(&mut self, call: Call, odd: &Odd) -> Result<(), Unfinished> {
        for again in [false, true] {
            let window = self.send(call.clone(), Signer::Run, [None, None], Some(odd.clone())).await?;
            self.called = self.played.trace.len().saturating_sub(1);
            self.sent_twice = false;
            let Some(exchange) = self.played.trace.last() else { return Ok(()) };
            let failed = self.oracle.judge_odd(&judged(exchange, window, &[]));
            match failed {
                None => break,
                Some(divergence) if again => self.note(vec![divergence]),
                Some(_) => self.transport.wait(Duration::from_millis(50)).await,
            }
        }
        self.adopt().await
    }

    /// A refusal that speaks of the state, and that the state as it is believed doesn't explain, may only tell of what an
    /// earlier call has done unseen. Then the listings show that, and it is that call's doing.
    async fn look_first(&mut self, window: Window, carried: &[Step]) -> Result<(), Unfinished> {
        let Some(exchange) = self.played.trace.get(self.called).filter(|_| self.unobserved) else { return Ok(()) };
        let speaks_of_state = match exchange.code().and_then(ErrorCode::from_wire) {
            Some(ErrorCode::NoSuchEntity | ErrorCode::EntityAlreadyExists | ErrorCode::DeleteConflict) => true,
            Some(_) | None => false,
        };
        let limits = self.lingering.holdings.limits(&self.share, self.settings.starts_empty);
        let admitted = self.oracle.admits(&Judged { limits, ..judged(exchange, window, carried) });
        if !speaks_of_state || admitted != Admitted::Never {
            return Ok(());
        }
        let sent_twice = std::mem::take(&mut self.sent_twice);
        self.observe().await?;
        self.sent_twice = sent_twice;
        Ok(())
    }
}

/// An exchange as the oracle takes it.
pub(super) fn judged<'a>(exchange: &'a Exchange, window: Window, carried: &'a [Step]) -> Judged<'a> {
    Judged {
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
