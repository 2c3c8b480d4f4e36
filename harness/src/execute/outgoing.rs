//! A call on its way out: made of symbols, sent, and written into the trace.

use mfa_reference::totp::{Seed, SeedEncoding};
use mfa_reference::{Operation, RawRequest, SuccessBody, TimeStep, Window};

use super::bindings::Resolved;
use super::player::Player;
use super::trace::{CodeSource, Exchange, Unfinished};
use crate::oracle::{Divergence, Verdict};
use crate::scenario::{MfaCall, Signer, Value};
use crate::transport::TransportError;
use crate::wire::{Answer, Call, Observed, Odd, Reply, Style, encode, read};

/// A call with all that is known of its codes.
pub(super) struct Outgoing {
    pub(super) call: Call,
    /// Where each code comes from.
    pub(super) codes: [Option<CodeSource>; 2],
    /// The steps of the device's own codes.
    pub(super) carried: Vec<TimeStep>,
    /// The step in which the codes were computed.
    pub(super) made_in: Option<TimeStep>,
}

impl Outgoing {
    /// A call without codes.
    pub(super) const fn plain(call: Call) -> Self {
        Self { call, codes: [None, None], carried: Vec::new(), made_in: None }
    }
}

impl Player<'_> {
    /// Makes a call once; `None` if it would name what may be somebody's.
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
        let serial = outgoing.call.request.get("SerialNumber").map(str::to_owned);
        let verdict = self.send_judged(outgoing, call.signer, Some(call)).await?;
        if let Some(device) = call.device.as_ref().and_then(Value::device)
            && let Some(id) = serial.and_then(|serial| self.oracle.state().find_device(&serial).id())
        {
            self.bindings.set_clock(device, self.oracle.steps_ahead(id));
        }
        Ok(Some(verdict))
    }

    /// The call with the names of this scenario and the codes of this moment.
    pub(super) fn outgoing(&mut self, operation: Operation, call: &MfaCall) -> Outgoing {
        let now = self.transport.now().step();
        let mut parameters = Vec::with_capacity(6);
        parameters.push(("Action".to_owned(), operation.name().to_owned()));
        parameters.push(("Version".to_owned(), RawRequest::VERSION.to_owned()));
        let mut codes = [None, None];
        let mut carried = Vec::new();
        let serial = call.device.as_ref().map(|device| self.bindings.resolve(device, now).text);
        let mut add = |name: &str, resolved: Resolved, slot: Option<usize>| {
            parameters.push((name.to_owned(), resolved.text));
            // Another device's use of a step leaves it unused for this one (`enable.codes-by-device`).
            if resolved.source.as_ref().is_some_and(|source| Some(&source.serial_number) == serial.as_ref()) {
                carried.extend(resolved.step);
            }
            if let Some(slot) = slot.and_then(|slot| codes.get_mut(slot)) {
                *slot = resolved.source;
            }
        };
        let values = [
            ("UserName", &call.user, None),
            ("SerialNumber", &call.device, None),
            ("AuthenticationCode1", &call.code1, Some(0)),
            ("AuthenticationCode2", &call.code2, Some(1)),
        ];
        for (name, value, slot) in values {
            if let Some(value) = value {
                add(name, self.bindings.resolve(value, now), slot);
            }
        }
        if call.reversed {
            parameters.reverse();
        }
        let style = Style::for_values(call.get, &parameters).escaped(call.escapes);
        let call = Call { operation, request: RawRequest { parameters }, style };
        Outgoing { call, codes, carried, made_in: Some(now) }
    }

    /// Makes a call of another operation, as the run's own.
    pub(super) async fn call(&mut self, operation: Operation, request: RawRequest) -> Result<Verdict, Unfinished> {
        let call = Call { operation, request, style: Style::default() };
        self.send_judged(Outgoing::plain(call), Signer::Run, None).await
    }

    /// Sends a call once and writes it into the trace.
    pub(super) async fn send(
        &mut self,
        call: Call,
        signer: Signer,
        codes: [Option<CodeSource>; 2],
        odd: Option<Odd>,
    ) -> Result<Window, Unfinished> {
        // Whoever has no key doesn't sign.
        let own = match signer {
            Signer::Run => None,
            Signer::User(user) => {
                self.bindings.users.get_mut(&user).and_then(|part| Some((part.name.clone(), part.next_key()?)))
            }
        };
        let (signer, own) = own.unzip();
        let key = own.as_ref().map(|own| own.access_key_id.clone());
        let credentials = own.as_ref().unwrap_or(&self.settings.credentials);
        let mut encoded = encode(&call);
        if let Some(odd) = &odd {
            odd.apply(&mut encoded);
        }
        if call.operation.under_test().is_some() {
            self.played.requests.under_test += 1;
        } else {
            self.played.requests.other += 1;
        }
        self.holdings.begin(&mut self.share, call.operation);
        let mut from = self.transport.now();
        let mut came = self.reach(&encoded, credentials).await?;
        if matches!(came, Err(TransportError::Connect(_))) {
            // Nothing was sent, and the target is back.
            from = self.transport.now();
            came = self.transport.send(&encoded, credentials).await;
        }
        let to = self.transport.now();
        self.retry_after = came.as_ref().ok().and_then(|reply| reply.retry_after);
        let operation = call.operation;
        let sent_twice = came.as_ref().is_ok_and(|reply| reply.retried);
        let observed = match came {
            Err(error) => Observed::Broken(error),
            Ok(reply) => {
                self.played.answered = true;
                read(operation, reply)
            }
        };
        let observed = if self.settings.operations.seeds_by_chance { without_chance(observed) } else { observed };
        let timed_out = matches!(observed, Observed::Broken(TransportError::Timeout(_)));
        self.played.trace.push(Exchange { step: self.step, call, signer, key, codes, odd, sent_twice, observed });
        if timed_out {
            *self.played.timeouts.entry(operation).or_default() += 1;
            self.overlaps_until = to.plus(OVERLAPS_MS);
            self.note(vec![Divergence::no_reply(operation)]);
        }
        Ok(Window { from, to }.widened(self.transport.clock_tolerance() + self.settings.operations.clock_doubt_ms))
    }
}

/// For so long a call without a reply may be under way: `ConcurrentModification` is permitted for five minutes.
pub(crate) const OVERLAPS_MS: i64 = 5 * 60_000;

/// What came back, with a new device's seed as one that can't be used if it only looks like base32 text.
fn without_chance(mut observed: Observed) -> Observed {
    if let Observed::Reply(Reply { answer: Answer::Success(SuccessBody::VirtualDevice { seed_blob, .. }), .. }) =
        &mut observed
        && matches!(Seed::from_blob(seed_blob), Ok((_, SeedEncoding::PlainBase32)))
    {
        seed_blob.clear();
    }
    observed
}
