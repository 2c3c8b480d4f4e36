//! A run takes a target through its phases: probe, examples, boundary, sequences, serial.
//!
//! - [`result`]: what it came to

pub mod result;
