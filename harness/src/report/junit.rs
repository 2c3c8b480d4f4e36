//! The report as JUnit XML: a case for each clause, so that test viewers show clauses.
//!
//! It follows the schema of Jenkins's xUnit plugin (`junit-10.xsd`), in which `testsuites` has no `skipped`.

use std::io;

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::ElementWriter;

use super::finding::Finding;
use super::standing::{Group, Standing, State, groups};
use super::steps::numbered;
use super::value::{GapState, KnownGap, Report, RunVerdict};
use super::words::{cited, gap_state, gap_text, gaps, how_often, name_of};

type Xml = Writer<Vec<u8>>;

/// The report as JUnit XML: a broken clause fails, an untested one is skipped, and an inconclusive run is an error of
/// its own.
///
/// # Errors
/// Never: it writes to memory.
pub fn junit(report: &Report) -> io::Result<String> {
    let mut suites = vec![Suite { name: "Run".to_owned(), cases: vec![verdict(report)] }];
    suites.extend(groups(report).iter().map(|group| Suite::of(group, report)));
    suites.extend(Suite::of_known_gaps(report));
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    let name = format!("mfa-conformance: {}", name_of(&report.target));
    xml.create_element("testsuites")
        .with_attribute(("name", legal(&name).as_str()))
        .with_attribute(("tests", all().count().to_string().as_str()))
        .with_attribute(("failures", Case::count(all(), "failure").as_str()))
        .with_attribute(("errors", Case::count(all(), "error").as_str()))
        .with_attribute(("time", format!("{:.3}", report.totals.seconds).as_str()))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| suite.write(xml)))?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned() + "\n")
}

/// The cases of one operation.
struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn of(group: &Group<'_>, report: &Report) -> Self {
        let cases = group.standings.iter().map(|standing| Case::of(standing, report)).collect();
        Self { name: group.name.to_owned(), cases }
    }

    /// A case for each known gap, if any. An expired or stale gap fails the run, and no clause shows that.
    fn of_known_gaps(report: &Report) -> Option<Self> {
        let cases: Vec<Case> = gaps(report).into_iter().map(Case::of_known_gap).collect();
        Some(Self { name: "Known gaps".to_owned(), cases }).filter(|suite| !suite.cases.is_empty())
    }

    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        let class = format!("mfa-conformance.{}", self.name);
        xml.create_element("testsuite")
            .with_attribute(("name", legal(&self.name).as_str()))
            .with_attribute(("tests", self.cases.len().to_string().as_str()))
            .with_attribute(("failures", Case::count(self.cases.iter(), "failure").as_str()))
            .with_attribute(("errors", Case::count(self.cases.iter(), "error").as_str()))
            .with_attribute(("skipped", Case::count(self.cases.iter(), "skipped").as_str()))
            .write_inner_content(|xml| self.cases.iter().try_for_each(|case| case.write(&legal(&class), xml)))?;
        Ok(())
    }
}

/// A case: a clause, or the run as a whole.
struct Case {
    name: String,
    outcome: Option<Outcome>,
    /// A remark on a case that passes.
    remark: String,
}

/// Why a case doesn't pass.
struct Outcome {
    element: &'static str,
    kind: String,
    message: String,
    text: String,
}

impl Case {
    fn of(standing: &Standing<'_>, report: &Report) -> Self {
        let remarks = standing.remarks().join("\n");
        let skipped = |kind: &str, message: String| {
            Some(Outcome { element: "skipped", kind: kind.to_owned(), message, text: String::new() })
        };
        let outcome = match standing.state {
            State::Fail => Some(failure(standing)),
            State::KnownGap => skipped("known gap", known(standing, report)),
            State::Flaky => Some(Outcome { element: "skipped", kind: "flaky".to_owned(), ..failure(standing) }),
            State::NotTested => skipped("not tested", remarks.clone()),
            State::Untestable => {
                skipped("untestable", standing.clause.excluded.clone().unwrap_or_else(|| remarks.clone()))
            }
            State::Departs | State::Open | State::Pass => None,
        };
        let remark = match standing.state {
            State::Departs => format!("AWS was recorded to do otherwise, which fails a strict run only.\n{remarks}"),
            State::Open => format!("The documents leave this open.\n{remarks}"),
            State::Pass | State::Fail | State::KnownGap | State::Flaky | State::NotTested | State::Untestable => {
                remarks
            }
        };
        Self { name: standing.clause.id.to_string(), outcome, remark }
    }

    fn of_known_gap(gap: &KnownGap) -> Self {
        let what_to_do = match gap.state {
            GapState::Expired => Some("has expired: mend it, or give it another day"),
            GapState::Stale => Some("no longer shows: take it out of the list"),
            GapState::Known | GapState::NotLookedFor => None,
        };
        let outcome = what_to_do.map(|message| Outcome {
            element: "failure",
            kind: gap_state(gap).to_owned(),
            message: message.to_owned(),
            text: gap_text(gap),
        });
        let name = format!("{}: {}, {}", gap.clause, gap.operation, gap.shows);
        Self { name, outcome, remark: format!("{}: {}", gap_state(gap), gap_text(gap)) }
    }

    fn count<'c>(cases: impl Iterator<Item = &'c Self>, element: &str) -> String {
        cases.filter(|case| case.outcome.as_ref().is_some_and(|outcome| outcome.element == element)).count().to_string()
    }

    fn write(&self, class: &str, xml: &mut Xml) -> io::Result<()> {
        let name = legal(&self.name);
        let case = xml.create_element("testcase").with_attributes([("classname", class), ("name", name.as_str())]);
        match &self.outcome {
            Some(outcome) => case.write_inner_content(|xml| outcome.write(xml))?,
            None if self.remark.is_empty() => case.write_empty()?,
            None => case.write_inner_content(|xml| write_text(xml.create_element("system-out"), &self.remark))?,
        };
        Ok(())
    }
}

impl Outcome {
    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        let (kind, message) = (legal(&self.kind), legal(&self.message));
        let attributes = [("type", kind.as_str()), ("message", message.as_str())];
        let element = xml.create_element(self.element).with_attributes(attributes);
        if self.text.is_empty() { element.write_empty().map(drop) } else { write_text(element, &self.text) }
    }
}

/// Writes text without escaping quotes, since people read it. Only attributes need that.
fn write_text(element: ElementWriter<'_, Vec<u8>>, text: &str) -> io::Result<()> {
    let text = legal(text);
    element.write_text_content(BytesText::from_escaped(partial_escape(text.as_str()))).map(drop)
}

/// The case of the run as a whole: if all clauses are skipped, that is not a success.
fn verdict(report: &Report) -> Case {
    let outcome = match report.verdict {
        RunVerdict::Pass | RunVerdict::Fail => None,
        RunVerdict::Inconclusive => Some(Outcome {
            element: "error",
            kind: "inconclusive".to_owned(),
            message: report.verdict_reason.clone(),
            text: String::new(),
        }),
    };
    Case {
        name: "verdict".to_owned(),
        outcome,
        remark: format!("{}: {}\nagain: {}", report.verdict.word(), report.verdict_reason, report.command),
    }
}

fn failure(standing: &Standing<'_>) -> Outcome {
    let titles: Vec<&str> = standing.findings.iter().map(|finding| finding.title.as_str()).collect();
    let texts: Vec<String> = standing.findings.iter().map(|finding| in_full(finding)).collect();
    Outcome {
        element: "failure",
        kind: standing.clause.stance.clone(),
        message: titles.join("; "),
        text: texts.join("\n\n"),
    }
}

fn known(standing: &Standing<'_>, report: &Report) -> String {
    let is_here = |id: &str| standing.findings.iter().any(|finding| finding.id == id);
    let gaps = report.known_gaps.iter().filter(|gap| gap.finding.as_deref().is_some_and(is_here));
    gaps.map(|gap| gap.reason.as_str()).collect::<Vec<_>>().join("; ")
}

/// The whole finding as text.
fn in_full(finding: &Finding) -> String {
    let mut lines =
        vec![format!("finding {}: {}", finding.id, finding.title), format!("requires: {}", finding.requires)];
    for source in cited(finding) {
        lines.push(format!("  {}, {}", source.document, source.section));
        lines.extend(source.quote.as_ref().map(|quote| format!("  “{quote}”")));
    }
    lines.push(format!("expected: {}", finding.expected.summary));
    lines.push(format!("observed: {}", finding.observed.summary));
    lines.extend(finding.diff.clone().or_else(|| finding.observed.body.clone()));
    lines.push("steps:".to_owned());
    lines.extend(numbered(finding).map(|step| format!("  {step}")));
    lines.push(how_often(finding));
    lines.push(format!("to see it again:\n{}\n{}", finding.reproduce.replay, finding.reproduce.curl.trim_end()));
    lines.join("\n")
}

/// The text without characters that XML forbids: the report may come from a file.
fn legal(text: &str) -> String {
    let is_legal = |character| matches!(character, '\n' | '\t' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|character| if is_legal(character) { character } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_run_with_findings_reads_so() {
        insta::assert_snapshot!(junit(&samples::short()).unwrap());
    }

    #[test]
    fn every_clause_is_one_case_and_the_counts_are_right() {
        for report in samples::reports() {
            let text = junit(&report).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap();
            let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
            assert_eq!(count("testcase"), report.clauses.len() + 1);
            let broken = report.clauses.iter().filter(|clause| clause.broken).count();
            assert_eq!(count("failure"), broken);
            assert_eq!(count("error"), usize::from(report.verdict == RunVerdict::Inconclusive));
            for (attribute, element) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
                let told = |node: roxmltree::Node<'_, '_>| node.attribute(attribute).unwrap().parse::<usize>().unwrap();
                let suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
                assert_eq!(told(document.root_element()), count(element));
                assert_eq!(suites.map(told).sum::<usize>(), count(element));
            }
        }
    }

    #[test]
    fn a_known_gap_is_skipped_with_its_reason() {
        let mut report = samples::failing();
        report.known_gaps.push(samples::known_gap(&report.findings[0], "reported <upstream> & waiting"));
        let text = junit(&report).unwrap();
        assert!(text.contains("message=\"reported &lt;upstream&gt; &amp; waiting\""), "{text}");
        assert_eq!(text.matches("<failure").count(), report.findings.len() - 1);
    }

    #[test]
    fn a_known_gap_that_has_expired_or_no_longer_shows_fails() {
        let mut report = samples::failing();
        let others = report.findings.len() - 1;
        for (state, failures) in [(GapState::Stale, 1), (GapState::Expired, 1), (GapState::NotLookedFor, 0)] {
            let mut gap = samples::known_gap(&report.findings[0], "reported");
            gap.state = state;
            report.known_gaps = vec![gap];
            let text = junit(&report).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap();
            let mut suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
            let suite = suites.find(|node| node.attribute("name") == Some("Known gaps")).unwrap();
            assert_eq!(suite.descendants().filter(|node| node.has_tag_name("failure")).count(), failures);
            assert_eq!(text.matches("<failure").count(), others + failures, "{text}");
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        let mut report = samples::failing();
        report.findings[0].title = "a\u{ffff}b\u{1b}c\u{1f600}".to_owned();
        let text = junit(&report).unwrap();
        assert!(text.contains("message=\"a\u{fffd}b\u{fffd}c\u{1f600}\""));
        assert!(roxmltree::Document::parse(&text).is_ok());
    }
}
