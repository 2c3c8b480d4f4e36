//! Known gaps: findings that a target's maintainers know, kept in a file so that only a new finding fails a run.
//!
//! A *gap* names a finding by its clause, its operation and its observed class, and says why it is allowed. A gap that
//! no longer shows is *stale*, and one whose date is past is *expired*. Both fail a run, so that a list never hides
//! more than it says.
//!
//! - [`mod@file`]: the list as people write it
//! - [`apply`](apply()): allows the known findings of a report
//! - [`update`](update()): updates a list, and keeps what people wrote in it

mod apply;
pub mod file;
mod update;

pub use apply::{apply, apply_again};
pub use file::{Day, Gap, GapsError, KnownGaps, schema};
pub use update::{Updated, read, update};
