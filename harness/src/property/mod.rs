//! A property holds whatever the bytes are. A function `holds` for each takes bytes and tells how they break it; the fuzz
//! targets of the same names look for such bytes, and the tests replay the corpora in `fixtures/corpora`.
//!
//! - [`request_decode`]: what the service reads of a request, and what the harness writes of it
//! - [`parameter_validation`]: what the model finds wrong with parameters, and what the pages say

pub mod parameter_validation;
pub mod request_decode;

#[cfg(test)]
mod corpora;
