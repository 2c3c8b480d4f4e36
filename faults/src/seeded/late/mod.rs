//! Faults that were written after the generators and the oracle were finished, by what a stranger to both would seed.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `reread`: a service that takes the names in a request for others

pub(crate) mod narrow;
pub(in crate::seeded) mod reread;
pub(crate) mod shallow;
pub(crate) mod stateful;
