//! Makes calls that overlap, and has them judged together.
//!
//! All calls are made first and sent at once, each on its own connection. Then the player lists the devices of every
//! user, and repeats alone what was answered with a failure that passes.

use std::time::Duration;

use mfa_reference::{ErrorCode, Operation, Window};

use super::holdings::Holdings;
use super::judging::judged;
use super::origin::{Made, MadeRequest};
use super::outgoing::Outgoing;
use super::overlapped::{Judged, OverlappedCalls};
use super::player::Player;
use super::trace::{Exchange, Interval, Leftover, Unfinished};
use crate::oracle::{
    Divergence, Fit, OVERLAPS_MS, Observation, ObservedClass, OverlappingCall, Verdict, concurrent_modification,
};
use crate::scenario::{Action, DeviceRef, UserRef};
use crate::transport::{Credentials, Overlapped, Overlapping, TransportError};
use crate::wire::{Call, Encoded, Observed, encode, read};

/// Into how many parts the time of a call is divided for the shifts between the releases.
const PARTS: u32 = 4;

/// A call that is ready to be sent.
struct Ready {
    outgoing: Outgoing,
    effect: Effect,
}

/// A call that is sent: how it was made, the call, its bytes, and who signs it.
type Sending = (Outgoing, Call, Encoded, Option<(String, Credentials, usize)>);

/// What a success of the call changes in the bindings.
enum Effect {
    /// Nothing.
    None,
    /// A device exists.
    Device(DeviceRef, Made),
    /// A device is gone.
    NoDevice(DeviceRef),
    /// A user is gone.
    NoUser(Made),
    /// A user has another name.
    Name(UserRef, Made),
}

impl Player<'_> {
    /// Makes calls that overlap.
    pub(super) async fn together(&mut self, actions: &[Action]) -> Result<(), Unfinished> {
        if may_look_stale(actions) {
            // The windows of calls are as wide as the clocks are uncertain, on either side.
            let settle = i64::try_from(self.settings.settle.as_millis()).unwrap_or(i64::MAX);
            let settled = self.oracle.changed_last().plus(settle + self.transport.clock_tolerance());
            let left = u64::try_from(settled.0 - self.transport.now().0 + 1).unwrap_or_default();
            self.let_pass(Duration::from_millis(left)).await?;
        }
        let mut ready = Vec::with_capacity(actions.len());
        for action in actions {
            let Some(one) = self.ready(action) else { return Ok(()) };
            if self.names_others(&one.outgoing.made.request.parameters) {
                self.left_out = true;
                return Ok(());
            }
            ready.push(one);
        }
        let first = self.played.trace.len();
        let before = Box::new(self.oracle.clone());
        let (calls, effects) = self.send_overlapping(ready).await?;
        self.overlaps_until = self.transport.now().plus(OVERLAPS_MS);
        let verdict = {
            let views = views(&self.played.trace, &calls)?;
            self.oracle.judge_overlapping(&views, self.settings.settle)
        };
        let (sure, perhaps, of_a_user) = self.oracle.held();
        self.holdings.settle(&mut self.share, sure, perhaps, of_a_user);
        self.unobserved = true;
        (self.first_try, self.called) = (first, self.played.trace.len().saturating_sub(1));
        self.follow(&effects, first);
        let verdict = verdict.map_err(|_| Unfinished::TooManyStates)?;
        for (index, of_call) in verdict.calls.iter().enumerate() {
            self.note_with(first + index, of_call.divergences.clone(), &verdict.orders);
        }
        if verdict.fit == Fit::Refuted {
            return self.resume_from().await;
        }
        self.overlapped = Some(OverlappedCalls { before, calls });
        let observed = self.observe().await;
        self.overlapped = None;
        observed?;
        self.repeat_alone(actions, &verdict.calls, first).await
    }

    /// An action as a call; `None` if it makes none that can overlap.
    fn ready(&mut self, action: &Action) -> Option<Ready> {
        let plain = |operation, made| Outgoing::plain(operation, made);
        let (outgoing, effect) = match action {
            Action::Enable(call) => (self.outgoing(Operation::EnableMfaDevice, call), Effect::None),
            Action::Resync(call) => (self.outgoing(Operation::ResyncMfaDevice, call), Effect::None),
            Action::Deactivate(call) => (self.outgoing(Operation::DeactivateMfaDevice, call), Effect::None),
            Action::DeleteUser { user } => {
                let name = self.bindings.user_name(*user);
                let made = MadeRequest::new("DeleteUser").with("UserName", name.clone());
                (plain(Operation::DeleteUser, made), Effect::NoUser(name))
            }
            Action::RenameUser { user, name } => {
                let earlier = self.earlier_user_name(name.namesake().map(UserRef), name);
                let new_name = self.bindings.new_name('u', name, earlier.as_ref());
                let made = MadeRequest::new("UpdateUser").with("UserName", self.bindings.user_name(*user));
                let made = made.with("NewUserName", new_name.clone());
                (plain(Operation::UpdateUser, made), Effect::Name(*user, new_name))
            }
            Action::CreateDevice { device, name } => {
                let earlier = self.earlier_device_name(*device, name);
                let new_name = self.bindings.new_name('d', name, earlier.as_ref());
                let made = self.made("CreateVirtualMFADevice", "VirtualMFADeviceName", &new_name, name);
                (plain(Operation::CreateVirtualMfaDevice, made), Effect::Device(*device, new_name))
            }
            Action::DeleteDevice { device } => {
                let serial = self.bindings.serial_number(*device);
                let made = MadeRequest::new("DeleteVirtualMFADevice").with("SerialNumber", serial);
                (plain(Operation::DeleteVirtualMfaDevice, made), Effect::NoDevice(*device))
            }
            Action::ListDevices { user, .. } => {
                let made = MadeRequest::new("ListMFADevices").with("UserName", self.bindings.user_name(*user));
                (plain(Operation::ListMfaDevices, made), Effect::None)
            }
            Action::ListVirtualDevices { status } => {
                let mut made = MadeRequest::new("ListVirtualMFADevices");
                if let Some(status) = status {
                    made.push("AssignmentStatus", status.as_str().into());
                }
                (plain(Operation::ListVirtualMfaDevices, made), Effect::None)
            }
            Action::CreateUser { .. }
            | Action::RecreateDevice { .. }
            | Action::CreateKey { .. }
            | Action::DeleteKey { .. }
            | Action::Call(_)
            | Action::Wait { .. } => return None,
        };
        Some(Ready { outgoing, effect })
    }

    /// Sends the calls at once and records them in the trace.
    async fn send_overlapping(&mut self, ready: Vec<Ready>) -> Result<(Vec<Judged>, Vec<Effect>), Unfinished> {
        self.may_go_on()?;
        if let Some(why) = self.settle_cache.death() {
            return Err(self.gone_with(why));
        }
        let mut sending: Vec<Sending> = Vec::new();
        let mut effects = Vec::new();
        for Ready { outgoing, effect } in ready {
            let operation = outgoing.operation;
            if operation.under_test().is_some() {
                self.played.requests.under_test += 1;
            } else {
                self.played.requests.other += 1;
            }
            self.holdings.begin(&mut self.share, operation);
            let signer = self.signer_of(outgoing.signer);
            let call = Call { operation, request: outgoing.made.request.clone(), style: outgoing.style };
            let encoded = encode(&call);
            sending.push((outgoing, call, encoded, signer));
            effects.push(effect);
        }
        let unit = self.settle_cache.overlapping_time() / PARTS;
        let enables = sending.iter().filter(|(one, ..)| one.operation == Operation::EnableMfaDevice).count();
        let requests: Vec<Overlapping<'_>> = sending
            .iter()
            .enumerate()
            .map(|(index, (_, _, request, signer))| Overlapping {
                request,
                credentials: signer.as_ref().map_or(&self.settings.credentials, |(_, credentials, _)| credentials),
                delay: unit * shift(self.schedule, index),
            })
            .collect();
        let from = self.transport.now();
        let came = self.transport.send_together(&requests, self.schedule).await;
        let to = self.transport.now();
        drop(requests);
        self.measure(&came);
        let tolerance = self.transport.clock_tolerance() + self.settings.operations.clock_doubt_ms;
        let window = Window { from, to }.widened(tolerance);
        let mut limits = self.holdings.limits(&self.share, self.settings.starts_empty);
        if enables > 1 {
            limits.account_may_be_full = true;
            Holdings::overlaps(&mut self.share);
        }
        let unreached = came.iter().find_map(|one| match &one.came {
            Err(TransportError::Connect(why)) => Some(why.clone()),
            Ok(_) | Err(_) => None,
        });
        let mut calls = Vec::new();
        for ((outgoing, call, _, signer), Overlapped { came, began, ended }) in sending.into_iter().zip(came) {
            let carried = outgoing.carried();
            let sent_twice = came.as_ref().is_ok_and(|reply| reply.retried);
            let observed = match came {
                Err(error) => Observed::Broken(error),
                Ok(reply) => {
                    self.played.answered = true;
                    read(call.operation, reply)
                }
            };
            let (name, key_from) = signer.map(|(name, _, from)| (name, from)).unzip();
            let exchange = Exchange {
                step: self.step,
                sent: from.step(),
                call,
                origins: outgoing.made.origins,
                signer: name,
                key_from,
                malformed: None,
                sent_twice,
                overlap: Some(Interval { began, ended }),
                observed,
            };
            calls.push(Judged { exchange: self.played.trace.len(), window, carried, limits });
            self.record(exchange, window);
        }
        match unreached {
            Some(why) if !self.is_alive().await => {
                self.settle_cache.died(&why);
                Err(self.gone_with(why))
            }
            Some(_) | None => Ok((calls, effects)),
        }
    }

    /// Learns how long a call takes, for the shifts of the next ones.
    fn measure(&self, came: &[Overlapped]) {
        let took = came.iter().filter(|one| one.came.is_ok()).map(|one| one.ended.saturating_sub(one.began));
        if let Some(shortest) = took.min() {
            self.settle_cache.overlapping_took(shortest);
        }
    }

    /// Updates the bindings by the replies.
    fn follow(&mut self, effects: &[Effect], first: usize) {
        for (index, effect) in effects.iter().enumerate() {
            let exchange = first + index;
            let Some(one) = self.played.trace.get(exchange) else { continue };
            let (success, doubtful) = (one.body().is_some(), one.is_doubtful());
            match effect {
                Effect::Device(device, name) => {
                    self.add_device(*device, name.clone(), exchange, (success || doubtful, !success));
                }
                Effect::NoDevice(device) if success => {
                    if let Some(part) = self.bindings.devices.get_mut(device) {
                        part.live = false;
                    }
                }
                Effect::NoUser(name) if success => self.user_is_gone(&name.text),
                Effect::Name(user, name) if success => self.bindings.rename(*user, name),
                Effect::Name(_, name) if doubtful => {
                    self.played.leftovers.push(Leftover::user(name).doubted(true));
                }
                Effect::None | Effect::NoDevice(_) | Effect::NoUser(_) | Effect::Name(..) => {}
            }
        }
    }

    /// Makes each call once more, alone, that was answered with a failure that passes, or not at all.
    async fn repeat_alone(&mut self, actions: &[Action], verdicts: &[Verdict], first: usize) -> Result<(), Unfinished> {
        for (index, action) in actions.iter().enumerate() {
            let broke = self.played.trace.get(first + index).is_some_and(|one| is_lost(&one.observed));
            if !broke && !verdicts.get(index).is_some_and(|verdict| verdict.transient) {
                continue;
            }
            let Some((operation, call)) = action.mfa() else { continue };
            self.mfa_once(operation.operation(), call).await?;
            self.observe().await?;
        }
        Ok(())
    }

    /// Attributes a wrong listing to the overlapping calls before it, and returns the orders that were tried.
    pub(super) fn blame_overlap(
        &self,
        divergences: &mut [Divergence],
        listing: &Observation<'_>,
    ) -> Vec<crate::oracle::TriedOrder> {
        let Some(overlapped) = &self.overlapped else { return Vec::new() };
        let Ok(views) = views(&self.played.trace, &overlapped.calls) else { return Vec::new() };
        let about_state = |one: &&mut Divergence| {
            matches!(one.class, ObservedClass::Listing(_) | ObservedClass::Error(ErrorCode::NoSuchEntity))
        };
        let refused = overlapped.before.refused_with_effect(&views, listing).map(concurrent_modification);
        let clause = refused.unwrap_or(mfa_reference::clause::ClauseId::StateAtomic);
        for divergence in divergences.iter_mut().filter(about_state) {
            divergence.also.retain(|also| *also != clause);
            divergence.also.insert(0, divergence.clause);
            divergence.clause = clause;
        }
        overlapped.before.tried_orders(&views, Some(listing))
    }
}

/// Whether a wrong listing among these calls could be one that lags, although none of them changes what is listed. Then
/// the changes before them must be older than a lag.
fn may_look_stale(actions: &[Action]) -> bool {
    let lists = |action: &Action| matches!(action, Action::ListDevices { .. } | Action::ListVirtualDevices { .. });
    let resyncs = |action: &Action| matches!(action, Action::Resync(_));
    actions.iter().any(lists)
        && actions.iter().any(resyncs)
        && actions.iter().all(|action| lists(action) || resyncs(action))
}

/// The calls in the oracle's form.
fn views<'a>(trace: &'a [Exchange], calls: &'a [Judged]) -> Result<Vec<OverlappingCall<'a>>, Unfinished> {
    let view = |call: &'a Judged| {
        let exchange = trace.get(call.exchange)?;
        let Interval { began, ended } = exchange.overlap?;
        let observation = judged(exchange, call.window, &call.carried);
        let observation = Observation { overlapped: true, limits: call.limits, ..observation };
        Some(OverlappingCall { observation, began, ended })
    };
    calls.iter().map(view).collect::<Option<_>>().ok_or(Unfinished::LOST)
}

/// Whether there is no reply.
const fn is_lost(observed: &Observed) -> bool {
    match observed {
        Observed::Broken(_) => true,
        Observed::Reply(_) | Observed::Unreadable { .. } => false,
    }
}

/// After how many parts of the time of a call the call of this index is sent. The first schedule sends all at once, and
/// each of the others shifts them in another way.
fn shift(schedule: u32, index: usize) -> u32 {
    let index = u32::try_from(index).unwrap_or_default();
    match schedule % 4 {
        0 => 0,
        1 => index,
        2 => 3_u32.saturating_sub(index),
        _ => (index * 5 + schedule / 4) % (PARTS * 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_schedule_shifts_nothing_and_the_others_differ() {
        let shifts = |schedule| (0..4).map(|index| shift(schedule, index)).collect::<Vec<_>>();
        assert_eq!(shifts(0), [0; 4]);
        let distinct: std::collections::BTreeSet<_> = (0..8).map(shifts).collect();
        assert!(distinct.len() >= 5, "{distinct:?}");
        assert!(Duration::from_millis(1) * shift(7, 3) < Duration::from_millis(10));
    }
}
