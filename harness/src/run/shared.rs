//! What the tasks of a run share.

use std::collections::BTreeSet;
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
    /// Set when no further scenario may begin.
    pub(super) enough: AtomicBool,
    /// Set when no scenario may wait any longer.
    pub(super) hurry: Arc<AtomicBool>,
    /// Set when the run ended before everything was played.
    pub(super) cut: AtomicBool,
    pub(super) settle_cache: SettleCache,
    /// The names of the scenarios with overlapping calls that showed something.
    pub(super) shown: Arc<Mutex<BTreeSet<String>>>,
    /// How many scenarios were skipped because the target refuses their set-up.
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
            hurry: Arc::default(),
            cut: AtomicBool::default(),
            settle_cache,
            shown: Arc::default(),
            skipped: AtomicU64::default(),
        }
    }

    /// A new transport to the target. If it can't be built, the report says so.
    pub(super) fn transport(&self) -> Option<Box<dyn Transport>> {
        self.built(self.factory.transport(self.probe.skew_ms))
    }

    /// A new transport for a scenario that may have to wait, and its patience.
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
        locked(&self.store)
    }
}

/// Locks a mutex, even if a panic poisoned it: that panic ends the run.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a task. A panic in it ends the whole run, since its findings are unknown.
pub(super) async fn joined(task: tokio::task::JoinHandle<()>) {
    resumed(task.await);
}

/// Resumes the panic of an ended task.
pub(super) fn resumed(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
