//! The tables of the faults and the variants: a TOML file for each theme, which is part of the program.
//!
//! A *row* says what a fault breaks or what a variant departs from. Its service is either described in the row itself
//! (`does`) or a function of the same name in the registry of its theme.
//!
//! - [`theme`], [`batch`]: what a row is about, and who wrote it
//! - `word`: clauses, codes, operations and parameters as a table writes them
//! - `row`: the rows
//! - [`problem`]: why a table can't be used
//! - `read`: the tables, read once

pub mod batch;
pub mod problem;
pub(super) mod read;
pub(super) mod row;
pub mod theme;
pub(super) mod word;
