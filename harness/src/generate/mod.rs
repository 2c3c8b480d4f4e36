//! Generates scenarios. A generator knows no target and no oracle: it only arranges actions that test the clauses.
//!
//! - [`examples`]: the documents' own samples and the hand-written scenarios
//! - [`boundary`]: deterministic tables: each parameter's constraint, at its edges; `sweep`: each character and digit;
//!   `likeness`: names that are easily confused; `combinations`: any two ways of making a call, by the rows of a
//!   `covering` array
//! - [`sequences`]: random sequences; `draft`: follows the predicted state; `calls`, `resyncs`, `malformed`: its calls;
//!   `changes`: its changes to users, devices and keys; `swarm`: which moves a sequence leaves out
//! - [`crowd`]: more devices than one page of a listing
//! - [`connections`]: the connections that calls use
//! - [`plan`]: what the probe and the examples have shown about a target

pub mod boundary;
mod calls;
mod changes;
mod combinations;
pub mod connections;
mod covering;
pub mod crowd;
mod draft;
pub mod examples;
mod likeness;
pub(crate) mod malformed;
pub mod plan;
mod resyncs;
mod right;
pub mod sequences;
mod swarm;
mod sweep;

pub use plan::Plan;
