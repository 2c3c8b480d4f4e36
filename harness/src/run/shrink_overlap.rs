//! Shrinks and confirms a finding of a scenario whose calls overlap.
//!
//! Timing decides whether a replay shows it. So each shorter scenario is played several times, with different schedules,
//! and at the end the report says how many of many tries showed it.

use std::time::Duration;

use super::replays::Replays;
use super::result::{Case, Confirmation};
use crate::clock::Clock;
use crate::oracle::ObservedClass;
use crate::scenario::Scenario;
use crate::shrink::{Budget, Replay, shrink};

/// How many tries the rate counts, and how long they may take.
const RATE: (u32, Duration) = (50, Duration::from_secs(3));

/// The most replays for one finding.
const BUDGET: Budget = Budget { replays: 60 };

/// Shrinks and confirms a finding of overlapping calls.
pub(super) async fn settle_overlap(replays: &mut Replays<'_>, step: Option<usize>) -> Case {
    let case = replays.case;
    let mut settled = case.clone();
    // A call without an answer takes as long as the time-out.
    if case.divergence.class == ObservedClass::Timeout {
        let again = replays.shows_in_some_schedule(&case.scenario, 1).await;
        settled.confirmation = Confirmation::Rate { shown: 1 + u32::from(again.is_some()), tries: 2 };
        return settled;
    }
    let shrunk = shrink(&case.scenario, step, BUDGET, replays).await;
    if let Some((played, found)) = shrunk.replay {
        settled.scenario = shrunk.scenario;
        settled.trace = played.trace;
        settled.exchange = found.exchange;
        settled.divergence = found.divergence;
        settled.orders = found.orders;
    }
    if replays.out_of_time() && shrunk.confirmation == Confirmation::NotReproduced {
        settled.confirmation = Confirmation::NotTried;
        return settled;
    }
    settled.confirmation = rate(replays, &settled.scenario).await;
    settled
}

/// How many tries of many show the finding. The replay that shrinking ended with is the first.
async fn rate(replays: &mut Replays<'_>, scenario: &Scenario) -> Confirmation {
    let watch = Clock::system().stopwatch();
    let (mut shown, mut tries) = replays.rate;
    while tries < RATE.0 && watch.elapsed() < RATE.1 && !replays.out_of_time() {
        let played = Scenario { schedule: tries, ..scenario.clone() };
        shown += u32::from(replays.shows_alike(&played).await.is_some());
        tries += 1;
    }
    Confirmation::Rate { shown, tries }
}
