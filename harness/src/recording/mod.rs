//! Recorded histories: AWS's answers, recorded in a neutral format and judged like a target's replies.
//!
//! A *history* is a sequence of calls on users and devices of its own, each with its answer. Names and codes are
//! symbols: the user `a`, the codes of the time steps -1 and 0 from the time of sending. So a history can be played
//! with made-up seeds and names.
//!
//! - [`form`]: the file format and its schema
//! - [`history`]: histories as values, and what is wrong with a file
//! - `timeline`: when each call was sent and answered
//! - [`bindings`]: the names, serial numbers and codes that the symbols stand for
//! - `answer`: makes the reply for a recorded answer
//! - [`judge`](judge()): the verdict on histories
//! - [`bundled`]: the recordings of AWS that this program carries

mod answer;
pub mod bindings;
pub mod bundled;
pub mod form;
pub mod history;
mod judge;
mod timeline;

pub use history::{History, RecordingError, read};
pub use judge::{Judgement, OTHER_ITEMS, judge};
