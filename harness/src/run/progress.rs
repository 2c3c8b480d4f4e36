//! Reports a run's progress, to a person or to a program.

use std::time::Duration;

use super::result::{Case, Phase};
use crate::oracle::{Bucket, Divergence};

/// Receives a run's progress. It keeps the executor independent of the terminal.
pub trait Progress: Send + Sync {
    /// The phases after the probe begin. `scenarios` is the number of their scenarios; `None` if they end only when the
    /// time is up. `left` is how long the run may still take; `None` if there is no limit.
    fn begins(&self, scenarios: Option<u64>, left: Option<Duration>);

    /// A phase begins.
    fn phase(&self, phase: Phase);

    /// A scenario was played. `requests` is the number of its requests, and `findings` that of all findings so far.
    fn played(&self, requests: u64, findings: usize);

    /// A divergence was found that is not like any before it.
    fn found(&self, divergence: &Divergence);

    /// Shrinking of this many findings begins.
    fn shrinks(&self, findings: usize);

    /// What was found in this bucket was shrunk.
    fn shrunk(&self, found_as: &Bucket, case: &Case);

    /// A person should read this text now.
    fn note(&self, text: &str);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begins(&self, _: Option<u64>, _: Option<Duration>) {}
    fn phase(&self, _: Phase) {}
    fn played(&self, _: u64, _: usize) {}
    fn found(&self, _: &Divergence) {}
    fn shrinks(&self, _: usize) {}
    fn shrunk(&self, _: &Bucket, _: &Case) {}
    fn note(&self, _: &str) {}
}
