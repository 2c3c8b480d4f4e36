//! Which errors are sent.
//!
//! - `chosen`: which of several errors, and which of the undocumented ones
//! - `passing`: errors that pass

pub(in crate::permitted) mod chosen;
pub(crate) mod passing;
