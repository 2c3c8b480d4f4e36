//! What stays wrong however long one waits, so that a run doesn't wait for it each time anew.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mfa_reference::Operation;
use mfa_reference::clause::ClauseId;

use crate::oracle::{Divergence, ObservedClass};

/// The ways in which listings of a target were wrong for a whole settling time. It is shared by the scenarios of a
/// run, and changes only how long they wait.
#[derive(Debug, Default)]
pub struct Lingering(Mutex<BTreeSet<(ClauseId, Operation, ObservedClass)>>);

impl Lingering {
    /// How much shorter the wait is for what is known to stay.
    const SHORTER: u32 = 20;

    /// How long to wait for a listing that is wrong in this way, if a new wrong is waited for this long.
    pub(super) fn patience(&self, wrong: &Divergence, settle: Duration) -> Duration {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&wrong.bucket());
        if known { settle / Self::SHORTER } else { settle }
    }

    /// A listing was wrong in this way to the end.
    pub(super) fn remember(&self, wrong: &Divergence) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(wrong.bucket());
    }
}
