//! Generates scenarios. A generator knows no target and no oracle: it only arranges actions that test the clauses.
//!
//! - [`examples`]: the documents' own samples and the hand-written scenarios
//! - [`boundary`]: deterministic tables: each parameter's constraint, at its edges; `sweep`: each character and digit;
//!   `likeness`: names that are mixed up easily; `combinations`: any two ways of making a call, by the rows of a `covering` array
//! - [`sequences`]: sequences drawn at random; `draft`: aware of the state that the model predicts;
//!   `calls`, `resyncs`, `malformed`: the calls that it makes; `changes`: to users, devices and keys; `swarm`: which moves it leaves out
//! - [`crowd`]: more devices than a page of a listing holds
//! - [`overlap`]: calls that overlap
//! - [`connections`]: by which connections calls go
//! - [`quick`]: as few of all these as test each clause once
//! - [`plan`]: what probe and examples have shown, which generators steer by

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
pub mod overlap;
pub mod plan;
pub mod quick;
mod resyncs;
mod right;
pub mod sequences;
mod swarm;
mod sweep;

pub use plan::Plan;
