//! Generators make scenarios; they know nothing of what must come back.
//!
//! - [`examples`]: the documents' own samples and the hand-written scenarios

pub mod examples;
