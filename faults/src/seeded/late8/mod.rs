//! Faults that were seeded by a stranger once again, from the documents and the list of the former alone.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `filed`: more that are stateful, of how associations are filed

pub(crate) mod filed;
pub(crate) mod narrow;
pub(crate) mod shallow;
pub(crate) mod stateful;
