//! A lagging listing may show a past state, which one of the last calls has ended (`state.settles`).
//!
//! A listing that shows neither the present state nor a past one is wrong at once, even if a later one is right: no
//! permitted history contains the state that it shows.

use std::time::Duration;

use mfa_reference::belief::Fact;
use mfa_reference::permitted::transition::Mismatch;
use mfa_reference::{Millis, Operation, Search, SuccessBody};

use super::ended::EndedState;
use super::observation::{Observation, Seen, answer_of, asked};
use super::state::Oracle;
use super::verdict::Fit;
use crate::wire::{Answer, Observed};

impl Oracle {
    /// The users that the call's device may be enabled for, before the call is judged.
    pub(super) fn owners_before(&self, observation: &Observation<'_>) -> Vec<Fact<Option<String>>> {
        match observation.request.get("SerialNumber") {
            Some(serial) if !observation.operation.is_read() => self.belief.owners_of(serial),
            Some(_) | None => Vec::new(),
        }
    }

    /// Remembers the state before a call that was not refused. If no document permits the answer, its effect is
    /// unknown.
    pub(super) fn remember_ended(
        &mut self,
        observation: &Observation<'_>,
        owners: Vec<Fact<Option<String>>>,
        fit: Fit,
    ) {
        let refuted = fit == Fit::Refuted;
        // It changes nothing that a listing shows.
        if observation.operation == Operation::ResyncMfaDevice && !refuted {
            return;
        }
        let owners = if refuted { vec![Fact::Unknown] } else { owners };
        let made = match observation.observed {
            _ if observation.operation.is_read() => return,
            Observed::Reply(reply) => match &reply.answer {
                Answer::Error { .. } if reply.status < 500 && !refuted => return,
                Answer::Success(SuccessBody::VirtualDevice { serial_number, .. }) => Some(serial_number.clone()),
                Answer::Success(_) | Answer::Error { .. } => None,
            },
            Observed::Unreadable { .. } | Observed::Broken(_) => None,
        };
        let serial = observation.request.get("SerialNumber").map(str::to_owned).or(made);
        let named = observation.request.get("UserName").or(observation.caller);
        let users = named.into_iter().chain(observation.request.get("NewUserName")).map(str::to_owned).collect();
        let renames = observation.operation == Operation::UpdateUser;
        self.ended.0.push((observation.window.to, EndedState { users, renames, serial, owners }));
    }

    /// The end of the latest call that may have changed what a listing shows.
    #[must_use]
    pub fn changed_last(&self) -> Millis {
        self.ended.0.iter().map(|(until, _)| *until).max().unwrap_or(Millis(0))
    }

    /// Whether a wrong listing may show a state that ended within the settling time. A reply that is not a listing may
    /// become right too.
    #[must_use]
    pub fn may_be_stale(&self, observation: &Observation<'_>, settle: Duration) -> bool {
        let Observed::Reply(reply) = observation.observed else { return true };
        let told_once = self.duplicate_listings.told_once(reply);
        let Some(answer) = told_once.as_ref().map(Seen::Success).or_else(|| answer_of(reply)) else {
            return true;
        };
        let since = observation.window.from.plus(-i64::try_from(settle.as_millis()).unwrap_or(i64::MAX));
        let mismatches = self.belief.mismatches(&asked(observation, &self.history, Search::Near), answer);
        let listed = observation.request.get("UserName");
        let explained = |mismatch: &Option<Mismatch>| match mismatch {
            None => true,
            Some(mismatch) => {
                self.ended.0.iter().any(|(until, state)| *until >= since && state.explains(mismatch, listed))
            }
        };
        mismatches.iter().any(explained)
    }
}
