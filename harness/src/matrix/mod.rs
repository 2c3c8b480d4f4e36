//! The matrix: several targets side by side, so that people can choose one and maintainers see what others keep.
//!
//! A *matrix* has a *row* for each clause that requests can decide, grouped by operation, and a *column* for each
//! target. A *cell* says what became of the clause there: the target conforms, diverges, took one of the readings that
//! the documents leave open, or nothing tested it. A target that could not be judged is a column that says why. Each
//! form of the matrix is made from the value alone.
//!
//! - [`value`]: the value
//! - [`build`](build()): from reports to the value
//! - `json`, `markdown`, `html`, `totals`: the forms; `words`: what they say

pub mod value;

mod build;
mod html;
mod json;
mod markdown;
#[cfg(test)]
mod samples;
mod totals;
mod words;

pub use build::{Entry, build};
pub use html::html;
pub use json::{json, schema};
pub use markdown::markdown;
pub use totals::totals;
pub use value::Matrix;
