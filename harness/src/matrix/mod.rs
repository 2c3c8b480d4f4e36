//! The matrix: several targets side by side, so that people can choose one and maintainers can compare theirs.
//!
//! A *matrix* has a *row* for each clause that requests can decide, grouped by operation, and a *column* for each
//! target. A *cell* is the state of the clause there: the target passes, fails or follows a reading that the documents
//! leave open, or no call tested it. The column of a target that could not be judged says why. Each form of the matrix
//! is made from the value alone.
//!
//! - [`value`]: the value
//! - [`build`](build()): builds the value from reports
//! - `json`, `markdown`, `html`, `totals`: the forms; `words`: their shared words

pub mod value;

mod build;
mod html;
mod json;
mod markdown;
#[cfg(test)]
pub(crate) mod samples;
mod totals;
mod words;

pub use build::{Entry, build};
pub use html::html;
pub(crate) use html::{count_bar, html_with};
pub use json::{json, schema};
pub use markdown::markdown;
pub use totals::totals;
pub use value::Matrix;
