//! The findings, the strongest one unfolded: the diff, the time line, and the ways to reproduce it.

use maud::{Markup, html};

use super::diff::side_by_side;
use super::lanes::lanes;
use super::overview::{copy, label, slug};
use super::timeline::timeline;
use crate::report::finding::{Finding, SourceReport};
use crate::report::standing::{Group, State};
use crate::report::value::Report;
use crate::report::words::{cited, how_often, is_link};

/// How much of the page the findings may take, in bytes. Later ones, which weigh less, are shown in brief.
const ROOM: usize = 1_000_000;

/// Which ways to reproduce a finding the page has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Forms {
    /// All of them.
    All,
    /// Those that a terminal shows: a site has many pages and has to stay small.
    Short,
}

pub(super) fn section(report: &Report, groups: &[Group<'_>], forms: Forms) -> Markup {
    html! {
        section.findings id="findings" {
            h2 { "Findings" }
            @if report.findings.is_empty() {
                p { "Nothing differed from the documents." }
            } @else {
                p.scripted.tools {
                    button type="button" data-fold="open" { "Open all" }
                    button type="button" data-fold="close" { "Close all" }
                }
                @for finding in all(report, groups, forms) { (finding) }
            }
        }
    }
}

fn all(report: &Report, groups: &[Group<'_>], forms: Forms) -> Vec<Markup> {
    let mut room = ROOM;
    let mut all = Vec::new();
    for (index, finding) in report.findings.iter().enumerate() {
        let whole = one(index + 1, finding, report, groups, Some(forms));
        if let Some(left) = room.checked_sub(whole.0.len()) {
            room = left;
            all.push(whole);
        } else {
            all.push(one(index + 1, finding, report, groups, None));
        }
    }
    all
}

/// The operation whose clause is broken. The call that shows it may be of another operation.
fn operation_of<'r>(finding: &Finding, groups: &[Group<'r>]) -> &'r str {
    let has = |group: &&Group<'_>| group.standings.iter().any(|standing| standing.clause.id == finding.clause);
    groups.iter().find(has).map_or("", |group| group.name)
}

/// A finding; without its larger parts, if it has no room for forms.
fn one(number: usize, finding: &Finding, report: &Report, groups: &[Group<'_>], forms: Option<Forms>) -> Markup {
    let known = report.known_gaps.iter().find(|gap| gap.finding.as_ref() == Some(&finding.id));
    let state = match known {
        Some(_) => State::KnownGap,
        None if finding.flaky => State::Flaky,
        None => State::Fail,
    };
    let operation = operation_of(finding, groups);
    html! {
        details.finding open[number == 1] data-part="finding" data-operation=(operation) data-stance=(finding.stance) data-state=(slug(state)) {
            summary {
                h3 { span.number { (number) "." } " " (finding.title) }
                p.meta { code { (finding.clause) } " " span { (finding.stance) } " " (label(state)) }
            }
            // Inside, so that a link to it unfolds it even without script.
            div.inside id={ "f-" (finding.id) } {
                @if let Some(gap) = known { p { b { "Known: " } (gap.reason) } }
                p.requires { (finding.requires) }
                @for source in cited(finding) { (quote(source)) }
                @if let Some(forms) = forms {
                    h4 { "Time line" }
                    div.scroll tabindex="0" role="region" aria-label={ "Time line of finding " (finding.id) } { (timeline(finding)) }
                    @if let Some(overlap) = &finding.overlap {
                        h4 { "At the same time" }
                        (lanes(overlap))
                    }
                    h4 { "Expected and observed" }
                    (side_by_side(&finding.expected, &finding.observed))
                    h4 { "Reproduce it" }
                    (reproduction(finding, forms))
                } @else {
                    p { b { "expected" } " " (finding.expected.summary) br; b { "observed" } " " (finding.observed.summary) }
                    p { "There is no room here for the rest; the JSON report has it." }
                }
                p.faint {
                    (how_often(finding)) " Finding " code { (finding.id) } ", clause "
                    a href={ "#c-" (finding.clause) } { (finding.clause) }
                    @for (index, also) in finding.also.iter().enumerate() { (if index == 0 { "; also " } else { ", " }) (also) }
                    "."
                }
            }
        }
    }
}

fn quote(source: &SourceReport) -> Markup {
    let place = format!("{}, {}", source.document, source.section);
    html! {
        blockquote {
            @if let Some(quote) = &source.quote { p { (quote) } }
            p.place {
                @match &source.url {
                    Some(url) if is_link(url) => a href=(url) rel="noreferrer" { (place) },
                    Some(_) | None => (place),
                }
            }
        }
    }
}

fn reproduction(finding: &Finding, forms: Forms) -> Markup {
    let reproduce = &finding.reproduce;
    let mut texts = vec![("curl", "curl", &reproduce.curl), ("replay", "mfa-conformance replay", &reproduce.replay)];
    if forms == Forms::All {
        texts.extend([("cli", "AWS CLI", &reproduce.aws_cli), ("boto3", "boto3", &reproduce.boto3)]);
    }
    html! {
        @for (slug, name, text) in texts {
            @let id = format!("{slug}-{}", finding.id);
            div.form {
                details { summary { (name) } pre id=(id) tabindex="0" { code { (text) } } }
                (copy(&id, &format!("{name} of finding {}", finding.id)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::{html, samples};

    #[test]
    fn a_page_never_outgrows_what_a_browser_opens_at_once() {
        let mut report = samples::failing();
        let samples = report.findings.clone();
        for number in 0..400 {
            let mut finding = samples[number % samples.len()].clone();
            finding.id = format!("{number:08x}");
            finding.observed.body = Some("<body>&\n".repeat(1_000));
            report.findings.push(finding);
        }
        let page = html(&report);
        assert!(page.len() < 2_000_000, "{}", page.len());
        assert!(page.matches("There is no room here").count() > 100);
        assert!(report.findings.iter().all(|finding| page.contains(&format!("id=\"f-{}\"", finding.id))));
        assert!(!html(&samples::failing()).contains("There is no room here"));
    }
}
