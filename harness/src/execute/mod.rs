//! Plays a scenario on a target: turns its symbols into names and codes, sends its calls, observes, has each reply
//! judged, and cleans up.
//!
//! - [`bindings`]: who plays "user 1" and "device 2"
//! - [`origin`]: what values were made from
//! - [`trace`]: what was sent and what came back
//! - [`play`](play()): a scenario from its first step to its clean-up; `player`: what its parts share; `settings`:
//!   what is the same for every scenario
//! - `judging`: a call until its answer is judged
//! - `set_up`: what it makes, renames and deletes
//! - `waiting`: for an instant, or for unused codes
//! - `listing`: observation through listings, page by page
//! - `holdings`: how many devices were seen at once
//! - `outgoing`: a call on its way out
//! - `recovery`: how long a call is repeated that the target puts off
//! - `liveness`: whether the target still answers
//! - `settle_cache`: what the scenarios of a run share
//! - `names`: names that are the run's own; `own`: names that it has to make sure of
//! - `cleanup`: leaving nothing behind

pub mod bindings;
mod cleanup;
mod holdings;
mod judging;
mod listing;
mod liveness;
mod names;
pub mod origin;
mod outgoing;
mod own;
mod play;
mod player;
mod recovery;
mod set_up;
mod settings;
mod settle_cache;
pub mod trace;
mod waiting;

pub use bindings::Bindings;
pub use names::{holds_prefix, in_digits};
pub(crate) use outgoing::OVERLAPS_MS;
pub use play::{play, play_among};
pub(crate) use recovery::{NEVER, RETRIES};
pub use settings::{MAX_WAIT, Patience, SETTLE, Settings};
pub use settle_cache::SettleCache;
pub use trace::{Exchange, Found, Leftover, Played, Requests, describe};
