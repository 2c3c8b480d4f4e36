//! What the scenarios of a run share: failures that don't pass with time, and whether the target still answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mfa_reference::{ErrorCode, Operation};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::holdings::Holdings;
use crate::oracle::Bucket;

/// How many scenarios may give way to another one at the same time.
const MOST_GIVE_WAY: usize = 24;

/// About how many calls the clean-up of a scenario makes.
const CLEAN_UP_CALLS: u32 = 16;

/// How many scenarios a target is taken to serve in the time that it takes for one: as many as usually play at once.
const AT_ONCE: u32 = 8;

/// After this many scenarios have waited in vain for the same divergence to pass, no further scenario waits for it:
/// the result would add no finding.
const STAYS: u32 = 2;

/// What the scenarios of a run share.
#[derive(Debug)]
pub struct SettleCache {
    /// How long a scenario may wait for failures to pass, on a target whose clock is real.
    pub(super) recovery: Duration,
    /// The errors that stayed for all of this time, and whether it was long enough to call them permanent.
    staying: Mutex<BTreeMap<(Operation, ErrorCode), bool>>,
    /// How many scenarios have waited in vain for each divergence to pass.
    waited_for: Mutex<BTreeMap<Bucket, u32>>,
    gave_way: AtomicUsize,
    /// Whether another scenario may play in the place of one that waits.
    makes_room: AtomicBool,
    /// A permit for each waiting scenario that lets another one play in its place.
    places: Semaphore,
    /// Why the target can't be reached any more.
    dead: Mutex<Option<String>>,
    /// The calls that had no reply when the target was found dead.
    in_flight: Mutex<BTreeSet<String>>,
    /// Whether a listing became right only after a while.
    lags: AtomicBool,
    /// How often the target was away and came back.
    restarts: AtomicU64,
    /// Held by a scenario that names something that may be somebody's: two scenarios must not use such a name at once.
    pub(super) shared_names: tokio::sync::Mutex<()>,
    /// How long the latest calls took on average, in milliseconds.
    call_ms: AtomicU64,
    /// How long the latest overlapping calls took on average, in microseconds.
    overlapping_us: AtomicU64,
    /// How many scenarios are under way.
    playing: AtomicU32,
    /// How many devices exist at once; `None` if each scenario has its own account.
    holdings: Option<Arc<Holdings>>,
}

impl Default for SettleCache {
    fn default() -> Self {
        Self::new(Duration::ZERO, false)
    }
}

impl SettleCache {
    /// For a run whose scenarios may each wait `recovery` for failures to pass, on one account or on one each.
    #[must_use]
    pub fn new(recovery: Duration, one_account: bool) -> Self {
        Self {
            recovery,
            staying: Mutex::new(BTreeMap::new()),
            waited_for: Mutex::new(BTreeMap::new()),
            gave_way: AtomicUsize::new(0),
            makes_room: AtomicBool::new(false),
            places: Semaphore::const_new(0),
            dead: Mutex::new(None),
            in_flight: Mutex::new(BTreeSet::new()),
            lags: AtomicBool::new(false),
            restarts: AtomicU64::new(0),
            shared_names: tokio::sync::Mutex::const_new(()),
            call_ms: AtomicU64::new(0),
            overlapping_us: AtomicU64::new(1_000),
            playing: AtomicU32::new(0),
            holdings: one_account.then(|| Arc::new(Holdings::new())),
        }
    }

    /// The counts of the account on which a scenario is played.
    pub(super) fn holdings(&self) -> Arc<Holdings> {
        self.holdings.clone().unwrap_or_else(|| Arc::new(Holdings::new()))
    }

    /// Records how many milliseconds a call took. The latest calls count most.
    pub(super) fn took(&self, millis: i64) {
        let took = u64::try_from(millis).unwrap_or_default();
        let mean = self.call_ms.load(Ordering::Relaxed);
        // Where two calls end at once, one of them may count for nothing.
        self.call_ms.store((3 * mean + took).div_ceil(4), Ordering::Relaxed);
    }

    /// Records how long overlapping calls took on average.
    pub(super) fn overlapping_took(&self, mean: Duration) {
        self.overlapping_us.store(u64::try_from(mean.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long the latest overlapping calls took on average.
    pub(super) fn overlapping_time(&self) -> Duration {
        Duration::from_micros(self.overlapping_us.load(Ordering::Relaxed))
    }

    /// Records that a scenario begins.
    pub(super) fn begins(&self) {
        self.playing.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a scenario has ended.
    pub(super) fn ended(&self) {
        self.playing.fetch_sub(1, Ordering::Relaxed);
    }

    /// About how long it takes to clean up after all scenarios under way.
    pub(crate) fn clean_up_time(&self) -> Duration {
        let call = Duration::from_millis(self.call_ms.load(Ordering::Relaxed));
        call * CLEAN_UP_CALLS * self.playing.load(Ordering::Relaxed).max(AT_ONCE) / AT_ONCE
    }

    /// Whether this error stayed for as long as a scenario may wait.
    pub(super) fn stays(&self, operation: Operation, code: ErrorCode) -> bool {
        locked(&self.staying).contains_key(&(operation, code))
    }

    /// Whether this error stayed for so long that it counts as permanent.
    pub(super) fn never_recovers(&self, operation: Operation, code: ErrorCode) -> bool {
        locked(&self.staying).get(&(operation, code)).is_some_and(|never| *never)
    }

    /// Records that an error stayed for as long as a scenario may wait.
    pub(super) fn stayed(&self, operation: Operation, code: ErrorCode, never: bool) {
        *locked(&self.staying).entry((operation, code)).or_default() |= never;
    }

    /// Whether a divergence is known not to pass with time.
    pub(super) fn outlasts(&self, bucket: &Bucket) -> bool {
        locked(&self.waited_for).get(bucket).is_some_and(|scenarios| *scenarios >= STAYS)
    }

    /// Records that a scenario waited in vain for a divergence to pass.
    pub(super) fn outlasted(&self, bucket: Bucket) {
        *locked(&self.waited_for).entry(bucket).or_default() += 1;
    }

    /// Records that a divergence has passed, so that scenarios wait for it again.
    pub(super) fn passed(&self, bucket: &Bucket) {
        locked(&self.waited_for).remove(bucket);
    }

    /// Lets another scenario play in the place of one that waits. Returns whether it may.
    pub(super) fn give_way(&self) -> bool {
        let within = |count: usize| (count < MOST_GIVE_WAY).then_some(count + 1);
        let may = self.makes_room.load(Ordering::Relaxed)
            && self.gave_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok();
        if may {
            self.places.add_permits(1);
        }
        may
    }

    /// Records that a scenario that gave way has ended.
    pub(crate) fn is_back(&self) {
        self.gave_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Sets whether another scenario may play in the place of one that waits.
    pub(crate) fn make_room(&self, may: bool) {
        self.makes_room.store(may, Ordering::Relaxed);
    }

    /// Waits until a scenario gives way.
    pub(crate) async fn place(&self) {
        if let Ok(permit) = self.places.acquire().await {
            permit.forget();
        }
    }

    /// Takes the place of a scenario that gives way, if any does. Returns whether it did.
    pub(crate) fn has_place(&self) -> bool {
        self.places.try_acquire().map(SemaphorePermit::forget).is_ok()
    }

    /// Why the target can't be reached any more.
    pub(crate) fn death(&self) -> Option<String> {
        locked(&self.dead).clone()
    }

    /// Records why the target can't be reached any more.
    pub(super) fn died(&self, why: &str) {
        locked(&self.dead).get_or_insert_with(|| why.to_owned());
    }

    /// Records a call that had no reply when the target died.
    pub(super) fn was_in_flight(&self, call: String) {
        locked(&self.in_flight).insert(call);
    }

    /// The calls that had no reply when the target was found dead.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        locked(&self.in_flight).iter().cloned().collect()
    }

    /// Records that the target was away and came back, and may have lost its state.
    pub(super) fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a listing became right only after a while.
    pub(super) fn has_lagged(&self) {
        self.lags.store(true, Ordering::Relaxed);
    }

    /// Whether listings are known to lag behind.
    pub(super) fn lags(&self) -> bool {
        self.lags.load(Ordering::Relaxed)
    }

    /// How often the target was away and came back.
    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::ClauseId;

    use super::*;
    use crate::oracle::ObservedClass;

    #[test]
    fn what_stayed_in_two_scenarios_is_not_waited_for_until_it_passes_once() {
        let cache = SettleCache::default();
        let class = ObservedClass::Error(ErrorCode::ServiceFailure);
        let bucket = (ClauseId::RobustnessPersistentFailure, Operation::EnableMfaDevice, class);
        cache.outlasted(bucket.clone());
        assert!(!cache.outlasts(&bucket));
        cache.outlasted(bucket.clone());
        assert!(cache.outlasts(&bucket));
        cache.passed(&bucket);
        cache.outlasted(bucket.clone());
        assert!(!cache.outlasts(&bucket));
    }
}
