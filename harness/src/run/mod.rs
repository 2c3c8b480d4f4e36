//! A run takes a target through its phases: probe, examples, boundary, sequences, serial.
//!
//! - [`options`]: what a run is asked to do; [`shard`]: which part of it
//! - [`stage`]: where its scenarios are played
//! - [`probe`]: what there is to test
//! - [`conduct`](conduct()): the phases, the workers, the findings
//! - `source`: where the scenarios of a phase come from
//! - `gather`: what the workers bring home
//! - `settings`: what the probe found out means for each scenario
//! - `settle_cases`: shrinking the findings and confirming them
//! - `sweep_up`: leaving nothing behind
//! - [`progress`]: what a person sees meanwhile
//! - [`result`]: what it came to

mod conductor;
mod gather;
pub mod options;
pub mod probe;
pub mod progress;
pub mod result;
mod settings;
mod settle_cases;
pub mod shard;
mod source;
pub mod stage;
mod sweep_up;

pub use conductor::conduct;
pub use options::RunOptions;
pub use progress::{Progress, Silent};
pub use shard::Shard;
pub use stage::{EmbeddedStage, HttpStage, InProcessStage, Stage};
