//! How requests are read.
//!
//! - `values`: their parameters
//! - `gets`: calls by GET

pub(in crate::seeded) mod gets;
pub(in crate::seeded) mod values;
