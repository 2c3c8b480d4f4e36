//! Sequences on services that conform; the property is the library's, whose tests replay the corpus.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_fuzz::scenario::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
