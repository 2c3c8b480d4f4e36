//! What a person sees while a run is under way.

use super::result::Phase;

/// Is told what happens. It knows no executor, and the executor knows no terminal.
pub trait Progress: Send + Sync {
    /// A phase begins, with so many scenarios.
    fn phase(&self, phase: Phase, scenarios: u64);

    /// A scenario was played; so many requests it took, and so many findings are known now.
    fn played(&self, requests: u64, findings: usize);

    /// Findings are being shrunk: this one of so many.
    fn shrinking(&self, finding: usize, of: usize);

    /// Something that a person should know now.
    fn note(&self, text: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: Phase, _: u64) {}
    fn played(&self, _: u64, _: usize) {}
    fn shrinking(&self, _: usize, _: usize) {}
    fn note(&self, _: &str) {}
}
