//! The findings, each with the sequence that shows it.

use super::page::{Page, Tone};
use crate::report::finding::{Finding, SourceReport};
use crate::report::value::Report;
use crate::report::verdict::counted;
use crate::report::words::{cited, how_often};

/// The most lines of a diff to show. The JSON report has the rest.
const MOST_DIFF_LINES: usize = 24;

/// The most lines of a body to show, if there is no diff.
const MOST_BODY_LINES: usize = 8;

pub(super) fn write(page: &mut Page, report: &Report) {
    let failing: Vec<&Finding> = report.failing_findings().collect();
    let heading = format!("{}, the strongest first", counted(failing.len() as u64, "finding"));
    group(page, &heading, &failing, 1);
    let flaky: Vec<&Finding> = report.flaky_findings().collect();
    let heading =
        format!("{}: not shown again, and timing could explain it", counted(flaky.len() as u64, "flaky finding"));
    group(page, &heading, &flaky, failing.len() + 1);
}

/// Findings of one kind, numbered from `first`.
fn group(page: &mut Page, heading: &str, findings: &[&Finding], first: usize) {
    if findings.is_empty() {
        return;
    }
    page.heading(heading);
    page.paragraph(
        0,
        "",
        "Each ends with two ways to see it again; the JSON report (--report json=FILE) has the same for the AWS CLI and \
         boto3.",
        Tone::Faint,
    );
    page.gap();
    for (index, finding) in findings.iter().enumerate() {
        page.paragraph(0, &format!("{:>3}. ", first + index), &finding.title, Tone::Plain);
    }
    for (index, finding) in findings.iter().enumerate() {
        page.gap();
        one(page, first + index, finding);
    }
}

fn one(page: &mut Page, number: usize, finding: &Finding) {
    page.paragraph(0, &format!("{number}. "), &finding.title, Tone::Bad);
    let flaky = if finding.flaky { " · flaky" } else { "" };
    page.line(3, &format!("{} · {}{flaky} · finding {}", finding.clause, finding.stance, finding.id), Tone::Faint);
    page.gap();
    page.paragraph(3, "requires  ", &finding.requires, Tone::Plain);
    for cited in cited(finding) {
        source(page, cited);
    }
    page.paragraph(3, "expected  ", &finding.expected.summary, Tone::Plain);
    page.paragraph(3, "observed  ", &finding.observed.summary, Tone::Plain);
    match (&finding.diff, &finding.observed.body) {
        (Some(diff), _) => write_lines(page, diff, MOST_DIFF_LINES),
        (None, Some(body)) => write_lines(page, body, MOST_BODY_LINES),
        (None, None) => {}
    }
    page.gap();
    for (index, step) in finding.steps.iter().enumerate() {
        page.paragraph(3, &format!("{:>2}. ", index + 1), step, Tone::Plain);
    }
    page.gap();
    page.paragraph(3, "", &how_often(finding), Tone::Plain);
    // Without indent, so that it can be pasted.
    page.gap();
    for text in [&finding.reproduce.replay, &finding.reproduce.curl] {
        for line in text.lines() {
            page.line(0, line, Tone::Plain);
        }
        page.gap();
    }
}

fn source(page: &mut Page, source: &SourceReport) {
    page.paragraph(13, "", &format!("{}, {}", source.document, source.section), Tone::Faint);
    if let Some(quote) = &source.quote {
        page.paragraph(13, "", &format!("“{quote}”"), Tone::Faint);
    }
}

/// Writes lines of a diff or of a body, without wrapping.
fn write_lines(page: &mut Page, text: &str, most: usize) {
    page.gap();
    let mut lines = text.lines();
    for line in lines.by_ref().take(most) {
        let tone = match line.chars().next() {
            Some('-') => Tone::Removed,
            Some('+') => Tone::Added,
            Some(_) | None => Tone::Faint,
        };
        page.line(5, line, tone);
    }
    let rest = lines.count();
    if rest > 0 {
        page.line(5, &format!("… {} more in the JSON report", counted(rest as u64, "line")), Tone::Faint);
    }
}
