//! The states that a target may be in.

use std::collections::BTreeSet;

use mfa_reference::belief::{Entity, Fact, State, Update};
use mfa_reference::clause::{ClauseId, Stance};
use mfa_reference::permitted::attribution::{After, Attribution, Hint, attribute};
use mfa_reference::permitted::form::widen;
use mfa_reference::permitted::transition::{Answer, Mismatch, Permitted, Transition};
use mfa_reference::permitted::{permitted, permitted_without_action};
use mfa_reference::{Caller, Constraints, Context, Millis, Operation, RawRequest, Request, SuccessBody};
use smallvec::SmallVec;

use super::explain::mismatch;

/// The target may be in more states than the oracle follows, so the scenario can't be judged further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {} states are possible", Belief::MOST)]
pub struct TooManyStates;

/// One state that the target may be in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub(super) state: State,
    /// The Recorded clauses that the target departs from, if it is in this state.
    pub(super) departures: BTreeSet<ClauseId>,
}

impl Branch {
    /// The branch after the transition that the reply shows.
    pub(super) fn after(mut self, step: &Transition, body: Option<&SuccessBody>, at: Millis) -> Self {
        self.state.take(step, body, at);
        self.departures.extend(step.departs);
        self
    }
}

/// Adds a branch. Of two branches with one state, the one with fewer departures stays.
pub(super) fn keep(branches: &mut Vec<Branch>, next: Branch) {
    match branches.iter_mut().find(|known| known.state == next.state) {
        Some(known) if known.departures.len() > next.departures.len() => *known = next,
        Some(_) => {}
        None => branches.push(next),
    }
}

/// The states that a target may be in. Never empty.
#[derive(Clone, Debug)]
pub(super) struct Belief {
    pub(super) branches: Vec<Branch>,
}

/// In which states a reply conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// In a state in which the target departs from as little as possible.
    Surely,
    /// Only in a state in which the target departs from this Recorded clause, which other states don't need.
    IfDeparting(ClauseId),
    /// In no state.
    Never,
}

/// A call, as the belief needs it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a RawRequest,
    /// The caller's user name, if it is an IAM user.
    pub(super) caller: Option<&'a str>,
    pub(super) context: Context<'a>,
}

/// The result of narrowing a belief by a reply.
pub(super) struct Narrowed {
    /// The transitions that were permitted in the first state.
    pub(super) permitted: Permitted,
    /// The index of the transition from the first remaining state.
    taken: usize,
}

impl Narrowed {
    /// The transition from the first remaining state.
    pub(super) fn taken(&self) -> Option<&Transition> {
        self.permitted.transitions.get(self.taken)
    }
}

impl Belief {
    /// The most states that are kept.
    pub(super) const MOST: usize = 64;

    pub(super) fn new() -> Self {
        Self { branches: vec![Branch { state: State::default(), departures: BTreeSet::new() }] }
    }

    /// Whether several states remain.
    pub(super) fn is_split(&self) -> bool {
        self.branches.len() > 1
    }

    /// The states.
    #[cfg(test)]
    pub(super) fn states(&self) -> impl Iterator<Item = &State> {
        self.branches.iter().map(|branch| &branch.state)
    }

    /// A state of the belief, for what all states share.
    pub(super) fn any_state(&self) -> &State {
        // Never empty: `narrow` keeps the refuted states if no other remains.
        match self.branches.first() {
            Some(branch) => &branch.state,
            None => &EMPTY,
        }
    }

    /// How many devices are assigned in every state, how many in some, and how many one user has in every state.
    pub(super) fn held(&self) -> (usize, usize, usize) {
        let states = || self.branches.iter().map(|branch| &branch.state);
        let of_a_user =
            |state: &State| state.account().users().map(|(_, user)| user.device_count()).max().unwrap_or_default();
        (
            states().map(|state| state.account().assigned_devices()).min().unwrap_or_default(),
            states()
                .map(|state| state.account().assigned_devices() + state.unknown_owners().len())
                .max()
                .unwrap_or_default(),
            states().map(of_a_user).min().unwrap_or_default(),
        )
    }

    /// The names of the users that the device of a serial number may be enabled for.
    pub(super) fn owners_of(&self, serial: &str) -> Vec<Fact<Option<String>>> {
        let mut owners = Vec::new();
        for state in self.branches.iter().map(|branch| &branch.state) {
            let owner = match state.find_device(serial).id().map_or(Fact::Known(None), |id| state.owner(id)) {
                Fact::Known(owner) => {
                    Fact::Known(owner.and_then(|id| state.user(id)).map(|user| user.entry.user_name.clone()))
                }
                Fact::Unknown => Fact::Unknown,
            };
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        owners
    }

    /// How a listing differs from each state; `None` if the reply isn't a listing, or doesn't differ.
    pub(super) fn mismatches(&self, asked: &Asked<'_>, answer: Answer<'_>) -> Vec<Option<Mismatch>> {
        let of = |branch: &Branch| {
            mismatch(&branch.state, &permitted_in(&branch.state, asked), answer).map(|(_, mismatch)| mismatch)
        };
        self.branches.iter().map(of).collect()
    }

    /// What is permitted in the belief's first state.
    pub(super) fn permitted(&self, asked: &Asked<'_>) -> Permitted {
        permitted_in(self.any_state(), asked)
    }

    /// In which states a reply matches a permitted transition. The belief doesn't change.
    pub(super) fn admits(&self, asked: &Asked<'_>, answer: Answer<'_>) -> Admitted {
        let departing = |branch: &Branch| {
            let steps = permitted_in(&branch.state, asked).transitions;
            let matching = steps.into_iter().filter(|step| step.expect.matches(&branch.state, answer));
            let departures =
                matching.map(|step| branch.departures.iter().copied().chain(step.departs).collect::<Vec<_>>());
            departures.min_by_key(Vec::len)
        };
        let least = self.branches.iter().map(|branch| branch.departures.len()).min().unwrap_or_default();
        match self.branches.iter().filter_map(departing).min_by_key(Vec::len) {
            None => Admitted::Never,
            Some(departures) if departures.len() > least => {
                departures.last().map_or(Admitted::Surely, |clause| Admitted::IfDeparting(*clause))
            }
            Some(_) => Admitted::Surely,
        }
    }

    /// Keeps the states in which a permitted transition matches the reply. `Ok(None)`: no state matches, and the belief
    /// is unchanged.
    pub(super) fn narrow(
        &mut self,
        asked: &Asked<'_>,
        answer: Answer<'_>,
        at: Millis,
    ) -> Result<Option<Narrowed>, TooManyStates> {
        let mut left: Vec<Branch> = Vec::with_capacity(self.branches.len());
        let mut refuted: Vec<Branch> = Vec::new();
        let mut narrowed: Option<Narrowed> = None;
        for branch in self.branches.drain(..) {
            let permitted = permitted_in(&branch.state, asked);
            let matches = |step: &Transition| step.expect.matches(&branch.state, answer);
            let indices = (0..).zip(&permitted.transitions).filter(|(_, step)| matches(step)).map(|(index, _)| index);
            let mut matching: SmallVec<[usize; 4]> = indices.collect();
            // The likely transitions come first. The first explanation that remains is used later.
            matching.sort_by_key(|index| {
                let step = permitted.transitions.get(*index);
                step.map(|step| (step.doubtful, matches!(step.update, Update::Gone(Entity::Device(_)))))
            });
            let Some((last, others)) = matching.split_last() else {
                refuted.push(branch);
                continue;
            };
            // A state is cloned only where the reply has several readings.
            for step in others.iter().filter_map(|index| permitted.transitions.get(*index)) {
                keep(&mut left, branch.clone().after(step, body_of(answer), at));
            }
            if let Some(step) = permitted.transitions.get(*last) {
                keep(&mut left, branch.after(step, body_of(answer), at));
            }
            let taken = others.first().copied().unwrap_or(*last);
            narrowed.get_or_insert(Narrowed { permitted, taken });
        }
        if narrowed.is_none() {
            self.branches = refuted;
            return Ok(None);
        }
        self.replace(left)?;
        Ok(narrowed)
    }

    /// Accounts for a call that may or may not have been executed: each state stays, or changes as a permitted success
    /// of the call does.
    pub(super) fn may_have_happened(&mut self, asked: &Asked<'_>, at: Millis) -> Result<(), TooManyStates> {
        let mut left: Vec<Branch> = Vec::with_capacity(2 * self.branches.len());
        for branch in self.branches.drain(..) {
            let permitted = permitted_in(&branch.state, asked);
            keep(&mut left, branch.clone());
            for step in permitted.effects() {
                keep(&mut left, branch.clone().after(step, None, at));
            }
        }
        self.replace(left)
    }

    pub(super) fn replace(&mut self, mut branches: Vec<Branch>) -> Result<(), TooManyStates> {
        let too_many = branches.len() > Self::MOST;
        // The clean-up uses the belief even if the scenario can't be judged any further.
        branches.truncate(Self::MOST);
        self.branches = branches;
        if too_many { Err(TooManyStates) } else { Ok(()) }
    }

    /// The Recorded clauses that the target has departed from in every remaining state. Each is reported once.
    pub(super) fn take_departures(&mut self) -> BTreeSet<ClauseId> {
        let mut common: Option<BTreeSet<ClauseId>> = None;
        for branch in &self.branches {
            common = Some(match common {
                None => branch.departures.clone(),
                Some(common) => common.intersection(&branch.departures).copied().collect(),
            });
        }
        let common = common.unwrap_or_default();
        for branch in &mut self.branches {
            branch.departures.retain(|clause| !common.contains(clause));
        }
        common
    }

    /// Names the clause that a reply breaks, if no state admits the reply.
    pub(super) fn attribute(
        &self,
        asked: &Asked<'_>,
        operation: Operation,
        answer: Answer<'_>,
        after: &[After],
        message: Option<&str>,
        strict: bool,
    ) -> (Attribution, Permitted) {
        let permitted = self.permitted(asked);
        let (user_name, serial_number) = (asked.request.get("UserName"), asked.request.get("SerialNumber"));
        let hint = message.map(|message| Hint { message, user_name, serial_number });
        let mut attribution = attribute(self.any_state(), operation, &permitted, answer, after, hint);
        // By default a departure from a recording is not a breach, so a documented clause comes first.
        let recorded = |clause: ClauseId| clause.stance() == Stance::Recorded;
        if !strict
            && recorded(attribution.clause)
            && let Some(said) = attribution.also.iter_mut().find(|also| !recorded(**also))
        {
            std::mem::swap(&mut attribution.clause, said);
        }
        (attribution, permitted)
    }

    /// Changes every state.
    pub(super) fn update(&mut self, change: impl Fn(&mut State)) {
        for branch in &mut self.branches {
            change(&mut branch.state);
        }
        let mut distinct: Vec<Branch> = Vec::new();
        for branch in self.branches.drain(..) {
            if !distinct.contains(&branch) {
                distinct.push(branch);
            }
        }
        self.branches = distinct;
    }
}

static EMPTY: State = State::EMPTY;

pub(super) const fn body_of(answer: Answer<'_>) -> Option<&SuccessBody> {
    match answer {
        Answer::Success(body) => Some(body),
        Answer::Error(_) => None,
    }
}

pub(super) fn permitted_in(state: &State, asked: &Asked<'_>) -> Permitted {
    match Request::read(asked.request, documented()) {
        Ok(request) => {
            let caller =
                asked.caller.and_then(|name| state.find_user(name).id()).map_or(Caller::Administrator, Caller::User);
            let mut steps = permitted(state, caller, &request, &asked.context);
            widen(&mut steps, state, caller, asked.request, documented(), &asked.context);
            steps
        }
        Err(no_action) => permitted_without_action(&no_action),
    }
}

fn documented() -> &'static Constraints {
    static DOCUMENTED: std::sync::OnceLock<Constraints> = std::sync::OnceLock::new();
    DOCUMENTED.get_or_init(Constraints::default)
}
