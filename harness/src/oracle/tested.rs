//! Counts what the replies test: the clauses that a request concerns, and the others that a reply could have broken.

use std::collections::BTreeSet;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::{Permitted, Transition};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, RawRequest};

use super::observation::{Observation, Seen, exists};
use super::state::Oracle;
use crate::wire::{Answer, Observed, Reply};

/// The parameters that contain a code.
const CODES: [&str; 2] = ["AuthenticationCode1", "AuthenticationCode2"];

impl Oracle {
    /// Counts a call of an operation under test by its result.
    pub(super) fn count_call(&mut self, observation: &Observation<'_>) {
        if observation.operation.under_test().is_none() {
            return;
        }
        let calls = self.tally.calls.entry(observation.operation).or_default();
        match observation.observed {
            Observed::Reply(Reply { answer: Answer::Success(_), .. }) => calls.accepted += 1,
            Observed::Reply(Reply { answer: Answer::Error { .. }, .. }) => calls.rejected += 1,
            Observed::Unreadable { .. } | Observed::Broken(_) => calls.failed += 1,
        }
    }

    /// Counts what the call tests.
    pub(super) fn count(&mut self, permitted: &Permitted, answer: Seen<'_>) {
        // A refusal that may have another reason says nothing about these clauses.
        let mut matching = permitted.transitions.iter().filter(|step| step.expect.is_answered_by(answer)).peekable();
        let says_nothing = matching.peek().is_some() && matching.all(|step| step.doubtful);
        let recorded = recorded(permitted);
        if says_nothing {
            // These are AWS's answers to what no document refuses.
            if matches!(answer, Seen::Error(ErrorCode::InvalidAuthenticationCode | ErrorCode::AccessDenied)) {
                for (clause, side) in recorded {
                    self.tally.tested(clause, side);
                }
            }
            return;
        }
        for (clause, side) in permitted.tested.iter().copied().collect::<BTreeSet<_>>().union(&recorded) {
            self.tally.tested(*clause, *side);
        }
    }

    /// Counts which reading of an open clause the target follows. A refusal for another reason is not a reading.
    pub(super) fn count_reading(&mut self, permitted: &Permitted, answer: Seen<'_>) {
        for clause in &permitted.open {
            let refuses = |step: &Transition| step.expect.is_answered_by(answer) && step.clauses.contains(clause);
            let reading = match answer {
                Seen::Success(_) => "accepted".to_owned(),
                Seen::Error(code) if permitted.transitions.iter().any(refuses) => format!("refused with {code}"),
                Seen::Error(_) => continue,
            };
            *self.tally.open.entry((*clause, reading)).or_default() += 1;
        }
    }

    /// Counts the clauses that a reply in the protocol could have broken, whatever the request.
    pub(super) fn count_reply(&mut self, observation: &Observation<'_>, error: Option<ErrorCode>, succeeded: bool) {
        let before = std::mem::replace(&mut self.named_before, names(observation.request));
        let Some(operation) = observation.operation.under_test() else { return };
        let side = if succeeded { Side::Accept } else { Side::Reject };
        self.tally.tested(exists(operation), Side::Accept);
        self.tally.tested(ClauseId::RobustnessNoCrash, side);
        self.tally.tested(ClauseId::RobustnessAnswers, side);
        if operation == MfaOperation::Resync {
            self.tally.tested(ClauseId::ResyncUnlistedErrors, side);
        }
        // A missing parameter must not take its value from the connection's previous request.
        let is_missing = |name: &String| observation.request.get(name).is_none();
        if self.keeps_connection && before.iter().any(is_missing) {
            self.tally.tested(ClauseId::WireRequestBoundary, side);
        }
        if error == Some(ErrorCode::NoSuchEntity) && self.names_a_likeness(observation.request) {
            self.tally.tested(ClauseId::SerialNumberUnique, Side::Reject);
        }
        if error.is_some() && self.lacks_a_leading_zero(observation) {
            self.tally.tested(ClauseId::CodesLeadingZeros, Side::Reject);
        }
    }

    /// Whether a request names an absent device whose serial number is a prefix of a device's, or the reverse.
    fn names_a_likeness(&self, request: &RawRequest) -> bool {
        let Some(serial) = request.get("SerialNumber") else { return false };
        let mut devices = self.state().account().devices_after("").map(|(_, device)| &*device.serial_number);
        self.state().find_device(serial).id().is_none()
            && devices.any(|known| known.starts_with(serial) || serial.starts_with(known))
    }

    /// Whether a code of a request is right except for missing leading zeros.
    fn lacks_a_leading_zero(&self, observation: &Observation<'_>) -> bool {
        let device = observation.request.get("SerialNumber").and_then(|serial| self.state().find_device(serial).id());
        let Some(seed) = device.and_then(|id| self.state().device(id)?.seed.as_ref()) else { return false };
        let short = |name| observation.request.get(name).filter(|code| code.len() < 6);
        CODES.into_iter().filter_map(short).any(|code| is_code_without_zeros(seed, observation, code))
    }
}

/// The Recorded clauses that the answer tests: the service could have departed from each.
fn recorded(permitted: &Permitted) -> BTreeSet<(ClauseId, Side)> {
    let may_succeed = permitted.transitions.iter().any(|step| step.expect.is_success() && step.departs.is_none());
    let of = |step: &Transition| {
        let clause = step.departs?;
        let side = if step.expect.is_success() || !may_succeed { Side::Reject } else { Side::Accept };
        clause.clause().sides.contains(&side).then_some((clause, side))
    };
    permitted.transitions.iter().filter_map(of).collect()
}

fn is_code_without_zeros(seed: &Seed, observation: &Observation<'_>, code: &str) -> bool {
    let (from, to) = (observation.window.from.step(), observation.window.to.step());
    let mut near = (from.0 - 1..=to.0 + 1).map(|step| seed.code(mfa_reference::TimeStep(step)));
    near.any(|known| known.as_str().trim_start_matches('0') == code)
}

fn names(request: &RawRequest) -> Vec<String> {
    request.parameters.iter().map(|(name, _)| name.clone()).collect()
}
