//! Judges calls that overlap: some order of them must be permitted (`state.atomic`).

use std::time::Duration;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, History, MfaOperation, Search, SuccessBody};

use super::belief::{Belief, TooManyStates};
use super::explain::{class_of, expected, permitted_answers};
use super::observation::{Observation, answer_of, asked, message_of, named};
use super::orders::{self, Orders};
use super::overlapping_call::{OverlappingCall, carries_codes, code_of, concurrent_modification, entries_of};
use super::released_serials::Pair;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, Fit, ObservedClass, TriedOrder, Verdict};
use crate::wire::{Answer, Observed, Reply};

/// The verdict on calls that overlap.
#[derive(Clone, Debug, Default)]
pub struct OverlapVerdict {
    /// The verdict on each call.
    pub calls: Vec<Verdict>,
    /// If the calls have no permitted order although each reply may be right: the orders.
    pub orders: Vec<TriedOrder>,
    /// Whether a state that the target may be in explains the replies.
    pub fit: Fit,
}

impl Oracle {
    /// Judges calls that overlap. A listing may show a state that ended within the settling time.
    ///
    /// # Errors
    /// The target may be in too many states, so the scenario can't be judged further.
    pub fn judge_overlapping(
        &mut self,
        calls: &[OverlappingCall<'_>],
        settle: Duration,
    ) -> Result<OverlapVerdict, TooManyStates> {
        let named_before: Vec<_> = calls.iter().map(|call| named(self.state(), &call.observation)).collect();
        let owners: Vec<_> = calls.iter().map(|call| self.owners_before(&call.observation)).collect();
        let mut verdict = OverlapVerdict::default();
        for call in calls {
            verdict.calls.push(self.judge_form_of(&call.observation)?);
        }
        let history = self.history_with_all(calls);
        self.settle_pending()?;
        let found = self.search(calls, &history, settle, &[])?;
        match found {
            Orders::Permitted(belief) => {
                self.belief = belief;
                self.count_overlap(calls);
                let departed = self.belief.take_departures();
                for clause in departed {
                    self.note_departure(clause, calls, &mut verdict);
                }
            }
            Orders::Refuted => {
                verdict.fit = Fit::Refuted;
                self.refute(calls, &history, &mut verdict);
            }
        }
        self.dates.forget();
        for call in calls.iter().filter(|call| matches!(call.observation.observed, Observed::Broken(_))) {
            self.stays_pending(&call.observation);
        }
        for (index, call) in calls.iter().enumerate() {
            self.remember_codes_of(calls, index);
            let Some(of_call) = verdict.calls.get(index) else { continue };
            self.remember_call(&call.observation, named_before.get(index).copied().unwrap_or_default(), of_call);
            self.remember_ended(&call.observation, owners.get(index).cloned().unwrap_or_default(), verdict.fit);
        }
        Ok(verdict)
    }

    /// The orders in which the calls may have been executed, from the state before them, and what each makes of the
    /// listing that followed.
    #[must_use]
    pub fn tried_orders(&self, calls: &[OverlappingCall<'_>], listing: Option<&Observation<'_>>) -> Vec<TriedOrder> {
        let history = self.history_with_all(calls);
        let told = self.told(calls);
        let (entries, positions) = entries_of(calls, &told, &history, Search::Near, &[]);
        let position = |index: &usize| positions.get(*index).copied();
        let tried = orders::each(&self.belief, &entries).into_iter();
        tried
            .map(|(order, permitted, belief)| {
                let next = order.get(permitted).and_then(|index| entries.get(*index)).map(|entry| entry.asked);
                let asked = next.or_else(|| listing.map(|listing| asked(listing, &history, Search::Near)));
                let expected =
                    asked.map_or(Expected::Success, |asked| expected(belief.any_state(), &belief.permitted(&asked)));
                TriedOrder { calls: order.iter().filter_map(position).collect(), permitted, expected }
            })
            .collect()
    }

    /// The operation that the state before the calls and a listing after them show to have had an effect although it
    /// was answered `ConcurrentModification`.
    #[must_use]
    pub fn refused_with_effect(
        &self,
        calls: &[OverlappingCall<'_>],
        listing: &Observation<'_>,
    ) -> Option<MfaOperation> {
        let history = self.history_with_all(calls);
        let Observed::Reply(reply) = listing.observed else { return None };
        let answer = answer_of(reply)?;
        (0..calls.len()).find_map(|index| {
            let call = calls.get(index).filter(|call| code_of(call) == Some(ErrorCode::ConcurrentModification))?;
            let Ok(Orders::Permitted(mut belief)) = self.search(calls, &history, Duration::ZERO, &[index]) else {
                return None;
            };
            let asked = asked(listing, &history, Search::Near);
            let narrowed = belief.narrow(&asked, answer, listing.window.from).ok().flatten();
            narrowed.and(call.observation.operation.under_test())
        })
    }

    /// The verdict on the form of a reply.
    fn judge_form_of(&mut self, observation: &Observation<'_>) -> Result<Verdict, TooManyStates> {
        let mut verdict = Verdict::default();
        self.count_call(observation);
        match observation.observed {
            // The player tries a call without a reply once more, alone.
            Observed::Broken(_) => {}
            Observed::Unreadable { status, format, .. } => {
                // Only the finding counts: what may have happened is for the search to say.
                self.clone().unreadable(observation, *status, *format, &mut verdict)?;
            }
            Observed::Reply(reply) => {
                self.judge_form(observation, reply, &mut verdict);
                if let Some(answer) = answer_of(reply) {
                    let permitted = self.belief.permitted(&asked(observation, &self.history, Search::Near));
                    let mut passing = permitted.transitions.iter().filter(|step| step.transient);
                    verdict.transient = passing.any(|step| step.expect.is_answered_by(answer));
                    self.check_new_device(observation, answer, &mut verdict);
                    self.check_members(observation, answer, &mut verdict);
                }
            }
        }
        Ok(verdict)
    }

    /// The history with the codes of all calls: any of them may have come first.
    fn history_with_all(&self, calls: &[OverlappingCall<'_>]) -> History {
        let mut history = self.history.clone();
        for (index, call) in calls.iter().enumerate() {
            let serial = call.observation.request.get("SerialNumber");
            let is_shared = calls.iter().enumerate().any(|(other, others)| {
                other != index && carries_codes(others) && others.observation.request.get("SerialNumber") == serial
            });
            if let Some(device) = named(self.state(), &call.observation).1.filter(|_| is_shared) {
                for step in call.observation.carried {
                    history.carried(device, *step);
                }
                history.perhaps_accepted(device);
            }
        }
        history
    }

    /// Listings with each known duplicate only once.
    fn told(&self, calls: &[OverlappingCall<'_>]) -> Vec<Option<SuccessBody>> {
        let once = |call: &OverlappingCall<'_>| match call.observation.observed {
            Observed::Reply(reply) => self.duplicate_listings.told_once(reply),
            Observed::Unreadable { .. } | Observed::Broken(_) => None,
        };
        calls.iter().map(once).collect()
    }

    fn search(
        &self,
        calls: &[OverlappingCall<'_>],
        history: &History,
        settle: Duration,
        in_doubt: &[usize],
    ) -> Result<Orders, TooManyStates> {
        let told = self.told(calls);
        let (entries, _) = entries_of(calls, &told, history, Search::Near, in_doubt);
        let found = orders::search(&self.belief, &entries)?;
        if matches!(found, Orders::Permitted(_)) {
            return Ok(found);
        }
        // Late codes may explain a success, and a lag a listing.
        if calls.iter().any(carries_codes) {
            let (entries, _) = entries_of(calls, &told, history, Search::Day, in_doubt);
            let found = orders::search(&self.belief, &entries)?;
            if matches!(found, Orders::Permitted(_)) {
                return Ok(found);
            }
        }
        let lags = |call: &&OverlappingCall<'_>| {
            call.observation.operation.is_read() && self.may_be_stale(&call.observation, settle)
        };
        if calls.iter().any(|call| lags(&call)) {
            let kept: Vec<usize> =
                (0..calls.len()).filter(|index| !calls.get(*index).is_some_and(|call| lags(&call))).collect();
            let others: Vec<_> = kept.iter().filter_map(|index| calls.get(*index)).copied().collect();
            let in_doubt: Vec<usize> =
                (0..).zip(&kept).filter(|(_, index)| in_doubt.contains(index)).map(|(position, _)| position).collect();
            let told = self.told(&others);
            let (entries, _) = entries_of(&others, &told, history, Search::Near, &in_doubt);
            let found = orders::search(&self.belief, &entries)?;
            if matches!(found, Orders::Permitted(_)) {
                return Ok(found);
            }
        }
        Ok(Orders::Refuted)
    }

    /// Whether the reply to a call may be right, whatever became of the others.
    fn may_be_right(&self, calls: &[OverlappingCall<'_>], index: usize, history: &History) -> bool {
        let others: Vec<usize> = (0..calls.len()).filter(|other| *other != index).collect();
        // In too many states, it may be.
        !matches!(self.search(calls, history, Duration::ZERO, &others), Ok(Orders::Refuted))
    }

    /// Names what is wrong: a reply that is wrong whatever became of the other calls, or else that there is no order.
    fn refute(&mut self, calls: &[OverlappingCall<'_>], history: &History, verdict: &mut OverlapVerdict) {
        let mut wrong_alone: Vec<usize> =
            (0..calls.len()).filter(|index| !self.may_be_right(calls, *index, history)).collect();
        // A forbidden success explains why others were refused.
        let succeeded = |index: &usize| verdict.calls.get(*index).is_some_and(|of_call| of_call.success);
        if wrong_alone.iter().any(succeeded) {
            wrong_alone.retain(succeeded);
        }
        for index in &wrong_alone {
            if let (Some(call), Some(of_call)) = (calls.get(*index), verdict.calls.get_mut(*index)) {
                let before = self.belief.clone();
                let wrong = self.attribute(&before, call, history).map(|mut divergence| {
                    divergence.also.push(ClauseId::StateAtomic);
                    divergence
                });
                of_call.divergences.extend(wrong);
            }
        }
        if !wrong_alone.is_empty() {
            return;
        }
        verdict.orders = self.tried_orders(calls, None);
        let longest = verdict.orders.iter().max_by_key(|tried| tried.permitted);
        let told = self.told(calls);
        let (entries, positions) = entries_of(calls, &told, history, Search::Near, &[]);
        let Some(longest) = longest else { return };
        let same = |order: &Vec<usize>| order.iter().filter_map(|index| positions.get(*index)).eq(longest.calls.iter());
        let tried = orders::each(&self.belief, &entries).into_iter().find(|(order, ..)| same(order));
        let Some((_, _, before)) = tried else { return };
        let Some(last) = longest.calls.get(longest.permitted).copied() else { return };
        if let (Some(call), Some(of_call)) = (calls.get(last), verdict.calls.get_mut(last))
            && let Some(mut divergence) = self.attribute(&before, call, history)
        {
            divergence.also.insert(0, divergence.clause);
            divergence.also.retain(|also| *also != ClauseId::StateAtomic);
            divergence.clause = ClauseId::StateAtomic;
            of_call.divergences.push(divergence);
        }
    }

    /// The divergence of a call that no state of a belief explains.
    fn attribute(&self, before: &Belief, call: &OverlappingCall<'_>, history: &History) -> Option<Divergence> {
        let observation = &call.observation;
        let Observed::Reply(reply) = observation.observed else { return None };
        let answer = answer_of(reply)?;
        let asked = asked(observation, history, Search::Near);
        let (attribution, permitted) = before.attribute(
            &asked,
            observation.operation,
            answer,
            self.calls_before(),
            message_of(reply),
            self.strict,
        );
        Some(Divergence {
            clause: attribution.clause,
            also: attribution.also.to_vec(),
            operation: observation.operation,
            class: class_of(before.any_state(), &permitted, answer),
            expected: expected(before.any_state(), &permitted),
            permitted: Some(permitted_answers(&permitted, self.strict)),
        })
    }

    /// Counts what overlapping calls test whose replies have a permitted order.
    fn count_overlap(&mut self, calls: &[OverlappingCall<'_>]) {
        for call in calls {
            let Observed::Reply(reply) = call.observation.observed else { continue };
            let side = if matches!(reply.answer, Answer::Success(_)) { Side::Accept } else { Side::Reject };
            if !call.observation.operation.is_read() {
                self.tally.tested(ClauseId::StateAtomic, side);
            }
            if let Some(operation) = call.observation.operation.under_test() {
                self.tally.tested(concurrent_modification(operation), Side::Accept);
            }
        }
    }

    /// Reports a departure from a Recorded clause: as a note, or as a divergence in strict mode.
    fn note_departure(&mut self, clause: ClauseId, calls: &[OverlappingCall<'_>], verdict: &mut OverlapVerdict) {
        let is_about = |(_, call): &(usize, &OverlappingCall<'_>)| call.observation.operation.under_test().is_some();
        let Some((index, call)) = calls.iter().enumerate().find(is_about) else { return };
        let operation = call.observation.operation;
        let class = code_of(call).map_or(ObservedClass::Success, ObservedClass::Error);
        if !self.strict {
            *self.tally.departures.entry((clause, format!("{operation}: {class}"))).or_default() += 1;
        } else if let Some(of_call) = verdict.calls.get_mut(index) {
            let expected = Expected::Words("the recorded answer".to_owned());
            of_call.divergences.push(Divergence {
                clause,
                also: Vec::new(),
                operation,
                class,
                expected,
                permitted: None,
            });
        }
    }

    /// Remembers the codes of a call. Of several accepted pairs of one device, it is unknown which came last.
    fn remember_codes_of(&mut self, calls: &[OverlappingCall<'_>], index: usize) {
        let Some(call) = calls.get(index).filter(|call| carries_codes(call)) else { return };
        let serial = call.observation.request.get("SerialNumber");
        let is_shared = calls.iter().enumerate().any(|(other, others)| {
            other != index && carries_codes(others) && others.observation.request.get("SerialNumber") == serial
        });
        let pair = match call.observation.observed {
            Observed::Reply(Reply { answer: Answer::Success(_), .. }) if !is_shared => Pair::Accepted,
            Observed::Reply(Reply { answer: Answer::Error { .. }, status, .. }) if *status < 500 => Pair::Refused,
            Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => Pair::Unknown,
        };
        let device = named(self.state(), &call.observation).1;
        let near = asked(&call.observation, &self.history, Search::Near);
        let recognition = self.belief.permitted(&near).recognition;
        self.remember_codes(&call.observation, device, recognition, pair);
    }
}
