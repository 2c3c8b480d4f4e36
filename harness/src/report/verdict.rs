//! The verdict of a run, and why.

use mfa_reference::MfaOperation;
use mfa_reference::clause::{ClauseId, Stance};

use super::finding::{Confirmation, Finding};
use super::value::{ClauseReport, GapState, NoteKind, Report, RunVerdict};
use crate::run::result::{Phase, RunResult};
use crate::wire::escape_for_people;

/// Why a clause is not tested in a run that is limited to another clause.
pub(super) const ANOTHER_CLAUSE: &str = "The run looked at another clause alone.";

impl RunVerdict {
    /// The verdict in a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }

    /// The verdict as pages name it for their colours.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl Report {
    /// The exit code of a process that ran the report's run: 0 pass, 1 fail, 3 inconclusive.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.verdict {
            RunVerdict::Pass => 0,
            RunVerdict::Fail => 1,
            RunVerdict::Inconclusive => 3,
        }
    }

    /// Whether the run played everything to its end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.cut_short.is_empty() && self.shard.is_none() && self.unusable.is_none()
    }

    /// Whether the run tested each clause once and left the rest out.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        let played = |phase: Phase| self.phases.iter().any(|known| known.name == phase.name());
        played(Phase::Quick) && !played(Phase::Examples)
    }

    /// The findings that no known gap speaks of.
    pub fn new_findings(&self) -> impl Iterator<Item = &Finding> {
        let known = |finding: &&Finding| self.known_gaps.iter().any(|gap| gap.finding.as_ref() == Some(&finding.id));
        self.findings.iter().filter(move |finding| !known(finding))
    }

    /// The flaky findings without a known gap.
    pub fn flaky_findings(&self) -> impl Iterator<Item = &Finding> {
        self.new_findings().filter(|finding| finding.flaky)
    }

    /// The findings that fail the run: those without a known gap and those whose gap has expired, except flaky ones.
    pub fn failing_findings(&self) -> impl Iterator<Item = &Finding> {
        let passes = |finding: &&Finding| {
            let known = self.known_gaps.iter().filter(|gap| gap.state == GapState::Known);
            known.clone().any(|gap| gap.finding.as_ref() == Some(&finding.id))
        };
        self.findings.iter().filter(move |finding| !finding.flaky && !passes(finding))
    }

    /// Judges the report of a run again, after its findings or known gaps have changed.
    pub fn judge_again(&mut self) {
        (self.verdict, self.verdict_reason) = of_run(self);
        self.note_states();
    }

    /// Whether some scenario was not judged to its end.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.interrupted || self.notes.iter().any(|note| note.kind == NoteKind::Unfinished)
    }
}

/// The verdict in a word, with how many known gaps it lets pass.
pub(super) fn headline(report: &Report) -> String {
    let word = report.verdict.word();
    match gaps(report, GapState::Known) {
        0 => word.to_owned(),
        known => format!("{word} ({})", counted(known as u64, "known gap")),
    }
}

/// Whether no operation ever answered in the protocol: what differs is then a symptom of that, and no finding.
pub(super) fn cannot_be_judged(result: &RunResult) -> bool {
    result.probe.unusable.is_some() && result.probe.present.is_empty()
}

/// Why the target can't be judged, if so.
pub(super) fn unusable(result: &RunResult) -> Option<String> {
    let why = escape_for_people(result.probe.unusable.as_ref()?).into_owned();
    let left_out = match result.cases.len() {
        0 => String::new(),
        _ if !cannot_be_judged(result) => String::new(),
        cases => format!(
            " {} from that; the report omits them.",
            if cases == 1 { "1 difference follows".to_owned() } else { format!("{cases} differences follow") }
        ),
    };
    let what =
        if cannot_be_judged(result) { "The target can't be judged" } else { "The target was not judged to the end" };
    Some(format!("{what}: {}.{left_out}", why.trim_end_matches('.')))
}

/// The verdict of a whole run, and its reason. It ignores those in the report.
pub(super) fn of_run(report: &Report) -> (RunVerdict, String) {
    let (verdict, mut reason) = judge(report, missing_control);
    if let Some(shard) = report.shard.as_ref().filter(|shard| shard.of > 1) {
        reason = format!("{reason} This is only shard {} of {}.", shard.index, shard.of);
    }
    if report.is_quick() {
        reason.push_str(" This was a quick run, which tests each clause once.");
    }
    let untested = not_tested(report);
    if report.unusable.is_some() || untested == 0 {
        return (verdict, reason);
    }
    let verb = if untested == 1 { "was" } else { "were" };
    (verdict, format!("{reason} {} {verb} not tested.", counted(untested, "stated clause")))
}

/// The verdict on given scenarios, and its reason.
pub(super) fn of_replay(report: &Report) -> (RunVerdict, String) {
    judge(report, |report| {
        let why = report.notes.iter().find(|note| note.kind == NoteKind::Unfinished)?;
        Some(format!("No call differed from the documents, but not everything was judged: {}.", why.text))
    })
}

/// How many stated clauses were not tested although some request can break them.
fn not_tested(report: &Report) -> u64 {
    let whole = report.not_tested.iter().filter(|entry| entry.sides.is_empty());
    let testable = whole.filter(|entry| {
        let clause = report.clauses.iter().find(|clause| clause.id == entry.clause);
        clause
            .is_some_and(|clause| clause.stance == Stance::Stated.name() && clause.excluded.is_none() && !clause.broken)
    });
    testable.count() as u64
}

/// The verdict and its reason. `gap` returns why a clean result would mean nothing, if so.
fn judge(report: &Report, gap: impl FnOnce(&Report) -> Option<String>) -> (RunVerdict, String) {
    let outdated = outdated(report);
    let new: Vec<&Finding> = report.new_findings().filter(|finding| !finding.flaky).collect();
    if !new.is_empty() || outdated.is_some() {
        let new = (!new.is_empty()).then(|| divergences(&new));
        let cut = (!report.cut_short.is_empty()).then(|| format!("The run was {}.", report.cut_short.join(", ")));
        let sentences: Vec<String> =
            new.into_iter().chain(flaky(report)).chain(outdated).chain(let_pass(report)).chain(cut).collect();
        return (RunVerdict::Fail, sentences.join(" "));
    }
    if let Some(why) = &report.unusable {
        return (RunVerdict::Inconclusive, why.clone());
    }
    if let Some(flaky) = flaky(report) {
        return (RunVerdict::Inconclusive, flaky);
    }
    if !report.incomplete.is_empty() {
        let what = report.incomplete.join(" ");
        return (
            RunVerdict::Inconclusive,
            format!("No call differed from the documents, but not everything was tested. {what}"),
        );
    }
    // A known divergence shows that something was tested.
    let known = let_pass(report);
    if let Some(gap) = gap(report).filter(|_| known.is_none()) {
        return (RunVerdict::Inconclusive, gap);
    }
    if !report.cut_short.is_empty() {
        let tested = &report.totals.clauses;
        let reason = format!("PASS for {} of {} testable clauses, ", tested.tested, tested.of);
        return (RunVerdict::Inconclusive, reason + &report.cut_short.join(", ") + ".");
    }
    if let Some(known) = known {
        return (RunVerdict::Pass, format!("Nothing new differs from the documents. {known}"));
    }
    let calls = report.operations.iter().map(|operation| operation.accepted + operation.rejected + operation.failed);
    (RunVerdict::Pass, format!("None of {} differed from the documents.", counted(calls.sum(), "call")))
}

/// How many findings are flaky, if any.
fn flaky(report: &Report) -> Option<String> {
    let count = report.flaky_findings().count() as u64;
    let verb = if count == 1 { "is" } else { "are" };
    (count > 0).then(|| {
        format!(
            "{} {verb} flaky: timing could explain it, only one scenario showed it, and it did not reproduce.",
            counted(count, "finding")
        )
    })
}

/// How many known gaps are in a state.
fn gaps(report: &Report, state: GapState) -> usize {
    report.known_gaps.iter().filter(|gap| gap.state == state).count()
}

/// How many known gaps were allowed, if any.
fn let_pass(report: &Report) -> Option<String> {
    let known = gaps(report, GapState::Known);
    let verb = if known == 1 { "was" } else { "were" };
    (known > 0).then(|| format!("{} {verb} accepted.", counted(known as u64, "known gap")))
}

/// What to do about the list of known gaps, if anything.
fn outdated(report: &Report) -> Option<String> {
    let count = |state, one: &str, more: &str| match gaps(report, state) {
        0 => None,
        1 => Some(format!("1 known gap {one}")),
        count => Some(format!("{count} known gaps {more}")),
    };
    let stale = count(GapState::Stale, "no longer shows: take it out", "no longer show: take them out")
        .map(|stale| format!("{stale} with `mfa-conformance known-gaps update`."));
    let expired = count(GapState::Expired, "has expired", "have expired")
        .map(|expired| format!("{expired}: mend what is behind, or give another date."));
    let sentences: Vec<String> = stale.into_iter().chain(expired).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The missing condition for a clean result to mean anything, if one is missing.
fn missing_control(report: &Report) -> Option<String> {
    let name = MfaOperation::Enable.to_string();
    let enable = report.operations.iter().find(|operation| operation.name == name);
    let associated = |clause: &ClauseReport| clause.id == ClauseId::EnableAssociates && clause.tested.accept > 0;
    let one_clause = report.not_tested.iter().any(|entry| entry.reason == ANOTHER_CLAUSE);
    let listed = one_clause || report.clauses.iter().any(associated);
    let (missing, because) = if enable.is_none_or(|enable| !enable.present || enable.accepted == 0) {
        ("no EnableMFADevice was accepted", "a service that refuses every call breaks none of the rules on refusals")
    } else if enable.is_none_or(|enable| enable.rejected == 0) {
        ("no EnableMFADevice was refused", "a service that accepts every call breaks none of the rules on success")
    } else if !listed {
        (
            "no listing showed an enabled device",
            "a service that answers as it should and does nothing can't be told from one that works",
        )
    } else {
        return None;
    };
    Some(format!("Nothing differed from the documents, but {missing}: {because}."))
}

fn divergences(findings: &[&Finding]) -> String {
    let kinds: Vec<String> = Stance::ALL
        .into_iter()
        .filter_map(|stance| {
            let count = findings.iter().filter(|finding| finding.stance == stance.name()).count();
            let verb = if count == 1 { "breaks" } else { "break" };
            (count > 0).then(|| format!("{count} {verb} {}", what_binds(stance)))
        })
        .collect();
    let mut reason = format!("{}: {}.", counted(findings.len() as u64, "finding"), kinds.join(", "));
    let unconfirmed = findings.iter().filter(|finding| finding.confirmation == Confirmation::NotReproduced).count();
    if unconfirmed == findings.len() {
        reason.push_str(" None of them showed again when replayed: the target doesn't always answer alike.");
    } else if unconfirmed > 0 {
        reason.extend([format!(" {unconfirmed} of them did not reproduce.")]);
    }
    reason
}

/// What a finding of this stance breaks.
const fn what_binds(stance: Stance) -> &'static str {
    match stance {
        Stance::Stated => "a sentence of the documents",
        Stance::Implied => "what follows from the documents' sentences",
        Stance::Protocol => "the protocol",
        Stance::Recorded => "what AWS was recorded doing",
        Stance::Contradicted => "both readings of a contradiction",
        Stance::Silent => "what holds even where the documents are silent",
    }
}

/// "1 call", "12 calls"
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use mfa_reference::Operation;
    use mfa_reference::clause::Side;

    use super::*;
    use crate::execute::trace::Unfinished;
    use crate::report::{build, build_replay, samples};

    fn verdict(change: impl FnOnce(&mut RunResult)) -> (RunVerdict, String, u8) {
        let mut result = samples::clean();
        change(&mut result);
        let report = build(&result, &samples::about());
        (report.verdict, report.verdict_reason.clone(), report.exit_code())
    }

    fn enable(result: &mut RunResult) -> &mut crate::oracle::Calls {
        result.tally.calls.get_mut(&Operation::EnableMfaDevice).unwrap()
    }

    #[test]
    fn a_clean_run_conforms() {
        let (verdict, reason, code) = verdict(|_| ());
        assert_eq!((verdict, code), (RunVerdict::Pass, 0));
        assert!(reason.starts_with("None of 55 calls differed from the documents. "), "{reason}");
        assert!(reason.ends_with(" stated clauses were not tested."), "{reason}");
    }

    #[test]
    fn without_a_positive_control_a_clean_run_says_nothing() {
        let accepted = verdict(|result| enable(result).accepted = 0);
        let rejected = verdict(|result| enable(result).rejected = 0);
        let listed = verdict(|result| {
            result.tally.tested.remove(&(ClauseId::EnableAssociates, Side::Accept));
        });
        for ((verdict, reason, code), missing) in
            [(accepted, "was accepted"), (rejected, "was refused"), (listed, "no listing showed")]
        {
            assert_eq!((verdict, code), (RunVerdict::Inconclusive, 3));
            assert!(reason.contains(missing) && reason.contains(": a service that"), "{reason}");
        }
    }

    #[test]
    fn an_interrupted_run_is_inconclusive_unless_something_differed() {
        let interrupted = verdict(|result| result.interrupted = true);
        assert_eq!(interrupted.0, RunVerdict::Inconclusive);
        let diverged = verdict(|result| {
            result.interrupted = true;
            result.cases = vec![samples::garbage_accepted()];
        });
        assert_eq!((diverged.0, diverged.2), (RunVerdict::Fail, 1));
        assert!(diverged.1.starts_with("1 finding: 1 breaks a sentence of the documents. "), "{}", diverged.1);
    }

    #[test]
    fn a_replay_needs_no_controls_but_an_end() {
        let mut result = samples::clean();
        result.tally.calls.remove(&Operation::EnableMfaDevice);
        assert_eq!(build(&result, &samples::about()).verdict, RunVerdict::Inconclusive);
        let replay = build_replay(&result, &samples::about());
        assert_eq!((replay.verdict, replay.is_unfinished()), (RunVerdict::Pass, false));
        result.unfinished.insert(Unfinished::Parked, 1);
        let replay = build_replay(&result, &samples::about());
        assert_eq!((replay.verdict, replay.exit_code(), replay.is_unfinished()), (RunVerdict::Inconclusive, 3, true));
        assert!(replay.verdict_reason.ends_with("no time to wait for unused codes."), "{}", replay.verdict_reason);
    }

    #[test]
    fn a_divergence_outranks_a_missing_control() {
        let (verdict, ..) = verdict(|result| {
            result.tally.calls.clear();
            result.cases = vec![samples::garbage_accepted()];
        });
        assert_eq!(verdict, RunVerdict::Fail);
    }

    #[test]
    fn a_target_that_never_spoke_the_protocol_is_no_divergence() {
        let report = samples::inconclusive();
        assert_eq!((report.verdict, report.findings.len()), (RunVerdict::Inconclusive, 0));
        assert!(report.clauses.iter().all(|clause| !clause.broken));
        assert!(report.verdict_reason.contains("1 difference follows"), "{}", report.verdict_reason);
    }

    #[test]
    fn a_flaky_finding_counts_and_is_told_apart() {
        let report = samples::failing();
        let reason = &report.verdict_reason;
        assert!(reason.contains("1 of them did not reproduce."), "{reason}");
    }
}
