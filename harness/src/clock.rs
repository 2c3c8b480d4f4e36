//! The clock: the only place that reads the time or waits.
//!
//! It starts at the wall clock's time and follows the monotonic clock, so that it never jumps during a run. The skew
//! that a probe finds adjusts it to the target's time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mfa_reference::Millis;

/// The wall clock, corrected by the known skew of the target's.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    anchor: Instant,
    anchored_at: Millis,
    skew_ms: i64,
    tolerance_ms: i64,
}

impl Clock {
    /// How far the target's clock may be off unless a probe knows better: the `Date` header has whole seconds.
    pub const DEFAULT_TOLERANCE_MS: i64 = 1_000;

    /// The clock of this machine, without a correction.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    pub fn system() -> Self {
        let anchor = Instant::now();
        let wall = SystemTime::now();
        let anchored_at = match wall.duration_since(UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        };
        Self { anchor, anchored_at: Millis(anchored_at), skew_ms: 0, tolerance_ms: Self::DEFAULT_TOLERANCE_MS }
    }

    /// The same clock, this many milliseconds ahead of the machine's (behind it, if negative). It replaces an earlier
    /// correction.
    #[must_use]
    pub const fn with_skew(self, skew_ms: i64) -> Self {
        Self { skew_ms, ..self }
    }

    /// The same clock, known to be off by at most this many milliseconds either way.
    #[must_use]
    pub const fn with_tolerance(self, tolerance_ms: i64) -> Self {
        Self { tolerance_ms, ..self }
    }

    /// How far this clock is ahead of the machine's, in milliseconds.
    #[must_use]
    pub const fn skew_ms(&self) -> i64 {
        self.skew_ms
    }

    /// How far [`Clock::now`] may be off the target's clock, in milliseconds either way.
    #[must_use]
    pub const fn tolerance_ms(&self) -> i64 {
        self.tolerance_ms
    }

    /// The current time of this clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.anchored_at.plus(millis(self.anchor.elapsed())).plus(self.skew_ms)
    }

    /// Starts a stopwatch.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Waits.
    #[expect(clippy::disallowed_methods, reason = "this is where waiting happens")]
    pub async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    /// Waits for a future, but no longer than `limit`. `None` means that the limit came first and the future was
    /// dropped.
    pub async fn within<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        tokio::time::timeout(limit, future).await.ok()
    }
}

/// How exact a timer is.
const TICK: Duration = Duration::from_millis(2);

/// Measures a duration. Corrections of the clock don't affect it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Waits until it shows this time, more exactly than a timer does, which counts milliseconds.
    #[expect(clippy::disallowed_methods, reason = "this is where waiting happens")]
    pub async fn reach(&self, time: Duration) {
        if let Some(whole) = time.checked_sub(self.elapsed() + TICK) {
            tokio::time::sleep(whole).await;
        }
        while self.elapsed() < time {
            tokio::task::yield_now().await;
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "holds the clock against the machine's")]
    fn the_clock_tells_the_time_of_the_machine() {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let off = Clock::system().now().0 - millis(wall);
        assert!((0..1_000).contains(&off), "{off} ms off");
    }

    #[test]
    fn a_skew_moves_the_clock_and_replaces_an_earlier_one() {
        let clock = Clock::system();
        let ahead = clock.with_skew(3_600_000).with_skew(90_000);
        let gap = ahead.now().0 - clock.now().0;
        assert!((gap - 90_000).abs() < 1_000, "{gap} ms apart");
        assert_eq!(ahead.skew_ms(), 90_000);
    }

    #[tokio::test]
    async fn waiting_moves_the_clock_and_the_stopwatch() {
        let clock = Clock::system().with_skew(-5_000);
        let (before, watch) = (clock.now(), clock.stopwatch());
        clock.wait(Duration::from_millis(20)).await;
        assert!(watch.elapsed() >= Duration::from_millis(20));
        assert!(clock.now().0 - before.0 >= 19);
    }

    #[tokio::test]
    async fn a_stopwatch_is_never_short_of_the_time_that_it_is_to_reach() {
        for micros in [0, 300, 2_500, 5_000] {
            let watch = Clock::system().stopwatch();
            watch.reach(Duration::from_micros(micros)).await;
            assert!(watch.elapsed() >= Duration::from_micros(micros));
        }
    }

    #[tokio::test]
    async fn what_takes_longer_than_its_limit_is_given_up() {
        let clock = Clock::system();
        assert_eq!(clock.within(Duration::from_millis(10), std::future::pending::<()>()).await, None);
        assert_eq!(clock.within(Duration::from_mins(1), std::future::ready(7)).await, Some(7));
    }
}
