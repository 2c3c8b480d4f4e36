//! What all HTML pages share: the frame, the colours, and bars.
//!
//! A page is one file that loads nothing else. A target's words are only ever text: the templates escape them, and the
//! policy of a page runs only its own script.
//!
//! - [`frame`]: the frame with style, script and policy
//! - [`bar`]: a bar of several parts, with its figures in words

mod bar;
mod frame;

pub(crate) use bar::{Kind, Part, bar};
pub(crate) use frame::Frame;
