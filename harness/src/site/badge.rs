//! A badge: a small picture, and an endpoint from which shields.io draws one.

use maud::{Markup, html};
use serde::Serialize;

use super::record::Record;
use crate::report::{RunVerdict, counted};

/// What every badge is about.
const LABEL: &str = "IAM MFA";

/// The width of a character of the badge's font, in tenths of a pixel; the badge stretches its text to fit.
const CHARACTER: usize = 66;

/// What <https://shields.io/badges/endpoint-badge> reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
}

/// The badge's second half.
fn message(record: &Record) -> String {
    match record.verdict {
        RunVerdict::Fail if record.implements_nothing => "not implemented".to_owned(),
        RunVerdict::Fail => counted(record.findings, "finding"),
        RunVerdict::Pass => "pass".to_owned(),
        RunVerdict::Inconclusive => "inconclusive".to_owned(),
    }
}

/// The badge for shields.io.
pub(super) fn endpoint(record: &Record) -> Result<String, serde_json::Error> {
    let color = match record.verdict {
        RunVerdict::Pass => "brightgreen",
        RunVerdict::Fail => "red",
        RunVerdict::Inconclusive => "lightgrey",
    };
    let endpoint = Endpoint { schema_version: 1, label: LABEL, message: message(record), color };
    serde_json::to_string_pretty(&endpoint).map(|text| text + "\n")
}

/// The badge as an SVG picture.
pub(super) fn svg(record: &Record) -> Markup {
    let message = message(record);
    let color = match record.verdict {
        RunVerdict::Pass => "#2b7a45",
        RunVerdict::Fail => "#b3322a",
        RunVerdict::Inconclusive => "#63696f",
    };
    let length = |text: &str| text.chars().count() * CHARACTER / 10;
    let (left, right) = (length(LABEL), length(&message));
    let (half, whole) = (left + 12, left + right + 24);
    let text = |from: usize, length: usize, words: &str| {
        html! { text x=(from) y="14" textLength=(length) { (words) } }
    };
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(whole) height="20" role="img" aria-label={ (LABEL) ": " (message) } {
            title { (record.name()) ": " (message) }
            rect width=(whole) height="20" rx="3" fill=(color) {}
            path d={ "M3 0h" (half - 3) "v20h-" (half - 3) "a3 3 0 0 1-3-3v-14a3 3 0 0 1 3-3z" } fill="#3a3f44" {}
            g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" {
                (text(6, left, LABEL))
                (text(half + 6, right, &message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::build::tests::{record, records};
    use super::*;

    #[test]
    fn a_badge_says_what_the_run_came_to() {
        let says: Vec<String> = records().iter().map(message).collect();
        assert_eq!(says, ["pass", "9 findings", "inconclusive"]);
        let record = Record { verdict: RunVerdict::Fail, implements_nothing: true, ..record("x", "1") };
        assert_eq!(message(&record), "not implemented");
    }

    #[test]
    fn shields_io_reads_the_endpoint() {
        let endpoints: Vec<serde_json::Value> =
            records().iter().map(|record| serde_json::from_str(&endpoint(record).unwrap()).unwrap()).collect();
        assert_eq!(
            endpoints[1],
            serde_json::json!({"schemaVersion": 1, "label": "IAM MFA", "message": "9 findings", "color": "red"})
        );
    }

    #[test]
    fn the_picture_is_a_document_of_its_own() {
        let evil = "</title><script>alert(1)</script>\"&";
        let record = Record { target: evil.to_owned(), ..record("x", "1") };
        let picture = svg(&record).into_string();
        let document = roxmltree::Document::parse(&picture).unwrap();
        let title = document.descendants().find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "title")));
        assert!(title.unwrap().text().unwrap().starts_with(evil));
        assert!(!picture.contains("<script") && picture.len() < 1_000, "{picture}");
    }
}
