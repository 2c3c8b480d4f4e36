//! Which errors are answered.
//!
//! - `chosen`: which of several errors, and which of those that the documents leave open
//! - `passing`: errors that pass

pub(in crate::permitted) mod chosen;
pub(crate) mod passing;
