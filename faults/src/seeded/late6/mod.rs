//! Faults that were seeded by yet another stranger to what is generated and judged, blind to how the former fared.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide

pub(crate) mod narrow;
pub(crate) mod shallow;
pub(crate) mod stateful;
