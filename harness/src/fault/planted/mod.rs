//! The faults, by what they get wrong.
//!
//! - `codes`: which pairs of codes are taken
//! - `devices`: who has which device
//! - `listing`: what is listed, and what goes on beside the call
//! - `support`: creating, renaming and deleting
//! - `errors`: which error answers what
//! - `reply`: what replies look like
//! - `request`: how requests are read
//! - `parameters`: the constraints of each parameter, made from a table

pub(super) mod codes;
pub(super) mod devices;
pub(super) mod errors;
pub(super) mod listing;
pub(super) mod parameters;
pub(super) mod reply;
pub(super) mod request;
pub(super) mod support;
