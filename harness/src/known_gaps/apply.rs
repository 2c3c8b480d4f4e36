//! Lets the findings of a report pass that are known.

use super::file::{Day, Gap, KnownGaps};
use crate::report::value::{GapState, KnownGap};
use crate::report::{Finding, Report};

/// Lets the known findings of a report pass, and judges it anew. They stay in the report, with their gaps beside them.
pub fn apply(report: &mut Report, gaps: &KnownGaps, today: &Day) {
    for gap in &gaps.gaps {
        let finding = report.findings.iter().find(|finding| key(finding) == gap.key());
        let state = match &finding {
            Some(_) if gap.is_expired(today) => GapState::Expired,
            Some(_) => GapState::Known,
            None if report.is_whole() => GapState::Stale,
            None => GapState::NotLookedFor,
        };
        let entry = entry(gap, finding, state);
        report.known_gaps.push(entry);
    }
    report.judge_again();
}

/// What tells a finding from others.
pub(super) fn key(finding: &Finding) -> (&str, &str, &str) {
    (&finding.clause, &finding.operation, &finding.observed_class)
}

fn entry(gap: &Gap, finding: Option<&Finding>, state: GapState) -> KnownGap {
    let (finding, title) = finding.map(|finding| (finding.id.clone(), finding.title.clone())).unzip();
    KnownGap {
        finding,
        title,
        state,
        clause: gap.clause.clone(),
        operation: gap.operation.clone(),
        shows: gap.shows.clone(),
        reason: gap.reason.clone(),
        link: gap.link.clone(),
        expires: gap.expires.as_ref().map(Day::to_string),
    }
}
