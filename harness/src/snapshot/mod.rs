//! Golden snapshots: a target's recorded answers to fixed scenarios. A change of an answer shows as a diff, whether or
//! not the documents cover it.
//!
//! A *transcript* is one scenario's requests and replies. Values that differ from run to run are replaced: equal values
//! by equal references. A *snapshot* is a transcript in a file of insta's format. A *folder* of snapshots is recorded
//! once and then checked.
//!
//! - [`play`](play()): plays the scenarios, one after another
//! - `transcript`: requests and replies as text; `references`: replace values
//! - [`folder`]: the files, and their changes

pub mod folder;
mod play;
mod references;
mod transcript;

pub use play::{Transcript, play, scenarios};
