//! The index and the history.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::badge::svg;
use super::record::{Record, plain};
use crate::matrix::{Matrix, count_bar, html_with};
use crate::report::counted;
use crate::web::Frame;

const STYLE: &str = include_str!("site.css");

/// The matrix, with what else the site has.
pub(super) fn index(matrix: &Matrix, records: &[Record]) -> String {
    html_with(
        matrix,
        STYLE,
        &html! {
            section id="badges" {
                h2 { "History and badges" }
                p { a href="history.html" { "All results so far" } }
                ul.badges {
                    @for record in records {
                        @let file = format!("badges/{}", plain(&record.target));
                        li {
                            (svg(record)) " "
                            span { (record.target) ": " a href={ (file) ".svg" } { "picture" } ", " a href={ (file) ".json" } { "for shields.io" } }
                        }
                    }
                }
            }
        },
    )
}

/// All results, by target, the latest first.
pub(super) fn history(records: &[Record], tool_version: &str) -> String {
    let mut targets: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        targets.entry(&record.target).or_default().push(record);
    }
    for results in targets.values_mut() {
        results.sort_by_key(|record| std::cmp::Reverse((&record.date, &record.version, &record.tool_version)));
    }
    let title = "Results so far";
    Frame { title, style: STYLE, script: None }.around(&html! {
        header { p.about { a href="index.html" { "All emulators" } } h1 { (title) } }
        main {
            @for (target, results) in &targets {
                h2 { (target) }
                ul.results {
                    @for (index, record) in results.iter().enumerate() {
                        // The page shows the last result of a version.
                        @let later = results.iter().take(index).any(|later| later.version == record.version);
                        (result(record, !later))
                    }
                }
            }
        }
        footer { p { "mfa-conformance " (tool_version) } }
    })
}

fn result(record: &Record, has_page: bool) -> Markup {
    html! {
        li {
            h3 {
                time datetime=(record.date) { (record.date) } " "
                @if has_page { a href=(record.page()) { (record.name()) } } @else { (record.name()) }
                " " span class={ "verdict " (record.verdict.class()) } { (record.verdict.word()) }
            }
            (count_bar(record.clauses))
            p.faint {
                (counted(record.findings, "finding")) ", by mfa-conformance " (record.tool_version)
                @if !record.not_implemented.is_empty() { "; not implemented: " (record.not_implemented.join(", ")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::build::tests::record;
    use super::*;
    use crate::report::RunVerdict;

    #[test]
    fn the_history_is_by_target_and_the_latest_comes_first() {
        let of = |version: &str, tool: &str, date: &str| Record {
            date: date.parse().unwrap(),
            tool_version: tool.to_owned(),
            ..record("moto", version)
        };
        let page = history(
            &[
                of("5.2.4", "0.1.0", "2026-10-01"),
                of("5.2.5", "0.1.0", "2026-11-01"),
                of("5.2.5", "0.2.0", "2026-12-01"),
            ],
            "0.2.0",
        );
        let dates: Vec<usize> =
            ["2026-12-01", "2026-11-01", "2026-10-01"].iter().map(|date| page.find(date).unwrap()).collect();
        assert!(dates.is_sorted(), "{dates:?}");
        assert_eq!(page.matches("href=\"reports/moto-5.2.5.html\"").count(), 1, "only the last result has a page");
        assert_eq!(page.matches("href=\"reports/moto-5.2.4.html\"").count(), 1);
    }

    #[test]
    fn nothing_in_a_record_is_markup() {
        let evil = "\"><script>alert(1)</script>";
        let record = Record {
            target: evil.to_owned(),
            version: Some(evil.to_owned()),
            tool_version: evil.to_owned(),
            not_implemented: vec![evil.to_owned()],
            verdict: RunVerdict::Fail,
            ..record("x", "1")
        };
        let page = history(&[record], evil);
        assert!(!page.contains("<script") && page.matches("&lt;script&gt;").count() > 4);
    }
}
