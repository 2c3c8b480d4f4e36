//! The oracle: one verdict for each reply.

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::belief::{Entity, Evidence};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::attribution::After;
use mfa_reference::{ErrorCode, Operation, Search, TimeStep};

use super::belief::{Admitted, TooManyStates};
use super::explain::{class_of, expected, permitted_answers};
use super::observation::{Observation, Seen, answer_of, asked, divergence, exists, message_of, named};
use super::released_serials::Pair;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, Fit, ObservedClass, Verdict};
use super::{request_encoding, wire};
use crate::wire::{Answer, Observed, Reply};

impl Oracle {
    /// How many devices are surely assigned, how many may be, and the most that one user surely has.
    #[must_use]
    pub fn held(&self) -> (usize, usize, usize) {
        self.belief.held()
    }

    /// Whether the reply conforms to the state. It counts and changes nothing, for polling until a target has settled.
    #[must_use]
    pub fn admits(&self, observation: &Observation<'_>) -> Admitted {
        if !self.pending.is_empty() {
            let mut settled = self.clone();
            settled.forget_pending(observation.window.from);
            if settled.settle_pending().is_err() {
                return Admitted::Surely;
            }
            settled.pending.clear();
            return settled.admits(observation);
        }
        let Observed::Reply(reply) = observation.observed else { return Admitted::Never };
        let told_once = self.duplicate_listings.told_once(reply);
        match told_once.as_ref().map(Seen::Success).or_else(|| answer_of(reply)) {
            Some(answer) => self.belief.admits(&asked(observation, &self.history, Search::Near), answer),
            None => Admitted::Never,
        }
    }

    /// Judges a reply.
    ///
    /// # Errors
    /// The target may be in too many states, so the scenario can't be judged further.
    pub fn judge(&mut self, observation: &Observation<'_>) -> Result<Verdict, TooManyStates> {
        let mut verdict = Verdict::default();
        if !self.pending.is_empty() {
            self.forget_pending(observation.window.from);
            self.settle_pending()?;
        }
        // A name that the call deletes or changes is known only before it, and one that it creates only afterwards.
        let before = named(self.state(), observation);
        let owners = self.owners_before(observation);
        self.count_call(observation);
        match observation.observed {
            Observed::Broken(error) => self.broken(observation, error, &mut verdict)?,
            Observed::Unreadable { status, format, .. } => {
                self.unreadable(observation, *status, *format, &mut verdict)?;
            }
            Observed::Reply(reply) if self.is_not_implemented(observation, reply) => {
                let clause = observation.operation.under_test().map_or(ClauseId::WireUnknownAction, exists);
                let class = match &reply.answer {
                    Answer::Success(_) => ObservedClass::Status(reply.status, None),
                    Answer::Error { code, .. } => ErrorCode::from_wire(code).map_or_else(
                        || ObservedClass::UnknownError(code.clone()),
                        |code| ObservedClass::Status(reply.status, Some(code)),
                    ),
                };
                verdict.divergences.push(divergence(
                    observation.operation,
                    clause,
                    class,
                    "an answer of the operation",
                ));
            }
            Observed::Reply(reply) => {
                self.judge_form(observation, reply, &mut verdict);
                let error = match &reply.answer {
                    Answer::Error { code, .. } => ErrorCode::from_wire(code),
                    Answer::Success(_) => None,
                };
                self.count_reply(observation, error, verdict.success);
                self.reply(observation, reply, &mut verdict)?;
            }
        }
        let redated = self.dates.judge(observation);
        verdict.divergences.extend(redated.filter(|_| verdict.divergences.is_empty()));
        self.remember_call(observation, before, &verdict);
        self.remember_ended(observation, owners, verdict.fit);
        Ok(verdict)
    }

    /// Remembers a call as a cause of what later listings show. `before` is what it named before it was made.
    pub(super) fn remember_call(
        &mut self,
        observation: &Observation<'_>,
        before: (Option<UserId>, Option<DeviceId>),
        verdict: &Verdict,
    ) {
        if observation.operation.is_read() {
            return;
        }
        let (user, device) = named(self.state(), observation);
        let (user, device) = (before.0.or(user), before.1.or(device));
        let after = After { operation: observation.operation, succeeded: verdict.success, user, device };
        if !after.succeeded && observation.operation.under_test().is_some() && !self.refused.contains(&after) {
            self.refused.push(after);
        }
        self.since.push(after);
        if !verdict.transient {
            self.after = Some(after);
        }
    }

    /// Judges what needs no state.
    pub(super) fn judge_form(&mut self, observation: &Observation<'_>, reply: &Reply, verdict: &mut Verdict) {
        verdict.success = matches!(reply.answer, Answer::Success(_));
        verdict.divergences = self.check_form(observation.operation, reply);
        let Some(operation) = observation.operation.under_test() else { return };
        verdict.divergences.extend(wire::check(operation, reply, self.strict, &mut self.tally));
        let side = if verdict.success { Side::Accept } else { Side::Reject };
        let repeated = self.check_request_id(observation, side, reply.envelope.request_id.as_deref());
        verdict.divergences.extend(repeated);
    }

    /// How many time steps the device's own clock is ahead, by the last accepted pair.
    #[must_use]
    pub fn steps_ahead(&self, device: DeviceId) -> i64 {
        self.history.device(device).accepted.map_or(0, |last| last.drift.1)
    }

    /// The newest time step whose code a request on the device has contained.
    #[must_use]
    pub fn newest_carried(&self, device: DeviceId) -> Option<TimeStep> {
        self.history.device(device).newest_carried
    }

    /// Whether a reply says that the target lacks the operation: "501 Not Implemented" does, with any code.
    fn is_not_implemented(&self, observation: &Observation<'_>, reply: &Reply) -> bool {
        let present = |operation| self.operations.present.contains(&operation);
        reply.status == 501 && observation.operation.under_test().is_some_and(|operation| !present(operation))
    }

    fn reply(
        &mut self,
        observation: &Observation<'_>,
        reply: &Reply,
        verdict: &mut Verdict,
    ) -> Result<(), TooManyStates> {
        let named = named(self.state(), observation);
        let told_once = self.duplicate_listings.told_once(reply);
        let Some(answer) = told_once.as_ref().map(Seen::Success).or_else(|| answer_of(reply)) else {
            // No document knows the code. The wire's clauses have reported it.
            if reply.status >= 500 {
                return self.may_have_happened(observation);
            }
            self.remember_codes(observation, named.1, None, Pair::Refused);
            return Ok(());
        };
        self.check_new_device(observation, answer, verdict);
        // A failure may have had the effect of an accepted pair, even of a late one.
        let failed = matches!(answer, Seen::Error(code) if !code.is_client_error());
        let search = if failed { Search::Day } else { search_for(observation) };
        let near = asked(observation, &self.history, search);
        let departing = self.strict.then(|| {
            let permitted = self.belief.permitted(&near);
            (class_of(self.state(), &permitted, answer), expected(self.state(), &permitted))
        });
        let mut narrowed = self.belief.narrow(&near, answer, observation.window.from)?;
        if narrowed.is_none() && verdict.success && observation.operation.under_test().is_some() {
            // No near time step explains the accepted pair. It may be late, so search a whole day before a finding.
            let day = asked(observation, &self.history, Search::Day);
            narrowed = self.belief.narrow(&day, answer, observation.window.from)?;
        }
        let recognition = if let Some(narrowed) = narrowed {
            let taken = narrowed.taken();
            // Throttling passes, even where any refusal is permitted.
            let throttled = matches!(answer, Seen::Error(ErrorCode::Throttling));
            verdict.transient = throttled || taken.is_some_and(|step| step.transient);
            verdict.wants_unused_codes =
                !verdict.success && taken.is_some_and(|step| step.clauses.iter().copied().any(is_replay));
            if !verdict.transient {
                self.count(&narrowed.permitted, answer);
                self.count_reading(&narrowed.permitted, answer);
                request_encoding::count(observation, &narrowed.permitted, &mut self.tally);
            }
            let departed = self.depart(observation, answer, departing);
            let as_recorded = departed.is_empty();
            verdict.divergences.extend(departed);
            if let Seen::Error(code) = answer {
                verdict.divergences.extend(wire::status_of_an_error(observation, reply, &narrowed.permitted, code));
            }
            if let (Seen::Error(code), Some(message), true) = (answer, message_of(reply), as_recorded) {
                verdict.divergences.extend(self.check_words(observation, &narrowed.permitted, code, message));
            }
            narrowed.permitted.recognition
        } else {
            let (attribution, permitted) = self.belief.attribute(
                &near,
                observation.operation,
                answer,
                self.calls_before(),
                message_of(reply),
                self.strict,
            );
            let clause = request_encoding::cause(observation, answer).unwrap_or(attribution.clause);
            let others =
                [attribution.clause].into_iter().chain(attribution.also).chain(request_encoding::clauses(observation));
            verdict.divergences.push(Divergence {
                clause,
                also: others.filter(|also| *also != clause).collect(),
                operation: observation.operation,
                class: class_of(self.state(), &permitted, answer),
                expected: expected(self.state(), &permitted),
                permitted: Some(permitted_answers(&permitted, self.strict)),
            });
            self.count(&permitted, answer);
            request_encoding::count(observation, &permitted, &mut self.tally);
            verdict.fit = Fit::Refuted;
            self.forget_named(observation);
            match (observation.operation, answer, named.0) {
                (Operation::DeleteUser, Seen::Success(_), Some(user)) => {
                    self.belief.update(|state| state.narrow(Evidence::GoneWithDevices(user)));
                }
                // The user exists although the call had to be refused.
                (Operation::CreateUser, Seen::Success(body), None) => {
                    self.belief.update(|state| state.change(&Effect::AddUser, Some(body), observation.window.from));
                }
                _ => {}
            }
            permitted.recognition
        };
        self.check_members(observation, answer, verdict);
        self.forget_relisted_device(answer);
        let pair = match answer {
            Seen::Success(_) => Pair::Accepted,
            Seen::Error(code) if code.is_client_error() => Pair::Refused,
            Seen::Error(_) => Pair::Unknown,
        };
        self.remember_codes(observation, named.1, recognition, pair);
        Ok(())
    }

    /// Reports the Recorded clauses that the target has surely departed from: as notes by default, and as divergences
    /// with `departing`'s class and expectation in strict mode.
    fn depart(
        &mut self,
        observation: &Observation<'_>,
        answer: Seen<'_>,
        departing: Option<(ObservedClass, Expected)>,
    ) -> Vec<Divergence> {
        let clauses = self.belief.take_departures();
        let operation = observation.operation;
        if let Some((class, expected)) = departing {
            let of = |clause| Divergence {
                clause,
                also: Vec::new(),
                operation,
                class: class.clone(),
                expected: expected.clone(),
                permitted: None,
            };
            return clauses.into_iter().map(of).collect();
        }
        let class = match answer {
            Seen::Success(_) => ObservedClass::Success,
            Seen::Error(code) => ObservedClass::Error(code),
        };
        for clause in clauses {
            *self.tally.departures.entry((clause, format!("{operation}: {class}"))).or_default() += 1;
        }
        Vec::new()
    }

    /// After a reply that no document permits, forgets the state of the named user and device.
    fn forget_named(&mut self, observation: &Observation<'_>) {
        if observation.operation.is_read() {
            return;
        }
        let (user, device) = named(self.state(), observation);
        self.belief.update(|state| {
            for entity in user.map(Entity::User).into_iter().chain(device.map(Entity::Device)) {
                state.forget(entity);
            }
        });
    }
}

/// How wide to search first: wide enough for the time steps of the sender's codes.
pub(super) fn search_for(observation: &Observation<'_>) -> Search {
    let (from, to) = (observation.window.from.step(), observation.window.to.step());
    let off = observation.carried.iter().map(|step| (from.0 - step.0).max(step.0 - to.0)).max().unwrap_or_default();
    // A time step farther off than a day explains nothing.
    let is_far = (Search::Near.radius() + 1..=Search::Day.radius()).contains(&off);
    if is_far { Search::Within(off) } else { Search::Near }
}

const fn is_replay(clause: ClauseId) -> bool {
    matches!(clause, ClauseId::EnableReplayedCodes | ClauseId::ResyncReplayedCodes)
}
