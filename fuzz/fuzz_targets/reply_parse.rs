//! Bytes and texts as replies; the property is the library's, which replays the corpus in its tests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_conformance::property::reply_parse::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
