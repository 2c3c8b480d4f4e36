//! The form of the replies.
//!
//! - `forms`: their elements
//! - `encodings`: their encoding, and what set-up and listing replies hold

pub(in crate::seeded) mod encodings;
pub(in crate::seeded) mod forms;
