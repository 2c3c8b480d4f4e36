//! Shows progress to a person: a progress bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::console::say;
use crate::clock::{Clock, Stopwatch};
use crate::run::Progress;
use crate::run::result::Phase;

/// The progress of a run, on standard error.
pub(super) fn progress() -> std::sync::Arc<dyn Progress> {
    if std::io::stderr().is_terminal() { std::sync::Arc::new(Bar::new()) } else { std::sync::Arc::new(Lines::new()) }
}

/// A bar that stays in one line.
struct Bar {
    shown: ProgressBar,
    requests: AtomicU64,
    stopwatch: Stopwatch,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{prefix:>10} {bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { shown: bar, requests: AtomicU64::new(0), stopwatch: Clock::system().stopwatch() }
    }
}

impl Progress for Bar {
    fn phase(&self, phase: Phase, scenarios: u64) {
        self.shown.reset();
        self.shown.set_length(scenarios);
        self.shown.set_prefix(phase.name());
    }

    fn played(&self, requests: u64, findings: usize) {
        let all = self.requests.fetch_add(requests, Ordering::Relaxed) + requests;
        self.shown.inc(1);
        let rate = rate(all, self.stopwatch);
        self.shown.set_message(format!("{findings} findings, {all} requests, {rate}/s"));
    }

    fn shrinking(&self, finding: usize, of: usize) {
        self.shown.set_prefix("shrinking");
        self.shown.set_length(of as u64);
        self.shown.set_position(finding as u64);
    }

    fn note(&self, text: &str) {
        self.shown.suspend(|| say(text));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.shown.finish_and_clear();
    }
}

/// A line for each phase.
struct Lines {
    phase: Mutex<Option<(Phase, u64)>>,
    requests: AtomicU64,
    stopwatch: Stopwatch,
}

impl Lines {
    fn new() -> Self {
        Self { phase: Mutex::new(None), requests: AtomicU64::new(0), stopwatch: Clock::system().stopwatch() }
    }
}

impl Progress for Lines {
    fn phase(&self, phase: Phase, scenarios: u64) {
        let all = self.requests.load(Ordering::Relaxed);
        let seconds = self.stopwatch.elapsed().as_secs_f64();
        say(&format!("{seconds:7.1} s {:<10} {scenarios} scenarios ({all} requests so far)", phase.name()));
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = Some((phase, scenarios));
    }

    fn played(&self, requests: u64, _: usize) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    fn shrinking(&self, finding: usize, of: usize) {
        if finding == 1 {
            let seconds = self.stopwatch.elapsed().as_secs_f64();
            say(&format!("{seconds:7.1} s shrinking  {of} findings"));
        }
    }

    fn note(&self, text: &str) {
        say(text);
    }
}

fn rate(requests: u64, stopwatch: Stopwatch) -> u64 {
    let millis = u64::try_from(stopwatch.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    requests.saturating_mul(1000) / millis
}
