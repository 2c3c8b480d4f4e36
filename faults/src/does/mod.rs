//! The service of a row, if a table can describe it.
//!
//! A row may combine these parts. Each replaces one part of the documented service. The rest is unchanged.
//!
//! - [`answer`]: another decision about some calls
//! - [`codes`]: accepted wrong pairs of codes
//! - [`parameters`]: looser or tighter constraints of parameters
//! - [`effects`]: additionally dissociated devices
//! - [`reply`]: replies with another status or another text
//! - [`request`]: misread parameters
//! - [`text`]: conditions on a name
//! - [`service`]: the service of all parts of a row

pub(crate) mod answer;
pub(crate) mod codes;
pub(crate) mod effects;
pub(crate) mod parameters;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod service;
mod text;
