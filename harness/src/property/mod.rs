//! A property holds whatever the bytes are. A function `holds` for each takes bytes and reports how they break it; the fuzz
//! targets of the same names look for such bytes, and tests replay the corpora in `fixtures/corpora`.
//!
//! - [`request_decode`]: what the service reads of a request, and what the harness writes of it
//! - [`parameter_validation`]: what the model finds wrong with parameters, and what the pages say
//! - [`reply_parse`]: what the harness reads of a reply, and what the service writes
//! - [`totp_window`]: what the model explains a pair of codes by, and what a search finds
//! - [`files`]: what people write
//!
//! [`mod@sequence`] makes a scenario of bytes, [`mod@play_now`] plays it in this process.

pub mod files;
pub mod parameter_validation;
pub mod play_now;
pub mod reply_parse;
pub mod request_decode;
pub mod sequence;
pub mod totp_window;
