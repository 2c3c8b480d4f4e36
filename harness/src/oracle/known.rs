//! What is known of a target before its first scenario is judged.

use std::collections::BTreeSet;

use mfa_reference::MfaOperation;

/// What the target is known to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Those that have answered in the protocol.
    pub present: BTreeSet<MfaOperation>,
    /// Whether a new device's seed could not be used: one that looks like base32 text does so by chance.
    pub seeds_by_chance: bool,
    /// How far the target's clock may be off beyond the transport's tolerance, in milliseconds: more than a step if no
    /// clock explains which codes it accepts.
    pub clock_doubt_ms: i64,
    /// Whether it lists a user's devices; without, state is not observed.
    pub listings: bool,
}

impl Operations {
    /// A target that has all of them, and listings.
    #[must_use]
    pub fn all() -> Self {
        Self { present: MfaOperation::ALL.into_iter().collect(), listings: true, ..Self::default() }
    }
}
