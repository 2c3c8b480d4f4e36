//! The services of the variants, by theme. Their tables are in the folder `permitted` of the package.
//!
//! - `codes`: which pairs are accepted, where the documents leave a choice
//! - `errors`: which of several errors is sent, and errors that pass
//! - `lifecycle`, `listing`: which users and devices exist, and how they are named and listed
//! - `replies`, `requests`, `connections`: the form of replies and requests, and connections
//! - [`registry`]: the services of a theme

mod codes;
mod connections;
pub(crate) mod errors;
mod lifecycle;
mod listing;
mod overlap;
pub(crate) mod registry;
mod replies;
mod requests;
