//! How long to retry a call while the target asks for a later try.
//!
//! The documents speak of minutes ("likely to succeed if you try again after waiting several minutes"), so such a
//! failure counts as permanent only after ten minutes. On a virtual clock they cost nothing. On a live target the
//! player retries the call within `--max-wait`. After that the call counts as not tested.

use std::time::Duration;

use mfa_reference::{ErrorCode, Millis, Operation};

use super::player::Player;
use super::settings::Patience;
use super::settle_cache::SettleCache;
use super::trace::Unfinished;

/// After this long, a failure that asks for a later try counts as permanent: this tool's choice for "several minutes".
pub(crate) const NEVER: Duration = Duration::from_mins(10);

/// How often to retry a call after a failure whose duration is undocumented.
pub(crate) const RETRIES: u32 = 5;

/// How long to wait for a failure that another scenario has already waited for in vain.
const SHORT: Duration = Duration::from_secs(2);

/// A scenario that waits this long for failures to pass lets another scenario play in its place.
const GIVES_WAY: Duration = Duration::from_secs(1);

/// A scenario that waits this long for listings to become right lets another scenario play in its place.
const LINGERS: Duration = Duration::from_millis(200);

/// The longest pause between two tries, unless the target asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How often a pause checks whether the scenario has to end.
const SLICE: Duration = Duration::from_millis(250);

/// The tries of one call so far.
#[derive(Debug, Default)]
pub(super) struct Tries {
    /// How many tries have failed.
    failed: u32,
    /// When the first try failed, and how long the scenario had waited before it.
    since: Option<(Millis, Duration)>,
}

/// What follows a try that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try after this pause.
    Again(Duration),
    /// A verdict: the failure doesn't pass.
    Judge,
    /// Nothing: no time is left to see whether the failure passes.
    GiveUp,
}

/// Whether the documents ask for a retry after minutes when a reply has this code.
pub(super) const fn takes_minutes(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EntityTemporarilyUnmodifiable
            | ErrorCode::ConcurrentModification
            | ErrorCode::Throttling
            | ErrorCode::ServiceUnavailable
    )
}

impl Tries {
    /// The pause before the next try: each is twice as long as the one before.
    fn pause(&mut self) -> Duration {
        self.failed = (self.failed + 1).min(16);
        Duration::from_millis(25 << self.failed).min(LONGEST_PAUSE)
    }

    /// What follows a broken connection: one more try.
    pub(super) fn after_break(&mut self) -> Next {
        if self.failed == 0 { Next::Again(self.pause()) } else { Next::Judge }
    }

    /// What follows an internal failure: a few retries. A failure that is known to stay has as many retries, without
    /// pauses.
    pub(super) fn after_failure(&mut self, stays: bool) -> Next {
        if self.failed >= RETRIES {
            return Next::Judge;
        }
        let pause = self.pause();
        Next::Again(if stays { Duration::ZERO } else { pause })
    }
}

impl Player<'_> {
    /// What follows a reply that asks for a later try.
    pub(super) fn after_refusal(&mut self, tries: &mut Tries, operation: Operation, code: ErrorCode) -> Next {
        let now = self.transport.now();
        let (since, before) = *tries.since.get_or_insert((now, self.recovering));
        let waited = elapsed(since, now);
        let is_virtual = self.transport.is_virtual();
        let known = self.settle_cache.stays(operation, code);
        let budget = if is_virtual { NEVER } else { self.settle_cache.recovery().saturating_sub(before).min(NEVER) };
        let limit = if known { budget.min(SHORT) } else { budget };
        if waited < limit {
            let pause = tries.pause().max(self.retry_after.unwrap_or_default().min(limit));
            return Next::Again(pause.min(limit.saturating_sub(waited)).max(Duration::from_millis(1)));
        }
        let never = waited >= NEVER || (known && self.settle_cache.never_recovers(operation, code));
        self.settle_cache.stayed(operation, code, never);
        if never { Next::Judge } else { Next::GiveUp }
    }

    /// Pauses between two tries. During a long pause another scenario may play.
    pub(super) async fn pause(&mut self, duration: Duration) -> Result<(), Unfinished> {
        if self.transport.is_virtual() {
            self.transport.wait(duration).await;
            return Ok(());
        }
        let mut left = duration;
        while !left.is_zero() {
            // A short wait goes on anyway, so that a clean-up can finish.
            if self.recovering >= SHORT {
                self.may_go_on()?;
            }
            let slice = left.min(SLICE);
            self.transport.wait(slice).await;
            self.recovering += slice;
            left -= slice;
            if self.recovering >= GIVES_WAY {
                self.let_others_play();
            }
        }
        Ok(())
    }

    /// Pauses before a listing is repeated.
    pub(super) async fn linger(&mut self, pause: Duration) {
        self.transport.wait(pause).await;
        self.lingered += pause;
        if self.lingered >= LINGERS && !self.transport.is_virtual() {
            self.let_others_play();
        }
    }

    /// Lets another scenario play meanwhile, unless this one already plays outside the workers.
    fn let_others_play(&mut self) {
        if self.settings.patience == Patience::Never && !self.played.gave_way {
            self.played.gave_way = self.settle_cache.give_way();
        }
    }
}

/// The reason for a call that the target put off until no time was left.
pub(super) fn put_off(operation: Operation, code: ErrorCode) -> Unfinished {
    Unfinished::PutOff(format!("{operation} was answered {code} for as long as the run may wait (--max-wait)"))
}

fn elapsed(from: Millis, to: Millis) -> Duration {
    Duration::from_millis(u64::try_from(to.0 - from.0).unwrap_or_default())
}

impl SettleCache {
    /// How long a scenario may wait for failures to pass, on a target whose clock is real.
    fn recovery(&self) -> Duration {
        self.recovery.max(SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let mut tries = Tries::default();
        let pauses: Vec<u128> = (0..20).map(|_| tries.pause().as_millis()).collect();
        assert_eq!(pauses[..5], [50, 100, 200, 400, 800]);
        assert_eq!(pauses[19], 15_000);
    }

    #[test]
    fn what_broke_is_tried_once_more_and_an_internal_failure_a_few_times() {
        let mut tries = Tries::default();
        assert_eq!(tries.after_break(), Next::Again(Duration::from_millis(50)));
        assert_eq!(tries.after_break(), Next::Judge);
        let mut tries = Tries::default();
        let again = (0..RETRIES).filter(|_| matches!(tries.after_failure(false), Next::Again(_))).count();
        assert_eq!((again, tries.after_failure(false)), (5, Next::Judge));
        let mut tries = Tries::default();
        let at_once = (0..RETRIES).filter(|_| tries.after_failure(true) == Next::Again(Duration::ZERO)).count();
        assert_eq!((at_once, tries.after_failure(true)), (5, Next::Judge));
    }
}
