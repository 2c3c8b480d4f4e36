//! The report as Markdown, for pages that people and bots read: pull requests, summaries of jobs, trackers.
//!
//! - [`text`]: escapes a target's words
//! - [`finding`]: one finding
//! - [`whole`]: the whole report, or as much of it as fits
//! - [`issue`](issue()): one finding as a bug report for the tracker of the target

mod finding;
mod issue;
mod text;
mod whole;

pub use issue::issue;
pub(crate) use text::plain;
pub use whole::{markdown, summary};
