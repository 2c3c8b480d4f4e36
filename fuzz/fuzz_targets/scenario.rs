//! Sequences on services that conform; the property is the library's, which replays the corpus in its tests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_faults::property::scenario::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
