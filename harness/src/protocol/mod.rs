//! This program's understanding of IAM's API, as data for a comparison with another implementation of the protocol.
//!
//! The *limits* of a parameter are found by trying values with the model, so that they show what it does rather than
//! what a table says. The *samples* of an operation are a request from the harness, and a reply as the service writes
//! it and the harness reads it.
//!
//! - `limits`: the accepted values of a parameter
//! - `samples`: requests and replies
//! - `document`: the whole document, as JSON

mod document;
mod limits;
mod samples;

pub use document::{ProtocolError, document};
