//! One scenario that is played: what its parts share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_reference::{Millis, SuccessBody};

use super::bindings::Bindings;
use super::holdings::{Holdings, Share};
use super::settings::Settings;
use super::settle_cache::SettleCache;
use super::trace::{Found, Played};
use crate::oracle::{Divergence, Oracle};
use crate::transport::Transport;

/// One scenario on its way.
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
    /// What this scenario has of the devices that are counted.
    pub(super) share: Share,
    pub(super) interrupt: &'a AtomicBool,
    pub(super) patient: bool,
    pub(super) waited: Duration,
    /// The first exchange of the last call that was judged: a call may have been tried again.
    pub(super) first_try: usize,
    /// The exchange of the last call that was judged; listings may have followed it.
    pub(super) called: usize,
    /// Whether something was done since the users were listed last.
    pub(super) unobserved: bool,
    /// How long the scenario has waited for failures to pass.
    pub(super) recovering: Duration,
    /// How long it has waited for listings to come right.
    pub(super) lingered: Duration,
    /// The time that the last reply asked to wait before the next try.
    pub(super) retry_after: Option<Duration>,
    /// The first of the calls that broke, one after another up to now.
    pub(super) first_broken: Option<usize>,
    /// Until when a call that had no reply in time may still be under way.
    pub(super) overlaps_until: Millis,
    /// The serial numbers of the account, in small letters, once a call needed to be sure of one.
    pub(super) devices_seen: Option<Vec<String>>,
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

    /// Whether the last call that was judged may have had its effect although its answer doesn't say so.
    pub(super) fn is_doubtful(&self) -> bool {
        let Some(last) = self.played.trace.get(self.called) else { return false };
        let tries = self.played.trace.get(self.first_try..=self.called).unwrap_or_default();
        tries.iter().any(|one| one.call.operation == last.call.operation && one.is_doubtful())
    }

    /// The code of the reply to the last call that was judged, if it is an error.
    pub(super) fn called_code(&self) -> Option<&str> {
        self.played.trace.get(self.called)?.code()
    }

    /// Keeps divergences, each with the exchange that shows it: the last one.
    pub(super) fn note(&mut self, divergences: Vec<Divergence>) {
        self.note_at(self.played.trace.len().saturating_sub(1), divergences);
    }

    /// The same for an exchange that others have followed.
    pub(super) fn note_at(&mut self, exchange: usize, divergences: Vec<Divergence>) {
        for divergence in divergences {
            let is_same = |found: &Found| found.exchange == exchange && found.divergence == divergence;
            if self.played.found.iter().any(is_same) {
                continue;
            }
            self.played.requests_to_first.get_or_insert(self.played.requests.under_test);
            self.played.found.push(Found { divergence, exchange });
        }
    }
}
