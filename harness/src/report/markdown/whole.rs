//! The whole report.

use std::collections::BTreeMap;

use super::finding::{Detail, folded};
use super::text::{block, code, plain};
use crate::report::finding::Finding;
use crate::report::standing::{State, groups};
use crate::report::value::Report;
use crate::report::verdict::{counted, headline};
use crate::report::words::{figures, gap_state, gap_text, gaps, missing, name_of, place_of, sentence};

/// The room of a comment, in bytes. GitHub accepts 65,536 characters, of which a bot may need some for itself.
const COMMENT: usize = 60_000;

/// The report as Markdown, short enough for a pull request.
#[must_use]
pub fn markdown(report: &Report) -> String {
    summary(report, COMMENT)
}

/// A section after the findings may take this part of the room.
const PART: usize = 10;

/// The room for a line that says what is left out, in bytes.
const REMARK: usize = 200;

/// The least room for findings: their headings, and what is left out.
const LEAST: usize = 700;

/// The report as Markdown in `room` bytes: the findings with all that is known, if that fits; else without their
/// scripts; else as many as fit, and a line for each of the others. With hardly any room, only the verdict.
#[must_use]
pub fn summary(report: &Report, room: usize) -> String {
    let head = [overview(report), table(report)].concat();
    let sections = [known_gaps(report), open(report), notes(report), not_tested(report)];
    let tail: String = sections.into_iter().map(|section| cut(&section, room / PART)).collect();
    match room.checked_sub(head.len() + tail.len()).filter(|room| *room >= LEAST) {
        Some(room) => [head, findings(report, room), tail].concat(),
        None => format!("# {}: {}\n", headline(report), plain(&name_of(&report.target))),
    }
}

/// The first lines of a section, as many as fit, and how many there are more.
fn cut(section: &str, room: usize) -> String {
    if section.len() <= room {
        return section.to_owned();
    }
    let mut text = String::new();
    let mut lines = section.split_inclusive('\n');
    for line in lines.by_ref() {
        if text.len() + line.len() + REMARK > room {
            let more = counted(1 + lines.count() as u64, "more line");
            text.extend([format!("\n{more} left out here: the JSON and the HTML report have all.\n")]);
            break;
        }
        text.push_str(line);
    }
    text
}

fn findings(report: &Report, room: usize) -> String {
    let failing: Vec<&Finding> = report.failing_findings().collect();
    let flaky: Vec<&Finding> = report.flaky_findings().collect();
    let shown = |detail: Detail| {
        let remark = if detail == Detail::Brief { NO_SCRIPTS } else { "" };
        let heading = format!("{}, the strongest first", counted(failing.len() as u64, "finding"));
        let text = group(&heading, remark, &failing, 1, detail);
        let heading =
            format!("{}: not shown again, and timing could explain it", counted(flaky.len() as u64, "flaky finding"));
        text + &group(&heading, remark, &flaky, failing.len() + 1, detail)
    };
    let whole = [Detail::Full, Detail::Brief].into_iter().map(shown).find(|text| text.len() <= room);
    whole.unwrap_or_else(|| strongest(&[failing, flaky].concat(), room))
}

/// Says what findings without scripts lack.
const NO_SCRIPTS: &str = "There is no room here for the scripts that reproduce them. The JSON and the HTML report have \
                          them, and `mfa-conformance report FILE --finding ID -v` prints them.\n\n";

/// Findings of one kind, numbered from `first`.
fn group(heading: &str, remark: &str, findings: &[&Finding], first: usize, detail: Detail) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let findings = (first..).zip(findings).map(|(number, finding)| folded(number, finding, detail));
    format!("\n## {heading}\n\n{remark}{}", findings.collect::<String>())
}

/// The strongest findings without their scripts, and a line for each of the others.
fn strongest(findings: &[&Finding], room: usize) -> String {
    let heading = format!("\n## {}, the strongest first\n\n{NO_SCRIPTS}", counted(findings.len() as u64, "finding"));
    let lines: Vec<String> = (1..).zip(findings).map(|(number, finding)| line(number, finding)).collect();
    let mut of_lines: usize = lines.iter().map(String::len).sum();
    let mut text = heading;
    let mut shown = 0;
    for (number, (finding, line)) in (1..).zip(findings.iter().zip(&lines)) {
        let folded = folded(number, finding, Detail::Brief);
        if text.len() + folded.len() + of_lines + 2 * REMARK > room {
            break;
        }
        of_lines -= line.len();
        text.push_str(&folded);
        shown = number;
    }
    let rest = lines.get(shown..).unwrap_or_default();
    let heading = format!("\n### {} in short\n\n", counted(rest.len() as u64, "more finding"));
    let left = room.saturating_sub(text.len() + heading.len());
    text + &heading + &cut(&rest.concat(), left)
}

/// A finding in a line.
fn line(number: usize, finding: &Finding) -> String {
    let flaky = if finding.flaky { ", flaky" } else { "" };
    format!(
        "{number}. {} ({}, {}{flaky}) {}\n",
        plain(&finding.title),
        plain(&finding.clause.to_string()),
        finding.stance,
        code(&finding.id)
    )
}

fn overview(report: &Report) -> String {
    let place = place_of(&report.target).map_or_else(String::new, |place| format!(" at {}", code(place)));
    format!(
        "# {}: {}{place}\n\n{}\n\n{}.\n\n{}",
        headline(report),
        plain(&name_of(&report.target)),
        plain(&report.verdict_reason),
        plain(&figures(report)),
        block("sh", &report.command),
    )
}

/// The number of each operation's clauses in each state.
fn table(report: &Report) -> String {
    let groups = groups(report);
    // Few runs have a flaky finding, so only they have the column.
    let is_shown = |state: &State| *state != State::Flaky || groups.iter().any(|group| group.count(State::Flaky) > 0);
    let states: Vec<State> = State::ALL.into_iter().filter(is_shown).collect();
    let heads = states.iter().map(|state| format!(" | {}", state.word())).collect::<Vec<_>>().concat();
    let rows: Vec<String> = groups
        .iter()
        .map(|group| {
            let absent = group.operation.is_some_and(|operation| !operation.present);
            let counts = states.iter().map(|state| format!(" | {}", group.count(*state))).collect::<Vec<_>>().concat();
            format!("| {}{}{counts} |\n", plain(group.name), if absent { " (absent)" } else { "" })
        })
        .collect();
    format!("\n| clauses of{heads} |\n| ---{} |\n{}", " | ---:".repeat(states.len()), rows.concat())
}

fn known_gaps(report: &Report) -> String {
    if report.known_gaps.is_empty() {
        return String::new();
    }
    let gaps = gaps(report).into_iter();
    let gaps: Vec<String> = gaps.map(|gap| format!("- **{}**: {}\n", gap_state(gap), plain(&gap_text(gap)))).collect();
    format!("\n## Known gaps\n\n{}", gaps.concat())
}

fn open(report: &Report) -> String {
    if report.open.is_empty() {
        return String::new();
    }
    let mut by_clause: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for open in &report.open {
        by_clause.entry(open.clause.to_string()).or_default().push(format!(
            "{} ({}×)",
            plain(&open.reading),
            open.count
        ));
    }
    let rows: Vec<String> =
        by_clause.iter().map(|(clause, taken)| format!("| {} | {} |\n", plain(clause), taken.join("; "))).collect();
    format!(
        "\n## Undocumented: what this target does\n\n| clause | what the target does |\n| --- | --- |\n{}",
        rows.concat()
    )
}

fn notes(report: &Report) -> String {
    if report.notes.is_empty() {
        return String::new();
    }
    let notes: Vec<String> = report
        .notes
        .iter()
        .map(|note| {
            let command = note.command.as_deref().map_or_else(String::new, |command| format!(" {}", code(command)));
            format!("- {}{command}\n", plain(&sentence(note)))
        })
        .collect();
    format!("\n## Notes\n\n{}", notes.concat())
}

fn not_tested(report: &Report) -> String {
    if report.not_tested.is_empty() {
        return String::new();
    }
    let reasons: Vec<String> = missing(report).iter().map(|reason| format!("- {}\n", plain(reason))).collect();
    format!("\n## Not tested\n\n{}", reasons.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::report::value::GapState;

    #[test]
    fn a_run_with_findings_reads_so() {
        insta::assert_snapshot!(markdown(&samples::short()));
    }

    #[test]
    fn known_gaps_are_told_with_what_became_of_them() {
        let mut report = samples::failing();
        report.known_gaps.push(samples::known_gap(&report.findings[0], "reported"));
        let mut stale = samples::known_gap(&report.findings[1], "mended *soon*");
        (stale.finding, stale.title, stale.state) = (None, None, GapState::Stale);
        report.known_gaps.push(stale);
        let text = markdown(&report);
        let told = text.split("## Known gaps").nth(1).unwrap();
        let told: Vec<&str> = told.lines().filter(|line| line.starts_with("- **")).collect();
        assert!(told[0].starts_with("- **no longer shows**: ") && told[0].ends_with("mended \\*soon\\*"), "{told:?}");
        assert!(told[1].starts_with("- **let pass**: "), "{told:?}");
    }

    #[test]
    fn a_target_that_cannot_be_judged_reads_so() {
        insta::assert_snapshot!(markdown(&samples::inconclusive()));
    }

    /// The report with every finding that many times, and as many notes.
    fn large(times: usize) -> Report {
        let mut report = samples::failing();
        report.findings =
            report.findings.iter().flat_map(|finding| std::iter::repeat_n(finding, times)).cloned().collect();
        report.notes = report.notes.iter().flat_map(|note| std::iter::repeat_n(note, 10 * times)).cloned().collect();
        report
    }

    #[test]
    fn where_there_is_little_room_scripts_are_left_out_first_and_then_findings() {
        let report = samples::failing();
        let whole = summary(&report, usize::MAX);
        assert!(!whole.contains("no room here"));
        let scripts = |text: &str| text.matches("<summary>boto3</summary>").count();
        let findings = |text: &str| text.matches("**Requires:**").count();
        let all = report.findings.len();
        let brief = summary(&report, whole.len() - 1);
        assert!(brief.contains("no room here for the scripts") && brief.contains("--finding ID -v"), "{brief}");
        assert_eq!((scripts(&whole), findings(&whole), scripts(&brief), findings(&brief)), (all, all, 0, all));
        let some = summary(&report, brief.len() - 1);
        let shown = findings(&some);
        assert!((1..all).contains(&shown), "{some}");
        assert!(some.contains(&format!("### {} in short", counted((all - shown) as u64, "more finding"))), "{some}");
        for (number, finding) in (1..).zip(&report.findings) {
            assert!(some.contains(&format!("{number}. ")) && some.contains(&finding.id), "{number}");
        }
        for room in (0..whole.len() + 500).step_by(97) {
            assert!(summary(&report, room).len() <= room.max(20), "{room}");
        }
        assert_eq!(summary(&report, 100), "# FAIL: moto 5.2.5\n");
    }

    #[test]
    fn a_report_with_hundreds_of_findings_fits_a_comment() {
        for times in [1, 10, 100] {
            let report = large(times);
            let text = markdown(&report);
            assert!(text.len() < 60_000, "{} bytes", text.len());
            assert!(text.contains("## Not tested") && text.contains("## Notes"));
            let first = text.find(&*plain(&report.findings[0].title)).unwrap();
            assert!(first < text.find("## Notes").unwrap());
        }
        let text = markdown(&large(100));
        assert!(text.len() > 45_000, "{} bytes", text.len());
        let [_, lines] = ["## Notes", " in short\n"].map(|mark| text.split_once(mark).unwrap().1);
        assert!(lines.contains(" more lines left out here: the JSON and the HTML report have all."), "{lines}");
    }

    #[test]
    fn a_target_formats_nothing_and_leaves_nothing_open() {
        let mut report = samples::failing();
        let evil = "</summary></details>`` | **x** <script>alert(1)</script> @all";
        for finding in &mut report.findings {
            evil.clone_into(&mut finding.title);
            evil.clone_into(&mut finding.observed.summary);
            finding.diff = Some(format!("+```\n+{evil}"));
        }
        evil.clone_into(&mut report.notes[0].text);
        evil.clone_into(&mut report.open[0].reading);
        let text = summary(&report, usize::MAX);
        let outside: String = text.split("````").step_by(2).collect();
        let prose = outside.lines().filter(|line| !line.starts_with("**Observed:** ```"));
        for line in prose {
            assert!(!line.contains("<script") || line.contains("\\<script"), "{line}");
            assert!(!line.contains("@all"), "{line}");
        }
        assert_eq!(text.matches("<details>").count(), 5 * report.findings.len());
    }
}
