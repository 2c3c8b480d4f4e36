//! The score of the harness: what a run finds on each fault and on each variant.
//!
//! - [`trial`]: one run on one altered service
//! - [`mod@bench`]: all trials, several at once
//! - [`scorecard`]: their results, as JSON
//! - [`table`]: the score as text for a person

pub mod bench;
pub mod scorecard;
pub mod table;
pub mod trial;

pub use bench::{Bench, score};
pub use scorecard::Scorecard;
