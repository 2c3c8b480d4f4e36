//! The command line: reads it, runs the verb, prints the result, and returns the exit code.
//!
//! - [`args`]: the verbs; [`verbs`]: the options of each verb; [`options`]: those that several verbs share
//! - [`config`]: options from a file
//! - [`exit`]: exit codes and the errors behind them
//! - `target_session`: the endpoint of a verb: given, started or embedded; `credentials`, `profile`: what signs requests
//! - `run`, `fuzz`, `replay`, `judge`, `report`, `matrix`, `known_gaps`, `snapshot`, `clauses`, `targets`, `serve`,
//!   `cleanup`: the verbs
//! - `values`: the values of options, read from text
//! - `progress`: shows progress to a person; `event_log`: to a program, as `events`; `standing`: how far a run is
//! - `console`, `lines`: print harmless text
//! - `site`: the site that `matrix` writes
//! - `reports`, `files`, `inputs`: what verbs write, how files are written whole, and what verbs read

pub mod args;
mod clauses;
mod cleanup;
pub mod config;
pub mod console;
mod credentials;
mod dispatch;
mod event_log;
pub mod events;
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
mod profile;
mod progress;
mod replay;
mod report;
mod reports;
mod run;
pub mod serve;
mod site;
mod snapshot;
mod standing;
mod target_session;
mod targets;
mod values;
pub mod verbs;

#[cfg(test)]
mod action;
#[cfg(test)]
mod reference;

pub use dispatch::main;
