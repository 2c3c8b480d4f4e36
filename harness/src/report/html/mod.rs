//! The report as a page: one file that loads nothing else, for a browser with or without script.
//!
//! A target's words are only ever text: the templates escape them, and the page's policy runs only its own script.
//!
//! - [`page`]: the frame, with style, script and policy
//! - [`overview`]: the verdict, the figures, the table of operations
//! - [`findings`]: the findings; [`diff`]: expected and observed side by side
//! - [`clauses`]: every clause with its state, and the filters
//! - [`rest`]: undocumented behaviour, notes, untested clauses

mod clauses;
mod diff;
mod findings;
mod overview;
mod page;
mod rest;

pub use page::html;
