//! A rate limit that several transports share.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Stopwatch};

/// A gate that lets requests pass one at a time, at equal intervals. Clones share it.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    clock: Clock,
    watch: Stopwatch,
    /// When the next request may pass, as a time of `watch`.
    next: Arc<Mutex<Duration>>,
}

impl Pace {
    /// A gate for this many requests per second.
    #[must_use]
    pub fn per_second(requests: NonZeroU32, clock: Clock) -> Self {
        let interval = Duration::from_secs(1) / requests.get();
        Self { interval, clock, watch: clock.stopwatch(), next: Arc::default() }
    }

    /// Waits for this request's turn.
    pub(super) async fn pass(&self) {
        let now = self.watch.elapsed();
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = now.max(*next);
            *next = turn + self.interval;
            turn
        };
        if turn > now {
            self.clock.wait(turn.saturating_sub(now)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clones_keep_to_one_rate_together() {
        let clock = Clock::system();
        let pace = Pace::per_second(NonZeroU32::new(100).unwrap(), clock);
        let other = pace.clone();
        let watch = clock.stopwatch();
        for _ in 0..5 {
            tokio::join!(pace.pass(), other.pass());
        }
        assert!(watch.elapsed() >= Duration::from_millis(90), "ten requests in {:?}", watch.elapsed());
    }

    #[tokio::test]
    async fn an_idle_gate_saves_nothing_up() {
        let clock = Clock::system();
        let pace = Pace::per_second(NonZeroU32::new(50).unwrap(), clock);
        pace.pass().await;
        clock.wait(Duration::from_millis(100)).await;
        let watch = clock.stopwatch();
        for _ in 0..3 {
            pace.pass().await;
        }
        assert!(watch.elapsed() >= Duration::from_millis(40), "three requests in {:?}", watch.elapsed());
    }
}
