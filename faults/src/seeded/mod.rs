//! The services of the faults that no table describes, by theme. The tables are in the package's folder `seeded`.
//!
//! - `codes`, `association`, `names`: which codes, which user and which device
//! - `lifecycle`, `listing`: set-up and observation
//! - `errors`, `replies`, `requests`, `connections`: errors, the form of replies and requests, and connections
//! - `overlap`: calls that overlap
//! - [`registry`]: the services of a theme

mod association;
mod codes;
mod connections;
mod errors;
mod lifecycle;
mod listing;
mod names;
mod overlap;
pub(crate) mod registry;
mod replies;
mod requests;
