//! The variants, by what they do otherwise.
//!
//! - `codes`: which pairs are taken, beyond those that must be or must not be
//! - `answers`: which of several errors is told, and when passing failures come
//! - `forms`: what replies look like, and how they travel
//! - `trouble`: slow to change, to start or to answer, or behind a proxy with a clock of its own
//! - `account`: what exists, how it is named and listed
//! - `recorded`: what AWS was recorded to do
//! - `support_replies`: what replies that set up and observe hold, and in which encoding
//! - `blind`: what one who was blind to the judge found open in the documents
//! - `blind3`: what another one found open

pub(super) mod account;
pub(super) mod answers;
pub(super) mod blind;
pub(super) mod blind3;
pub(super) mod codes;
pub(super) mod forms;
pub(super) mod recorded;
pub(super) mod support_replies;
pub(super) mod trouble;
