//! One finding.

use super::text::{block, code, plain, within_html};
use crate::report::drawing::{LONGEST, heading, lanes, mark, order};
use crate::report::finding::{Finding, SourceReport};
use crate::report::steps::numbered;
use crate::report::words::{cited, excerpt, how_often, is_link, wrap};

/// The widest line of the orders of overlapping calls.
const WIDTH: usize = 78;

/// How much of a finding is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// With the scripts that reproduce it.
    Full,
    /// Without them.
    Brief,
}

/// The finding, folded.
pub(super) fn folded(number: usize, finding: &Finding, detail: Detail) -> String {
    let scripts = match detail {
        Detail::Full => reproduction(finding),
        Detail::Brief => String::new(),
    };
    let parts = [
        format!(
            "<details><summary>{number}. {} (<code>{}</code>, {})</summary>\n",
            within_html(&finding.title),
            within_html(&finding.clause.to_string()),
            within_html(&finding.stance),
        ),
        format!("**Requires:** {}\n", plain(&finding.requires)),
        quotes(finding),
        observed(finding),
        steps(finding),
        format!("{} Finding {}.\n", plain(&how_often(finding)), code(&finding.id)),
        scripts,
        "</details>\n".to_owned(),
    ];
    parts.join("\n")
}

/// The quotes from the documents.
pub(super) fn quotes(finding: &Finding) -> String {
    let quotes: Vec<String> = cited(finding).into_iter().map(quote).collect();
    quotes.join("\n")
}

fn quote(source: &SourceReport) -> String {
    let place = plain(&format!("{}, {}", source.document, source.section));
    let place = match &source.url {
        Some(url) if is_link(url) => format!("[{place}]({url})"),
        Some(_) | None => place,
    };
    match &source.quote {
        Some(quote) => format!("> {}\n>\n> — {place}\n", plain(quote)),
        None => format!("> {place}\n"),
    }
}

/// The expected reply, the observed one, and their difference.
pub(super) fn observed(finding: &Finding) -> String {
    let mut text = format!(
        "**Expected:** {}  \n**Observed:** {}\n",
        code(&finding.expected.summary),
        code(&finding.observed.summary)
    );
    let shown = match (&finding.diff, &finding.observed.body) {
        (Some(diff), _) => Some(block("diff", diff)),
        (None, Some(body)) => Some(block("text", &excerpt(body))),
        (None, None) => None,
    };
    if let Some(shown) = shown {
        text.push('\n');
        text.push_str(&shown);
    }
    text
}

/// The observed reply.
pub(super) fn reply(finding: &Finding) -> Option<String> {
    let status = finding.observed.status.map(|status| format!("HTTP {status}\n")).unwrap_or_default();
    let body = finding.observed.body.as_deref()?;
    Some(block("xml", &format!("{status}{}", excerpt(body))))
}

/// The sequence in words.
pub(super) fn steps(finding: &Finding) -> String {
    let mut lines: Vec<String> = numbered(finding).collect();
    if let Some(overlap) = &finding.overlap {
        lines.push(String::new());
        lines.extend(lanes(overlap));
        if let Some(heading) = heading(overlap) {
            lines.push(String::new());
            lines.extend(wrap(&heading, WIDTH));
            for one in &overlap.orders {
                let order = wrap(&order(one, overlap), WIDTH - 2);
                lines.extend(order.iter().enumerate().map(|(index, line)| {
                    let mark = if index == 0 { mark(one) } else { "  " };
                    format!("{mark}{line}")
                }));
            }
            lines.push(LONGEST.to_owned());
        }
    }
    block("text", &lines.join("\n"))
}

/// The ways to reproduce it, each folded.
fn reproduction(finding: &Finding) -> String {
    let reproduce = &finding.reproduce;
    let forms = [
        ("replay", "sh", &reproduce.replay),
        ("curl", "sh", &reproduce.curl),
        ("AWS CLI", "sh", &reproduce.aws_cli),
        ("boto3", "python", &reproduce.boto3),
    ];
    let folded = forms.map(|(name, language, text)| {
        format!("<details><summary>{name}</summary>\n\n{}\n</details>\n", block(language, text))
    });
    folded.concat()
}
