//! What the tasks of a run share.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinError;

use super::factory::TransportFactory;
use super::finding_store::FindingStore;
use super::options::RunOptions;
use super::progress::Progress;
use super::result::Probe;
use crate::clock::Stopwatch;
use crate::execute::trace::Unfinished;
use crate::execute::{Patience, SettleCache};
use crate::transport::{Transport, TransportError};

/// What the tasks of a run share.
pub(super) struct Run {
    pub(super) factory: Box<dyn TransportFactory>,
    pub(super) options: RunOptions,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) interrupt: Arc<AtomicBool>,
    pub(super) probe: Probe,
    store: Mutex<FindingStore>,
    pub(super) stopwatch: Stopwatch,
    /// Set when no further scenario is to be begun.
    pub(super) enough: AtomicBool,
    /// Set when nothing is to be waited for any more.
    pub(super) hurry: AtomicBool,
    /// Set when the run is over and something was left to be played.
    pub(super) cut: AtomicBool,
    pub(super) settle_cache: SettleCache,
    /// How many scenarios need what the target refuses to set up.
    pub(super) skipped: AtomicU64,
}

impl Run {
    pub(super) fn new(
        factory: Box<dyn TransportFactory>,
        options: RunOptions,
        progress: Arc<dyn Progress>,
        interrupt: Arc<AtomicBool>,
        probe: Probe,
        store: FindingStore,
        stopwatch: Stopwatch,
    ) -> Self {
        let settle_cache = SettleCache::new(options.max_wait, !factory.one_service_a_scenario());
        Self {
            factory,
            options,
            progress,
            interrupt,
            probe,
            store: Mutex::new(store),
            stopwatch,
            enough: AtomicBool::default(),
            hurry: AtomicBool::default(),
            cut: AtomicBool::default(),
            settle_cache,
            skipped: AtomicU64::default(),
        }
    }

    /// A way of one's own to the target. The report tells if there is none.
    pub(super) fn transport(&self) -> Option<Box<dyn Transport>> {
        self.built(self.factory.transport(self.probe.skew_ms))
    }

    /// The same for a scenario that may have to wait, and how long it may.
    pub(super) fn patient_transport(&self) -> Option<(Box<dyn Transport>, Patience)> {
        self.built(self.factory.patient_transport(self.probe.skew_ms, self.options.max_wait))
    }

    fn built<T>(&self, built: Result<T, TransportError>) -> Option<T> {
        let failed = |error: TransportError| {
            *self.store().unfinished.entry(Unfinished::NoClient(error.to_string())).or_default() += 1;
        };
        built.map_err(failed).ok()
    }

    pub(super) fn store(&self) -> MutexGuard<'_, FindingStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a task. One that panics takes the whole run with it: what it would have found is unknown.
pub(super) async fn joined(task: tokio::task::JoinHandle<()>) {
    resumed(task.await);
}

/// Takes a panic of a task that has ended over.
pub(super) fn resumed(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
