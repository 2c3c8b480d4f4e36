//! The parts of a service. A seeded fault or a permitted variant is the documented behaviour with one part replaced.

use std::fmt;
use std::sync::Arc;

pub use super::memory::LastPair;
use super::memory::Memory;
use crate::account::{Account, Effect};
use crate::context::Caller;
use crate::outcome::{ErrorCode, SuccessBody};
use crate::request::{Constraints, Request};
use crate::time::{Millis, TimeStep};
use crate::totp::{Seed, number_of};
use crate::wire::Renderer;

/// How a service behaves: one value for each of its parts.
#[derive(Clone)]
pub struct Behaviour {
    /// What parameters have to keep.
    pub constraints: Constraints,
    /// Which pairs of codes are taken.
    pub recogniser: Arc<dyn Recogniser>,
    /// What is decided about a request, and in which order things are checked.
    pub rules: Arc<dyn Rules>,
    /// How a decision changes the account.
    pub effects: Arc<dyn Effects>,
    /// How an outcome is written.
    pub renderer: Arc<dyn Renderer>,
    /// Whether a user with a device who calls with its own key may enable and deactivate nothing for itself
    /// (`enable.self-management`, `deactivate.self-management`).
    pub self_management_needs_mfa: bool,
    /// Whether a new device has a picture of its seed.
    pub draws_pictures: bool,
    /// Whether a call that is signed with a deleted access key is refused; otherwise it is the administrator's.
    pub refuses_deleted_keys: bool,
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Behaviour").field("constraints", &self.constraints).finish_non_exhaustive()
    }
}

/// What a decision rests on.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The account.
    pub account: &'a Account,
    /// Who asks.
    pub caller: Caller,
    /// The service's time.
    pub now: Millis,
    /// The service's parts.
    pub behaviour: &'a Behaviour,
}

/// Decides which pairs of codes are taken.
pub trait Recogniser: Send + Sync {
    /// The step of the second code, if the pair is taken. `last` is the pair that was taken from the device before.
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, last: Option<LastPair>)
    -> Option<TimeStep>;
}

/// Takes the pairs that AWS was recorded taking: two neighbouring steps near the device's own clock, newer than those
/// taken before (`enable.codes.window`, `enable.codes.order`).
#[derive(Clone, Copy, Debug)]
pub struct AsRecorded;

impl AsRecorded {
    /// How many steps the first code may lie from the device's own clock.
    pub const RADIUS: i64 = 999;
}

impl Recogniser for AsRecorded {
    fn recognise(
        &self,
        seed: &Seed,
        code1: &str,
        code2: &str,
        now: Millis,
        last: Option<LastPair>,
    ) -> Option<TimeStep> {
        let clock = now.step().plus(last.map_or(0, |last| last.second.0 - last.at.0));
        let oldest = clock.plus(-Self::RADIUS).max(last.map_or(TimeStep(i64::MIN), |last| last.second.plus(1)));
        let (one, two) = (number_of(code1)?, number_of(code2)?);
        // The current pair is the usual one, and the search is long.
        let current = [now.step(), clock].into_iter().find(|second| {
            let pair = second.plus(-1)..=*second;
            second.plus(-1) >= oldest
                && (second.0 - 1 - clock.0).abs() <= Self::RADIUS
                && seed.numbers(&pair).eq([one, two])
        });
        if current.is_some() {
            return current;
        }
        let mut earlier = None;
        let numbers = seed.numbers(&(oldest..=clock.plus(Self::RADIUS + 1)));
        let mut found = numbers.enumerate().filter_map(|(index, number)| {
            let follows = earlier.replace(number) == Some(one) && number == two;
            follows.then(|| i64::try_from(index).ok()).flatten()
        });
        found.next().map(|index| oldest.plus(index))
    }
}

/// Takes no pair.
#[derive(Clone, Copy, Debug)]
pub struct TakesNothing;

impl Recogniser for TakesNothing {
    fn recognise(&self, _: &Seed, _: &str, _: &str, _: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        None
    }
}

/// Takes two codes of neighbouring steps, the second at most so many steps from now.
#[derive(Clone, Copy, Debug)]
pub struct Adjacent {
    /// How many steps the second code may lie behind the current step.
    pub steps_behind: i64,
    /// How many steps it may lie ahead.
    pub steps_ahead: i64,
}

impl Recogniser for Adjacent {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let current = now.step();
        let mut earlier = seed.code(current.plus(-self.steps_behind - 1));
        for offset in -self.steps_behind..=self.steps_ahead {
            let step = current.plus(offset);
            let later = seed.code(step);
            if earlier.as_str() == code1 && later.as_str() == code2 {
                return Some(step);
            }
            earlier = later;
        }
        None
    }
}

/// What is done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is refused, and changes nothing.
    Refuse {
        /// The code.
        code: ErrorCode,
        /// The text for a person.
        message: String,
    },
    /// It is carried out.
    CarryOut {
        /// What it changes.
        effect: Effect,
        /// What it answers.
        body: SuccessBody,
    },
    /// It is carried out, and an error is answered anyway, as a failure on the way to the reply makes it.
    FailAfter {
        /// What it changes.
        effect: Effect,
        /// What would have been answered: what a creation makes is described there.
        body: SuccessBody,
        /// The code.
        code: ErrorCode,
        /// The text for a person.
        message: String,
    },
}

impl Decision {
    /// A refusal.
    #[must_use]
    pub fn refuse(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refuse { code, message: message.into() }
    }
}

/// Decides about requests.
pub trait Rules: Send + Sync {
    /// What is done about a request in a situation.
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision;
}

/// Carries decisions out.
pub trait Effects: Send + Sync {
    /// Changes the account.
    fn carry_out(&self, account: &mut Account, effect: &Effect, body: &SuccessBody, now: Millis);
}

/// Carries out just what was decided.
#[derive(Clone, Copy, Debug)]
pub struct AsDecided;

impl Effects for AsDecided {
    fn carry_out(&self, account: &mut Account, effect: &Effect, body: &SuccessBody, now: Millis) {
        account.apply(effect, Some(body), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_behaviour_shows_the_constraints_that_it_reads_requests_by() {
        let behaviour = Behaviour::default();
        let (shown, constraints) = (format!("{behaviour:?}"), format!("{:?}", behaviour.constraints));
        assert!(shown.contains(&constraints), "{shown}");
    }
}
