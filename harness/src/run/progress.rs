//! Reports a run's progress to a person.

use super::result::Phase;

/// Receives a run's progress. It keeps the executor independent of the terminal.
pub trait Progress: Send + Sync {
    /// A phase begins. `scenarios` is their number, or 0 if unknown.
    fn phase(&self, phase: Phase, scenarios: u64);

    /// A scenario was played. `requests` is the number of its requests, and `findings` that of all findings so far.
    fn played(&self, requests: u64, findings: usize);

    /// Shrinking of finding number `finding` of `of` begins.
    fn shrinking(&self, finding: usize, of: usize);

    /// A person should read this text now.
    fn note(&self, text: &str);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: Phase, _: u64) {}
    fn played(&self, _: u64, _: usize) {}
    fn shrinking(&self, _: usize, _: usize) {}
    fn note(&self, _: &str) {}
}
