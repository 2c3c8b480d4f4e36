//! When a scenario under way has to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::clock::Stopwatch;

/// How long clean-up may continue when the time is up. What is left after that is reported.
const GRACE: Duration = Duration::from_secs(10);

/// Tells the scenarios under way when to end: when the user asks for it, or when the time is up. A scenario then ends at
/// its next step and cleans up.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    limit: Option<TimeLimit>,
}

/// How long something may take, clean-up included.
#[derive(Clone, Copy, Debug)]
struct TimeLimit {
    stopwatch: Stopwatch,
    /// When scenarios end at the latest.
    play: Duration,
    /// When their clean-up should have ended as well.
    all: Duration,
}

impl Stop {
    /// Ends scenarios when `asked` is set.
    #[must_use]
    pub const fn on(asked: Arc<AtomicBool>) -> Self {
        Self { asked, limit: None }
    }

    /// Also ends scenarios when the stopwatch shows `play`, or earlier where their clean-up may not be done at `all`.
    #[must_use]
    pub fn at(self, stopwatch: Stopwatch, play: Duration, all: Duration) -> Self {
        Self { limit: Some(TimeLimit { stopwatch, play, all }), ..self }
    }

    /// Whether the user asked for the end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether scenarios have to end because of the time, if their clean-up takes as long as `clean_up`.
    #[must_use]
    pub fn is_over_time(&self, clean_up: Duration) -> bool {
        self.limit.is_some_and(|limit| {
            let clean_up = clean_up.min(limit.all / 2);
            limit.stopwatch.elapsed() >= limit.play.min(limit.all.saturating_sub(clean_up))
        })
    }

    /// Whether clean-up has to end, too.
    pub(super) fn is_past(&self) -> bool {
        self.limit.is_some_and(|limit| limit.stopwatch.elapsed() >= limit.all + GRACE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn scenarios_end_in_time_for_their_clean_up() {
        let (hour, minute) = (Duration::from_hours(1), Duration::from_mins(1));
        let stop = Stop::default().at(Clock::system().stopwatch(), hour, hour);
        // At most half of the time is for clean-up.
        assert!(!stop.is_over_time(minute) && !stop.is_over_time(10 * hour) && !stop.is_past());
        let short = Stop::default().at(Clock::system().stopwatch(), minute, minute);
        assert!(!short.is_over_time(Duration::ZERO));
        let over = Stop::default().at(Clock::system().stopwatch(), Duration::ZERO, hour);
        assert!(over.is_over_time(Duration::ZERO) && !over.is_past() && !over.is_asked());
        let grace = Stop::default().at(Clock::system().stopwatch(), Duration::ZERO, Duration::ZERO);
        assert!(grace.is_over_time(Duration::ZERO) && !grace.is_past());
        assert!(!Stop::default().is_over_time(hour) && !Stop::default().is_past());
    }

    #[test]
    fn a_user_ends_it_at_any_time() {
        let asked = Arc::new(AtomicBool::new(false));
        let stop = Stop::on(asked.clone());
        assert!(!stop.is_asked());
        asked.store(true, Ordering::Relaxed);
        assert!(stop.is_asked());
    }
}
