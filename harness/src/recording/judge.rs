//! Judges histories: the oracle judges the recorded answers like a target's replies, without a target or a clock. Names
//! and seeds are made up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mfa_reference::service::recorded_refusals;
use mfa_reference::{Caller, Constraints, Limits, MfaOperation, Operation, RawRequest, Request};

use super::answer::Replies;
use super::bindings::{Bindings, NotPlayed};
use super::history::{Answer, Codes, History, Named, Step};
use crate::execute::origin::Origin;
use crate::execute::trace::Unfinished;
use crate::execute::{Exchange, Requests};
use crate::oracle::{Bucket, Divergence, Observation, Operations, Oracle, Tally};
use crate::run::Shard;
use crate::run::result::{Case, Confirmation, Phase, PhaseResult, Probe, RunResult, bucket_id};
use crate::scenario::Scenario;
use crate::wire::{Call, Observed, Style};

/// The result of judging histories.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The result in the form of a run's.
    pub result: RunResult,
    /// The steps that show each finding, in words, by the finding's id.
    pub steps: BTreeMap<String, Vec<String>>,
    /// How many answers were judged.
    pub judged: u64,
    /// How many answers were not judged, by reason.
    pub not_judged: BTreeMap<NotPlayed, u64>,
}

/// Judges histories. In strict mode a departure from a Recorded clause is a finding too.
#[must_use]
pub fn judge(histories: &[History], strict: bool) -> Judgement {
    let mut all = All::default();
    for (index, history) in (0..).zip(histories) {
        let player = Player::new(history, strict);
        player.play(index, &mut all);
    }
    all.into_judgement(histories.len())
}

/// The results so far.
#[derive(Default)]
struct All {
    tally: Tally,
    cases: BTreeMap<Bucket, Case>,
    steps: BTreeMap<String, Vec<String>>,
    unfinished: BTreeMap<Unfinished, u64>,
    requests: Requests,
    not_judged: BTreeMap<NotPlayed, u64>,
}

impl All {
    fn into_judgement(self, histories: usize) -> Judgement {
        let judged = self.requests.total();
        let notes = self.not_judged.iter().map(|(why, count)| match count {
            1 => format!("1 answer was not judged: {why}."),
            count => format!("{count} answers were not judged: {why}."),
        });
        let probe = Probe {
            present: MfaOperation::ALL.into_iter().collect(),
            listings: true,
            notes: notes.collect(),
            unusable: (judged == 0).then(|| "none of the recorded answers can be judged".to_owned()),
            ..Probe::default()
        };
        let phase = PhaseResult {
            phase: Phase::Examples,
            scenarios: u64::try_from(histories).unwrap_or(u64::MAX),
            requests: self.requests,
            elapsed: Duration::ZERO,
        };
        let result = RunResult {
            probe,
            phases: vec![phase],
            tally: self.tally,
            cases: self.cases.into_values().collect(),
            shard: Shard::WHOLE,
            unusable_seed: None,
            timeouts: BTreeMap::new(),
            unfinished: self.unfinished,
            leftovers: BTreeSet::new(),
            scenario_digest: String::new(),
            elapsed: Duration::ZERO,
            interrupted: false,
            clause: None,
            stopped: None,
        };
        Judgement { result, steps: self.steps, judged, not_judged: self.not_judged }
    }
}

/// Plays one history.
struct Player<'a> {
    history: &'a History,
    oracle: Oracle,
    bindings: Bindings,
    replies: Replies<'a>,
    trace: Vec<Exchange>,
    requests: Requests,
    /// The steps so far, in words.
    told: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(history: &'a History, strict: bool) -> Self {
        let operations = Operations::all();
        Self {
            history,
            oracle: Oracle::new(strict, operations),
            bindings: Bindings::default(),
            replies: Replies::new(&history.id),
            trace: Vec::new(),
            requests: Requests::default(),
            told: Vec::new(),
        }
    }

    /// Judges the answers in order, up to the first one that differs: later ones may follow from it.
    fn play(mut self, index: u64, all: &mut All) {
        for step in &self.history.steps {
            match self.step(step) {
                Ok(None) => {}
                Ok(Some(Ok(divergences))) if divergences.is_empty() => {}
                Ok(Some(Ok(divergences))) => {
                    self.found(index, divergences, all);
                    break;
                }
                Ok(Some(Err(why))) => {
                    *all.unfinished.entry(why).or_default() += 1;
                    break;
                }
                Err(why) => *all.not_judged.entry(why).or_default() += 1,
            }
        }
        all.tally.merge(&self.oracle.tally);
        all.requests.under_test += self.requests.under_test;
        all.requests.other += self.requests.other;
    }

    /// Judges the answer to one step. `None` if the call is not the account's own.
    fn step(&mut self, step: &Step) -> Result<Option<Result<Vec<Divergence>, Unfinished>>, NotPlayed> {
        if let Some(user) = attaches_something(step) {
            self.oracle.has_something_attached(&super::bindings::user_name(user));
        }
        let (operation, request) = self.bindings.request(step)?;
        let caller = self.bindings.caller(step).map(str::to_owned);
        let words = |code| words_of(&self.oracle, caller.as_deref(), &request, step, code);
        let observed = self.replies.reply(step, (operation, &request), &self.bindings, words)?;
        self.told.push(step.to_string());
        let carried = carried(step);
        let judged = Observation {
            operation,
            request: &request,
            style: Style::default(),
            caller: caller.as_deref(),
            window: step.instant.window(),
            carried: &carried,
            overlapped: false,
            // The recorded accounts contain more than the history.
            limits: Limits::UNKNOWN,
            observed: &observed,
        };
        let verdict = self.oracle.judge(&judged);
        if let Observed::Reply(crate::wire::Reply { answer: crate::wire::Answer::Success(body), .. }) = &observed {
            self.bindings.learn(step, body);
        }
        if operation.under_test().is_some() {
            self.requests.under_test += 1;
        } else {
            self.requests.other += 1;
        }
        self.trace.push(exchange(step, operation, request, caller, observed));
        Ok(Some(verdict.map(|verdict| verdict.divergences).map_err(|_| Unfinished::TooManyStates)))
    }

    fn found(&mut self, index: u64, divergences: Vec<Divergence>, all: &mut All) {
        let exchange = self.trace.len().saturating_sub(1);
        for divergence in divergences {
            let bucket = divergence.bucket();
            let case = all.cases.entry(bucket.clone()).or_insert_with(|| Case {
                divergence,
                scenario: Scenario {
                    name: format!("{}: {}", self.history.id, self.history.source),
                    ..Scenario::default()
                },
                trace: self.trace.clone(),
                exchange,
                before: BTreeSet::new(),
                found_as: bucket.clone(),
                phase: Phase::Examples,
                first_scenario: index,
                occurrences: 0,
                requests_to_first: self.requests.under_test,
                confirmation: Confirmation::NotTried,
                orders: Vec::new(),
            });
            case.occurrences += 1;
            all.steps.entry(bucket_id(&bucket)).or_insert_with(|| self.told.clone());
        }
    }
}

/// The user to whom a step attaches something that prevents a deletion, or whose refused deletion shows such an
/// attachment.
fn attaches_something(step: &Step) -> Option<&str> {
    let Some(Named::Symbol(user)) = &step.user else { return None };
    let attaches = matches!(step.action.as_str(), "PutUserPolicy" | "AttachUserPolicy" | "AddUserToGroup")
        || step.action == "CreateServiceSpecificCredential";
    let told = match &step.answer {
        Answer::Error { message: Some(message), .. } => OTHER_ITEMS.contains(&message.as_str()),
        Answer::Error { message: None, .. } | Answer::Success { .. } => false,
    };
    (attaches || told).then_some(user)
}

/// AWS's messages for a user that can't be deleted because of something other than a device.
pub const OTHER_ITEMS: &[&str] = &[
    "Cannot delete entity, must detach all policies first.",
    "Cannot delete entity, must delete policies first.",
    "Cannot delete entity, must remove referenced objects first.",
];

/// The time steps of a call's codes that belong to the device.
fn carried(step: &Step) -> Vec<mfa_reference::TimeStep> {
    let now = step.instant.sent.step();
    match step.codes {
        Some(Codes::Own(first, second)) => vec![now.plus(first), now.plus(second)],
        Some(Codes::Literal(..) | Codes::Unknown) | None => Vec::new(),
    }
}

/// AWS's words for a refusal whose recording has only its code.
fn words_of(
    oracle: &Oracle,
    caller: Option<&str>,
    request: &RawRequest,
    step: &Step,
    code: mfa_reference::ErrorCode,
) -> Option<String> {
    let constraints = Constraints::default();
    let request = Request::read(request, &constraints).ok()?;
    let state = oracle.state();
    let caller = caller.and_then(|name| state.find_user(name).id()).map_or(Caller::Administrator, Caller::User);
    let refusals = recorded_refusals(state.account(), caller, &request, step.instant.sent);
    refusals.into_iter().find(|(known, _)| *known == code).map(|(_, words)| words)
}

fn exchange(
    step: &Step,
    operation: Operation,
    request: RawRequest,
    signer: Option<String>,
    observed: Observed,
) -> Exchange {
    Exchange {
        step: Some(step.number - 1),
        sent: step.instant.sent.step(),
        origins: vec![Origin::default(); request.parameters.len()],
        call: Call { operation, request, style: Style::default() },
        signer,
        key_from: None,
        malformed: None,
        sent_twice: false,
        overlap: None,
        observed,
    }
}
