//! A property holds whatever the bytes are. A function `holds` for each takes bytes and tells how they break it; the fuzz
//! targets of the same names look for such bytes, and the tests replay the corpora in `fixtures/corpora`.
//!
//! - [`request_decode`]: what the service reads of a request, and what the harness writes of it
//! - [`parameter_validation`]: what the model finds wrong with parameters, and what the pages say
//! - [`reply_parse`]: what the harness reads of a reply, and what the service writes
//! - [`totp_window`]: what the model explains a pair of codes by, and what a search finds
//! - [`files`]: what people write
//! - [`scenario`]: the oracle, and services that conform
//! - [`scenario_fault`]: the oracle, and services that don't
//!
//! `sequence` makes a scenario of bytes, `stage` plays it; `altered_reply` tells what the documents leave open of a reply
//! that a fault has altered, `allowed_difference` for which reasons and to which faults.

pub mod files;
pub mod parameter_validation;
pub mod reply_parse;
pub mod request_decode;
pub mod scenario;
pub mod scenario_fault;
pub mod totp_window;

mod allowed_difference;
mod altered_reply;
mod sequence;
mod stage;

#[cfg(test)]
mod corpora;
