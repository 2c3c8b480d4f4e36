//! All trials, several at once, each with its own thread and service.

use std::sync::{Arc, Mutex};

use super::scorecard::{FaultScore, Scorecard, VariantScore};
use super::trial::{FaultTrial, Plan, VariantTrial, try_fault, try_variant};
use crate::entry::{Fault, Variant};
use crate::line::lock;
use crate::witness::witness;
use mfa_conformance::clock::Clock;
use mfa_conformance::scenario::Scenario;

/// What to try, and how often.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The faults.
    pub faults: Vec<Fault>,
    /// The variants.
    pub variants: Vec<Variant>,
    /// How many seeds each fault is tried with.
    pub fault_seeds: u64,
    /// How many seeds each variant is tried with.
    pub variant_seeds: u64,
    /// The most sequences that a run draws.
    pub sequences: u64,
    /// The hand-written scenarios.
    pub examples: Vec<Scenario>,
    /// The scenarios of a quick run, if quick runs are tried; else none.
    pub quick: Vec<Scenario>,
    /// Whether the shortest scenario that shows each fault is searched for.
    pub witnesses: bool,
    /// How many trials go on at once.
    pub threads: usize,
}

/// A pending trial.
enum Job<'b> {
    Fault(usize, &'b Fault, u64),
    Variant(usize, &'b Variant, u64),
}

/// A completed trial.
enum Done {
    Fault(usize, FaultTrial),
    Variant(usize, VariantTrial),
}

/// Why there is no score.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The operating system refused a runtime.
    #[error("a trial could not be begun: {0}")]
    Runtime(#[from] std::io::Error),
    /// A trial panicked.
    #[error("a trial ended in the middle: a defect, told above")]
    Trial,
}

/// Makes all trials. It calls `told` after each, with the numbers of completed and of all trials.
///
/// # Errors
/// A trial could not be made.
pub fn score(bench: &Bench, told: impl Fn(usize, usize) + Sync) -> Result<Scorecard, BenchError> {
    let watch = Clock::system().stopwatch();
    let plan = Plan {
        examples: Arc::new(bench.examples.clone()),
        sequences: bench.sequences,
        quick: bench.quick.clone(),
        witnesses: bench.witnesses,
    };
    let jobs = jobs(bench);
    let of = jobs.len();
    let (jobs, done) = (Mutex::new(jobs), Mutex::new(Vec::with_capacity(of)));
    let work = || -> Result<(), BenchError> {
        // Each run has its own thread, so that no trial waits for another and each is deterministic.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        loop {
            let taken = lock(&jobs).pop();
            let Some(job) = taken else { return Ok(()) };
            let made = match job {
                Job::Fault(index, fault, seed) => Done::Fault(index, runtime.block_on(try_fault(fault, seed, &plan))),
                Job::Variant(index, variant, seed) => {
                    Done::Variant(index, runtime.block_on(try_variant(&variant.service, seed, &plan)))
                }
            };
            let mut done = lock(&done);
            done.push(made);
            told(done.len(), of);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..bench.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| BenchError::Trial)?)
    })?;
    let done = std::mem::take(&mut *lock(&done));
    Ok(gathered(bench, done, watch.elapsed().as_secs_f64()))
}

/// The pending trials, taken from the end: those of variants, which take longest, come first.
fn jobs(bench: &Bench) -> Vec<Job<'_>> {
    let faults = bench.faults.iter().enumerate();
    let faults =
        faults.flat_map(|(index, fault)| (1..=bench.fault_seeds).map(move |seed| Job::Fault(index, fault, seed)));
    let variants = bench.variants.iter().enumerate();
    let variants = variants
        .flat_map(|(index, variant)| (1..=bench.variant_seeds).map(move |seed| Job::Variant(index, variant, seed)));
    faults.chain(variants).collect()
}

fn gathered(bench: &Bench, done: Vec<Done>, seconds: f64) -> Scorecard {
    let mut faults: Vec<FaultScore> = bench.faults.iter().map(empty_fault).collect();
    let mut variants: Vec<VariantScore> = bench.variants.iter().map(empty_variant).collect();
    for made in done {
        match made {
            Done::Fault(index, trial) => {
                if let Some(score) = faults.get_mut(index) {
                    score.trials.push(trial);
                }
            }
            Done::Variant(index, trial) => {
                if let Some(score) = variants.get_mut(index) {
                    score.trials.push(trial);
                }
            }
        }
    }
    for score in &mut faults {
        score.trials.sort_by_key(|trial| trial.seed);
    }
    for score in &mut variants {
        score.trials.sort_by_key(|trial| trial.seed);
    }
    Scorecard::new(faults, variants, bench.sequences, seconds)
}

fn empty_fault(fault: &Fault) -> FaultScore {
    FaultScore {
        name: fault.name.to_string(),
        what: fault.what.to_string(),
        difficulty: fault.difficulty,
        breaks: fault.breaks.to_string(),
        also_accepted: fault.also_accepted.iter().map(ToString::to_string).collect(),
        shortest: witness(&fault.name).map(Scenario::actions),
        trials: Vec::new(),
    }
}

fn empty_variant(variant: &Variant) -> VariantScore {
    VariantScore {
        name: variant.name.to_string(),
        what: variant.what.to_string(),
        departs: variant.departs.iter().map(ToString::to_string).collect(),
        trials: Vec::new(),
    }
}
