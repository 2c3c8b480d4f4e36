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

pub use page::Detail;
pub use whole::{terminal, terminal_finding};
