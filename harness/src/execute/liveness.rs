//! Whether the target still answers: one rule for every kind of death.
//!
//! The player checks the target when it can't connect, or when two calls in a row break. The target is alive if any
//! call that only reads has a reply within a few seconds. Otherwise the run ends. The broken calls are then not
//! findings: the run reports them as under way.

use mfa_reference::{Operation, RawRequest};

use super::player::Player;
use super::trace::Unfinished;
use crate::transport::{Credentials, HttpReply, TransportError};
use crate::wire::{Call, Encoded, Style, encode};

/// How long to keep checking a target that doesn't answer, in milliseconds.
const LOOK_MS: i64 = 3_000;

/// The pause between two checks, in milliseconds.
const PAUSE_MS: u64 = 200;

/// How many characters of a value the report shows.
const MOST_SHOWN: usize = 80;

/// The calls that check whether a target answers. One of them may be broken, so there are three.
const READS: [Operation; 3] = [Operation::ListMfaDevices, Operation::ListUsers, Operation::ListVirtualMfaDevices];

impl Player<'_> {
    /// Sends a request, and checks that the target is alive if that is in doubt. It returns a refused connection as an
    /// error only if the target is alive again.
    pub(super) async fn reach(
        &mut self,
        encoded: &Encoded,
        credentials: &Credentials,
    ) -> Result<Result<HttpReply, TransportError>, Unfinished> {
        if let Some(why) = self.settle_cache.death() {
            return Err(self.gone_with(why));
        }
        let sent = self.transport.now();
        let came = self.transport.send(encoded, credentials).await;
        self.settle_cache.took(self.transport.now().0 - sent.0);
        let Some(error) = came.as_ref().err().filter(|error| is_silence(error)) else {
            self.first_broken = None;
            return Ok(came);
        };
        let unreached = matches!(error, TransportError::Connect(_));
        let why = if let TransportError::Connect(why) = error { why.clone() } else { error.to_string() };
        if !unreached && self.first_broken.is_none() {
            self.first_broken = Some(self.played.trace.len());
            return Ok(came);
        }
        if !self.is_alive().await {
            self.settle_cache.died(&why);
            return Err(self.gone_with(why));
        }
        if unreached {
            self.settle_cache.restarted();
        }
        Ok(came)
    }

    /// Ends the scenario because the target is gone. Drops the findings of the calls that broke last.
    pub(super) fn gone_with(&mut self, why: String) -> Unfinished {
        if let Some(first) = self.first_broken.take() {
            self.played.found.retain(|found| found.exchange < first);
            if let Some(exchange) = self.played.trace.get(first) {
                self.settle_cache.was_in_flight(shown(&exchange.call));
                self.played.in_flight = Some(first);
            }
        }
        Unfinished::Unreachable(why)
    }

    pub(super) async fn is_alive(&mut self) -> bool {
        let begun = self.transport.now();
        let credentials = self.settings.credentials.clone();
        loop {
            for operation in READS {
                let request = RawRequest::new(operation.name(), &[]);
                let call = Call { operation, request, style: Style::default() };
                match self.transport.send(&encode(&call), &credentials).await {
                    Err(TransportError::Connect(_)) => break,
                    Err(error) if is_silence(&error) => {}
                    Ok(_) | Err(_) => return true,
                }
            }
            if self.transport.now().0 - begun.0 >= LOOK_MS {
                return false;
            }
            self.transport.wait(std::time::Duration::from_millis(PAUSE_MS)).await;
        }
    }
}

/// Whether the target sent no reply.
const fn is_silence(error: &TransportError) -> bool {
    match error {
        TransportError::Connect(_) | TransportError::Broken(_) | TransportError::Timeout(_) => true,
        TransportError::TooLarge(_) | TransportError::NotHttp(_) | TransportError::Request(_) => false,
    }
}

/// A call on one line.
fn shown(call: &Call) -> String {
    let values = call.request.parameters.iter().filter(|(name, _)| !matches!(name.as_str(), "Action" | "Version"));
    let values: Vec<String> = values
        .map(|(name, value)| {
            let cut: String = value.chars().take(MOST_SHOWN).collect();
            format!("{name}={cut}{}", if cut.len() < value.len() { "…" } else { "" })
        })
        .collect();
    format!("{} ({})", call.operation, values.join(", "))
}
