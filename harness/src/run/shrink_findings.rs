//! Shrinks the findings of a run and confirms each by a replay.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::digits::{sends_a_code_without_its_first_digit, with_leading_zeros};
use super::replays::Replays;
use super::result::{Case, Confirmation};
use super::shared::{Run, joined};
use super::shrink_overlap::settle_overlap;
use mfa_reference::ErrorCode;
use mfa_reference::clause::ClauseId;

use crate::execute::{Found, Played};
use crate::oracle::{Bucket, Divergence, ObservedClass};
use crate::scenario::{Action, MfaCall, NameForm, Scenario, ScenarioStep, Value};
use crate::shrink::{Budget, Replay, shrink, with_plain_names};
use crate::wire::Escapes;

/// Shrinks and confirms every finding, several at once.
pub(super) async fn shrink_findings(run: &Arc<Run>) -> BTreeMap<Bucket, Case> {
    let cases = std::mem::take(&mut run.store().cases);
    if !run.options.shrink || run.has_no_time_to_replay() || run.is_gone() {
        return cases;
    }
    let of = cases.len();
    let queue: Arc<Mutex<Vec<(Bucket, Case)>>> = Arc::new(Mutex::new(cases.into_iter().rev().collect()));
    let done: Arc<Mutex<BTreeMap<Bucket, Case>>> = Arc::default();
    run.progress.shrinks(of);
    let tasks: Vec<_> = (0..run.options.workers.clamp(1, of.max(1)))
        .map(|_| {
            let (run, queue, done) = (run.clone(), queue.clone(), done.clone());
            tokio::spawn(async move {
                loop {
                    let taken = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some((bucket, case)) = taken else { return };
                    let settled = settle(&run, &bucket, case).await;
                    run.progress.shrunk(&bucket, &settled);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(bucket, settled);
                }
            })
        })
        .collect();
    for task in tasks {
        joined(task).await;
    }
    let mut settled = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    settled.extend(queue.lock().unwrap_or_else(PoisonError::into_inner).drain(..));
    settled
}

async fn settle(run: &Arc<Run>, bucket: &Bucket, case: Case) -> Case {
    let step = case.trace.get(case.exchange).and_then(|exchange| exchange.step);
    let mut replays = Replays::new(run, bucket, &case);
    if case.scenario.overlaps() {
        return settle_overlap(&mut replays, step).await;
    }
    let mut candidates = vec![(case.scenario.clone(), step)];
    // The finding may depend on the digits of a code, which differ in each replay.
    if let Some(shows) = case.trace.get(case.exchange) {
        let longer = with_leading_zeros(&case.scenario, shows);
        candidates.extend(longer.into_iter().map(|scenario| (scenario, step.map(|step| step + 1))));
        let by_chance = case.divergence.class == ObservedClass::Success
            && sends_a_code_without_its_first_digit(&case.scenario, shows);
        if by_chance {
            candidates.rotate_left(1);
        }
    }
    let mut candidates = candidates.into_iter();
    let Some((scenario, step)) = candidates.next() else { return case };
    let mut shrunk = shrink(&scenario, step, Budget::default(), &mut replays).await;
    for (scenario, step) in candidates {
        if shrunk.confirmation == Confirmation::NotReproduced {
            shrunk = shrink(&scenario, step, Budget::default(), &mut replays).await;
        }
    }
    let innocent = match shrunk.confirmation {
        Confirmation::Confirmed { .. } => replays.without_special_names(&shrunk.scenario).await,
        Confirmation::Rate { .. } | Confirmation::NotReproduced | Confirmation::NotTried => None,
    };
    let mut settled = Case { confirmation: shrunk.confirmation, ..case.clone() };
    if settled.confirmation == Confirmation::NotReproduced && (run.has_no_time_to_replay() || run.is_gone()) {
        settled.confirmation = Confirmation::NotTried;
    }
    let shortest = shrunk.replay.map(|(played, found)| (shrunk.scenario, played, found));
    if let Some((scenario, played, found)) = innocent.or(shortest) {
        settled.scenario = scenario;
        settled.trace = played.trace;
        settled.exchange = found.exchange;
        settled.divergence = found.divergence;
        if let Some(clause) = manner_of(&settled)
            && !replays.shows_otherwise(&settled).await
        {
            rename(&mut settled.divergence, clause);
        } else if let Some(clause) = special_name_of(&settled).or_else(|| other_device_of(&settled)) {
            rename(&mut settled.divergence, clause);
        }
    }
    settled
}

/// The clause on how the divergent call is still encoded after shrinking: by GET, in another order, or with unusual
/// escapes.
fn manner_of(case: &Case) -> Option<ClauseId> {
    let Confirmation::Confirmed { cut_off: false, .. } = case.confirmation else { return None };
    let (_, call) = call_of(case)?;
    let manners = [
        (call.get, ClauseId::WireGet),
        (call.reversed, ClauseId::WireParameterOrder),
        (call.escapes != Escapes::Reserved, ClauseId::WireFormEncoding),
    ];
    manners
        .into_iter()
        .filter(|(used, clause)| *used && case.divergence.also.contains(clause))
        .map(|(_, clause)| clause)
        .next()
}

/// Names the divergence by another of its possible clauses.
fn rename(divergence: &mut Divergence, clause: ClauseId) {
    if divergence.clause != clause {
        divergence.also.retain(|also| *also != clause);
        divergence.also.insert(0, divergence.clause);
        divergence.clause = clause;
    }
}

/// The clause on the user or device that isn't found, if only one of them still has a special name after shrinking.
fn special_name_of(case: &Case) -> Option<ClauseId> {
    if case.divergence.class != ObservedClass::Error(ErrorCode::NoSuchEntity) {
        return None;
    }
    let (_, call) = call_of(case)?;
    let is_special = |made: &dyn Fn(&Action) -> Option<NameForm>| {
        let forms = case.scenario.steps.iter().filter_map(|scenario_step| match scenario_step {
            ScenarioStep::One(action) => made(action),
            ScenarioStep::Together { .. } => None,
        });
        forms.last().is_some_and(|form| form != NameForm::Plain)
    };
    let user = is_special(&|action| match (action, &call.user) {
        (Action::CreateUser { user, name } | Action::RenameUser { user, name }, Some(Value::UserName(named)))
            if user == named =>
        {
            Some(name.clone())
        }
        _ => None,
    });
    let device = is_special(&|action| match (action, &call.device) {
        (Action::CreateDevice { device, name }, Some(Value::SerialNumber(named))) if device == named => {
            Some(name.clone())
        }
        _ => None,
    });
    let exists = |clause: &ClauseId| {
        matches!(clause, ClauseId::EnableUserExists | ClauseId::ResyncUserExists | ClauseId::DeactivateUserExists)
    };
    let meant = std::iter::once(case.divergence.clause).chain(case.divergence.also.iter().copied());
    match (user, device) {
        (true, false) => meant.into_iter().find(exists),
        (false, true) => meant.into_iter().find(|clause| *clause == ClauseId::SerialNumberOwnArn),
        (true, true) | (false, false) => None,
    }
}

/// The clause that codes of other devices never matter, if a refusal of right codes needs an earlier call on another
/// device.
fn other_device_of(case: &Case) -> Option<ClauseId> {
    let Confirmation::Confirmed { cut_off: false, .. } = case.confirmation else { return None };
    if case.divergence.class != ObservedClass::Error(ErrorCode::InvalidAuthenticationCode) {
        return None;
    }
    let (step, call) = call_of(case)?;
    let before = case.scenario.steps.iter().take(step).filter_map(|scenario_step| match scenario_step {
        ScenarioStep::One(action) => action.mfa(),
        ScenarioStep::Together { .. } => None,
    });
    let has_code = |other: &MfaCall| other.code1.is_some() && other.device.is_some();
    let others = before.filter(|(_, other)| has_code(other) && other.device != call.device).count();
    let by_device =
        |clause: &&ClauseId| matches!(clause, ClauseId::EnableCodesByDevice | ClauseId::ResyncCodesByDevice);
    case.divergence.also.iter().find(by_device).copied().filter(|_| others > 1)
}

/// The divergent call and its step.
fn call_of(case: &Case) -> Option<(usize, &MfaCall)> {
    let step = case.trace.get(case.exchange).and_then(|exchange| exchange.step)?;
    let ScenarioStep::One(action) = case.scenario.steps.get(step)? else { return None };
    Some((step, action.mfa()?.1))
}

impl Replays<'_> {
    /// Whether the same call by POST, in the usual order and with the usual escapes, sometimes diverges too. Then the
    /// encoding is not the cause.
    async fn shows_otherwise(&mut self, case: &Case) -> bool {
        /// The reply may depend on the time, which passes between tries.
        const TRIES: u32 = 4;
        let Some((step, call)) = call_of(case) else { return false };
        let plain = MfaCall { get: false, reversed: false, escapes: Escapes::Reserved, ..call.clone() };
        let mut scenario = case.scenario.clone();
        if let Some(ScenarioStep::One(Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call))) =
            scenario.steps.get_mut(step)
        {
            *call = plain;
        }
        let bucket = self.bucket.clone();
        for tried in 0..TRIES {
            if tried == TRIES / 2 {
                self.let_the_edge_pass().await;
            }
            if self.out_of_time() || self.shows(&scenario, |one| one.bucket() == bucket).await.is_some() {
                return true;
            }
        }
        false
    }

    /// Waits past the boundary of a time step, by the uncertainty of the target's clock. Around the boundary the oracle
    /// demands nothing of codes.
    async fn let_the_edge_pass(&self) {
        if let Some(mut transport) = self.run.transport() {
            let uncertain = transport.clock_tolerance().unsigned_abs();
            transport.wait(Duration::from_millis(2 * uncertain)).await;
        }
    }

    /// The replay of the same call with plain names, if it has the same reply. Then the name is not the cause, and the
    /// finding is the one that the plain call shows.
    async fn without_special_names(&mut self, scenario: &Scenario) -> Option<(Scenario, Played, Found)> {
        /// The reply may depend on the codes, which differ each time.
        const TRIES: u32 = 4;
        let (_, operation, class) = self.bucket.clone();
        if !matches!(class, ObservedClass::Error(_) | ObservedClass::UnknownError(_)) {
            return None;
        }
        let plain = with_plain_names(scenario)?;
        for tried in 0..TRIES {
            if tried == TRIES / 2 {
                self.let_the_edge_pass().await;
            }
            if self.out_of_time() {
                return None;
            }
            let also = self.case.divergence.also.clone();
            let alike =
                |one: &Divergence| one.operation == operation && one.class == class && also.contains(&one.clause);
            if let Some((played, found)) = self.shows(&plain, alike).await {
                return Some((plain, played, found));
            }
        }
        None
    }
}
