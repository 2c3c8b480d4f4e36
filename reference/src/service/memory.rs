//! What the service remembers.

use std::collections::{BTreeMap, BTreeSet};

use super::entropy::Entropy;
use crate::account::DeviceId;
use crate::time::TimeStep;

/// The pair that was taken from a device last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPair {
    /// The step of its second code.
    pub second: TimeStep,
    /// The step in which it was taken.
    pub at: TimeStep,
}

/// What the service keeps beside the account: nothing that a listing shows.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The pair that was accepted last from each device.
    pub last_accepted: BTreeMap<DeviceId, LastPair>,
    /// The pair that the request under way has, if its codes were found right. What is refused uses nothing up.
    pub(super) taken: Option<(DeviceId, LastPair)>,
    /// The id of each access key that was ever created. A deleted key is one of these that has no owner.
    pub(super) issued_keys: BTreeSet<Box<str>>,
    pub(super) entropy: Entropy,
}

impl Memory {
    pub(super) const fn new(entropy: Entropy) -> Self {
        Self { last_accepted: BTreeMap::new(), taken: None, issued_keys: BTreeSet::new(), entropy }
    }
}
