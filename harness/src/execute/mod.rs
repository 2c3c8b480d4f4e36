//! Plays a scenario on a target: resolves its symbols to names and codes, sends its calls, lists devices, has each
//! reply judged, and cleans up.
//!
//! - [`bindings`]: the names, serial numbers and seeds that "user 1" and "device 2" stand for
//! - [`origin`]: what values are made from
//! - [`trace`]: requests and replies
//! - [`play`](play()): a scenario from its first step to its clean-up; `player`: the state of a scenario that is
//!   played; `settings`: the settings that all scenarios share
//! - `judging`: sends a call and has its replies judged
//! - `set_up`: creates, renames and deletes users, devices and keys
//! - `waiting`: waits for an instant, or for unused codes
//! - `listing`: lists devices, page by page
//! - `holdings`: counts how many devices exist at once
//! - `outgoing`: makes and sends a call
//! - `overlapping`: makes and sends calls that overlap; `overlapped`: what is kept of them
//! - `recovery`: how long a call is retried
//! - `rows`: after which calls listings may wait
//! - `liveness`: whether the target still answers
//! - `settle_cache`: what the scenarios of a run share
//! - `stop`: when a scenario under way has to end
//! - `names`: names that are the run's own; `own`: checks that other names are nobody's
//! - `cleanup`: deletes what the scenario created

pub mod bindings;
mod cleanup;
mod holdings;
mod judging;
mod listing;
mod liveness;
mod names;
pub mod origin;
mod outgoing;
mod overlapped;
mod overlapping;
mod own;
mod play;
mod player;
mod recovery;
mod rows;
mod set_up;
mod settings;
mod settle_cache;
mod stop;
pub mod trace;
mod waiting;

pub use bindings::Bindings;
pub use names::{holds_prefix, in_digits};
pub use play::{play, play_among};
pub(crate) use recovery::{NEVER, RETRIES};
pub use settings::{MAX_WAIT, Patience, SETTLE, Settings};
pub use settle_cache::SettleCache;
pub use stop::Stop;
pub use trace::{Exchange, Found, Interval, Leftover, Played, Requests, describe};
