//! How far a run is, and how long it may still take.

use std::time::Duration;

use crate::clock::Stopwatch;
use crate::report::counted;

/// Shrinking a finding takes about as long as this many scenarios.
const SHRINKING_COSTS: u64 = 3;

/// How far a run is.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) stopwatch: Stopwatch,
    pub(super) doing: &'static str,
    /// How many scenarios the run plays, or what takes as long; `None` if it plays until its time is up.
    pub(super) of: Option<u64>,
    pub(super) done: u64,
    /// When the run ends at the latest.
    pub(super) ends: Option<Duration>,
    pub(super) findings: usize,
    pub(super) shrunk: usize,
    pub(super) requests: u64,
}

impl Standing {
    pub(super) const fn new(stopwatch: Stopwatch) -> Self {
        let (of, ends) = (None, None);
        Self { stopwatch, doing: "probe", of, done: 0, ends, findings: 0, shrunk: 0, requests: 0 }
    }

    /// The phases after the probe begin.
    pub(super) fn begins(&mut self, scenarios: Option<u64>, left: Option<Duration>) {
        self.of = scenarios;
        self.ends = left.map(|left| self.stopwatch.elapsed() + left);
    }

    /// A scenario was played.
    pub(super) const fn played(&mut self, requests: u64, findings: usize) {
        self.done += 1;
        self.requests += requests;
        self.findings = findings;
    }

    /// Shrinking begins.
    pub(super) const fn shrinks(&mut self, findings: usize) {
        self.doing = "shrinking";
        self.of = Some(self.done);
        self.findings = findings;
    }

    /// About how much time is left after `elapsed`; `None` if nothing tells.
    pub(super) fn left(&self, elapsed: Duration) -> Option<Duration> {
        let shrinking = (self.findings.saturating_sub(self.shrunk)) as u64 * SHRINKING_COSTS;
        let work = self.of.map(|of| of.saturating_sub(self.done) + shrinking);
        let done = self.done + self.shrunk as u64 * SHRINKING_COSTS;
        let by_work = work.filter(|_| done > 0).map(|left| elapsed.mul_f64(in_float(left) / in_float(done)));
        let by_time = self.ends.map(|ends| ends.saturating_sub(elapsed));
        match (by_work, by_time) {
            (Some(work), Some(time)) => Some(work.min(time)),
            (one, other) => one.or(other),
        }
    }

    /// The part of the run that is done, in percent.
    pub(super) fn percent(&self, elapsed: Duration) -> u64 {
        let Some(left) = self.left(elapsed) else { return 0 };
        let whole = (elapsed + left).as_millis().max(1);
        u64::try_from(100 * elapsed.as_millis() / whole).unwrap_or(100)
    }

    pub(super) fn words(&self, elapsed: Duration) -> String {
        let findings = counted(self.findings as u64, "finding");
        let left = self.left(elapsed).map_or_else(String::new, |left| format!(", {} left", whole(left)));
        format!("{findings}, {} calls{left}", self.requests)
    }
}

/// A time in its largest unit.
fn whole(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{} s", seconds.max(1)),
        seconds @ 100..6_000 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate needs no more digits")]
const fn in_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn standing(done: u64, of: Option<u64>, ends: Option<u64>) -> Standing {
        let ends = ends.map(Duration::from_secs);
        Standing { done, of, ends, requests: 12_345, ..Standing::new(Clock::system().stopwatch()) }
    }

    #[test]
    fn the_estimate_follows_the_work_and_the_limit() {
        let after = Duration::from_secs(10);
        let left = |one: &Standing| one.left(after).map(|left| left.as_secs());
        assert_eq!(left(&standing(0, Some(100), None)), None);
        assert_eq!(left(&standing(25, Some(100), None)), Some(30));
        assert_eq!(left(&standing(25, Some(100), Some(15))), Some(5));
        assert_eq!(left(&standing(25, None, Some(60))), Some(50));
        assert_eq!(standing(25, Some(100), None).percent(after), 25);
        assert_eq!(standing(0, None, None).percent(after), 0);
        let shrinking = Standing { findings: 5, shrunk: 0, ..standing(30, Some(30), None) };
        assert_eq!((left(&shrinking), shrinking.percent(after)), (Some(5), 66));
        let done = Standing { findings: 5, shrunk: 5, ..standing(30, Some(30), None) };
        assert_eq!((left(&done), done.percent(after)), (Some(0), 100));
    }
}
