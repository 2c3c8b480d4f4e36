//! Pairs of codes, by the model and by a search; the property is the library's, whose tests replay the corpus.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mfa_fuzz::totp_window::holds;

fuzz_target!(|bytes: &[u8]| assert_eq!(holds(bytes), Ok(())));
