//! What a listing that lags may show: a state that one of the last calls has ended (`state.settles`).
//!
//! A listing that shows neither the present state nor one of these is wrong at once, even if it comes right later: no
//! permitted history holds what it shows.

use std::time::Duration;

use mfa_reference::belief::Fact;
use mfa_reference::permitted::transition::Mismatch;
use mfa_reference::{Operation, Search, SuccessBody};

use super::ended::EndedState;
use super::observation::{Observation, Seen, answer_of, asked};
use super::state::Oracle;
use super::verdict::Fit;
use crate::wire::{Answer, Observed};

impl Oracle {
    /// Who the device that a call names may be enabled for, before the call is judged.
    pub(super) fn owners_before(&self, observation: &Observation<'_>) -> Vec<Fact<Option<String>>> {
        match observation.request.get("SerialNumber") {
            Some(serial) if !observation.operation.is_read() => self.belief.owners_of(serial),
            Some(_) | None => Vec::new(),
        }
    }

    /// A call that was not refused ends the state before it. If no document permits its answer, its effect is unknown.
    pub(super) fn remember_ended(
        &mut self,
        observation: &Observation<'_>,
        owners: Vec<Fact<Option<String>>>,
        fit: Fit,
    ) {
        let refuted = fit == Fit::Refuted;
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

    /// Whether a listing that doesn't conform may show a state that ended within the settling time. What is not a listing
    /// may come right as well.
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
