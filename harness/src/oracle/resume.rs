//! After a divergence the oracle continues from what it observes: it adopts the state that the target's listings show.

use mfa_reference::account::UserId;
use mfa_reference::belief::{Entity, Evidence, Fact, State};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::totp::newest_step;
use mfa_reference::{ErrorCode, Search, SuccessBody};

use super::belief::TooManyStates;
use super::observation::Observation;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, ObservedClass};
use crate::transport::TransportError;
use crate::wire::{Answer, Observed};

impl Oracle {
    /// Forgets the believed state. After a divergence, the next observations replace it.
    pub fn forget_all(&mut self) {
        self.since.clear();
        self.belief.update(State::forget_all);
    }

    /// Adopts a listing of a user's devices after a divergence. `is_own` is true for serial numbers that no other
    /// scenario names.
    pub fn resume_from_listing(&mut self, user_name: &str, body: &SuccessBody, is_own: impl Fn(&str) -> bool) {
        self.duplicate_listings.learn(body);
        let deleted = &self.released_serials.deleted;
        self.belief.update(|state| {
            let (Some(user), SuccessBody::MfaDevices(page)) = (state.find_user(user_name).id(), body) else { return };
            for item in &page.items {
                match state.find_device(&item.serial_number).id() {
                    // The target may have invented the device, or the listing may be stale. From now on it may exist.
                    None => {
                        let device = state.appeared(&item.serial_number);
                        // A deleted device may be missing in the next listing. Another scenario may own a device
                        // that isn't this scenario's, such as `undefined`.
                        if deleted.contains(&item.serial_number) || !is_own(&item.serial_number) {
                            state.narrow(Evidence::SeveralOwners(device));
                        }
                    }
                    Some(device) if is_anothers(state.owner(device), user) => {
                        state.narrow(Evidence::SeveralOwners(device));
                    }
                    Some(_) => {}
                }
            }
            state.narrow(Evidence::DevicesOf(user, body));
        });
    }

    /// Assumes after a divergence that a device of this serial number may exist: it was enabled although it didn't
    /// exist, and no listing shows whether it does.
    pub fn resume_with_device(&mut self, serial_number: &str) {
        self.belief.update(|state| {
            if state.find_device(serial_number).id().is_none() {
                let device = state.appeared(serial_number);
                state.narrow(Evidence::SeveralOwners(device));
            }
        });
    }

    /// Assumes after a divergence that a user is gone.
    pub fn resume_without_user(&mut self, user_name: &str) {
        self.belief.update(|state| {
            if let Some(user) = state.find_user(user_name).id() {
                state.narrow(Evidence::Gone(Entity::User(user)));
            }
        });
    }

    /// Judges the reply to a request that no SDK would send: only whether a reply came, and whether it is an internal
    /// failure. Any effect is accepted.
    pub fn judge_malformed(&mut self, observation: &Observation<'_>) -> Option<Divergence> {
        self.forget_all();
        self.may_have_used_codes(observation);
        self.tally.tested(ClauseId::RobustnessNoCrash, Side::Reject);
        let (clause, class) = match observation.observed {
            Observed::Broken(TransportError::Timeout(_)) => (ClauseId::RobustnessAnswers, ObservedClass::Timeout),
            // It was never sent.
            Observed::Broken(TransportError::Request(_)) => return None,
            Observed::Broken(_) => (ClauseId::RobustnessNoCrash, ObservedClass::Broken),
            Observed::Unreadable { status: status @ (500 | 502 | 504), .. } => {
                (ClauseId::RobustnessNoCrash, ObservedClass::Unreadable(*status))
            }
            Observed::Reply(reply) if reply.status == 500 => {
                let class = match &reply.answer {
                    Answer::Success(_) => ObservedClass::Status(500, None),
                    Answer::Error { code, .. } => ErrorCode::from_wire(code)
                        .map_or_else(|| ObservedClass::UnknownError(code.clone()), ObservedClass::Error),
                };
                (ClauseId::RobustnessNoCrash, class)
            }
            Observed::Unreadable { .. } | Observed::Reply(_) => return None,
        };
        let expected = Expected::Words("any answer except an internal failure".to_owned());
        Some(Divergence {
            clause,
            also: Vec::new(),
            operation: observation.operation,
            class,
            expected,
            permitted: None,
        })
    }

    /// Assumes that any device whose codes the request contains may have accepted them.
    fn may_have_used_codes(&mut self, observation: &Observation<'_>) {
        let mut used = Vec::new();
        for (id, device) in self.state().account().devices_after("") {
            let Some(seed) = &device.seed else { continue };
            let values = observation.request.parameters.iter().map(|(_, value)| value.as_str());
            let steps = values.filter_map(|value| newest_step(seed, value, observation.window, Search::Near.radius()));
            used.extend(steps.max().map(|step| (id, step)));
        }
        for (device, step) in used {
            self.history.carried(device, step);
            self.history.perhaps_accepted(device);
        }
    }

    /// Accounts for a call that was sent twice because a connection broke: the first one may have had its effect.
    ///
    /// # Errors
    /// The target may be in too many states, so the scenario can't be judged further.
    pub fn sent_twice(&mut self, observation: &Observation<'_>) -> Result<(), TooManyStates> {
        self.may_have_happened(observation)
    }

    /// Records that something other than a device was attached to a user, which prevents the user's deletion.
    pub fn has_something_attached(&mut self, user_name: &str) {
        self.belief.update(|state| {
            if let Some(user) = state.find_user(user_name).id() {
                state.forget(Entity::User(user));
                state.narrow(Evidence::Exists(user));
            }
        });
    }

    /// Records that every user's devices have just been listed, so that all other devices are unassigned.
    pub fn all_listed(&mut self) {
        self.belief.update(|state| state.narrow(Evidence::AllUsersListed));
    }
}

fn is_anothers(owner: Fact<Option<UserId>>, user: UserId) -> bool {
    matches!(owner, Fact::Known(Some(owner)) if owner != user)
}
