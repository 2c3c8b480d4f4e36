//! Shows a run's progress to a person: a progress bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::AbortHandle;

use super::console::say;
use super::standing::Standing;
use crate::clock::Clock;
use crate::oracle::{Bucket, Divergence};
use crate::run::Progress;
use crate::run::result::{Case, Phase};

/// How often a bar is drawn.
const REDRAW: Duration = Duration::from_millis(100);

/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The progress of a run, on standard error.
pub(super) fn progress() -> Arc<dyn Progress> {
    let shared = Arc::new(Mutex::new(Standing::new(Clock::system().stopwatch())));
    let bar = std::io::stderr().is_terminal().then(bar);
    let task = tokio::spawn(show(shared.clone(), bar.clone()));
    Arc::new(Shown { shared, bar, task: task.abort_handle() })
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
        locked(&self.shared).begins(scenarios, left);
    }

    fn phase(&self, phase: Phase) {
        locked(&self.shared).doing = phase.name();
    }

    fn played(&self, requests: u64, findings: usize) {
        locked(&self.shared).played(requests, findings);
    }

    fn shrinks(&self, findings: usize) {
        locked(&self.shared).shrinks(findings);
    }

    // The end of the run shows them.
    fn found(&self, _: &Divergence) {}

    fn shrunk(&self, _: &Bucket, _: &Case) {
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

    fn standing(done: u64, of: Option<u64>) -> Standing {
        Standing { done, of, requests: 12_345, ..Standing::new(Clock::system().stopwatch()) }
    }

    #[test]
    fn a_line_fits_a_terminal() {
        let many = Standing { findings: 123, requests: 1_234_567, ..standing(1, Some(99_999)) };
        let line = format!("{:9} {} {:>3} %  {}", "sequences", "#".repeat(22), 100, many.words(Duration::from_secs(1)));
        assert!(line.chars().count() <= 80, "{line}");
        let usual = Standing { findings: 27, ..standing(100, Some(900)) };
        assert_eq!(usual.words(Duration::from_secs(10)), "27 findings, 12345 calls, 88 s left");
    }
}
