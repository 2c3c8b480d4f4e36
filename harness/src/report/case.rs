//! Makes a finding from a case, which is divergences with one cause.

use mfa_reference::Operation;
use mfa_reference::clause::{Clause, Document, Source};

use super::about::About;
use super::expected_actual::ExpectedActual;
use super::finding::{Finding, SourceReport};
use super::overlap::overlap;
use super::reproduce;
use super::steps::steps;
use super::timeline::timeline;
use super::title::title;
use crate::run::result::{Case, bucket_id};
use crate::wire::escape_for_people;

/// The finding of a case. The target's clock is `skew_ms` ahead.
pub(super) fn finding(case: &Case, about: &About, skew_ms: i64) -> Finding {
    let divergence = &case.divergence;
    let clause = divergence.clause.clause();
    let (source, further_sources) = sources(&clause, divergence.operation);
    let ExpectedActual { expected, observed, diff } = ExpectedActual::of(case);
    let mut finding = Finding {
        id: bucket_id(&divergence.bucket()),
        clause: clause.id,
        also: divergence.also.clone(),
        stance: clause.stance.name().to_owned(),
        operation: divergence.operation.name().to_owned(),
        title: escape_for_people(&title(divergence)).into_owned(),
        requires: clause.requires.into_owned(),
        source,
        further_sources,
        expected,
        observed,
        observed_class: escape_for_people(&divergence.class.to_string()).into_owned(),
        diff,
        scenario: case.scenario.clone(),
        steps: steps(case),
        timeline: timeline(case),
        overlap: overlap(case),
        phase: case.phase.name().to_owned(),
        first_scenario: case.first_scenario,
        requests_to_first: case.requests_to_first,
        occurrences: case.occurrences,
        confirmation: case.confirmation.into(),
        timing: divergence.timing_could_explain(),
        flaky: case.is_flaky(),
        reproduce: super::finding::Reproduce::default(),
    };
    finding.reproduce = reproduce::texts(case, &finding, about, skew_ms);
    finding
}

/// The source to show, and the others. The page of the called operation comes first, then quotes before mere places.
fn sources(clause: &Clause, operation: Operation) -> (SourceReport, Vec<SourceReport>) {
    let page = match operation {
        Operation::EnableMfaDevice => Some(Document::ApiEnable),
        Operation::ResyncMfaDevice => Some(Document::ApiResync),
        Operation::DeactivateMfaDevice => Some(Document::ApiDeactivate),
        Operation::CreateUser
        | Operation::GetUser
        | Operation::ListUsers
        | Operation::UpdateUser
        | Operation::DeleteUser
        | Operation::CreateVirtualMfaDevice
        | Operation::DeleteVirtualMfaDevice
        | Operation::ListMfaDevices
        | Operation::ListVirtualMfaDevices
        | Operation::CreateAccessKey
        | Operation::ListAccessKeys
        | Operation::DeleteAccessKey => None,
    };
    let mut all: Vec<&Source> = clause.sources.iter().collect();
    // The sort is stable, so equals keep the order of the ledger.
    all.sort_by_key(|source| (page.is_some_and(|page| page != source.document), source.quote.is_none()));
    let mut all = all.into_iter().map(SourceReport::from);
    let nowhere = || SourceReport {
        document: "no document".to_owned(),
        section: "nothing is written of it".to_owned(),
        quote: None,
        url: None,
    };
    let first = all.next().unwrap_or_else(nowhere);
    (first, all.collect())
}

#[cfg(test)]
mod tests {
    use mfa_reference::ErrorCode;
    use mfa_reference::clause::ClauseId;

    use super::*;
    use crate::oracle::{Divergence, Expected, ObservedClass};

    fn divergence(clause: ClauseId, class: ObservedClass) -> Divergence {
        let operation = Operation::EnableMfaDevice;
        Divergence { clause, also: Vec::new(), operation, class, expected: Expected::Success, permitted: None }
    }

    #[test]
    fn an_id_is_the_same_in_every_run() {
        let success = divergence(ClauseId::EnableCodesRecognised, ObservedClass::Success);
        // Files of known gaps contain ids, so this one must never change.
        assert_eq!(bucket_id(&success.bucket()), "2e00489b");
        let other = divergence(ClauseId::EnableCodesRecognised, ObservedClass::Error(ErrorCode::NoSuchEntity));
        assert_ne!(bucket_id(&other.bucket()), bucket_id(&success.bucket()));
        let words = Divergence { expected: Expected::Words("other".into()), ..success.clone() };
        assert_eq!(words.bucket(), success.bucket());
    }

    #[test]
    fn the_page_of_the_operation_that_was_called_comes_first() {
        let clause = ClauseId::ErrorStatus(ErrorCode::NoSuchEntity).clause();
        let (first, others) = sources(&clause, Operation::ResyncMfaDevice);
        assert_eq!(first.document, Document::ApiResync.title());
        assert_eq!(first.quote.as_deref(), Some("HTTP Status Code: 404"));
        assert_eq!(others.len(), 2);
    }
}
