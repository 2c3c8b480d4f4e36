//! Known gaps: findings that the people behind a target know of, kept in a file, so that only a new one fails a run.
//!
//! A *gap* names a finding by its clause, its operation and how it shows, and says why it is let pass. A gap that no
//! longer shows is *stale*, and one whose date is past is *expired*: both fail a run, so that a list never hides more
//! than it says.
//!
//! - [`mod@file`]: the list as people write it
//! - [`apply`](apply()): lets the findings of a report pass that are known
//! - [`update`](update()): brings a list up to date, and leaves alone what people wrote in it

mod apply;
pub mod file;
mod update;

pub use apply::{apply, apply_again};
pub use file::{Day, Gap, GapsError, KnownGaps, schema};
pub use update::{Updated, read, update};
