//! What the service of a row does, where a table can say it.
//!
//! A row may combine these parts. Each replaces one part of the documented service; what it leaves out stays as it is.
//!
//! - [`answer`]: another decision about some calls
//! - [`codes`]: wrong pairs of codes that are accepted
//! - [`parameters`]: constraints of parameters that are looser or tighter
//! - [`effects`]: devices that are dissociated as well
//! - [`reply`]: replies with another status or another text
//! - [`request`]: parameters that are read otherwise
//! - [`text`]: what a name must be like
//! - [`service`]: the service that all parts of a row make

pub(crate) mod answer;
pub(crate) mod codes;
pub(crate) mod effects;
pub(crate) mod parameters;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod service;
mod text;
