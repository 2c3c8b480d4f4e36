//! Makes a call from symbols, sends it, and records it in the trace.

use mfa_reference::totp::{Seed, SeedEncoding};
use mfa_reference::{Operation, SuccessBody, TimeStep, Window};

use super::origin::{MadeRequest, Origin};
use super::player::Player;
use super::trace::{Exchange, Unfinished};
use crate::oracle::{Divergence, OVERLAPS_MS, Verdict};
use crate::scenario::{MfaCall, Signer, Value};
use crate::transport::{Credentials, TransportError};
use crate::wire::{Answer, Call, Malformed, Observed, Reply, Style, encode, read};

/// A call to send, with how it was made.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) operation: Operation,
    pub(super) made: MadeRequest,
    pub(super) style: Style,
    pub(super) signer: Signer,
    /// What is malformed about it, if no SDK would send it.
    pub(super) malformed: Option<Malformed>,
    /// The time step in which its codes were computed, if it may have codes.
    pub(super) made_in: Option<TimeStep>,
}

impl Outgoing {
    /// An ordinary call without codes, signed with the run's own key.
    pub(super) fn plain(operation: Operation, made: MadeRequest) -> Self {
        Self { operation, made, style: Style::default(), signer: Signer::Run, malformed: None, made_in: None }
    }

    /// The time steps of its codes that belong to the device that it names. A time step that another device has used is
    /// unused for this one (`enable.codes-by-device`).
    pub(super) fn carried(&self) -> Vec<TimeStep> {
        let serial = self.made.request.get("SerialNumber").filter(|_| self.made_in.is_some());
        let codes = self.made.origins.iter().filter_map(Origin::unchanged_code);
        codes.filter(|code| Some(code.serial_number.as_str()) == serial).map(|code| code.at).collect()
    }
}

impl Player<'_> {
    /// Makes a call once; `None` if it would name something that may be somebody's.
    pub(super) async fn mfa_once(
        &mut self,
        operation: Operation,
        call: &MfaCall,
    ) -> Result<Option<Verdict>, Unfinished> {
        let settle_cache = self.settle_cache;
        let _alone = if self.names_others(&self.named(call)) {
            let alone = settle_cache.shared_names.lock().await;
            if !self.may_make(call).await? {
                self.left_out = true;
                return Ok(None);
            }
            Some(alone)
        } else {
            None
        };
        let outgoing = self.outgoing(operation, call);
        let serial = outgoing.made.request.get("SerialNumber").map(str::to_owned);
        let verdict = self.send_judged(outgoing, Some(call)).await?;
        if let Some(device) = call.device.as_ref().and_then(Value::device)
            && let Some(id) = serial.and_then(|serial| self.oracle.state().find_device(&serial).id())
        {
            self.bindings.set_clock(device, self.oracle.steps_ahead(id));
        }
        Ok(Some(verdict))
    }

    /// The call with this scenario's names and the current codes.
    pub(super) fn outgoing(&self, operation: Operation, call: &MfaCall) -> Outgoing {
        let now = self.transport.now().step();
        let mut made = MadeRequest::new(operation.name());
        let values = [
            ("UserName", &call.user),
            ("SerialNumber", &call.device),
            ("AuthenticationCode1", &call.code1),
            ("AuthenticationCode2", &call.code2),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                made.push(name, self.bindings.resolve(value, now));
            }
        }
        if call.reversed {
            made.reverse();
        }
        let style = Style::for_values(call.get, &made.request.parameters).escaped(call.escapes);
        Outgoing { style, signer: call.signer, made_in: Some(now), ..Outgoing::plain(operation, made) }
    }

    /// Makes a call of another operation, signed with the run's own key.
    pub(super) async fn call(&mut self, operation: Operation, made: MadeRequest) -> Result<Verdict, Unfinished> {
        self.send_judged(Outgoing::plain(operation, made), None).await
    }

    /// Sends a call once and records it in the trace.
    pub(super) async fn send(&mut self, outgoing: Outgoing) -> Result<Window, Unfinished> {
        let (exchange, window) = self.exchange(outgoing).await?;
        self.record(exchange, window);
        Ok(window)
    }

    /// Sends a call once, unless the scenario has to end. The caller records the exchange.
    pub(super) async fn exchange(&mut self, outgoing: Outgoing) -> Result<(Exchange, Window), Unfinished> {
        if self.step.is_some() {
            self.may_go_on()?;
        }
        let Outgoing { operation, made, style, signer, malformed, .. } = outgoing;
        let own = self.signer_of(signer);
        let credentials = own.as_ref().map_or(&self.settings.credentials, |(_, credentials, _)| credentials);
        let call = Call { operation, request: made.request, style };
        let mut encoded = encode(&call);
        if let Some(malformed) = &malformed {
            malformed.apply(&mut encoded);
        }
        if operation.under_test().is_some() {
            self.played.requests.under_test += 1;
        } else {
            self.played.requests.other += 1;
        }
        self.holdings.begin(&mut self.share, operation);
        let mut from = self.transport.now();
        let mut came = self.reach(&encoded, credentials).await?;
        if matches!(came, Err(TransportError::Connect(_))) {
            // The call was not sent, and the target is alive again.
            from = self.transport.now();
            came = self.transport.send(&encoded, credentials).await;
        }
        let to = self.transport.now();
        self.retry_after = came.as_ref().ok().and_then(|reply| reply.retry_after);
        let sent_twice = came.as_ref().is_ok_and(|reply| reply.retried);
        let observed = match came {
            Err(error) => Observed::Broken(error),
            Ok(reply) => {
                self.played.answered = true;
                read(operation, reply)
            }
        };
        let observed = if self.settings.operations.seeds_by_chance { without_chance(observed) } else { observed };
        let (signer, key_from) = own.map(|(name, _, from)| (name, from)).unzip();
        let exchange = Exchange {
            step: self.step,
            sent: from.step(),
            call,
            origins: made.origins,
            signer,
            key_from,
            malformed: malformed.map(|_| encoded),
            sent_twice,
            overlap: None,
            observed,
        };
        let tolerance = self.transport.clock_tolerance() + self.settings.operations.clock_doubt_ms;
        Ok((exchange, Window { from, to }.widened(tolerance)))
    }

    /// The name and the key of a user that signs, and the exchange that the key is from. For a user without a key, the
    /// run's own key signs.
    pub(super) fn signer_of(&mut self, signer: Signer) -> Option<(String, Credentials, usize)> {
        let Signer::User(user) = signer else { return None };
        let part = self.bindings.users.get_mut(&user)?;
        let name = part.name.text.clone();
        part.next_key().map(|key| (name, key.credentials, key.from))
    }

    /// Adds an exchange to the trace. Nothing changes it afterwards.
    pub(super) fn record(&mut self, exchange: Exchange, window: Window) {
        let operation = exchange.call.operation;
        let timed_out = matches!(exchange.observed, Observed::Broken(TransportError::Timeout(_)));
        self.played.trace.push(exchange);
        if timed_out {
            *self.played.timeouts.entry(operation).or_default() += 1;
            self.overlaps_until = window.to.plus(OVERLAPS_MS);
            self.note(vec![Divergence::no_reply(operation)]);
        }
    }
}

/// The reply without a new device's seed, if the seed only happens to look like base32 text.
fn without_chance(mut observed: Observed) -> Observed {
    if let Observed::Reply(Reply { answer: Answer::Success(SuccessBody::VirtualDevice { seed_blob, .. }), .. }) =
        &mut observed
        && matches!(Seed::from_blob(seed_blob), Ok((_, SeedEncoding::PlainBase32)))
    {
        seed_blob.clear();
    }
    observed
}
