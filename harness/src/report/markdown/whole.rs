//! The whole report.

use std::collections::BTreeMap;

use super::finding::folded;
use super::text::{block, code, plain};
use crate::report::finding::Finding;
use crate::report::standing::{State, groups};
use crate::report::value::Report;
use crate::report::verdict::{counted, headline};
use crate::report::words::{figures, gap_state, gap_text, gaps, missing, name_of, place_of, sentence};

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    summary(report, usize::MAX)
}

/// The room for the heading and the line that counts omitted findings, in bytes.
const NO_ROOM: usize = 160;

/// The report as Markdown, with as many findings as fit into `room` bytes. With hardly any room, only the verdict.
#[must_use]
pub fn summary(report: &Report, room: usize) -> String {
    let head = [overview(report), table(report)].concat();
    let tail = [known_gaps(report), open(report), notes(report), not_tested(report)].concat();
    match room.checked_sub(head.len() + tail.len() + NO_ROOM) {
        Some(room) => [head, findings(report, room), tail].concat(),
        None => format!("# {}: {}\n", headline(report), plain(&name_of(&report.target))),
    }
}

fn findings(report: &Report, room: usize) -> String {
    let failing: Vec<&Finding> = report.failing_findings().collect();
    let heading = format!("{}, the strongest first", counted(failing.len() as u64, "finding"));
    let text = group(&heading, &failing, 1, room);
    let flaky: Vec<&Finding> = report.flaky_findings().collect();
    let heading =
        format!("{}: not shown again, and timing could explain it", counted(flaky.len() as u64, "flaky finding"));
    let rest = room.saturating_sub(text.len());
    text + &group(&heading, &flaky, failing.len() + 1, rest)
}

/// Findings of one kind, numbered from `first`.
fn group(heading: &str, findings: &[&Finding], first: usize, room: usize) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## {heading}\n\n");
    for (index, finding) in findings.iter().enumerate() {
        let finding = folded(first + index, finding);
        if text.len() + finding.len() > room {
            let left = findings.len() - index;
            text.extend([format!("There is no room here for {left} more; the JSON report has them.\n")]);
            break;
        }
        text.push_str(&finding);
    }
    text
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

    #[test]
    fn where_there_is_little_room_findings_are_left_out_and_counted() {
        let report = samples::failing();
        let whole = markdown(&report);
        let short = summary(&report, whole.len() - 1);
        assert!(short.len() < whole.len() && short.contains("no room here for "), "{short}");
        let shortest = (0..whole.len()).find(|room| summary(&report, *room).contains("## Notes")).unwrap();
        assert!(summary(&report, shortest).contains("no room here for 8 more"));
        for room in [100, 1_000, shortest, shortest + 1, whole.len() / 2, whole.len()] {
            assert!(summary(&report, room).len() <= room, "{room}");
        }
        assert_eq!(summary(&report, 100), "# FAIL: moto 5.2.5\n");
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
        let text = markdown(&report);
        let outside: String = text.split("````").step_by(2).collect();
        let prose = outside.lines().filter(|line| !line.starts_with("**Observed:** ```"));
        for line in prose {
            assert!(!line.contains("<script") || line.contains("\\<script"), "{line}");
            assert!(!line.contains("@all"), "{line}");
        }
        assert_eq!(text.matches("<details>").count(), 5 * report.findings.len());
    }
}
