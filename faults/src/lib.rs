//! The test of mfa-conformance itself: services that are known to be wrong, and services that differ and conform.
//!
//! A *fault* is the documented service with one part replaced so that it breaks a clause. A *variant* differs from the
//! documented service only in what the documents leave open. The *score* says how many faults a run finds and attributes
//! to the right clause, after how many calls, and that it flags no variant.
//!
//! - [`altered`]: the documented service with a part replaced
//! - [`mod@line`]: the line between the bytes of a request and the service
//! - [`host`], [`factory`], [`serve`]: run an altered service, play scenarios on it in this process, and serve it on a
//!   socket
//! - [`race`]: how a service runs calls that overlap
//! - [`entry`], [`catalogue`]: faults and variants, and all of them
//! - [`table`]: the tables of both; `does`: how a row can describe its service
//! - `seeded`, `permitted`: the services that no row can describe
//! - `parts`: the building blocks of these services
//! - [`witness`]: the shortest scenario that shows each fault, and how to play a single scenario
//! - [`score`]: how well a run distinguishes them
//! - [`quick`]: which scenarios a quick run plays
//! - [`coverage`]: which scenarios, tests, faults and variants cover which clause
//! - [`cli`]: the command line

pub mod altered;
pub mod catalogue;
pub mod cli;
pub mod coverage;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod does;
pub mod entry;
pub mod factory;
pub mod host;
pub mod line;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod parts;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod permitted;
pub mod quick;
pub mod race;
pub mod score;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod seeded;
pub mod serve;
pub mod table;
pub mod witness;

pub use catalogue::{UnknownName, fault, faults, variant, variants};
pub use entry::{Difficulty, Fault, Variant};
pub use permitted::errors::passing::put_off;
