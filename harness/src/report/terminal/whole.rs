//! The whole text.

use super::page::{Detail, Page};
use super::{findings, overview, rest};
use crate::report::finding::Finding;
use crate::report::value::Report;

/// The report as text, `width` characters wide if possible. Text to paste is never wrapped.
#[must_use]
pub fn terminal(report: &Report, color: bool, width: usize, detail: Detail) -> String {
    let mut page = Page::new(color, width);
    if detail == Detail::Brief && !overview::has_answers(report) {
        overview::write_head(&mut page, report);
        return page.finish();
    }
    overview::write(&mut page, report);
    findings::write(&mut page, report, detail);
    match detail {
        Detail::Full => {
            rest::write(&mut page, report);
            overview::close(&mut page, report);
        }
        Detail::Brief => rest::write_brief(&mut page, report),
    }
    page.finish()
}

/// One finding as text, like [`terminal`].
#[must_use]
pub fn terminal_finding(finding: &Finding, color: bool, width: usize) -> String {
    let mut page = Page::new(color, width);
    findings::one(&mut page, 1, finding, Detail::Full);
    page.finish()
}
