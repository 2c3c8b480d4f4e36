//! The report as a page: one file that loads nothing else, for a browser with or without script.
//!
//! What came from a target is text everywhere: the templates escape it, and the page's policy runs no script but its
//! own.
//!
//! - [`page`]: the frame, with style, script and policy
//! - [`overview`]: the verdict, the figures, the table of operations
//! - [`findings`]: what differs; [`diff`]: expected and observed side by side
//! - [`clauses`]: every clause with its state, and the filters
//! - [`rest`]: undocumented behaviour, notes, untested clauses

mod clauses;
mod diff;
mod findings;
mod overview;
mod page;
mod rest;

pub use page::html;
