//! What the oracle remembers about deleted devices, and the result of a request's codes.

use std::collections::BTreeSet;

/// Serial numbers of deleted devices. A target may reuse them even if it still lists the deleted device.
#[derive(Clone, Debug, Default)]
pub(super) struct ReleasedSerials {
    /// The serial numbers of deleted devices.
    pub(super) deleted: BTreeSet<String>,
    /// Whether the target still lists another device under the serial number of the newest device.
    pub(super) listed_still: bool,
}

/// The result of a request's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// The target accepted them.
    Accepted,
    /// The target refused them.
    Refused,
    /// The answer doesn't say.
    Unknown,
}
