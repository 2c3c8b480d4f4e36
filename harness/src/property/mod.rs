//! A property holds whatever the bytes are. A function for each takes bytes and tells how they break it; the fuzz
//! targets look for such bytes, and the tests replay the corpora in `fixtures/corpora`.
//!
//! - [`request_decode`](request_decode()): what the service reads of a request, and what the harness writes of it

mod request_decode;

pub use request_decode::{Broken, request_decode};
