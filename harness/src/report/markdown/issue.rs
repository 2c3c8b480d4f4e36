//! One finding as a bug report for the target's tracker.

use super::finding::{observed, quotes, reply, steps};
use super::text::{block, code, plain};
use crate::report::finding::Finding;
use crate::report::value::Report;
use crate::report::words::{how_often, name_of};

/// The bug report: what the documents say, what happens, how to reproduce it, and the versions.
#[must_use]
pub fn issue(report: &Report, finding: &Finding) -> String {
    let reply = finding.diff.as_ref().and_then(|_| reply(finding));
    let reply = reply.map_or_else(String::new, |reply| format!("\nThe reply as it came, laid out:\n\n{reply}"));
    [
        format!("# {}\n\n## What the documents say\n\n", plain(&finding.title)),
        quotes(finding),
        format!("\n{}: {}\n", meaning(finding), plain(&finding.requires)),
        "\n## What happens\n\n".to_owned(),
        steps(finding),
        "\n".to_owned(),
        observed(finding),
        reply,
        "\n## How to see it\n\nWith boto3:\n\n".to_owned(),
        block("python", &finding.reproduce.boto3),
        "\nWith curl:\n\n".to_owned(),
        block("sh", &finding.reproduce.curl),
        format!("\n{}\n", plain(&how_often(finding))),
        format!("\n## Versions\n\n- {}\n", plain(&name_of(&report.target))),
        format!(
            "- found by mfa-conformance {}: clause {}, finding {}\n",
            plain(&report.tool_version),
            code(&finding.clause.to_string()),
            code(&finding.id),
        ),
    ]
    .concat()
}

/// How the requirement follows from the quotes.
fn meaning(finding: &Finding) -> &'static str {
    match finding.stance.as_str() {
        "Implied" => "It follows from this",
        "Recorded" => "AWS was recorded doing so",
        _ => "That is",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_finding_becomes_a_bug_report() {
        let finding = samples::finding_of(&samples::garbage_accepted());
        insta::assert_snapshot!(issue(&samples::failing(), &finding));
    }

    #[test]
    fn every_finding_tells_where_it_is_written_and_how_to_see_it() {
        // GitHub accepts no longer text.
        const MOST: usize = 65_536;
        let report = samples::failing();
        for finding in &report.findings {
            let text = issue(&report, finding);
            assert!(text.len() < MOST, "{}", text.len());
            for part in [&finding.reproduce.boto3, &finding.reproduce.curl, &plain(&finding.requires), &finding.id] {
                assert!(text.contains(part.trim_end()), "{part} is missing in {text}");
            }
            assert!(text.contains("\n> ") && text.contains("moto 5.2.5"));
        }
    }
}
