//! The list of `run --quick`: a set cover. Its first part tests each side of each clause that the reference lets a
//! scenario test; its second part finds the seeded faults that the first part misses.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use mfa_conformance::execute::{Patience, Played, Settings, Stop, play};
use mfa_conformance::generate::quick::candidates;
use mfa_conformance::scenario::{Scenario, ScenarioError};
use mfa_reference::Millis;
use mfa_reference::clause::{ClauseId, Side};

use crate::altered::{Altered, documented};
use crate::entry::{Difficulty, Fault};
use crate::factory::AlteredFactory;
use crate::table::problem::TableProblem;
use crate::witness::settings;

/// When each service's clock begins, in milliseconds since the epoch.
const BEGINNING: i64 = 1_750_000_000_000;

/// What shows defects of real emulators that no seeded fault has: a NUL in a reply, a listing that keeps deleted devices.
const OF_EMULATORS: [&str; 4] = [
    "EnableMFADevice with UserName: a character that XML forbids",
    "ResyncMFADevice with SerialNumber: a character that XML forbids",
    "DeactivateMFADevice with UserName: a character that XML forbids",
    "sequence 177 of seed 1",
];

/// How many requests the scenarios for faults may cost together: a quick run then takes less than 2,000 before it shrinks.
const MOST_REQUESTS: u64 = 700;

/// Why the list can't be computed.
#[derive(Debug, thiserror::Error)]
pub enum QuickError {
    /// An example is not a scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The faults can't be read.
    #[error(transparent)]
    Faults(#[from] TableProblem),
    /// The operating system gave no runtime.
    #[error("no scenario could be played: {0}")]
    Runtime(#[from] std::io::Error),
}

/// The names of the scenarios that test every side that any candidate tests, the most telling first.
///
/// # Errors
/// An example is not a scenario, or none can be played.
pub fn for_clauses() -> Result<Vec<String>, QuickError> {
    let rows = each(&candidates()?, |scenario, runtime| {
        let played = runtime.block_on(played(documented(), scenario));
        // A target that is wrong early in a scenario tests nothing later: each constraint of a parameter has one of its own.
        let alone = |(clause, _): &(ClauseId, Side)| {
            !matches!(clause, ClauseId::Parameter(..)) || scenario.cites.contains(&clause.to_string())
        };
        Row::new(scenario, played.requests.total(), played.tally.tested.into_keys().filter(alone))
    })?;
    Ok(cover(&rows, u64::MAX))
}

/// The names of the scenarios that show what emulators do, and then of those that find the shallow and stateful faults
/// that `first` misses, as far as the requests last.
///
/// # Errors
/// An example is not a scenario, a fault can't be read, or no scenario can be played.
pub fn for_faults(first: &[String]) -> Result<Vec<String>, QuickError> {
    let all = candidates()?;
    let (begin, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|scenario| first.contains(&scenario.name));
    let mut faults = crate::faults()?;
    faults.retain(|fault| fault.difficulty != Difficulty::Narrow);
    let missed =
        each(&faults, |fault, runtime| !begin.iter().any(|scenario| runtime.block_on(shows(fault, scenario))))?;
    let missed: Vec<&Fault> = faults.iter().zip(missed).filter(|(_, missed)| *missed).map(|(fault, _)| fault).collect();
    let rows = each(&rest, |scenario, runtime| {
        let requests = runtime.block_on(played(documented(), scenario)).requests.total();
        let found = missed.iter().filter(|fault| runtime.block_on(shows(fault, scenario)));
        Row::new(scenario, requests, found.map(|fault| fault.name.to_string()))
    })?;
    let known = OF_EMULATORS.iter().filter(|name| !first.iter().any(|known| known == *name));
    let mut chosen: Vec<String> = known.map(|name| (*name).to_owned()).collect();
    let more = cover(&rows, MOST_REQUESTS);
    chosen.extend(more.into_iter().filter(|name| !OF_EMULATORS.contains(&name.as_str())));
    Ok(chosen)
}

/// Plays a scenario on a service of its own, without waiting for codes.
async fn played(service: Altered, scenario: &Scenario) -> Played {
    let ahead = service.ahead_ms;
    let mut transport = AlteredFactory::new(service, 1, Millis(BEGINNING)).connect(ahead);
    let settings = Settings { patience: Patience::Never, ..settings(false) };
    play(scenario, "mfac-quick", &settings, &mut transport, &Stop::default()).await
}

async fn shows(fault: &Fault, scenario: &Scenario) -> bool {
    let found = played(fault.service.make(), scenario).await.found;
    found.iter().any(|found| fault.is_named_by(found.divergence.clause))
}

/// Plays each item, on all processors, and keeps the order.
fn each<T: Sync, R: Send>(
    items: &[T],
    play: impl Fn(&T, &tokio::runtime::Runtime) -> R + Sync,
) -> Result<Vec<R>, QuickError> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(items.len())));
    let work = || -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(()) };
            let made = play(item, &runtime);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, made));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        // A thread that panics takes the program with it.
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, made)| made).collect())
}

/// What a scenario costs, and what it is good for.
struct Row<G> {
    name: String,
    requests: u64,
    gives: BTreeSet<G>,
}

impl<G: Ord> Row<G> {
    fn new(scenario: &Scenario, requests: u64, gives: impl IntoIterator<Item = G>) -> Self {
        Self { name: scenario.name.clone(), requests: requests.max(1), gives: gives.into_iter().collect() }
    }
}

/// The greedy cover: each time the row that gives the most for its requests, of those for which the requests last.
fn cover<G: Ord + Clone>(rows: &[Row<G>], mut requests: u64) -> Vec<String> {
    let mut left: BTreeSet<G> = rows.iter().flat_map(|row| row.gives.iter().cloned()).collect();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        let new = |row: &Row<G>| row.gives.intersection(&left).count() as u64;
        // By cross multiplication; of rows that are worth the same, the first.
        let better = |best: &Row<G>, row: &Row<G>| new(row) * best.requests > new(best) * row.requests;
        let affordable = rows.iter().filter(|row| row.requests <= requests && new(row) > 0);
        let Some(best) = affordable.reduce(|best, row| if better(best, row) { row } else { best }) else { break };
        left.retain(|one| !best.gives.contains(one));
        requests -= best.requests;
        chosen.push(best.name.clone());
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_takes_what_gives_the_most_for_its_requests_and_leaves_out_the_rest() {
        let row = |name: &str, requests, gives: &[u8]| Row {
            name: name.to_owned(),
            requests,
            gives: gives.iter().copied().collect(),
        };
        let rows = [row("dear", 9, &[1, 2, 3]), row("cheap", 2, &[1, 2]), row("again", 2, &[2]), row("rest", 3, &[3])];
        assert_eq!(cover(&rows, 100), ["cheap", "rest"]);
        assert_eq!(cover(&rows, 4), ["cheap"]);
    }

    #[test]
    fn the_order_is_kept_whichever_thread_is_first() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(each(&items, |item, _| item * 2).unwrap(), items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }
}
