//! Faults that were written after the generators and the oracle were finished, by what a stranger to both would plant.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `reread`: a service that takes the names in a request for others

pub(in crate::fault) mod narrow;
pub(in crate::fault::planted) mod reread;
pub(in crate::fault) mod shallow;
pub(in crate::fault) mod stateful;
