//! A static site: the matrix, a page for each target and version, a history, and badges.
//!
//! A *record* is one result in a few figures. The site keeps one for each target, version and version of this program,
//! so that the history survives when the site is written again.
//!
//! - `record`: the record
//! - `badge`: a badge as a picture, and as an endpoint of shields.io
//! - `pages`: the index and the history
//! - [`build`](build()): all files of the site

mod badge;
mod build;
mod pages;
mod record;

pub use build::{SiteError, SiteFile, build};
pub use record::{FOLDER, Record};
