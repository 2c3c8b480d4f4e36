//! The context of a call is what the caller knows of it beyond the world: when it was made and what was done before.
//!
//! Nothing in it shows in a listing. It only ever widens what is permitted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::account::{DeviceId, UserId};
use crate::time::{TimeStep, Window};

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The run's own credentials: an administrator that is none of the world's users.
    Administrator,
    /// An IAM user, by its own access key.
    User(UserId),
}

/// How wide the oracle searches for what explains a pair of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Two steps either side: enough for every pair that has to be judged one way.
    Near,
    /// As many steps either side as the sender's codes lie off.
    Within(i64),
    /// A day either side of the time and of the device's own clock: to explain a pair of other steps.
    Day,
}

impl Search {
    /// The number of steps searched either side of the window.
    #[must_use]
    pub const fn radius(self) -> i64 {
        match self {
            Self::Near => 2,
            Self::Within(steps) => steps,
            Self::Day => 2_880,
        }
    }

    /// The steps that are searched for the codes of a device.
    #[must_use]
    pub fn steps(self, window: Window, device: DeviceHistory) -> RangeInclusive<TimeStep> {
        let (behind, ahead) = match (self, device.accepted) {
            (Self::Day, Some(last)) => (last.drift.0.min(0), last.drift.1.max(0)),
            (Self::Near | Self::Within(_), _) | (Self::Day, None) => (0, 0),
        };
        window.from.step().plus(behind - self.radius())..=window.to.step().plus(ahead + self.radius())
    }
}

/// What the caller knows of a call beyond the world.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// When the service may have looked at its clock.
    pub window: Window,
    /// How wide to search for codes.
    pub search: Search,
    /// What was done to devices before.
    pub history: &'a History,
    /// Whether another call of ours on the same objects overlapped within the last five minutes.
    pub overlapped: bool,
    /// What is known of the limits on devices.
    pub limits: Limits,
}

/// What a run has seen of the limits on devices. A service that accepted so many devices at once can't refuse fewer
/// with `LimitExceeded` (`enable.limit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most devices that one user was seen to have at once.
    pub held_by_a_user: usize,
    /// Whether the account may have as many assigned devices now as it was ever seen to have.
    pub account_may_be_full: bool,
}

impl Limits {
    /// Nothing was seen: any number of devices may be the limit.
    pub const UNKNOWN: Self = Self { held_by_a_user: 0, account_may_be_full: true };
}

/// What was done before that no listing shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    devices: BTreeMap<DeviceId, DeviceHistory>,
    guessed: BTreeSet<DeviceId>,
}

/// What was done to one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceHistory {
    /// The newest step whose code any request on the device carried.
    pub newest_carried: Option<TimeStep>,
    /// Whether a pair other than a fresh one was accepted since the last Resync with a fresh one.
    pub out_of_sync: bool,
    /// The last pair that was accepted.
    pub accepted: Option<AcceptedPair>,
    /// Whether a pair may have been accepted that `accepted` doesn't tell of: its answer was lost.
    pub perhaps_accepted: bool,
}

/// A pair of codes that Enable or Resync accepted: it sets the device's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedPair {
    /// The step of its second code.
    pub second: TimeStep,
    /// How many steps that lay ahead of the time when it was accepted, at least and at most.
    pub drift: (i64, i64),
}

impl History {
    /// What was done to a device.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> DeviceHistory {
        self.devices.get(&device).copied().unwrap_or_default()
    }

    /// A request on the device carried the code of a step.
    pub fn carried(&mut self, device: DeviceId, step: TimeStep) {
        let history = self.devices.entry(device).or_default();
        history.newest_carried = history.newest_carried.max(Some(step));
    }

    /// A pair that wasn't surely fresh was accepted: the device may be out of sync.
    pub fn accepted_unsynchronised(&mut self, device: DeviceId) {
        self.devices.entry(device).or_default().out_of_sync = true;
    }

    /// A Resync with a fresh pair has succeeded.
    pub fn synchronised(&mut self, device: DeviceId) {
        self.devices.entry(device).or_default().out_of_sync = false;
    }

    /// A pair was accepted whose second code is that of a step.
    pub fn accepted(&mut self, device: DeviceId, second: TimeStep, window: Window) {
        let drift = (second.0 - window.to.step().0, second.0 - window.from.step().0);
        let history = self.devices.entry(device).or_default();
        history.accepted = Some(AcceptedPair { second, drift });
        history.perhaps_accepted = false;
    }

    /// The answer to a request with codes was lost, or doesn't say whether they were accepted.
    pub fn perhaps_accepted(&mut self, device: DeviceId) {
        self.devices.entry(device).or_default().perhaps_accepted = true;
    }

    /// A pair was accepted that was chosen without knowing the device's seed.
    pub fn guess_accepted(&mut self, device: DeviceId) {
        self.guessed.insert(device);
    }

    /// Whether pairs chosen without knowing any seed were accepted on this many devices other than `device`. One
    /// guess is right with a probability below 2 in 100,000, however wide the service's drift window; several on
    /// several devices can't all be right.
    #[must_use]
    pub fn guesses_beside(&self, device: DeviceId) -> usize {
        self.guessed.iter().filter(|guessed| **guessed != device).count()
    }
}
