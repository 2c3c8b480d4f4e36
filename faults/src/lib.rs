//! The test of mfa-conformance itself: services that are known to be wrong, and services that differ and conform.
//!
//! A *fault* is the documented service with one part replaced so that it breaks a clause. A *variant* differs from the
//! documented service only in what the documents leave open. The *score* says how many faults a run finds and attributes
//! to the right clause, after how many calls, and that it flags no variant.
//!
//! - [`altered`]: the documented service with a part replaced
//! - [`mod@line`]: what lies between the bytes of a request and the service
//! - [`host`], [`factory`], [`serve`]: an altered service that runs, scenarios played on it in this process, and the same
//!   behind a socket
//! - [`entry`], [`catalogue`]: what a fault and a variant consist of, and all of them
//! - [`table`]: the tables of both; `does`: what a row can say of its service
//! - `seeded`, `permitted`: the services that no row can describe
//! - `parts`: what these services are put together from
//! - [`witness`]: the shortest scenario that shows each fault, and how a single scenario is played
//! - [`score`]: how well a run tells them apart
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
pub mod score;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod seeded;
pub mod serve;
pub mod table;
pub mod witness;

pub use catalogue::{UnknownName, fault, faults, variant, variants};
pub use entry::{Difficulty, Fault, Variant};
pub use permitted::errors::passing::put_off;
