//! What stays wrong however long one waits, so that a run doesn't wait for it each time anew.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mfa_reference::Operation;
use mfa_reference::clause::ClauseId;

use crate::oracle::{Divergence, ObservedClass};

/// The ways in which listings of a target were wrong for a whole settling time. It is shared by the scenarios of a
/// run, and changes only how long they wait.
#[derive(Debug, Default)]
pub struct Lingering {
    known: Mutex<BTreeSet<(ClauseId, Operation, ObservedClass)>>,
    /// The longest that a listing took to come right, in milliseconds.
    slowest: AtomicU64,
    /// Held by the scenario that names what may be somebody's: two calls about one absent name would overlap on it.
    pub(super) shared_names: tokio::sync::Mutex<()>,
}

impl Lingering {
    /// How much shorter the wait is for what is known to stay.
    const SHORTER: u32 = 20;
    /// How much longer the wait is at least than the slowest listing that came right: a target that lags is not to be
    /// blamed for it because it has a bug that looks alike.
    const LONGER: u64 = 4;

    /// How long to wait for a listing that is wrong in this way, if a new wrong is waited for this long.
    pub(super) fn patience(&self, wrong: &Divergence, settle: Duration) -> Duration {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(&wrong.bucket());
        if !known {
            return settle;
        }
        let lag = Duration::from_millis(self.slowest.load(Ordering::Relaxed).saturating_mul(Self::LONGER));
        (settle / Self::SHORTER).max(lag).min(settle)
    }

    /// A listing came right after this many milliseconds.
    pub(super) fn came_right(&self, after_ms: i64) {
        self.slowest.fetch_max(after_ms.unsigned_abs(), Ordering::Relaxed);
    }

    /// A listing was wrong in this way to the end.
    pub(super) fn remember(&self, wrong: &Divergence) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(wrong.bucket());
    }
}
