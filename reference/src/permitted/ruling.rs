//! A ruling collects what the rules say of one request and turns it into the permitted transitions.
//!
//! - A *fault* is a reason for which the service must refuse. Where there are several, any of them may be the one
//!   that it names (clause `errors.precedence`).
//! - A *doubt* is a reason for which it may refuse: the documents are silent, or contradict themselves.
//! - A *demand* forbids it to refuse with certain codes, as long as there is no fault.

use smallvec::SmallVec;

use super::transition::{Clauses, Demand, Expect, Permitted, Transition};
use crate::account::DeviceId;
use crate::belief::{Entity, Update};
use crate::clause::{Aspect, ClauseId, Parameter, Side};
use crate::context::Context;
use crate::operation::MfaOperation;
use crate::outcome::{ErrorCode, ErrorCodes};
use crate::request::Argument;
use crate::value::CharacterClass;

/// The common codes that tell of a broken constraint.
pub const CONSTRAINT_CODES: ErrorCodes = ErrorCodes::of(&[
    ErrorCode::ValidationError,
    ErrorCode::InvalidParameterValue,
    ErrorCode::InvalidParameterCombination,
    ErrorCode::InvalidQueryParameter,
    ErrorCode::MalformedQueryString,
    ErrorCode::MissingParameter,
]);

pub(super) const NO_SUCH_ENTITY: ErrorCodes = ErrorCodes::of(&[ErrorCode::NoSuchEntity]);
pub(super) const INVALID_CODE: ErrorCodes = ErrorCodes::of(&[ErrorCode::InvalidAuthenticationCode]);

/// What the rules say of one request for an operation under test.
pub(super) struct Ruling {
    operation: MfaOperation,
    faults: SmallVec<[Clauses; 4]>,
    permitted: Permitted,
}

/// Whether a value holds only characters that any service has seen. What isn't ASCII is unusual in every byte.
pub(super) fn is_usual(class: CharacterClass, text: &str) -> bool {
    text.bytes().all(|byte| {
        // The harness makes its names of small letters.
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || match class {
                CharacterClass::Name => byte == b'-',
                CharacterClass::SerialNumber => matches!(byte, b'-' | b':' | b'/'),
                CharacterClass::Digits => false,
            }
    })
}

impl Ruling {
    pub(super) fn new(operation: MfaOperation) -> Self {
        Self { operation, faults: SmallVec::new(), permitted: Permitted::default() }
    }

    /// The service must refuse, with one of these codes.
    pub(super) fn fault(&mut self, codes: ErrorCodes, clauses: &[ClauseId]) {
        self.faults.push(Clauses::from_slice(clauses));
        self.permitted.push(Transition::error(codes, clauses));
    }

    /// Another answer to the fault named last, which departs from what was recorded.
    pub(super) fn or_departing(&mut self, codes: ErrorCodes, clauses: &[ClauseId], recorded: ClauseId) {
        self.permitted.push(Transition::error(codes, clauses).departing_from(recorded));
    }

    /// The service may refuse, with one of these codes.
    pub(super) fn doubt(&mut self, codes: ErrorCodes, clause: ClauseId) {
        self.permitted.open.push(clause);
        self.tolerate(codes, clause);
    }

    /// A device that was deactivated may have ceased to be then: whoever names it is refused, and it is gone.
    pub(super) fn may_have_vanished(&mut self, device: DeviceId, was_enabled: bool) {
        let clause = ClauseId::DeactivateDeviceRemains;
        if !was_enabled {
            return self.doubt(NO_SUCH_ENTITY, clause);
        }
        self.permitted.open.push(clause);
        let gone =
            Transition { update: Update::Gone(Entity::Device(device)), ..Transition::error(NO_SUCH_ENTITY, &[clause]) };
        self.permitted.push(gone.doubtful());
    }

    /// The service may refuse with one of these codes, and nobody asks how it decides.
    pub(super) fn tolerate(&mut self, codes: ErrorCodes, clause: ClauseId) {
        self.permitted.push(Transition::error(codes, &[clause]).doubtful());
    }

    /// The service may refuse with one of these codes, and the clause says why.
    pub(super) fn permit(&mut self, codes: ErrorCodes, clause: ClauseId) {
        self.permitted.push(Transition::error(codes, &[clause]));
    }

    /// The same as `tolerate`, but AWS was recorded doing otherwise.
    pub(super) fn tolerate_departing(&mut self, codes: ErrorCodes, clause: ClauseId, recorded: ClauseId) {
        self.permitted.push(Transition::error(codes, &[clause]).doubtful().departing_from(recorded));
    }

    /// The request puts a clause to the test that only departures from it are noted of.
    pub(super) fn tested(&mut self, clause: ClauseId, side: Side) {
        self.permitted.tested.push((clause, side));
    }

    /// The service must not refuse with one of these codes.
    pub(super) fn demand(&mut self, clause: ClauseId, forbids: ErrorCodes) {
        self.permitted.demands.push(Demand { clause, forbids, at_edge: false });
    }

    /// The service must not refuse with one of these codes; a value that is unusual in this way names a refusal best.
    pub(super) fn demand_of(&mut self, clause: ClauseId, forbids: ErrorCodes, unusual: bool) {
        self.permitted.demands.push(Demand { clause, forbids, at_edge: unusual });
    }

    pub(super) fn recognition(&mut self, recognition: crate::totp::Recognition) {
        self.permitted.recognition = Some(recognition);
    }

    /// The rules of one parameter's constraint. `beyond` turns violations into doubts: the clause that says why.
    pub(super) fn constraint<T>(&mut self, parameter: Parameter, argument: &Argument<'_, T>, beyond: Option<ClauseId>) {
        let refused = ClauseId::Parameter(parameter, Aspect::Rejected);
        for aspect in &argument.check.violations {
            if let Some(clause) = beyond {
                self.doubt(CONSTRAINT_CODES.union(NO_SUCH_ENTITY), clause);
                continue;
            }
            let clauses = [ClauseId::Parameter(parameter, *aspect), refused];
            self.fault(ErrorCodes::of(&[ErrorCode::ValidationError]), &clauses);
            let others = CONSTRAINT_CODES.without(ErrorCode::ValidationError);
            self.or_departing(others, &clauses, ClauseId::ValidationCode);
            let looked_first = match self.operation {
                MfaOperation::Enable | MfaOperation::Resync => NO_SUCH_ENTITY.union(INVALID_CODE),
                MfaOperation::Deactivate => NO_SUCH_ENTITY,
            };
            self.or_departing(looked_first, &clauses, ClauseId::ValidationBeforeExistence);
        }
        for aspect in &argument.check.doubts {
            let clause = ClauseId::Parameter(parameter, *aspect);
            self.doubt(CONSTRAINT_CODES.union(NO_SUCH_ENTITY), clause);
        }
        if let (true, Some(text)) = (argument.check.violations.is_empty(), argument.text) {
            self.accept_side(parameter, text);
        }
    }

    /// What a value that keeps its constraint demands. The aspects for which the value is at the edge come first:
    /// they name a refusal best.
    fn accept_side(&mut self, parameter: Parameter, text: &str) {
        let constraint = parameter.constraint();
        let mut at_edge = |aspect| {
            let clause = ClauseId::Parameter(parameter, aspect);
            self.permitted.demands.push(Demand { clause, forbids: CONSTRAINT_CODES, at_edge: true });
        };
        let fixed_length = constraint.min == constraint.max;
        // Users with longer names can't be created (`create-user.length`): theirs is the greatest length that exists.
        let longest_name = constraint.class == CharacterClass::Name && text.len() == 64;
        if !fixed_length && (text.len() == constraint.max || longest_name) {
            at_edge(Aspect::MaxLength);
        }
        if !fixed_length && text.len() == constraint.min {
            at_edge(Aspect::MinLength);
        }
        if !is_usual(constraint.class, text) {
            at_edge(Aspect::Pattern);
        }
    }

    /// Demands of a value that keeps its constraint and is at no edge of it.
    pub(super) fn ordinary_values(&mut self, parameters: &[Parameter]) {
        for parameter in parameters {
            for aspect in [Aspect::Pattern, Aspect::Required] {
                self.demand(ClauseId::Parameter(*parameter, aspect), CONSTRAINT_CODES);
            }
        }
        // A value of the only length that there is lies at both edges.
        let fixed = |parameter: &&Parameter| parameter.constraint().min == parameter.constraint().max;
        for parameter in parameters.iter().filter(fixed) {
            for aspect in [Aspect::MinLength, Aspect::MaxLength] {
                self.demand(ClauseId::Parameter(*parameter, aspect), CONSTRAINT_CODES);
            }
        }
    }

    /// The permitted transitions: a success with this update, unless there is a fault, and the refusals. `names_entity` says
    /// whether the request names a user or a device that exists.
    pub(super) fn into_permitted(
        mut self,
        update: Option<Update>,
        names_entity: bool,
        context: &Context<'_>,
    ) -> Permitted {
        let refusals = self.refusals();
        self.permitted.demands.retain(|demand| !refusals.contains_all(demand.forbids));
        let accepted = self.permitted.demands.iter().map(|demand| (demand.clause, Side::Accept));
        self.permitted.tested.extend(accepted);
        match (self.faults.as_slice(), update) {
            ([], Some(update)) => {
                let clauses = self.permitted.demands.iter().map(|demand| demand.clause).collect();
                let transition = Transition { clauses, ..Transition::success(Expect::Success, update, &[]) };
                self.permitted.transitions.insert(0, transition);
            }
            ([only], _) => {
                self.permitted.tested.extend(only.iter().map(|clause| (*clause, Side::Reject)));
            }
            _ => {}
        }
        self.push_transients(names_entity, context);
        self.permitted
    }

    /// Every code with which the service may refuse.
    fn refusals(&self) -> ErrorCodes {
        self.permitted.transitions.iter().fold(ErrorCodes::default(), |all, transition| match transition.expect {
            Expect::Error(codes) => all.union(codes),
            Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => all,
        })
    }

    fn push_transients(&mut self, names_entity: bool, context: &Context<'_>) {
        let operation = self.operation;
        push_common_transients(&mut self.permitted);
        let (failure, concurrent) = match operation {
            MfaOperation::Enable => (ClauseId::EnableServiceFailure, ClauseId::EnableConcurrentModification),
            MfaOperation::Resync => (ClauseId::ResyncServiceFailure, ClauseId::ResyncConcurrentModification),
            MfaOperation::Deactivate => {
                (ClauseId::DeactivateServiceFailure, ClauseId::DeactivateConcurrentModification)
            }
        };
        push_failure(&mut self.permitted, ErrorCodes::of(&[ErrorCode::ServiceFailure]), failure);
        let mut transient = |code: ErrorCode, clause| {
            let transition = Transition { transient: true, ..Transition::error(ErrorCodes::of(&[code]), &[clause]) };
            self.permitted.push(transition);
        };
        if context.overlapped {
            transient(ErrorCode::ConcurrentModification, concurrent);
        }
        match operation {
            // It speaks of an entity: whoever names none that exists names none that can't be changed for now.
            MfaOperation::Enable if names_entity => {
                transient(ErrorCode::EntityTemporarilyUnmodifiable, ClauseId::EnableTemporarilyUnmodifiable);
            }
            MfaOperation::Enable => {}
            MfaOperation::Resync => transient(ErrorCode::LimitExceeded, ClauseId::ResyncLimit),
            MfaOperation::Deactivate => {
                if names_entity {
                    transient(ErrorCode::EntityTemporarilyUnmodifiable, ClauseId::DeactivateTemporarilyUnmodifiable);
                }
                transient(ErrorCode::LimitExceeded, ClauseId::DeactivateLimit);
            }
        }
    }
}

/// The passing failures that any operation may answer. The permitted successes must be there already.
pub(super) fn push_common_transients(permitted: &mut Permitted) {
    let throttled = ErrorCodes::of(&[ErrorCode::Throttling]);
    permitted.push(Transition { transient: true, ..Transition::error(throttled, &[ClauseId::CommonTransient]) });
    let failed = ErrorCodes::of(&[ErrorCode::ServiceUnavailable, ErrorCode::InternalFailure]);
    push_failure(permitted, failed, ClauseId::CommonTransient);
}

/// A failure of the service: it has no effect, or that of a success which is permitted for the very same request. A
/// request that must be refused has no such success, so nothing may have changed.
pub(super) fn push_failure(permitted: &mut Permitted, codes: ErrorCodes, clause: ClauseId) {
    let failed = Transition { transient: true, ..Transition::error(codes, &[clause]) };
    let carried_out: SmallVec<[Transition; 2]> = permitted
        .effects()
        .map(|transition| Transition {
            update: transition.update.clone(),
            departs: transition.departs,
            ..failed.clone()
        })
        .collect();
    permitted.push(failed);
    permitted.transitions.extend(carried_out);
}
