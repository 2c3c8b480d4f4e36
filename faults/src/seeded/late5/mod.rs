//! Faults that were seeded by one more stranger to what is generated and judged, when nothing of it was to be changed
//! any more.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide

pub(crate) mod narrow;
pub(crate) mod shallow;
pub(crate) mod stateful;
