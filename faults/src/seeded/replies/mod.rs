//! The form of the replies.
//!
//! - `forms`: their elements
//! - `encodings`: their encoding, and the content of set-up and listing replies

pub(in crate::seeded) mod encodings;
pub(in crate::seeded) mod forms;
