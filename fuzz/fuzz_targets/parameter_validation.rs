//! Parameters, by the model and by the pages; the property is the library's, which replays the corpus in its tests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_conformance::property::parameter_validation::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
