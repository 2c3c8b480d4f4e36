//! The properties of the fuzz targets that play scenarios. A function `holds` for each takes bytes and reports how they
//! break it; the tests replay the corpora in `fixtures/corpora`.
//!
//! - [`scenario`]: the oracle, and services that conform
//! - [`scenario_fault`]: the oracle, and services that don't
//!
//! `watched` is a service whose account is looked at around each call. `altered_reply` says what the documents leave open
//! of a reply that a fault has changed, `allowed_difference` for which reasons and for which faults.

pub mod scenario;
pub mod scenario_fault;

mod allowed_difference;
mod altered_reply;
#[cfg(test)]
mod corpora;
mod watched;
