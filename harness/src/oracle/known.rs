//! What is known about a target before its first scenario is judged.

use std::collections::BTreeSet;

use mfa_reference::MfaOperation;

/// What the target is known to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// The operations that have answered in the protocol.
    pub present: BTreeSet<MfaOperation>,
    /// Whether a new device's seed was unusable, so that one that looks like base32 text does so by chance.
    pub seeds_by_chance: bool,
    /// How far the target's clock may be off beyond the transport's tolerance, in milliseconds: more than a time step
    /// if no clock explains which codes it accepts.
    pub clock_doubt_ms: i64,
    /// Whether the target lists a user's devices. If not, state is not observed.
    pub listings: bool,
}

impl Operations {
    /// A target with all operations and listings.
    #[must_use]
    pub fn all() -> Self {
        Self { present: MfaOperation::ALL.into_iter().collect(), listings: true, ..Self::default() }
    }
}
