//! Shows a run's progress to a person: a progress bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::AbortHandle;

use super::console::say;
use crate::clock::{Clock, Stopwatch};
use crate::report::counted;
use crate::run::Progress;
use crate::run::result::Phase;

/// How often a bar is drawn.
const REDRAW: Duration = Duration::from_millis(100);

/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shrinking a finding takes about as long as this many scenarios.
const SHRINKING_COSTS: u64 = 3;

/// The progress of a run, on standard error.
pub(super) fn progress() -> Arc<dyn Progress> {
    let shared = Arc::new(Mutex::new(Standing::new(Clock::system().stopwatch())));
    let bar = std::io::stderr().is_terminal().then(bar);
    let task = tokio::spawn(show(shared.clone(), bar.clone()));
    Arc::new(Shown { shared, bar, task: task.abort_handle() })
}

/// How far a run is.
#[derive(Debug)]
struct Standing {
    stopwatch: Stopwatch,
    doing: &'static str,
    /// How many scenarios the run plays, or what takes as long; `None` if it plays until its time is up.
    of: Option<u64>,
    done: u64,
    /// When the run ends at the latest.
    ends: Option<Duration>,
    findings: usize,
    shrunk: usize,
    requests: u64,
}

impl Standing {
    const fn new(stopwatch: Stopwatch) -> Self {
        let (of, ends) = (None, None);
        Self { stopwatch, doing: "probe", of, done: 0, ends, findings: 0, shrunk: 0, requests: 0 }
    }

    /// About how much time is left after `elapsed`; `None` if nothing tells.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
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
    fn percent(&self, elapsed: Duration) -> u64 {
        let Some(left) = self.left(elapsed) else { return 0 };
        let whole = (elapsed + left).as_millis().max(1);
        u64::try_from(100 * elapsed.as_millis() / whole).unwrap_or(100)
    }

    fn words(&self, elapsed: Duration) -> String {
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

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{prefix:9} {bar:22} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Shows how far the run is until it is told to end.
async fn show(shared: Arc<Mutex<Standing>>, bar: Option<ProgressBar>) {
    let clock = Clock::system();
    loop {
        clock.wait(if bar.is_some() { REDRAW } else { LINE_EVERY }).await;
        let (doing, percent, words, elapsed) = {
            let standing = locked(&shared);
            let elapsed = standing.stopwatch.elapsed();
            (standing.doing, standing.percent(elapsed), standing.words(elapsed), elapsed)
        };
        if let Some(bar) = &bar {
            bar.set_prefix(doing);
            bar.set_position(percent);
            bar.set_message(words);
        } else {
            say(&format!("{:4} s {percent:3} %  {doing:9}  {words}", elapsed.as_secs()));
        }
    }
}

/// A run's progress that is shown regularly.
struct Shown {
    shared: Arc<Mutex<Standing>>,
    bar: Option<ProgressBar>,
    task: AbortHandle,
}

impl Progress for Shown {
    fn begins(&self, scenarios: Option<u64>, left: Option<Duration>) {
        let mut standing = locked(&self.shared);
        standing.of = scenarios;
        standing.ends = left.map(|left| standing.stopwatch.elapsed() + left);
    }

    fn phase(&self, phase: Phase) {
        locked(&self.shared).doing = phase.name();
    }

    fn played(&self, requests: u64, findings: usize) {
        let mut standing = locked(&self.shared);
        standing.done += 1;
        standing.requests += requests;
        standing.findings = findings;
    }

    fn shrinks(&self, findings: usize) {
        let mut standing = locked(&self.shared);
        standing.doing = "shrinking";
        standing.of = Some(standing.done);
        standing.findings = findings;
    }

    fn shrunk(&self) {
        locked(&self.shared).shrunk += 1;
    }

    fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn locked(shared: &Mutex<Standing>) -> MutexGuard<'_, Standing> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_line_fits_a_terminal() {
        let many = Standing { findings: 123, requests: 1_234_567, ..standing(1, Some(99_999), None) };
        let line = format!("{:9} {} {:>3} %  {}", "sequences", "#".repeat(22), 100, many.words(Duration::from_secs(1)));
        assert!(line.chars().count() <= 80, "{line}");
        let usual = Standing { findings: 27, ..standing(100, Some(900), None) };
        assert_eq!(usual.words(Duration::from_secs(10)), "27 findings, 12345 calls, 88 s left");
    }
}
