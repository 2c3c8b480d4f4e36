//! Faults that were written by the interfaces and the ledger alone, when everything before them was found: what is
//! generated and judged was not known to their author.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide

pub(crate) mod narrow;
pub(crate) mod shallow;
pub(crate) mod stateful;
