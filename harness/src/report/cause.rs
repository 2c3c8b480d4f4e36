//! Findings that share a cause: one missing check breaks many clauses.

use mfa_reference::clause::ClauseId;

use super::finding::Finding;
use super::verdict::counted;

/// Findings with one cause, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause<'r> {
    /// The cause in a short sentence.
    pub title: String,
    /// Its findings.
    pub findings: Vec<&'r Finding>,
}

/// What findings have in common.
#[derive(PartialEq, Eq)]
enum Kind {
    /// An operation accepts values that break the constraints of its parameters.
    Parameters(String),
    /// An operation accepts codes that are wrong.
    Codes(String),
    /// Several operations give a reply of the same wrong form.
    Reply { clause: ClauseId, class: String },
}

/// The findings by cause, in the order of their strongest ones.
#[must_use]
pub(super) fn causes<'r>(findings: &[&'r Finding]) -> Vec<Cause<'r>> {
    let mut groups: Vec<(Option<Kind>, Vec<&'r Finding>)> = Vec::new();
    for finding in findings {
        let kind = kind(finding);
        match groups.iter_mut().find(|(known, _)| known.is_some() && *known == kind) {
            Some((_, group)) => group.push(finding),
            None => groups.push((kind, vec![finding])),
        }
    }
    groups.into_iter().map(|(kind, findings)| Cause { title: title(kind.as_ref(), &findings), findings }).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other clause stands alone")]
fn kind(finding: &Finding) -> Option<Kind> {
    let operation = finding.operation.clone();
    let clause = finding.clause;
    let accepted = finding.observed_class == "success";
    match clause {
        ClauseId::Parameter(..) if accepted => Some(Kind::Parameters(operation)),
        ClauseId::EnableCodesRecognised
        | ClauseId::EnableCodesByDevice
        | ClauseId::EnableCode2Subsequent
        | ClauseId::ResyncCodesRecognised
        | ClauseId::ResyncCodesByDevice
        | ClauseId::ResyncCode2Subsequent
            if accepted =>
        {
            Some(Kind::Codes(operation))
        }
        _ if clause.to_string().starts_with("wire.") => {
            Some(Kind::Reply { clause, class: finding.observed_class.clone() })
        }
        _ => None,
    }
}

fn title(kind: Option<&Kind>, findings: &[&Finding]) -> String {
    let first = findings.first().map(|finding| finding.title.clone()).unwrap_or_default();
    let count = counted(findings.len() as u64, "clause");
    match (kind, findings) {
        (None | Some(Kind::Reply { .. }), []) | (None, _) | (_, [_]) => first,
        (Some(Kind::Parameters(operation)), _) => {
            let mut names: Vec<&str> = findings.iter().filter_map(|finding| parameter(finding)).collect();
            names.dedup();
            match names.as_slice() {
                [only] => format!("{operation} doesn't validate {only}: {count}"),
                _ => format!("{operation} doesn't validate its parameters: {count}"),
            }
        }
        (Some(Kind::Codes(operation)), _) => format!("{operation} doesn't check the codes: {count}"),
        (Some(Kind::Reply { .. }), [one, others @ ..]) => {
            let others: Vec<&str> = others.iter().map(|finding| finding.operation.as_str()).collect();
            let all = format!("{} (also {})", one.operation, others.join(", "));
            first.replacen(&one.operation, &all, 1)
        }
    }
}

fn parameter(finding: &Finding) -> Option<&'static str> {
    if let ClauseId::Parameter(parameter, _) = finding.clause { Some(parameter.wire_name()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn what_one_missing_check_breaks_is_one_cause() {
        let report = samples::failing();
        let like = |clause: &str, operation: &str, class: &str, title: &str| Finding {
            clause: clause.parse().unwrap(),
            operation: operation.to_owned(),
            observed_class: class.to_owned(),
            title: title.to_owned(),
            ..report.findings[0].clone()
        };
        let (enable, resync) = ("EnableMFADevice", "ResyncMFADevice");
        let found = [
            like("enable.codes-recognised", enable, "success", "EnableMFADevice accepts wrong codes"),
            like("enable.code1.required", enable, "success", "a"),
            like("enable.user-exists", enable, "success", "alone"),
            like("enable.code2.pattern", enable, "success", "b"),
            like("resync.code1.pattern", resync, "success", "one parameter"),
            like("enable.code2.subsequent", enable, "success", "c"),
            like("wire.get", enable, "MissingAction", "EnableMFADevice refuses a GET request"),
            like("wire.get", resync, "MissingAction", "d"),
            like("wire.get", resync, "success", "another class"),
            like("enable.code1.empty", enable, "ServiceFailure", "not accepted"),
        ];
        let causes = causes(&found.iter().collect::<Vec<_>>());
        let titles: Vec<(&str, usize)> =
            causes.iter().map(|cause| (cause.title.as_str(), cause.findings.len())).collect();
        assert_eq!(
            titles,
            [
                ("EnableMFADevice doesn't check the codes: 2 clauses", 2),
                ("EnableMFADevice doesn't validate its parameters: 2 clauses", 2),
                ("alone", 1),
                ("one parameter", 1),
                ("EnableMFADevice (also ResyncMFADevice) refuses a GET request", 2),
                ("another class", 1),
                ("not accepted", 1),
            ]
        );
    }
}
