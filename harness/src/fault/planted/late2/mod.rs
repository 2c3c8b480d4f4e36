//! Faults that were written without a look at what is generated or judged, as authors of emulators make them: a proof
//! that neither is fitted to the faults before them.
//!
//! - `shallow`, `stateful`, `narrow`: the faults, by how well they hide
//! - `forgetful`: more that show only in a certain state, by what a service loses or keeps beside a call
//! - `played`: calls played on one of them, for the tests
//! - `pair`: the codes of a request, and whether a device emits them

pub(in crate::fault) mod forgetful;
pub(in crate::fault) mod narrow;
mod pair;
#[cfg(test)]
mod played;
pub(in crate::fault) mod shallow;
pub(in crate::fault) mod stateful;
