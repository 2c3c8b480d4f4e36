//! The report: one value made from the result of a run, and the texts that show it.
//!
//! A *report* contains the verdict, the figures, and the state of each clause. A *finding* is one cause of divergences:
//! the broken sentence, the expected and the observed reply, the shortest sequence that shows it, and how to reproduce
//! it. Each form of the report is made from the value alone.
//!
//! - [`value`], [`finding`]: the value
//! - [`about`]: what a report says about the run beyond its result
//! - [`build`](build()): builds the value from a result
//! - `verdict`: pass, fail, or inconclusive, and why
//! - `coverage`, `notes`: clauses, operations, undocumented behaviour, untested clauses
//! - `join`: which cases are one finding; [`merge`](merge()): from the reports of a run's parts to that of the whole
//! - `case`: from a case to a finding; `title`: its sentence; `expected_actual`: expected, observed, their difference; `steps`:
//!   the sequence in words; `timeline`: the devices and codes after each of its steps;
//!   `overlap`: the calls that overlapped, and their orders; `drawing`: these as lines of text
//! - `cause`: findings that share a cause
//! - `reproduce`: the sequence as texts to paste
//! - [`read`](read()): reads the value from JSON
//! - `standing`: the state of each clause, gathered from all parts of a report; `words`: the words that all forms share
//! - [`terminal`](terminal()), [`json`](json()), [`junit`](junit()), [`markdown`](markdown()), [`html`](html()),
//!   [`pytest`](pytest()): the forms; [`issue`](issue()): one finding for a tracker

pub mod about;
pub mod finding;
pub mod value;

mod build;
mod case;
mod cause;
mod coverage;
mod drawing;
mod expected_actual;
mod join;
mod merge;
mod notes;
mod overlap;
mod reproduce;
mod steps;
mod timeline;
mod title;
mod verdict;

mod read;
pub(crate) mod standing;
mod words;

mod html;
mod json;
mod junit;
pub(crate) mod markdown;
mod pytest;
mod terminal;

#[cfg(test)]
pub(crate) mod samples;

pub use about::{About, Access, OwnKey};
pub use build::{build, build_replay};
pub use coverage::shows_only_where_broken;
pub use finding::Finding;
pub use html::html;
pub(crate) use html::html_below;
pub use json::{json, schema};
pub use junit::junit;
pub use markdown::{issue, markdown, summary};
pub use merge::{MergeError, merge};
pub use pytest::pytest;
pub use read::{ReportError, read};
pub(crate) use reproduce::{header_word, quoted};
pub use terminal::{Detail, terminal, terminal_finding};
pub(crate) use title::title;
pub use value::{Report, RunVerdict, TargetInfo};
pub(crate) use verdict::counted;
