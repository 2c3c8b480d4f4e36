//! Faults that were seeded by another stranger to what is generated and judged, after the harness was said to be
//! finished.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `connection`: those that hide in what a connection keeps

pub(crate) mod connection;
pub(crate) mod narrow;
pub(crate) mod shallow;
pub(crate) mod stateful;
