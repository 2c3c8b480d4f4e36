//! Fuzzing: scenarios are changed at random, and those that bring back something new are changed further.
//!
//! - [`Fuzzer`]: which scenario comes next, and what has been learnt from those before
//! - `mutate`: the changes
//! - `novelty`: what is new about a performance: its features
//! - [`corpus`]: the scenarios that showed something new, as files

pub mod corpus;
mod fuzzer;
mod mutate;
mod novelty;

pub use fuzzer::{Fuzzer, Learnt};
