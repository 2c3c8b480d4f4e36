//! The score of a harness: what a run makes of each fault and of each variant.
//!
//! - [`trial`]: one run on one altered service
//! - [`mod@bench`]: all trials, several at once
//! - [`scorecard`]: what they came to, as JSON
//! - [`table`]: the same for a person

pub mod bench;
pub mod scorecard;
pub mod table;
pub mod trial;

pub use bench::{Bench, score};
pub use scorecard::Scorecard;
