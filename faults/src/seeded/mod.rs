//! The services of those faults that no table describes, by theme. The tables are in the folder `seeded` of the package.
//!
//! - `codes`, `association`, `names`: which codes, which user and which device
//! - `lifecycle`, `listing`: what sets up and observes
//! - `errors`, `replies`, `requests`, `connections`: how a call is answered, written, read and carried
//! - [`registry`]: the services of a theme

mod association;
mod codes;
mod connections;
mod errors;
mod lifecycle;
mod listing;
mod names;
pub(crate) mod registry;
mod replies;
mod requests;
