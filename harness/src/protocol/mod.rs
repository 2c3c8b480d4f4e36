//! What this program takes IAM's API for, as data that another implementation of the protocol can be compared with.
//!
//! The *limits* of a parameter are found by asking the model, value by value, so that they tell what it does rather
//! than what a table says. The *samples* of an operation are a request as the harness writes it, and a reply as the
//! service writes it and the harness reads it.
//!
//! - `limits`: what is taken of a parameter
//! - `samples`: requests and replies
//! - `document`: all of it, as JSON

mod document;
mod limits;
mod samples;

pub use document::{ProtocolError, document};
