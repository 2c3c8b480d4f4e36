//! The state of a scenario that is played.

use std::sync::Arc;
use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{Millis, Operation, SuccessBody};

use super::bindings::Bindings;
use super::holdings::{Holdings, Share};
use super::overlapped::OverlappedCalls;
use super::settings::Settings;
use super::settle_cache::SettleCache;
use super::stop::Stop;
use super::trace::{Found, Played};
use crate::oracle::{Divergence, Oracle, TriedOrder};
use crate::transport::Transport;

/// A scenario that is played.
pub(super) struct Player<'a> {
    pub(super) settings: &'a Settings,
    pub(super) transport: &'a mut dyn Transport,
    pub(super) bindings: Bindings,
    pub(super) oracle: Oracle,
    pub(super) played: Played,
    pub(super) step: Option<usize>,
    pub(super) settle_cache: &'a SettleCache,
    /// How many devices were seen on the account at once.
    pub(super) holdings: Arc<Holdings>,
    /// This scenario's share of that count.
    pub(super) share: Share,
    pub(super) stop: &'a Stop,
    pub(super) patient: bool,
    pub(super) waited: Duration,
    /// The first exchange of the last call that was judged, which may have had retries.
    pub(super) first_try: usize,
    /// The last exchange of that call. Listings may follow it.
    pub(super) called: usize,
    /// Whether a call was made since the users were last listed.
    pub(super) unobserved: bool,
    /// For each step, whether its listings may wait for those of the next step if its call is refused.
    pub(super) may_wait: Vec<bool>,
    /// How long the scenario has waited for failures to pass.
    pub(super) recovering: Duration,
    /// How long it has waited for listings to become right.
    pub(super) lingered: Duration,
    /// How long the last reply asked to wait before a retry.
    pub(super) retry_after: Option<Duration>,
    /// The first of the latest calls that broke in a row.
    pub(super) first_broken: Option<usize>,
    /// Until when a call that timed out may still be under way.
    pub(super) overlaps_until: Millis,
    /// The account's serial numbers in small letters, once a call needed the check.
    pub(super) devices_seen: Option<Vec<String>>,
    /// How overlapping calls are released.
    pub(super) schedule: u32,
    /// The overlapping calls that the next listings may show to have no permitted order.
    pub(super) overlapped: Option<OverlappedCalls>,
    /// Whether a call was left out because it named what may be somebody's.
    pub(super) left_out: bool,
}

impl Player<'_> {
    /// The body of the last reply, if it is a success.
    pub(super) fn last_body(&self) -> Option<&SuccessBody> {
        self.played.trace.last()?.body()
    }

    /// The body of the reply to the last call that was judged, if it is a success.
    pub(super) fn called_body(&self) -> Option<&SuccessBody> {
        self.played.trace.get(self.called)?.body()
    }

    /// The code of the last reply, if it is an error.
    pub(super) fn last_code(&self) -> Option<&str> {
        self.played.trace.last()?.code()
    }

    /// Whether the last call that was judged may have had its effect although its reply doesn't say so.
    pub(super) fn is_doubtful(&self) -> bool {
        let Some(last) = self.played.trace.get(self.called) else { return false };
        let tries = self.played.trace.get(self.first_try..=self.called).unwrap_or_default();
        tries.iter().any(|one| one.call.operation == last.call.operation && one.is_doubtful())
    }

    /// Whether the last call of this operation may have had its effect, although it could not be judged to its end.
    pub(super) fn may_have_happened(&self, operation: Operation) -> bool {
        let tries = self.played.trace.get(self.first_try..).unwrap_or_default();
        tries.iter().any(|one| one.call.operation == operation && (one.body().is_some() || one.is_doubtful()))
    }

    /// The code of the reply to the last call that was judged, if it is an error.
    pub(super) fn called_code(&self) -> Option<&str> {
        self.played.trace.get(self.called)?.code()
    }

    /// Keeps divergences with the last exchange, which shows them.
    pub(super) fn note(&mut self, divergences: Vec<Divergence>) {
        self.note_at(self.played.trace.len().saturating_sub(1), divergences);
    }

    /// Keeps divergences with an earlier exchange that shows them.
    pub(super) fn note_at(&mut self, exchange: usize, divergences: Vec<Divergence>) {
        self.note_with(exchange, divergences, &[]);
    }

    /// Keeps divergences with an exchange, and with the orders of overlapping calls that were tried.
    pub(super) fn note_with(&mut self, exchange: usize, divergences: Vec<Divergence>, orders: &[TriedOrder]) {
        for divergence in divergences {
            let is_same = |found: &Found| found.exchange == exchange && found.divergence == divergence;
            if self.played.found.iter().any(is_same) {
                continue;
            }
            self.played.requests_to_first.get_or_insert(self.played.requests.under_test);
            let orders = if divergence.clause == ClauseId::StateAtomic { orders.to_vec() } else { Vec::new() };
            self.played.found.push(Found { divergence, exchange, orders });
        }
    }
}
