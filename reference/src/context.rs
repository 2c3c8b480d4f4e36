//! The context of a call is what the caller knows of it beyond the world: when it was made and what was done before.
//!
//! Nothing in it shows in a listing. It only ever widens what is permitted.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::{Step, Window};
use crate::world::{DeviceId, UserId};

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
    /// A day either side: to explain a pair that was accepted although nothing near explains it.
    Day,
}

impl Search {
    /// The number of steps searched either side of the window.
    #[must_use]
    pub const fn radius(self) -> i64 {
        match self {
            Self::Near => 2,
            Self::Day => 2_880,
        }
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
    pub newest_carried: Option<Step>,
    /// Whether a pair other than a fresh one was accepted since the last Resync with a fresh one.
    pub out_of_sync: bool,
}

impl History {
    /// What was done to a device.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> DeviceHistory {
        self.devices.get(&device).copied().unwrap_or_default()
    }

    /// A request on the device carried the code of a step.
    pub fn carried(&mut self, device: DeviceId, step: Step) {
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
