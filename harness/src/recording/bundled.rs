//! The recordings of AWS that this program carries: `fixtures/recordings/aws.json`.

use mfa_reference::clause::{Clause, Recording};

use super::history::{History, RecordingError, read};

/// The file's name, for people.
pub const FILE: &str = "fixtures/recordings/aws.json";
/// The file's text.
pub use mfa_fixtures::RECORDINGS as TEXT;

/// The recordings.
///
/// # Errors
/// Never, as a test checks.
pub fn histories() -> Result<Vec<History>, RecordingError> {
    read(FILE, TEXT)
}

/// The recorded answers that a clause cites, each with its history.
pub fn cited(clause: &Clause) -> impl Iterator<Item = &'static Recording> + use<> {
    let sources: Vec<_> = clause.sources.iter().map(|source| source.recordings).collect();
    sources.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::{ClauseId, Stance};

    use super::*;

    #[test]
    fn each_cited_answer_is_there_and_is_one_of_an_operation_that_the_clause_can_speak_of() {
        let histories = histories().unwrap();
        for clause in ClauseId::all().map(ClauseId::clause) {
            for (id, steps) in cited(&clause) {
                let history = histories.iter().find(|history| history.id == *id);
                let history = history.unwrap_or_else(|| panic!("{}: there is no history {id}", clause.id));
                for number in *steps {
                    let step = history.steps.get(number - 1);
                    let step = step.unwrap_or_else(|| panic!("{}: {id} has no step {number}", clause.id));
                    let operation = clause.id.operation().map(mfa_reference::MfaOperation::operation);
                    assert!(step.operation.is_some(), "{}: {id}, step {number}", clause.id);
                    assert!(
                        operation.is_none_or(|known| step.operation == Some(known)),
                        "{}: {id}, step {number}",
                        clause.id
                    );
                }
            }
        }
    }

    /// Recorded clauses that the histories don't show: they were seen on the wire, or elsewhere.
    const ELSEWHERE: &[ClauseId] = &[
        ClauseId::WireErrorNamespace,
        ClauseId::WireErrorType,
        ClauseId::WireContentType,
        ClauseId::WireRequestIdUnique,
        ClauseId::WireDuplicateParameter,
        ClauseId::WireUnknownAction,
        ClauseId::WireUnknownVersion,
        ClauseId::ValidationCode,
        ClauseId::ValidationBeforeExistence,
        ClauseId::ValidationAllAtOnce,
        ClauseId::EnableDeviceExistsCode,
        ClauseId::EnableLimitQuota,
        ClauseId::SerialNumberPath,
        ClauseId::ListWithoutSeeds,
        ClauseId::CreatePath,
        ClauseId::CallerCase,
    ];

    #[test]
    fn each_recorded_clause_names_its_recordings_or_is_known_to_have_none_here() {
        let bare = |clause: &Clause| clause.stance == Stance::Recorded && cited(clause).next().is_none();
        let of_a_code = |id: &ClauseId| matches!(id, ClauseId::ErrorStatus(_));
        let without: Vec<ClauseId> = ClauseId::all().filter(|id| !of_a_code(id) && bare(&id.clause())).collect();
        assert_eq!(without, ELSEWHERE);
    }
}
