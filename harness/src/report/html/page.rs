//! All parts of the page in their order.

use maud::html;

use super::findings::Forms;
use super::{clauses, findings, overview, rest};
use crate::report::standing::groups;
use crate::report::value::Report;
use crate::report::words::name_of;
use crate::web::Frame;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The report as an HTML page.
#[must_use]
pub fn html(report: &Report) -> String {
    html_below(report, None)
}

/// The page; in a site, with a link to the page of all targets.
pub(crate) fn html_below(report: &Report, index: Option<&str>) -> String {
    let groups = groups(report);
    let forms = if index.is_some() { Forms::Short } else { Forms::All };
    let title = format!("{}: {} – mfa-conformance", report.verdict.word(), name_of(&report.target));
    Frame { title: &title, style: STYLE, script: Some(SCRIPT) }.around(&html! {
        a.skip href="#findings" { "Skip to the findings" }
        (overview::header(report, index))
        main {
            (overview::operations(report))
            (overview::causes_of(report))
            (clauses::filters(&groups))
            (findings::section(report, &groups, forms))
            (rest::sections(report))
            (clauses::section(&groups))
        }
        p.told role="status" {}
        footer { p { "mfa-conformance " (report.tool_version) ", report schema " (report.schema_version) } }
    })
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::ClauseId;

    use super::*;
    use crate::report::samples;

    /// The page without its style and script, which are files of their own.
    fn body(report: &Report) -> String {
        let page = html(report);
        let (_, body) = page.split_once("<body>").unwrap();
        let (body, _) = body.split_once("<script>").unwrap();
        body.replace("><", ">\n<")
    }

    #[test]
    fn a_run_with_findings_reads_so() {
        insta::assert_snapshot!(body(&samples::short()));
    }

    #[test]
    fn every_page_is_about_every_clause_and_finding() {
        for report in samples::reports() {
            let page = html(&report);
            for clause in &report.clauses {
                assert!(page.contains(&format!("id=\"c-{}\"", clause.id)), "{}", clause.id);
            }
            for finding in &report.findings {
                assert!(page.contains(&format!("id=\"f-{}\"", finding.id)), "{}", finding.id);
            }
            assert!(page.contains(report.verdict.word()));
        }
    }

    #[test]
    fn a_target_writes_no_markup() {
        let evil = "</pre></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"x";
        let mut value = serde_json::to_value(samples::failing()).unwrap();
        fill(&mut value, evil);
        let report: Report = serde_json::from_value(value).unwrap();
        let page = html(&report);
        let body = page.split_once("<body>").unwrap().1.rsplit_once("<script>").unwrap().0;
        for markup in ["<script", "<img", "onclick=\"", "</style"] {
            assert!(!body.contains(markup), "{markup}");
        }
        assert!(body.matches("&lt;img src=x").count() > 40);
    }

    /// Puts the text into every place of a report where a target's words may stand: none is the id of a clause.
    fn fill(value: &mut serde_json::Value, evil: &str) {
        match value {
            serde_json::Value::String(text) if text.parse::<ClauseId>().is_ok() => {}
            serde_json::Value::String(text) => evil.clone_into(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| fill(item, evil)),
            serde_json::Value::Object(fields) => {
                let typed = ["scenario", "timeline", "kind", "state", "verdict"];
                fields
                    .iter_mut()
                    .filter(|(name, _)| !typed.contains(&name.as_str()))
                    .for_each(|(_, field)| fill(field, evil));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }

    #[test]
    fn the_page_names_nothing_to_load_but_links_to_follow() {
        let page = html(&samples::failing());
        for attribute in [" src=", "url(", "@import", "<iframe", "<object", "fetch(", "XMLHttpRequest"] {
            assert!(!page.contains(attribute), "{attribute}");
        }
        assert_eq!(page.matches("<link ").count(), 1);
    }

    #[test]
    fn a_link_of_a_forged_report_is_text() {
        let mut report = samples::failing();
        report.findings[0].source.url = Some("javascript:alert(1)".to_owned());
        let page = html(&report);
        assert!(!page.contains("href=\"javascript"));
    }
}
