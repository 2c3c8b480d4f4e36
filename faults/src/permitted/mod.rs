//! The services of the variants, by theme. Their tables are in the folder `permitted` of the package.
//!
//! - `codes`: which pairs are accepted, beyond those that must be or must not be
//! - `errors`: which of several errors is answered, and errors that pass
//! - `lifecycle`, `listing`: what exists, how it is named and listed
//! - `replies`, `requests`, `connections`: how a call is written, read and carried
//! - [`registry`]: the services of a theme

mod codes;
mod connections;
pub(crate) mod errors;
mod lifecycle;
mod listing;
pub(crate) mod registry;
mod replies;
mod requests;
