//! What differs: a line for each cause and the strongest finding in full, or each finding with the sequence that shows it.

use super::page::{Detail, Page, Tone};
use crate::report::cause::causes;
use crate::report::drawing::{LONGEST, heading, lanes, mark, order};
use crate::report::finding::{Finding, Overlap, SourceReport};
use crate::report::steps::numbers;
use crate::report::value::Report;
use crate::report::verdict::counted;
use crate::report::words::{cited, how_often};

/// How many lines of a diff are shown; the JSON report has the rest.
const MOST_DIFF_LINES: usize = 24;

/// The most lines of a body to show without a diff.
const MOST_BODY_LINES: usize = 8;

pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    let failing: Vec<&Finding> = report.failing_findings().collect();
    let flaky: Vec<&Finding> = report.flaky_findings().collect();
    let about_flaky =
        format!("{}: it did not reproduce, and timing could explain it", counted(flaky.len() as u64, "flaky finding"));
    match detail {
        Detail::Full => {
            let heading = format!("{}, the strongest first", counted(failing.len() as u64, "finding"));
            each(page, &heading, &failing, 1);
            each(page, &about_flaky, &flaky, failing.len() + 1);
        }
        Detail::Brief => {
            by_cause(page, &failing);
            if !flaky.is_empty() {
                page.heading(&about_flaky);
                for finding in flaky {
                    page.paragraph(2, "- ", &labelled(&finding.title, finding), Tone::Plain);
                }
            }
        }
    }
}

/// A line for each cause, and the strongest finding in full.
fn by_cause(page: &mut Page, findings: &[&Finding]) {
    let Some(strongest) = findings.first() else { return };
    let causes = causes(findings);
    page.heading(&format!("{}, the strongest first", counted(causes.len() as u64, "cause")));
    for (index, cause) in causes.iter().enumerate() {
        let text = cause.findings.first().map_or_else(String::new, |first| labelled(&cause.title, first));
        page.paragraph(0, &format!("{:>3}. ", index + 1), &text, Tone::Plain);
    }
    page.gap();
    one(page, 1, strongest, Detail::Brief);
}

/// A title with the id by which `report` shows the finding.
fn labelled(title: &str, finding: &Finding) -> String {
    format!("{title} [{}]", finding.id)
}

/// Findings that weigh alike, each in full, numbered from `first` on.
fn each(page: &mut Page, heading: &str, findings: &[&Finding], first: usize) {
    if findings.is_empty() {
        return;
    }
    page.heading(heading);
    page.paragraph(
        0,
        "",
        "Each ends with two ways to reproduce it; the JSON report (--report json=FILE) has the same for the AWS CLI and \
         boto3.",
        Tone::Faint,
    );
    page.gap();
    for (index, finding) in findings.iter().enumerate() {
        page.paragraph(0, &format!("{:>3}. ", first + index), &finding.title, Tone::Plain);
    }
    for (index, finding) in findings.iter().enumerate() {
        page.gap();
        one(page, first + index, finding, Detail::Full);
    }
}

/// One finding with the sequence that shows it, and what reproduces it.
pub(super) fn one(page: &mut Page, number: usize, finding: &Finding, detail: Detail) {
    page.paragraph(0, &format!("{number}. "), &finding.title, Tone::Bad);
    let flaky = if finding.flaky { " · flaky" } else { "" };
    page.line(3, &format!("{} · {}{flaky} · finding {}", finding.clause, finding.stance, finding.id), Tone::Faint);
    page.gap();
    page.paragraph(3, "requires  ", &finding.requires, Tone::Plain);
    let cited = cited(finding);
    let sources = if detail == Detail::Full { cited.len() } else { 1 };
    for cited in cited.into_iter().take(sources) {
        source(page, cited);
    }
    page.paragraph(3, "expected  ", &finding.expected.summary, Tone::Plain);
    page.paragraph(3, "observed  ", &finding.observed.summary, Tone::Plain);
    if detail == Detail::Full {
        match (&finding.diff, &finding.observed.body) {
            (Some(diff), _) => write_lines(page, diff, MOST_DIFF_LINES),
            (None, Some(body)) => write_lines(page, body, MOST_BODY_LINES),
            (None, None) => {}
        }
    }
    page.gap();
    for (step, number) in finding.steps.iter().zip(numbers(finding)) {
        let label = number.map_or_else(|| " ".repeat(4), |number| format!("{number:>2}. "));
        page.paragraph(3, &label, step, Tone::Plain);
    }
    page.gap();
    if let Some(overlap) = &finding.overlap {
        drawing(page, overlap);
    }
    let texts = match detail {
        Detail::Full => {
            page.paragraph(3, "", &how_often(finding), Tone::Plain);
            page.gap();
            vec![&finding.reproduce.replay, &finding.reproduce.curl]
        }
        Detail::Brief => {
            let texts = [&finding.reproduce.curl, &finding.reproduce.replay];
            texts.into_iter().min_by_key(|text| text.lines().count()).into_iter().collect()
        }
    };
    // From the first column on, so that it can be pasted.
    for text in texts {
        for line in text.lines() {
            page.line(0, line, Tone::Plain);
        }
        page.gap();
    }
}

/// The calls that overlapped, and their orders.
fn drawing(page: &mut Page, overlap: &Overlap) {
    for lane in lanes(overlap) {
        page.line(3, &lane, Tone::Plain);
    }
    page.gap();
    if let Some(heading) = heading(overlap) {
        page.paragraph(3, "", &heading, Tone::Plain);
        for one in &overlap.orders {
            page.paragraph(3, mark(one), &order(one, overlap), if one.longest { Tone::Plain } else { Tone::Faint });
        }
        page.paragraph(3, "", LONGEST, Tone::Faint);
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
