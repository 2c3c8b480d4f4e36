//! In which order overlapping calls may have been executed.
//!
//! The search goes through the sets of calls that may have been executed, as Wing and Gong do for concurrent objects. For
//! each set it keeps the states that the target may then be in, so that it never repeats the work for a set and a state.
//! A call comes before another one if its reply had been read before the other was sent. Calls that overlap come in any
//! order. A call without a reply may have been executed or not.
//!
//! A scenario has at most four calls that overlap, so at most 16 sets, and at most 64 states for each: the model is asked at most
//! 4,096 times.

use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::permitted::transition::Answer;

use super::belief::{Asked, Belief, Branch, TooManyStates, body_of, keep, permitted_in};

/// An overlapping call, as the search needs it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) asked: Asked<'a>,
    /// `None`: whether it was executed is unknown.
    pub(super) answer: Option<Answer<'a>>,
    /// When it was under way.
    pub(super) began: Duration,
    pub(super) ended: Duration,
    /// The time for what it changes.
    pub(super) at: Millis,
}

impl Entry<'_> {
    /// Whether its reply had been read before another one was sent.
    fn precedes(&self, other: &Self) -> bool {
        self.answer.is_some() && self.ended < other.began
    }

    /// The states after it, from one before it.
    fn from(&self, branch: &Branch) -> Vec<Branch> {
        let permitted = permitted_in(&branch.state, &self.asked);
        let mut next = Vec::new();
        if let Some(answer) = self.answer {
            for step in permitted.transitions.iter().filter(|step| step.expect.matches(&branch.state, answer)) {
                keep(&mut next, branch.clone().after(step, body_of(answer), self.at));
            }
        } else {
            keep(&mut next, branch.clone());
            for step in permitted.effects() {
                keep(&mut next, branch.clone().after(step, None, self.at));
            }
        }
        next
    }
}

/// The result of the search.
pub(super) enum Orders {
    /// Some order is permitted: the states that the target may be in.
    Permitted(Belief),
    /// None is.
    Refuted,
}

/// Searches the orders of calls that begin in one of the states of a belief.
///
/// # Errors
/// The target may be in too many states on the way.
pub(super) fn search(before: &Belief, calls: &[Entry<'_>]) -> Result<Orders, TooManyStates> {
    let earlier: Vec<usize> = calls.iter().map(|call| bits(calls.iter().map(|other| other.precedes(call)))).collect();
    let sets = 1_usize << calls.len();
    let mut reached: Vec<Vec<Branch>> = vec![Vec::new(); sets];
    if let Some(none) = reached.first_mut() {
        none.clone_from(&before.branches);
    }
    for set in 0..sets - 1 {
        let branches = reached.get_mut(set).map(std::mem::take).unwrap_or_default();
        for (index, call) in calls.iter().enumerate() {
            let is_next = set & (1 << index) == 0 && earlier.get(index).is_some_and(|earlier| earlier & !set == 0);
            let Some(after) = reached.get_mut(set | (1 << index)).filter(|_| is_next) else { continue };
            for next in branches.iter().flat_map(|branch| call.from(branch)) {
                keep(after, next);
            }
            if after.len() > Belief::MOST {
                return Err(TooManyStates);
            }
        }
    }
    match reached.pop() {
        Some(branches) if !branches.is_empty() => Ok(Orders::Permitted(Belief { branches })),
        Some(_) | None => Ok(Orders::Refuted),
    }
}

/// Each order that time permits, and how many of its calls, from the first, may have been answered so. The belief is
/// that before the call which may not; `None` if all may.
pub(super) fn each(before: &Belief, calls: &[Entry<'_>]) -> Vec<(Vec<usize>, usize, Belief)> {
    let mut all = Vec::new();
    extend(&mut all, calls, &mut Vec::new());
    let mut tried = Vec::new();
    for order in all {
        let (mut belief, mut permitted) = (before.clone(), 0);
        for call in order.iter().filter_map(|index| calls.get(*index)) {
            let mut next = Vec::new();
            for branch in belief.branches.iter().flat_map(|branch| call.from(branch)) {
                keep(&mut next, branch);
            }
            if next.is_empty() || next.len() > Belief::MOST {
                break;
            }
            belief = Belief { branches: next };
            permitted += 1;
        }
        tried.push((order, permitted, belief));
    }
    tried
}

fn extend(all: &mut Vec<Vec<usize>>, calls: &[Entry<'_>], order: &mut Vec<usize>) {
    if order.len() == calls.len() {
        all.push(order.clone());
        return;
    }
    for (index, call) in calls.iter().enumerate() {
        let waits = |(other, earlier): (usize, &Entry<'_>)| !order.contains(&other) && earlier.precedes(call);
        if !order.contains(&index) && !calls.iter().enumerate().any(waits) {
            order.push(index);
            extend(all, calls, order);
            order.pop();
        }
    }
}

fn bits(flags: impl Iterator<Item = bool>) -> usize {
    flags.enumerate().filter(|(_, set)| *set).map(|(index, _)| 1 << index).sum()
}
