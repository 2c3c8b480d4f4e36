//! The report as text for a terminal: the verdict first, then what differs, then the rest.
//!
//! - [`page`]: lines, indents, wrapping, colours
//! - [`overview`]: the verdict and the figures
//! - [`findings`]: what differs, each finding with its sequence
//! - [`rest`]: undocumented behaviour, notes, untested clauses
//! - [`whole`]: all of them

mod findings;
mod overview;
mod page;
mod rest;
mod whole;

#[cfg(test)]
mod tests;

pub use whole::{terminal, terminal_finding};

/// How much a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The verdict, a line for each cause, and the strongest finding.
    Brief,
    /// Every finding, undocumented behaviour, notes and untested clauses, too.
    Full,
}
