use super::{Detail, terminal, terminal_finding};
use crate::report::{build, samples};

#[test]
fn a_clean_run_reads_so() {
    insta::assert_snapshot!(terminal(&build(&samples::clean(), &samples::about()), false, 100, Detail::Full));
}

#[test]
fn findings_of_each_kind_read_so() {
    insta::assert_snapshot!(terminal(&samples::failing(), false, 100, Detail::Full));
}

#[test]
fn a_target_that_cannot_be_judged_reads_so() {
    insta::assert_snapshot!(terminal(&samples::inconclusive(), false, 100, Detail::Full));
}

#[test]
fn a_brief_report_reads_so() {
    insta::assert_snapshot!(terminal(&samples::failing(), false, 80, Detail::Brief));
}

#[test]
fn one_finding_reads_as_it_does_among_all() {
    let report = samples::failing();
    let [one, ..] = report.findings.as_slice() else { panic!("{report:?}") };
    let (alone, all) = (terminal_finding(one, false, 80), terminal(&report, false, 80, Detail::Full));
    assert!(alone.starts_with("1. ") && all.contains(&alone), "{alone}");
}

#[test]
fn what_a_target_sends_moves_no_cursor() {
    let text = terminal(&samples::failing(), false, 80, Detail::Full);
    assert!(text.contains("owned"), "{text}");
    let moved = text.chars().find(|character| *character != '\n' && crate::wire::is_unseen(*character));
    assert_eq!(moved, None);
}

#[test]
fn only_what_is_to_be_pasted_or_compared_is_wider_than_the_page() {
    let report = samples::failing();
    let mut wide: Vec<&str> = vec![&report.command];
    for finding in &report.findings {
        let texts = [&finding.reproduce.replay, &finding.reproduce.curl];
        wide.extend(texts.into_iter().chain(&finding.diff).chain(&finding.observed.body).flat_map(|text| text.lines()));
    }
    wide.extend(report.notes.iter().filter_map(|note| note.command.as_deref()));
    let text = terminal(&report, false, 80, Detail::Full);
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(!long.is_empty());
    for line in long {
        assert!(wide.iter().any(|known| line.ends_with(known)), "{line}");
    }
}
