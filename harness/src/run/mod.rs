//! A run takes a target through its phases: probe, examples, boundary, sequences, serial.
//!
//! - [`options`]: what a run is asked to do; [`shard`]: which part of it
//! - [`factory`]: where its scenarios are played
//! - [`probe`]: what there is to test
//! - `start_up`: waiting for a target that is starting, and which clock it goes by
//! - [`run`](run()): the phases, the workers, the findings
//! - `source`: where the scenarios of a phase come from
//! - `death`: what it does and says once its target is gone
//! - `ending`: when it is over, and what stopped it
//! - `finding_store`: what the workers bring home
//! - `settings`: what the probe found out means for each scenario
//! - `shrink_findings`: shrinking the findings and confirming them
//! - `sweep_up`: leaving nothing behind
//! - [`progress`]: what a person sees meanwhile
//! - [`result`]: what it came to

mod death;
mod digits;
mod ending;
pub mod factory;
mod finding_store;
pub mod options;
pub mod probe;
pub mod progress;
pub mod result;
mod runner;
mod settings;
pub mod shard;
mod shared;
mod shrink_findings;
mod source;
mod start_up;
mod sweep_up;
pub use factory::{EmbeddedFactory, HttpFactory, InProcessFactory, StartedFactory, TransportFactory};
pub use options::RunOptions;
pub use progress::{Progress, Silent};
pub use runner::run;
pub use shard::Shard;
