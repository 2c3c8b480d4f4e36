//! The report as a page: one file that loads nothing else, for a browser with or without script.
//!
//! - [`page`]: all parts in their order, which is that of a terminal
//! - [`overview`]: the verdict, the figures as bars, the causes
//! - [`findings`]: the findings; [`timeline`]: a finding's steps; [`lanes`]: calls that overlapped;
//!   [`diff`]: expected and observed side by side
//! - [`rest`]: known gaps, undocumented behaviour, notes, untested clauses
//! - [`clauses`]: every clause with its state, and the filters

mod clauses;
mod diff;
mod findings;
mod lanes;
mod overview;
mod page;
mod rest;
mod timeline;

pub use page::html;
pub(crate) use page::html_below;
