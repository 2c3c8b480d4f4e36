//! Faults that were written without a look at what is generated or judged, as authors of emulators make them: a proof
//! that neither is fitted to the faults before them.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `forgetful`: more that show only in a certain state, by what a service loses or keeps beside a call
//! - `pair`: the codes of a request, and whether a device emits them

pub(crate) mod forgetful;
pub(crate) mod narrow;
pub(in crate::seeded) mod pair;
pub(crate) mod shallow;
pub(crate) mod stateful;
