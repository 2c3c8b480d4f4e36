//! The whole text.

use super::page::Page;
use super::{findings, overview, rest};
use crate::report::value::Report;

/// The report as text, `width` characters wide if possible. Text to paste is never wrapped.
#[must_use]
pub fn terminal(report: &Report, color: bool, width: usize) -> String {
    let mut page = Page::new(color, width);
    overview::write(&mut page, report);
    findings::write(&mut page, report);
    rest::write(&mut page, report);
    overview::close(&mut page, report);
    page.finish()
}
