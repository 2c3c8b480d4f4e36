//! Shrinks the findings of a run and confirms each by a replay.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::conductor::{Run, joined};
use super::result::{Bucket, Case, Confirmation};
use super::stage::Stage;
use crate::execute::{Found, Patience, Played, play_among};
use crate::scenario::Scenario;
use crate::shrink::{Budget, Replay, shrink};

/// How long shrinking one finding may take.
const MOST_TIME: Duration = Duration::from_mins(1);

/// Shrinks and confirms every finding, several at once.
pub(super) async fn settle_cases<S: Stage>(run: &Arc<Run<S>>) -> BTreeMap<Bucket, Case> {
    let cases = std::mem::take(&mut run.gathered().cases);
    if !run.options.shrink || run.is_interrupted() || run.is_gone() {
        return cases;
    }
    let of = cases.len();
    let queue: Arc<Mutex<Vec<(Bucket, Case)>>> = Arc::new(Mutex::new(cases.into_iter().rev().collect()));
    let done: Arc<Mutex<BTreeMap<Bucket, Case>>> = Arc::default();
    let begun = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..run.options.workers.clamp(1, of.max(1)))
        .map(|_| {
            let (run, queue, done, begun) = (run.clone(), queue.clone(), done.clone(), begun.clone());
            tokio::spawn(async move {
                loop {
                    let taken = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some((bucket, case)) = taken else { return };
                    let number = begun.fetch_add(1, Ordering::Relaxed) + 1;
                    run.progress.shrinking(number, of);
                    let settled = settle(&run, number, &bucket, case).await;
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

async fn settle<S: Stage>(run: &Arc<Run<S>>, number: usize, bucket: &Bucket, case: Case) -> Case {
    let step = case.trace.get(case.exchange).and_then(|exchange| exchange.step);
    let mut replays = Replays { run, number, bucket, case: &case, begun: run.elapsed(), count: 0 };
    let shrunk = shrink(&case.scenario, step, Budget::default(), &mut replays).await;
    let mut case = Case { confirmation: shrunk.confirmation, ..case.clone() };
    if case.confirmation == Confirmation::Flaky && (run.is_interrupted() || run.is_gone()) {
        case.confirmation = Confirmation::NotTried;
    }
    if let Some((played, found)) = shrunk.replay {
        case.scenario = shrunk.scenario;
        case.trace = played.trace;
        case.exchange = found.exchange;
        case.divergence = found.divergence;
    }
    case
}

struct Replays<'r, S> {
    run: &'r Arc<Run<S>>,
    number: usize,
    bucket: &'r Bucket,
    case: &'r Case,
    begun: Duration,
    count: u32,
}

impl<S: Stage> Replay for Replays<'_, S> {
    type Shown = (Played, Found);

    async fn replay(&mut self, scenario: &Scenario) -> Option<(Played, Found)> {
        self.count += 1;
        let skew_ms = self.run.probe.skew_ms;
        let (mut transport, patience) = if scenario.patient {
            self.run.stage.patient_transport(skew_ms, self.run.options.max_wait).ok()?
        } else {
            (self.run.stage.transport(skew_ms).ok()?, Patience::Never)
        };
        let prefix = format!("{}-r{}-{}", self.run.options.prefix, self.number, self.count);
        let settings = self.run.settings(patience);
        let played =
            play_among(scenario, &prefix, &settings, &mut transport, &self.run.interrupt, &self.run.lingering).await;
        self.run.gathered().leftovers.extend(played.leftovers.iter().cloned());
        self.run.heed(&played);
        let at = played.found.iter().position(|found| found.divergence.bucket() == *self.bucket)?;
        let (before, rest) = played.found.split_at(at);
        let found = rest.first().cloned()?;
        // A shorter scenario must not show the divergence by way of another one.
        let no_other_way = before.iter().all(|found| self.case.before.contains(&found.divergence.bucket()))
            && found.divergence.also.iter().all(|also| self.case.divergence.also.contains(also));
        no_other_way.then_some((played, found))
    }

    fn out_of_time(&self) -> bool {
        self.run.is_over_time()
            || self.run.is_interrupted()
            || self.run.is_gone()
            || self.run.elapsed().saturating_sub(self.begun) >= MOST_TIME
    }
}
