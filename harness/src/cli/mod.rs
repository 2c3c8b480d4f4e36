//! The command line: reads it, does what it asks, prints, and tells the exit code.
//!
//! - [`args`]: what can be asked
//! - [`config`]: what a file says of it
//! - [`exit`]: exit codes and the errors behind them
//! - `place`: the endpoint that a verb works on: given, started or embedded
//! - `run`, `fuzz`, `replay`, `judge`, `report`, `matrix`, `known_gaps`, `snapshot`, `clauses`, `targets`, `serve`, `faults`,
//!   `cleanup`: the verbs
//! - `values`: the values of options, read from text
//! - `progress`: what a person sees meanwhile
//! - `lines`, `files`: printing without harm, and writing files whole

pub mod args;
mod clauses;
mod cleanup;
pub mod config;
mod dispatch;
pub mod exit;
mod faults;
mod files;
mod fuzz;
mod interrupt;
mod judge;
mod known_gaps;
mod lines;
mod matrix;
mod place;
mod progress;
mod replay;
mod report;
mod run;
mod serve;
mod snapshot;
mod targets;
mod values;

#[cfg(test)]
mod action;
#[cfg(test)]
mod reference;

pub use dispatch::main;
