//! Fuzzing: changes scenarios at random, and changes those further whose replies show something new.
//!
//! - [`Fuzzer`]: draws the next scenario, and learns from those before
//! - `mutate`: the changes
//! - `novelty`: the features of a played scenario
//! - [`corpus`]: the scenarios with new features, as files

pub mod corpus;
mod fuzzer;
mod mutate;
mod novelty;

pub use fuzzer::{Fuzzer, Learnt};
