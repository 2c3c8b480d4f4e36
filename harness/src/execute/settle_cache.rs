//! What the scenarios of a run share: what stays wrong however long one waits, and whether the target still answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mfa_reference::{ErrorCode, Operation};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::holdings::Holdings;
use crate::oracle::Bucket;

/// How many scenarios at most let another one be played in their place at the same time.
const MOST_GIVE_WAY: usize = 24;

/// After so many scenarios in which the same divergence stayed however long it was waited for, the next one isn't waited
/// for: whether it passes there too adds no finding.
const STAYS: u32 = 2;

/// What the scenarios of a run share.
#[derive(Debug)]
pub struct SettleCache {
    /// How long a scenario may wait for failures to pass, on a target whose clock is real.
    pub(super) recovery: Duration,
    /// The answers that stayed for the whole of this time, and whether it was so long that they never recover.
    staying: Mutex<BTreeMap<(Operation, ErrorCode), bool>>,
    /// In how many scenarios a divergence stayed that might have passed.
    waited_for: Mutex<BTreeMap<Bucket, u32>>,
    gave_way: AtomicUsize,
    /// Whether other scenarios may be played in the place of one that waits.
    makes_room: AtomicBool,
    /// A permit for each scenario that waits and wants another one to be played in its place.
    places: Semaphore,
    /// Why the target can't be reached any more.
    dead: Mutex<Option<String>>,
    /// The calls that had no reply when the target was found dead.
    in_flight: Mutex<BTreeSet<String>>,
    /// Whether a listing came right only after a while.
    lags: AtomicBool,
    /// How often the target was away and came back.
    restarts: AtomicU64,
    /// Held by the scenario that names what may be somebody's: two calls about one absent name would overlap on it.
    pub(super) shared_names: tokio::sync::Mutex<()>,
    /// How many devices were seen at once; absent if each scenario has an account of its own.
    holdings: Option<Arc<Holdings>>,
}

impl Default for SettleCache {
    fn default() -> Self {
        Self::new(Duration::ZERO, false)
    }
}

impl SettleCache {
    /// For a run whose scenarios may wait this long for failures to pass, on one account or on one each.
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
            holdings: one_account.then(|| Arc::new(Holdings::new())),
        }
    }

    /// The counts of the account on which a scenario is played.
    pub(super) fn holdings(&self) -> Arc<Holdings> {
        self.holdings.clone().unwrap_or_else(|| Arc::new(Holdings::new()))
    }

    /// Whether this answer stayed for as long as a scenario may wait.
    pub(super) fn stays(&self, operation: Operation, code: ErrorCode) -> bool {
        locked(&self.staying).contains_key(&(operation, code))
    }

    /// Whether this answer stayed for so long that it never recovers.
    pub(super) fn never_recovers(&self, operation: Operation, code: ErrorCode) -> bool {
        locked(&self.staying).get(&(operation, code)).is_some_and(|never| *never)
    }

    /// An answer stayed for as long as a scenario may wait.
    pub(super) fn stayed(&self, operation: Operation, code: ErrorCode, never: bool) {
        *locked(&self.staying).entry((operation, code)).or_default() |= never;
    }

    /// Whether a divergence is known to stay however long it is waited for.
    pub(super) fn outlasts(&self, bucket: &Bucket) -> bool {
        locked(&self.waited_for).get(bucket).is_some_and(|scenarios| *scenarios >= STAYS)
    }

    /// A divergence stayed although it was waited for.
    pub(super) fn outlasted(&self, bucket: Bucket) {
        *locked(&self.waited_for).entry(bucket).or_default() += 1;
    }

    /// A divergence that was waited for has passed: the next one is waited for again.
    pub(super) fn passed(&self, bucket: &Bucket) {
        locked(&self.waited_for).remove(bucket);
    }

    /// A scenario waits: another one may be played in its place. Tells whether one is.
    pub(super) fn give_way(&self) -> bool {
        let within = |count: usize| (count < MOST_GIVE_WAY).then_some(count + 1);
        let may = self.makes_room.load(Ordering::Relaxed)
            && self.gave_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok();
        if may {
            self.places.add_permits(1);
        }
        may
    }

    /// A scenario that gave way has ended.
    pub(crate) fn is_back(&self) {
        self.gave_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Sets whether other scenarios may be played in the place of one that waits.
    pub(crate) fn make_room(&self, may: bool) {
        self.makes_room.store(may, Ordering::Relaxed);
    }

    /// Waits until a scenario gives way.
    pub(crate) async fn place(&self) {
        if let Ok(permit) = self.places.acquire().await {
            permit.forget();
        }
    }

    /// Takes the place of a scenario that gives way, if there is one.
    pub(crate) fn has_place(&self) -> bool {
        self.places.try_acquire().map(SemaphorePermit::forget).is_ok()
    }

    /// Why the target can't be reached any more.
    pub(crate) fn death(&self) -> Option<String> {
        locked(&self.dead).clone()
    }

    /// The target can't be reached any more.
    pub(super) fn died(&self, why: &str) {
        locked(&self.dead).get_or_insert_with(|| why.to_owned());
    }

    /// A call had no reply when the target was found dead.
    pub(super) fn was_in_flight(&self, call: String) {
        locked(&self.in_flight).insert(call);
    }

    /// The calls that had no reply when the target was found dead.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        locked(&self.in_flight).iter().cloned().collect()
    }

    /// The target was away and came back: whatever it kept may be lost.
    pub(super) fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// A listing came right only after a while.
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
