//! What the oracle keeps of deleted devices, and what became of the codes of a request.

use std::collections::BTreeSet;

/// What was deleted with success, and may be given again whatever is listed still.
#[derive(Clone, Debug, Default)]
pub(super) struct ReleasedSerials {
    /// The serial numbers of deleted devices.
    pub(super) deleted: BTreeSet<String>,
    /// Whether the device that was created last has a serial number under which another is listed still.
    pub(super) listed_still: bool,
}

/// What became of the codes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// They were accepted.
    Accepted,
    /// They were refused.
    Refused,
    /// The answer doesn't say.
    Unknown,
}
