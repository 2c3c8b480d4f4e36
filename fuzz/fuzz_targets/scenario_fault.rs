//! Sequences on services that don't conform; the property is the library's, whose tests replay the corpus.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_fuzz::scenario_fault::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
