//! What has to hold whatever the bytes are. A function `holds` for each property takes bytes and reports how they break
//! it. The fuzz targets of the same names look for such bytes, and the tests replay the corpora in `fixtures/corpora`.
//!
//! - [`request_decode`]: what the service reads of a request, and what the harness writes of it
//! - [`parameter_validation`]: what the model finds wrong with parameters, and what the pages say
//! - [`reply_parse`]: what the harness reads of a reply, and what the service writes
//! - [`totp_window`]: what the model explains a pair of codes by, and what a search finds
//! - [`files`]: files that people write
//! - [`scenario`]: the oracle, and services that conform
//! - [`scenario_fault`]: the oracle, and services that don't
//!
//! [`mod@sequence`] makes a scenario of bytes, [`mod@play_now`] plays it in this process. [`agree`] holds our reading of
//! XML against another parser's. `watched` is a service whose account is looked at around each call. `altered_reply`
//! says what the documents leave open of a reply that a fault has changed, `allowed_difference` for which reasons and
//! for which faults.

pub mod agree;
pub mod files;
pub mod parameter_validation;
pub mod play_now;
pub mod reply_parse;
pub mod request_decode;
pub mod scenario;
pub mod scenario_fault;
pub mod sequence;
pub mod totp_window;

#[cfg(test)]
mod agreement;
mod allowed_difference;
mod altered_reply;
#[cfg(test)]
mod corpora;
mod watched;
