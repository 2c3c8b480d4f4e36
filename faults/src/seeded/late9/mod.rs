//! Faults that were seeded by a stranger for the ninth time, from the documents and the list of the former alone.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `records`: more that are stateful, of what is kept beside an association

pub(crate) mod narrow;
pub(crate) mod records;
pub(crate) mod shallow;
pub(crate) mod stateful;
