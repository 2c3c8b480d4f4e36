//! Where scenarios come from. A generator knows no target and no oracle: it only arranges actions so that the clauses
//! are put to the test.
//!
//! - [`examples`]: the documents' own samples and the hand-written scenarios
//! - [`boundary`]: deterministic tables: each parameter's constraint, at its edges
//! - [`sequences`]: sequences drawn at random; `draft`: aware of the state that the model predicts;
//!   `resyncs`: its calls of `ResyncMFADevice`
//! - [`plan`]: what probe and examples have shown, which generators steer by

pub mod boundary;
mod draft;
pub mod examples;
pub mod plan;
mod resyncs;
pub mod sequences;

pub use plan::Plan;
