//! Allows the known findings of a report.

use mfa_reference::clause::ClauseId;

use super::file::{Day, Gap, KnownGaps};
use crate::report::value::{GapState, KnownGap};
use crate::report::{Finding, Report, shows_only_where_broken};

/// Allows the known findings of a report, and judges it again. The findings stay in the report. Its list of gaps
/// replaces any earlier one.
pub fn apply(report: &mut Report, gaps: &KnownGaps, today: &Day) {
    report.known_gaps = gaps.gaps.iter().map(entry).collect();
    apply_again(report, today);
}

/// Updates the states of a report's known gaps after its findings have changed, and judges it again.
pub fn apply_again(report: &mut Report, today: &Day) {
    let mut gaps = std::mem::take(&mut report.known_gaps);
    for gap in &mut gaps {
        let shown = report.findings.iter().find(|finding| key(finding) == (gap.clause, &*gap.operation, &*gap.shows));
        let expires = gap.expires.as_ref().and_then(|day| day.parse::<Day>().ok());
        gap.state = match shown {
            Some(_) if expires.is_some_and(|expires| expires.is_before(today)) => GapState::Expired,
            Some(_) => GapState::Known,
            None if is_mended(report, gap.clause, &gap.operation) => GapState::Stale,
            None => GapState::NotLookedFor,
        };
        (gap.finding, gap.title) = shown.map(|finding| (finding.id.clone(), finding.title.clone())).unzip();
    }
    report.known_gaps = gaps;
    report.judge_again();
}

/// Whether a run that doesn't show a gap has looked for it: all was played, and some call could have broken the clause.
pub(super) fn is_mended(report: &Report, clause: ClauseId, operation: &str) -> bool {
    let was_tested = report
        .clauses
        .iter()
        .find(|known| known.id == clause)
        .is_some_and(|known| known.broken || known.tested.accept + known.tested.reject > 0);
    let answers = || {
        let called = report.operations.iter().find(|known| known.name == operation);
        called.is_none_or(|called| called.accepted + called.rejected > 0)
    };
    report.is_whole() && !report.is_quick() && (was_tested || shows_only_where_broken(clause) && answers())
}

/// What tells a finding from others.
pub(super) fn key(finding: &Finding) -> (ClauseId, &str, &str) {
    (finding.clause, &finding.operation, &finding.observed_class)
}

/// An entry whose state is not known yet.
fn entry(gap: &Gap) -> KnownGap {
    KnownGap {
        finding: None,
        title: None,
        state: GapState::NotLookedFor,
        clause: gap.clause,
        operation: gap.operation.clone(),
        shows: gap.shows.clone(),
        reason: gap.reason.clone(),
        link: gap.link.clone(),
        expires: gap.expires.as_ref().map(Day::to_string),
    }
}
