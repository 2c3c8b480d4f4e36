//! Whether the target still answers: one rule for every kind of death.
//!
//! A call that finds nobody listening, or the second of two calls that break one after another, is a reason to look.
//! The target is alive if any call that only reads has a reply within a few seconds. If none has, the run ends, and what
//! broke is not a finding: it says which calls were under way.

use mfa_reference::{Operation, RawRequest};

use super::player::Player;
use super::trace::Unfinished;
use crate::transport::{Credentials, HttpReply, TransportError};
use crate::wire::{Call, Encoded, Style, encode};

/// For how long a target that doesn't answer is asked again.
const LOOK_MS: i64 = 3_000;

/// The pause before the next look, in milliseconds.
const PAUSE_MS: u64 = 200;

/// How much of a value the report shows.
const MOST_SHOWN: usize = 80;

/// The calls that show whether a target answers: if one of them is broken, the others tell.
const READS: [Operation; 3] = [Operation::ListMfaDevices, Operation::ListUsers, Operation::ListVirtualMfaDevices];

impl Player<'_> {
    /// Sends a request, and looks whether the target is alive if that is in doubt. A connection that can't be made comes
    /// back as an error only if the target is alive again.
    pub(super) async fn reach(
        &mut self,
        encoded: &Encoded,
        credentials: &Credentials,
    ) -> Result<Result<HttpReply, TransportError>, Unfinished> {
        if let Some(why) = self.settle_cache.death() {
            return Err(self.gone_with(why));
        }
        let came = self.transport.send(encoded, credentials).await;
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

    /// The target is gone: what broke last says so, and no more.
    fn gone_with(&mut self, why: String) -> Unfinished {
        if let Some(first) = self.first_broken.take() {
            self.played.found.retain(|found| found.exchange < first);
            if let Some(exchange) = self.played.trace.get(first) {
                self.settle_cache.was_in_flight(shown(&exchange.call));
                self.played.in_flight = Some(first);
            }
        }
        Unfinished::Unreachable(why)
    }

    async fn is_alive(&mut self) -> bool {
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

/// Whether nothing came back that somebody has sent.
const fn is_silence(error: &TransportError) -> bool {
    match error {
        TransportError::Connect(_) | TransportError::Broken(_) | TransportError::Timeout(_) => true,
        TransportError::TooLarge(_) | TransportError::NotHttp(_) | TransportError::Request(_) => false,
    }
}

/// A call in a line.
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
