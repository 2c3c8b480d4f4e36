//! The most devices that the account and its users had at once in a run. They are the evidence for and against
//! `LimitExceeded` (`enable.limit`).
//!
//! Scenarios play at the same time on one account. Each updates its share of two counts: devices that are surely
//! assigned, and devices that may be. A call under way counts as done where that is the safe assumption. An Enable may
//! already have added a device, and any other change may already have removed the scenario's devices.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mfa_reference::{Limits, Operation};

/// The counts of a run's account.
#[derive(Debug)]
pub(super) struct Holdings(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    sure: usize,
    perhaps: usize,
    /// How many calls that may add a device have begun.
    begun: usize,
    most: usize,
    most_of_a_user: usize,
}

/// What one scenario adds to the counts.
#[derive(Debug, Default)]
pub(super) struct Share {
    sure: usize,
    perhaps: usize,
    /// Before the call under way: how many devices may be assigned, and how many calls had begun.
    before: (usize, usize),
    /// Whether it has enabled devices by calls that overlap. A service may check its limit before either is enabled, so
    /// they don't show that the limit is higher.
    overlapped: bool,
}

impl Holdings {
    /// Counts of zero.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Counts { sure: 0, perhaps: 0, begun: 0, most: 0, most_of_a_user: 0 }))
    }

    /// Counts a call that is about to be sent.
    pub(super) fn begin(&self, share: &mut Share, operation: Operation) {
        let mut counts = self.counts();
        share.before = (counts.perhaps, counts.begun);
        if operation == Operation::EnableMfaDevice {
            counts.perhaps += 1;
            share.perhaps += 1;
            counts.begun += 1;
            share.before.1 += 1;
        } else if !operation.is_read() {
            counts.sure -= std::mem::take(&mut share.sure);
        }
    }

    /// The known bounds on the limits, for judging the reply to the last call. An account that had no assigned device
    /// when the run began may hold at least one.
    pub(super) fn limits(&self, share: &Share, starts_empty: bool) -> Limits {
        let counts = self.counts();
        let (perhaps, begun) = share.before;
        let now = perhaps + counts.begun.saturating_sub(begun);
        Limits {
            held_by_a_user: counts.most_of_a_user.max(usize::from(starts_empty)),
            account_may_be_full: now >= counts.most.max(usize::from(starts_empty)),
        }
    }

    /// Updates the counts after a call was judged. `sure` and `perhaps` count the scenario's devices, and `of_a_user`
    /// the devices that surely belong to one user.
    pub(super) fn settle(&self, share: &mut Share, sure: usize, perhaps: usize, of_a_user: usize) {
        let mut counts = self.counts();
        counts.sure = counts.sure - share.sure + sure;
        counts.perhaps = counts.perhaps - share.perhaps + perhaps;
        (share.sure, share.perhaps) = (sure, perhaps);
        if !share.overlapped {
            counts.most = counts.most.max(counts.sure);
            counts.most_of_a_user = counts.most_of_a_user.max(of_a_user);
        }
    }

    /// From now on the scenario's devices say nothing about a limit.
    pub(super) const fn overlaps(share: &mut Share) {
        share.overlapped = true;
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENABLE: Operation = Operation::EnableMfaDevice;

    fn enabled(holdings: &Holdings, share: &mut Share, devices: usize) {
        holdings.begin(share, ENABLE);
        holdings.settle(share, devices, devices, devices);
    }

    #[test]
    fn fewer_devices_than_were_seen_at_once_are_not_the_limit() {
        let (holdings, mut share) = (Holdings::new(), Share::default());
        holdings.begin(&mut share, ENABLE);
        assert_eq!(holdings.limits(&share, false), Limits::UNKNOWN);
        assert!(!holdings.limits(&share, true).account_may_be_full, "an empty account holds one device at least");
        enabled(&holdings, &mut share, 1);
        enabled(&holdings, &mut share, 2);
        holdings.begin(&mut share, ENABLE);
        assert!(holdings.limits(&share, false).account_may_be_full, "two are assigned, and no more were seen");
        holdings.settle(&mut share, 2, 2, 2);
        holdings.begin(&mut share, Operation::DeactivateMfaDevice);
        holdings.settle(&mut share, 1, 1, 1);
        holdings.begin(&mut share, ENABLE);
        let limits = holdings.limits(&share, false);
        assert_eq!((limits.held_by_a_user, limits.account_may_be_full), (2, false));
    }

    #[test]
    fn calls_on_their_way_count_on_the_safe_side() {
        let holdings = Holdings::new();
        let (mut one, mut other) = (Share::default(), Share::default());
        enabled(&holdings, &mut one, 1);
        holdings.begin(&mut one, Operation::DeleteUser);
        enabled(&holdings, &mut other, 1);
        assert_eq!(holdings.counts().most, 1, "the deletion may have freed the first device before");
        holdings.begin(&mut other, ENABLE);
        let before = holdings.limits(&other, false);
        holdings.settle(&mut one, 0, 0, 0);
        enabled(&holdings, &mut one, 1);
        let after = holdings.limits(&other, false);
        assert!(before.account_may_be_full && after.account_may_be_full, "{before:?} {after:?}");
    }
}
