//! The clauses of the envelope: the form of a reply, which doesn't depend on the target's state.

use mfa_reference::clause::{Aspect, ClauseId, Side};
use mfa_reference::permitted::attribution::{listed_codes, listed_errors};
use mfa_reference::permitted::transition::{Answer as Seen, Permitted};
use mfa_reference::{ErrorCode, ErrorCodes, MfaOperation};

use super::observation::{Observation, divergence};
use super::verdict::{Divergence, Expected, ObservedClass, Tally};
use crate::wire::{Answer, Envelope, Flaw, Reply};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The clauses of a success's envelope, by operation.
struct SuccessClauses {
    status: ClauseId,
    root: ClauseId,
    request_id: ClauseId,
    no_result: ClauseId,
}

const fn success_clauses(operation: MfaOperation) -> SuccessClauses {
    match operation {
        MfaOperation::Enable => SuccessClauses {
            status: ClauseId::WireEnableSuccessStatus,
            root: ClauseId::WireEnableSuccessRoot,
            request_id: ClauseId::WireEnableSuccessRequestId,
            no_result: ClauseId::WireEnableNoResult,
        },
        MfaOperation::Resync => SuccessClauses {
            status: ClauseId::WireResyncSuccessStatus,
            root: ClauseId::WireResyncSuccessRoot,
            request_id: ClauseId::WireResyncSuccessRequestId,
            no_result: ClauseId::WireResyncNoResult,
        },
        MfaOperation::Deactivate => SuccessClauses {
            status: ClauseId::WireDeactivateSuccessStatus,
            root: ClauseId::WireDeactivateSuccessRoot,
            request_id: ClauseId::WireDeactivateSuccessRequestId,
            no_result: ClauseId::WireDeactivateNoResult,
        },
    }
}

/// The clause on the root element of an operation's success.
pub(super) const fn success_root(operation: MfaOperation) -> ClauseId {
    success_clauses(operation).root
}

/// Collects what is wrong with an envelope.
struct Check<'t> {
    operation: MfaOperation,
    strict: bool,
    tally: &'t mut Tally,
    divergences: Vec<Divergence>,
}

impl Check<'_> {
    fn holds(
        &mut self,
        clause: ClauseId,
        side: Side,
        holds: bool,
        class: ObservedClass,
        expected: impl FnOnce() -> Expected,
    ) {
        self.tally.tested(clause, side);
        if !holds {
            self.divergences.push(Divergence {
                clause,
                also: Vec::new(),
                operation: self.operation.operation(),
                class,
                expected: expected(),
                permitted: None,
            });
        }
    }

    /// Checks a Recorded clause. A departure is a divergence only in strict mode.
    fn recorded(
        &mut self,
        clause: ClauseId,
        side: Side,
        holds: bool,
        class: ObservedClass,
        expected: impl FnOnce() -> Expected,
    ) {
        if self.strict {
            self.holds(clause, side, holds, class, expected);
            return;
        }
        self.tally.tested(clause, side);
        if !holds {
            *self.tally.departures.entry((clause, class.to_string())).or_default() += 1;
        }
    }
}

/// Checks a reply's envelope by the clauses of the wire.
pub(super) fn check(operation: MfaOperation, reply: &Reply, strict: bool, tally: &mut Tally) -> Vec<Divergence> {
    for path in &reply.envelope.unclaimed {
        *tally.unclaimed.entry((operation.operation(), path.clone())).or_default() += 1;
    }
    let mut check = Check { operation, strict, tally, divergences: Vec::new() };
    match &reply.answer {
        Answer::Success(_) => success(&mut check, reply),
        Answer::Error { code, message, kind } => {
            error(&mut check, reply, code, message.as_deref(), kind.as_deref());
        }
    }
    let side = if matches!(reply.answer, Answer::Success(_)) { Side::Accept } else { Side::Reject };
    check.tally.tested(ClauseId::WireWellFormed, side);
    let xml = reply.envelope.content_type.as_deref().is_some_and(|kind| kind.contains("xml"));
    check.recorded(
        ClauseId::WireContentType,
        side,
        xml,
        ObservedClass::Envelope("a Content-Type that isn't XML"),
        || Expected::Words("Content-Type: text/xml".to_owned()),
    );
    check.divergences
}

fn success(check: &mut Check<'_>, reply: &Reply) {
    let clauses = success_clauses(check.operation);
    let envelope = &reply.envelope;
    let status = ObservedClass::Status(reply.status, None);
    check.holds(clauses.status, Side::Accept, reply.status == 200, status, || Expected::Success);
    check.holds(
        clauses.root,
        Side::Accept,
        in_namespace(envelope),
        ObservedClass::Envelope("a success in another namespace"),
        || Expected::Words(format!("the root element in the namespace {NAMESPACE}")),
    );
    check.holds(
        clauses.request_id,
        Side::Accept,
        has_text(envelope.request_id.as_deref()),
        ObservedClass::Envelope("a success without ResponseMetadata/RequestId"),
        || Expected::Words("a ResponseMetadata/RequestId that isn't empty".to_owned()),
    );
    check.holds(
        clauses.no_result,
        Side::Accept,
        !envelope.has(Flaw::ResultWithContent),
        ObservedClass::Envelope("a result with content"),
        || Expected::Words("no result beside ResponseMetadata".to_owned()),
    );
}

fn error(check: &mut Check<'_>, reply: &Reply, code: &str, message: Option<&str>, kind: Option<&str>) {
    let envelope = &reply.envelope;
    for (present, class) in [
        (!code.is_empty(), "an error without Code"),
        (message.is_some(), "an error without Message"),
        (kind.is_some(), "an error without Type"),
        (has_text(envelope.request_id.as_deref()), "an error without RequestId"),
    ] {
        check.holds(ClauseId::WireErrorEnvelope, Side::Reject, present, ObservedClass::Envelope(class), || {
            Expected::Words("ErrorResponse with Error/Type, Error/Code, Error/Message and RequestId".to_owned())
        });
    }
    check.holds(
        ClauseId::WireErrorEnvelope,
        Side::Reject,
        !envelope.has(Flaw::PaddedCode),
        ObservedClass::Envelope("white space around Code"),
        || Expected::Words("the Code without white space around it, as SDKs compare it".to_owned()),
    );
    check.recorded(
        ClauseId::WireErrorNamespace,
        Side::Reject,
        in_namespace(envelope),
        ObservedClass::Envelope("an error outside the namespace"),
        || Expected::Words(format!("the root element in the namespace {NAMESPACE}")),
    );
    let receiver = reply.status >= 500;
    check.recorded(
        ClauseId::WireErrorType,
        Side::Reject,
        kind.is_none_or(|kind| kind == if receiver { "Receiver" } else { "Sender" }),
        ObservedClass::Envelope("a Type that doesn't go with the status"),
        || Expected::Words("Sender for 4xx, Receiver for 5xx".to_owned()),
    );
    let listed = listed_codes(check.operation);
    let Some(known) = ErrorCode::from_wire(code) else {
        if !code.is_empty() {
            let class = ObservedClass::UnknownError(code.to_owned());
            let clause = listed_errors(check.operation);
            check.holds(clause, Side::Reject, false, class, || Expected::Error(listed));
        }
        return;
    };
    check.tally.tested(listed_errors(check.operation), Side::Reject);
    let clause = ClauseId::ErrorStatus(known);
    let class = ObservedClass::Status(reply.status, Some(known));
    let expected = || Expected::Error(ErrorCodes::of(&[known]));
    if clause.stance().binds() {
        check.holds(clause, Side::Reject, reply.status == known.status(), class, expected);
    } else {
        check.recorded(clause, Side::Reject, reply.status == known.status(), class, expected);
    }
    let says = matches!(
        known,
        ErrorCode::NoSuchEntity
            | ErrorCode::InvalidAuthenticationCode
            | ErrorCode::LimitExceeded
            | ErrorCode::EntityTemporarilyUnmodifiable
    );
    if says && message.is_some() {
        check.holds(
            ClauseId::ErrorMessage(known),
            Side::Reject,
            has_text(message),
            ObservedClass::Envelope("a blank Message"),
            || Expected::Words(format!("a message of {known} that describes it")),
        );
    }
}

/// Checks the status of a refusal: SDKs read a reply with a status below 400 as a success.
pub(super) fn status_of_an_error(
    observation: &Observation<'_>,
    reply: &Reply,
    permitted: &Permitted,
    code: ErrorCode,
) -> Option<Divergence> {
    let told = permitted.transitions.iter().filter(|step| step.expect.is_answered_by(Seen::Error(code)));
    let is_rejection = |clause: &ClauseId| matches!(clause, ClauseId::Parameter(_, Aspect::Rejected));
    let rejected = told.flat_map(|step| step.clauses.iter().copied()).find(is_rejection);
    let (clause, expected) = match rejected {
        Some(clause) if !(400..500).contains(&reply.status) => (clause, "a status of 4xx"),
        _ if reply.status < 400 => (ClauseId::WireErrorEnvelope, "a status of 4xx or 5xx with an error"),
        _ => return None,
    };
    observation.operation.under_test()?;
    // If the clause on the code's own status binds, it has already reported this.
    if ClauseId::ErrorStatus(code).stance().binds() {
        return None;
    }
    Some(divergence(observation.operation, clause, ObservedClass::Status(reply.status, Some(code)), expected))
}

fn in_namespace(envelope: &Envelope) -> bool {
    !envelope.has(Flaw::SeveralNamespaces) && envelope.namespace.as_deref() == Some(NAMESPACE)
}

fn has_text(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}
