//! The service is the model choosing: it decodes a request, takes one conforming step (the recorded one, where AWS was
//! recorded), and renders the reply. It never asks [`crate::permitted`], so that each checks the other.
//!
//! - [`behaviour`]: the parts that a fault or a permitted variant overrides
//! - [`rules`]: what is decided about the operations under test, in which order
//! - `support`: the same for the operations that set up and observe
//! - `message`: texts for people
//! - `memory`: what it remembers beside the account
//! - `entropy`: ids and seeds, from a number given

pub mod behaviour;
mod entropy;
mod memory;
mod message;
pub mod rules;
mod support;

use std::sync::Arc;

pub use behaviour::{Behaviour, Decision};
use entropy::Entropy;
pub use memory::{LastPair, Memory};

use crate::account::{Account, Effect};
use crate::context::Caller;
use crate::outcome::{ErrorCode, Outcome, SuccessBody};
use crate::request::{NoAction, RawRequest, Request};
use crate::time::Millis;
use crate::wire::{HttpRequest, HttpResponse, decode};

/// A service with a state of its own. Time and the seed of its randomness are arguments.
#[derive(Clone, Debug)]
pub struct Service {
    behaviour: Behaviour,
    account: Account,
    memory: Memory,
}

/// A request id that is drawn from a number.
#[must_use]
pub fn request_id(number: u64) -> String {
    Entropy::new(number).request_id()
}

/// The codes and the words with which AWS was recorded refusing, where the documented service refuses: more than one
/// where it hangs on the order of the checks. Codes count as wrong: whether they are is for the model to say.
#[must_use]
pub fn recorded_refusals(
    account: &Account,
    caller: Caller,
    request: &Request<'_>,
    now: Millis,
) -> Vec<(ErrorCode, String)> {
    let behaviour = Behaviour { recogniser: Arc::new(behaviour::TakesNothing), ..Behaviour::default() };
    let situation = behaviour::Situation { account, caller, now, behaviour: &behaviour };
    let recorded = rules::Documented::default();
    let [user, device, codes, assignment] = recorded.order;
    let reversed = rules::Documented { order: [assignment, codes, device, user], ..recorded };
    let mut refusals = Vec::new();
    for rules in [recorded, reversed] {
        let mut memory = Memory::new(Entropy::new(0));
        if let Decision::Refuse { code, message } = behaviour::Rules::decide(&rules, &situation, request, &mut memory) {
            refusals.push((code, message));
        }
    }
    refusals
}

/// What a call that is signed with a deleted key is answered.
fn unknown_key() -> Outcome {
    Outcome::Error { code: ErrorCode::InvalidClientTokenId, message: message::UNKNOWN_KEY.to_owned() }
}

impl Service {
    /// A service with an empty account.
    #[must_use]
    pub fn new(behaviour: Behaviour, seed: u64) -> Self {
        Self { behaviour, account: Account::default(), memory: Memory::new(Entropy::new(seed)) }
    }

    /// The account's state.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Answers one HTTP request at an instant of the service's clock.
    pub fn handle(&mut self, http: &HttpRequest<'_>, now: Millis) -> HttpResponse {
        let request_id = self.memory.entropy.request_id();
        match decode(http) {
            Ok(decoded) => {
                let (operation, outcome) = match self.caller(decoded.access_key_id.as_deref()) {
                    Some(caller) => self.answer(&decoded.request, caller, now),
                    None => (None, unknown_key()),
                };
                self.behaviour.renderer.render(operation, &outcome, &request_id)
            }
            Err(error) => {
                let outcome = Outcome::Error { code: error.code(), message: error.to_string() };
                self.behaviour.renderer.render(None, &outcome, &request_id)
            }
        }
    }

    /// Who signs with an access key: the user whose it is; nobody if this service has created the key and it is
    /// deleted. With any other key, or with none, the administrator calls, so that every client has credentials to
    /// begin with.
    fn caller(&self, access_key_id: Option<&str>) -> Option<Caller> {
        let Some(key) = access_key_id else { return Some(Caller::Administrator) };
        match self.account.key_owner(key) {
            Some(user) => Some(Caller::User(user)),
            None if self.behaviour.refuses_deleted_keys && self.memory.issued_keys.contains(key) => None,
            None => Some(Caller::Administrator),
        }
    }

    /// Takes the step that a request asks for, and tells the operation and its outcome.
    pub fn answer(
        &mut self,
        raw: &RawRequest,
        caller: Caller,
        now: Millis,
    ) -> (Option<crate::operation::Operation>, Outcome) {
        let request = match Request::read(raw, &self.behaviour.constraints) {
            Ok(request) => request,
            Err(NoAction::Missing) => {
                let message = "Missing Action".to_owned();
                return (None, Outcome::Error { code: ErrorCode::MissingAction, message });
            }
            Err(NoAction::Unknown { action, version }) => {
                let message = format!("Could not find operation {action} for version {version}");
                return (None, Outcome::Error { code: ErrorCode::InvalidAction, message });
            }
        };
        let operation = request.operation();
        let situation = behaviour::Situation { account: &self.account, caller, now, behaviour: &self.behaviour };
        self.memory.taken = None;
        let decision = self.behaviour.rules.decide(&situation, &request, &mut self.memory);
        let outcome = match decision {
            Decision::Refuse { code, message } => Outcome::Error { code, message },
            Decision::CarryOut { effect, body } => {
                self.carry_out(&effect, &body, now);
                Outcome::Success(body)
            }
            Decision::FailAfter { effect, body, code, message } => {
                self.carry_out(&effect, &body, now);
                Outcome::Error { code, message }
            }
        };
        (Some(operation), outcome)
    }

    /// Carries an effect out, and keeps nothing of what is gone.
    fn carry_out(&mut self, effect: &Effect, body: &SuccessBody, now: Millis) {
        if let Some((device, pair)) = self.memory.taken.take() {
            self.memory.last_accepted.insert(device, pair);
        }
        if let SuccessBody::AccessKey(key) = body {
            self.memory.issued_keys.insert(key.access_key_id.as_str().into());
        }
        self.behaviour.effects.carry_out(&mut self.account, effect, body, now);
        if let Effect::RemoveDevice(device) = effect {
            self.memory.last_accepted.remove(device);
        }
    }
}
