//! Coverage: which clauses a run tested, which it broke, and why the others were not tested.

use std::collections::BTreeSet;

use mfa_reference::clause::{Clause, ClauseId, Side};
use mfa_reference::{MfaOperation, TimeStep};

use super::finding::Finding;
use super::value::{ClauseCount, ClauseReport, NotTested, OperationReport, Tested};
use super::verdict::{ANOTHER_CLAUSE, cannot_be_judged};
use crate::oracle::ObservedClass;
use crate::run::result::RunResult;

/// The state of the clauses after a run.
pub(super) struct Coverage {
    pub(super) operations: Vec<OperationReport>,
    pub(super) clauses: Vec<ClauseReport>,
    pub(super) total: ClauseCount,
    pub(super) not_tested: Vec<NotTested>,
}

impl Coverage {
    pub(super) fn of(result: &RunResult, findings: &[Finding]) -> Self {
        let broken: BTreeSet<ClauseId> =
            findings.iter().filter(|finding| !finding.flaky).map(|finding| finding.clause).collect();
        let all: Vec<Clause> = ClauseId::all().map(ClauseId::clause).collect();
        let clauses: Vec<ClauseReport> = all.iter().map(|clause| report(clause, result, &broken)).collect();
        let gaps = Gaps::of(result);
        let not_tested = not_tested(&clauses, |clause| gaps.reason(clause));
        Self {
            operations: MfaOperation::ALL
                .into_iter()
                .map(|operation| operation_of(operation, result, &clauses))
                .collect(),
            total: count(clauses.iter()),
            not_tested,
            clauses,
        }
    }
}

fn tested(clause: ClauseId, side: Side, result: &RunResult) -> u64 {
    // A run that is limited to one clause leaves out its results on others.
    let is_looked_at = result.clause.is_none_or(|only| only == clause);
    result.tally.tested.get(&(clause, side)).copied().filter(|_| is_looked_at).unwrap_or_default()
}

fn report(clause: &Clause, result: &RunResult, broken: &BTreeSet<ClauseId>) -> ClauseReport {
    ClauseReport {
        id: clause.id,
        requires: clause.requires.to_string(),
        stance: clause.stance.name().to_owned(),
        operation: clause.id.operation().map(|operation| operation.to_string()),
        tested: Tested {
            accept: tested(clause.id, Side::Accept, result),
            reject: tested(clause.id, Side::Reject, result),
        },
        broken: broken.contains(&clause.id),
        // What the other parts of the report decide.
        state: None,
        remarks: Vec::new(),
        excluded: clause.excluded.map(str::to_owned),
    }
}

fn operation_of(operation: MfaOperation, result: &RunResult, clauses: &[ClauseReport]) -> OperationReport {
    let calls = result.tally.calls.get(&operation.operation()).copied().unwrap_or_default();
    let name = operation.to_string();
    OperationReport {
        present: result.probe.present.contains(&operation),
        accepted: calls.accepted,
        rejected: calls.rejected,
        failed: calls.failed,
        clauses: count(clauses.iter().filter(|clause| clause.operation.as_ref() == Some(&name))),
        name,
    }
}

/// Counts the clauses that requests can break. A broken clause counts as tested.
pub(super) fn count<'c>(clauses: impl Iterator<Item = &'c ClauseReport>) -> ClauseCount {
    let mut count = ClauseCount::default();
    for clause in clauses {
        let testable = clause.broken || !clause.id.clause().sides.is_empty();
        let tested = clause.tested.accept + clause.tested.reject > 0;
        count.of += u64::from(testable);
        count.tested += u64::from(testable && (tested || clause.broken));
        count.broken += u64::from(clause.broken);
    }
    count
}

/// The clauses that were not tested at all or only on one side, each with its reason.
pub(super) fn not_tested(clauses: &[ClauseReport], reason: impl Fn(ClauseId) -> String) -> Vec<NotTested> {
    let of = |clause: &ClauseReport| {
        let entry = |sides, reason| Some(NotTested { clause: clause.id, sides, reason });
        if let Some(excluded) = &clause.excluded {
            return entry(Vec::new(), excluded.clone());
        }
        let times = |side| match side {
            Side::Accept => clause.tested.accept,
            Side::Reject => clause.tested.reject,
        };
        let sides = clause.id.clause().sides;
        let missing: Vec<Side> = sides.iter().copied().filter(|side| times(*side) == 0).collect();
        if missing.is_empty() {
            return None;
        }
        let whole = missing.len() == sides.len();
        let sides = if whole { Vec::new() } else { missing.iter().map(|side| side.name().to_owned()).collect() };
        entry(sides, reason(clause.id))
    };
    clauses.iter().filter_map(of).collect()
}

/// What kept a run from testing clauses.
struct Gaps<'r> {
    result: &'r RunResult,
    seeds_unusable: bool,
}

impl<'r> Gaps<'r> {
    fn of(result: &'r RunResult) -> Self {
        let seeds_unusable = result.cases.iter().any(|case| {
            case.divergence.clause == ClauseId::SupportSeedUsable
                && case.divergence.class == ObservedClass::Body("a seed that can't be used")
        });
        Self { result, seeds_unusable }
    }

    fn reason(&self, clause: ClauseId) -> String {
        let probe = &self.result.probe;
        if cannot_be_judged(self.result) {
            return "The target can't be judged.".to_owned();
        }
        if let Some(operation) = clause.operation().filter(|operation| !probe.present.contains(operation)) {
            return format!("The target has no {operation}.");
        }
        if !probe.listings && shows_in_listings(clause) {
            return "ListMFADevices doesn't work, so nothing shows the state.".to_owned();
        }
        if probe.clock_doubt_ms >= TimeStep::MILLIS && needs_right_codes(clause) {
            return "No clock explains which codes the target accepts.".to_owned();
        }
        if self.seeds_unusable && needs_right_codes(clause) {
            return "The devices' seeds can't be used, so no right codes could be sent.".to_owned();
        }
        if self.result.clause.is_some_and(|only| only != clause) {
            return ANOTHER_CLAUSE.to_owned();
        }
        if self.result.interrupted {
            return "The run was interrupted first.".to_owned();
        }
        own_reason(clause).unwrap_or_else(|| "No request of this run tests it.".to_owned())
    }
}

/// Why a clause is not tested, if only certain targets can test it.
fn own_reason(clause: ClauseId) -> Option<String> {
    let unmodifiable =
        matches!(clause, ClauseId::EnableTemporarilyUnmodifiable | ClauseId::DeactivateTemporarilyUnmodifiable);
    let concurrent = matches!(
        clause,
        ClauseId::EnableConcurrentModification
            | ClauseId::ResyncConcurrentModification
            | ClauseId::DeactivateConcurrentModification
    );
    let sdk = matches!(clause, ClauseId::SdkBoto3Exceptions | ClauseId::SdkBoto3Returns);
    let reasons = [
        (
            matches!(clause, ClauseId::ErrorStatus(_) | ClauseId::ErrorMessage(_)),
            "No call was answered with this code.",
        ),
        (unmodifiable, "No call was answered EntityTemporarilyUnmodifiable."),
        (concurrent, "No calls of this operation overlapped others."),
        (matches!(clause, ClauseId::ResyncLimit | ClauseId::DeactivateLimit), "No call was answered LimitExceeded."),
        (clause == ClauseId::RobustnessPersistentFailure, "No call failed."),
        (clause == ClauseId::DeleteVirtualDeviceFreesUser, "No device was deleted while it was assigned."),
        (sdk, "Only boto3 shows it; this program sends requests itself."),
        (clause == ClauseId::StateAtomic, "No calls overlapped."),
    ];
    reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason.to_owned())
}

const fn shows_in_listings(clause: ClauseId) -> bool {
    matches!(
        clause,
        ClauseId::EnableAssociates
            | ClauseId::EnableRejectedNoEffect
            | ClauseId::ResyncKeepsAssociation
            | ClauseId::ResyncRejectedNoEffect
            | ClauseId::DeactivateDissociates
            | ClauseId::DeactivateOnlyThatDevice
            | ClauseId::DeactivateRejectedNoEffect
            | ClauseId::StateSettles
            | ClauseId::StateIsolation
            | ClauseId::StateDurable
    )
}

/// Whether a clause only counts as tested when it is broken, such as the one on codes that no page lists.
#[must_use]
pub const fn shows_only_where_broken(clause: ClauseId) -> bool {
    matches!(
        clause,
        ClauseId::EnableTemporarilyUnmodifiable
            | ClauseId::ResyncLimit
            | ClauseId::DeactivateTemporarilyUnmodifiable
            | ClauseId::DeactivateLimit
            | ClauseId::DeleteVirtualDeviceFreesUser
            | ClauseId::RobustnessPersistentFailure
            | ClauseId::ErrorStatus(_)
            | ClauseId::ErrorMessage(_)
    )
}

/// Whether a clause needs right codes. By the repair rule, every request of Enable and Resync has them, except requests
/// about codes.
fn needs_right_codes(clause: ClauseId) -> bool {
    matches!(clause.operation(), Some(MfaOperation::Enable | MfaOperation::Resync))
        || matches!(clause, ClauseId::CodesLeadingZeros | ClauseId::DeactivateReEnable)
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::{Aspect, Parameter};

    use super::*;
    use crate::report::{build, samples};

    #[test]
    fn a_clause_that_is_not_tested_has_a_reason() {
        let report = samples::failing();
        for clause in &report.clauses {
            let sides = clause.id.clause().sides.len();
            let tested = usize::from(clause.tested.accept > 0) + usize::from(clause.tested.reject > 0);
            let told = report.not_tested.iter().any(|entry| entry.clause == clause.id && entry.reason.len() > 10);
            assert_eq!(told, clause.excluded.is_some() || tested < sides, "{}", clause.id);
        }
        let pattern = ClauseId::Parameter(Parameter::EnableCode1, Aspect::Pattern);
        let one_side = report.not_tested.iter().find(|entry| entry.clause == pattern).unwrap();
        assert_eq!(one_side.sides, ["accept"]);
    }

    #[test]
    fn the_counts_of_operations_are_part_of_the_whole() {
        let report = build(&samples::clean(), &samples::about());
        let [enable, resync, deactivate] = report.operations.as_slice() else { panic!("three operations") };
        assert_eq!((enable.clauses.tested, resync.clauses.tested, deactivate.clauses.tested), (4, 0, 1));
        assert_eq!(report.totals.clauses.tested, 5);
        assert!(report.totals.clauses.of > enable.clauses.of + resync.clauses.of + deactivate.clauses.of);
    }

    #[test]
    fn a_broken_clause_counts_as_tested() {
        let report = samples::failing();
        let resync = &report.operations[1];
        assert!(!resync.present);
        assert_eq!((resync.clauses.tested, resync.clauses.broken), (1, 1));
    }
}
