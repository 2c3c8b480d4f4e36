//! The command line: reads it, does what it asks, prints, and tells the exit code.
//!
//! - [`args`]: what can be asked; [`verbs`]: the options of each verb; [`options`]: those that several verbs share
//! - [`config`]: what a file says of it
//! - [`exit`]: exit codes and the errors behind them
//! - `target_session`: the endpoint that a verb works on: given, started or embedded
//! - `run`, `fuzz`, `replay`, `judge`, `report`, `matrix`, `known_gaps`, `snapshot`, `clauses`, `targets`, `serve`,
//!   `cleanup`: the verbs
//! - `values`: the values of options, read from text
//! - `progress`: what a person sees meanwhile
//! - `console`, `lines`: printing without harm
//! - `reports`, `files`, `inputs`: what verbs write, how files are written whole, and what verbs read

pub mod args;
mod clauses;
mod cleanup;
pub mod config;
pub mod console;
mod dispatch;
pub mod exit;
mod files;
mod fuzz;
mod inputs;
pub mod interrupt;
mod judge;
mod known_gaps;
mod lines;
mod matrix;
pub mod options;
mod progress;
mod replay;
mod report;
mod reports;
mod run;
pub mod serve;
mod snapshot;
mod target_session;
mod targets;
mod values;
pub mod verbs;

#[cfg(test)]
mod action;
#[cfg(test)]
mod reference;

pub use dispatch::main;
