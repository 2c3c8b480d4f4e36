//! A run takes a target through its phases: probe, examples, boundary, sequences, overlap, serial.
//!
//! - [`options`]: the options of a run; [`shard`]: which part of it to play
//! - [`factory`]: where its scenarios are played
//! - [`probe`]: what the target offers to test
//! - `start_up`: waits for a target that is starting, and finds the target's clock
//! - [`run`](run()): the phases, the workers, the findings
//! - `source`: where the scenarios of a phase come from
//! - `death`: what the run does and reports once its target is gone
//! - `ending`: when it is over, and what stopped it
//! - `finding_store`: collects the workers' results
//! - `one_after_another`: whether overlapping calls show a finding without overlap, too
//! - `settings`: what the probe's results mean for each scenario
//! - `shrink_findings`: shrinks and confirms the findings; `shrink_overlap`: those of calls that overlap; `replays`: plays
//!   shorter scenarios
//! - `sweep_up`: deletes what the scenarios left behind
//! - [`progress`]: reports progress to a person
//! - [`result`]: the result of a run

mod death;
mod digits;
mod ending;
pub mod factory;
mod finding_store;
mod one_after_another;
pub mod options;
pub mod probe;
pub mod progress;
mod replays;
pub mod result;
mod runner;
mod settings;
pub mod shard;
mod shared;
mod shrink_findings;
mod shrink_overlap;
mod source;
mod start_up;
mod sweep_up;
pub use factory::{EmbeddedFactory, HttpFactory, InProcessFactory, StartedFactory, TransportFactory};
pub use options::RunOptions;
pub use progress::{Progress, Silent};
pub(crate) use runner::OVERLAP_TIME;
pub use runner::run;
pub use shard::Shard;
