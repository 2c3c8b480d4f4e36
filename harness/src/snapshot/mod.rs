//! Golden snapshots: what a target answers to fixed scenarios, written down so that a change of an answer shows as a
//! diff, whether the documents speak of it or not.
//!
//! A *transcript* is what one scenario sent and what came back, with everything replaced that differs from run to run:
//! equal values by equal references. A *snapshot* is a transcript in a file of insta's format; a *folder* of them is
//! recorded once and checked ever after.
//!
//! - [`play`](play()): plays the scenarios, one after another
//! - `transcript`: what was sent and what came back, as text; `references`: what stands for what
//! - [`folder`]: the files, and what has changed

pub mod folder;
mod play;
mod references;
mod transcript;

pub use play::{Transcript, play, scenarios};
