//! Takes a target through the phases of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::factory::TransportFactory;
use super::finding_store::FindingStore;
use super::one_after_another::shows_by_overlap;
use super::options::RunOptions;
use super::probe::probe;
use super::progress::Progress;
use super::result::{Phase, PhaseResult, Probe, RunResult};
use super::shard::Shard;
use super::shared::{Run, joined, locked, resumed};
use super::shrink_findings::shrink_findings;
use super::source::{Source, with_listings};
use crate::clock::Clock;
use crate::execute::trace::Unfinished;
use crate::execute::{Patience, Requests, play_among};
use crate::generate::connections::{all_connected, connected};
use crate::generate::sequences::{sequence, waiting_sequence};
use crate::generate::{Plan, boundary::boundary, crowd::crowds, overlap::overlaps};
use crate::scenario::Scenario;
use crate::transport::Transport;

/// How many sequences play alone on the target, with an account-wide listing after each call.
const SERIAL_SEQUENCES: u64 = 8;

/// The number of sequences for which a run adds one that waits for unused codes.
const ONE_WAITS: u64 = 20;

/// The most sequences that wait. They all wait at once, each on its own connection.
const MOST_WAIT: u64 = 45;

/// How often each set of overlapping calls is played on a virtual clock, each time with another schedule: two calls have
/// four.
const OVERLAP_ROUNDS: u64 = 4;

/// How long sets of overlapping calls are repeated on a live target. Their schedule is a matter of chance.
pub(crate) const OVERLAP_TIME: Duration = Duration::from_secs(8);

/// How often the run checks whether the waiting scenarios have ended.
const POLL: Duration = Duration::from_millis(20);

/// Conducts a run: the probe, then the phases that the options name. The first of them plays `examples`.
pub async fn run(
    factory: Box<dyn TransportFactory>,
    options: RunOptions,
    examples: Vec<Scenario>,
    progress: Arc<dyn Progress>,
    interrupt: Arc<AtomicBool>,
) -> RunResult {
    let stopwatch = Clock::system().stopwatch();
    let mut store = FindingStore::default();
    let mut phases = Vec::new();
    progress.phase(Phase::Probe);
    let found = match probe(factory.as_ref(), &options, &options.stop(interrupt.clone(), stopwatch)).await {
        Ok((found, played)) => {
            for (index, (scenario, mut played)) in (0..).zip(played) {
                if !options.phases.contains(&Phase::Probe) {
                    played.found.clear();
                }
                store.digest(Phase::Probe, index, &scenario);
                let new = store.add(Phase::Probe, index, &scenario, played);
                for divergence in &new {
                    progress.found(divergence);
                }
            }
            found
        }
        Err(error) => Probe { unusable: Some(error.to_string()), ..Probe::default() },
    };
    push_phase(&mut phases, Phase::Probe, stopwatch.elapsed());
    if found.unusable.is_some() {
        let run = Run::new(factory, options, progress, interrupt, found, store, stopwatch);
        return run.result(phases);
    }
    let run = Arc::new(Run::new(factory, options, progress, interrupt, found, store, stopwatch));
    if !run.probe.present.is_empty() {
        run.clone().phases(examples, &mut phases).await;
    }
    let settled = shrink_findings(&run).await;
    run.store().cases = settled;
    run.find_killers().await;
    run.sweep_up().await;
    run.result(phases)
}

/// Adds a phase that is over. Its scenarios are counted at the end of the run, since some may still play.
fn push_phase(phases: &mut Vec<PhaseResult>, phase: Phase, elapsed: Duration) {
    phases.push(PhaseResult { phase, scenarios: 0, requests: Requests::default(), elapsed });
}

impl Run {
    async fn phases(self: Arc<Self>, examples: Vec<Scenario>, phases: &mut Vec<PhaseResult>) {
        let wanted = |phase| self.options.phases.contains(&phase);
        self.progress.begins(self.planned(&examples), self.time_left());
        let is_quick = self.clone().play_quick(phases).await;
        let (serial, parallel): (Vec<_>, Vec<_>) =
            examples.into_iter().filter(|scenario| self.looks_at(scenario)).partition(|scenario| scenario.serial);
        let (patient, quick): (Vec<_>, Vec<_>) = parallel.into_iter().partition(|scenario| scenario.patient);
        // Scenarios that may wait for unused codes play beside all others. Later draws don't depend on them.
        let offset = quick.len() as u64;
        let seed = self.options.seed;
        let (quick, patient) = (all_connected(quick, seed, 0), all_connected(patient, seed, offset));
        let mut waiting = Vec::new();
        let shard = self.options.shard;
        if wanted(Phase::Examples) {
            if shard.is_first() {
                waiting = self.clone().play_beside(Phase::Examples, (offset..).zip(patient).collect()).await;
            }
            self.clone().play_phase(Phase::Examples, Source::Listed(quick), phases).await;
        }
        let plan = Plan { present: self.probe.present.clone(), broken: self.store().broken.clone() };
        if shard.is_first() {
            self.store().digest_text(&plan.to_text());
        } else {
            // Scenarios that every shard plays count only on the first shard.
            self.store().forget();
            self.skipped.store(0, Ordering::Relaxed);
        }
        if wanted(Phase::Sequences) && !self.options.max_wait.is_zero() {
            let all = (0..(self.options.sequences / ONE_WAITS).min(MOST_WAIT)).filter(|number| shard.plays(*number));
            let indexed = all.map(|number| {
                let scenario = connected(waiting_sequence(seed, number, &plan), seed, number);
                (self.options.sequences + number, scenario)
            });
            waiting.extend(self.clone().play_beside(Phase::Sequences, indexed.collect()).await);
        }
        if wanted(Phase::Boundary) {
            let table = boundary().into_iter().filter(|scenario| self.looks_at(scenario)).collect();
            self.clone().play_phase(Phase::Boundary, Source::Listed(all_connected(table, seed, 0)), phases).await;
        }
        if wanted(Phase::Sequences) {
            let source =
                Source::Drawn { seed: self.options.seed, from: 0, count: self.options.sequences, plan: plan.clone() };
            self.clone().play_phase(Phase::Sequences, source, phases).await;
        }
        if wanted(Phase::Overlap) {
            self.clone().play_overlaps(&plan, phases).await;
        }
        self.wait_for(waiting).await;
        if let Some(fuzzer) = &self.options.fuzzer {
            let source = Source::Fuzzed(fuzzer.clone(), plan.clone());
            self.clone().play_phase(Phase::Fuzz, source, phases).await;
        }
        if wanted(Phase::Serial) && shard.is_first() {
            let drawn = (0..SERIAL_SEQUENCES.min(self.options.sequences))
                .map(|number| with_listings(&sequence(self.options.seed, u64::MAX - number, &plan)));
            let crowds = crowds().into_iter().filter(|scenario| self.looks_at(scenario));
            let all = serial.into_iter().chain(crowds).chain(drawn).collect();
            self.clone().play_phase(Phase::Serial, Source::Listed(all), phases).await;
        }
        if is_quick {
            // What follows a quick run is played as far as the time allows: nothing is missing without it.
            self.cut.store(false, Ordering::Relaxed);
        }
    }

    /// Plays calls that overlap: each set a few times, with different schedules, and then again and again for a while.
    async fn play_overlaps(self: Arc<Self>, plan: &Plan, phases: &mut Vec<PhaseResult>) {
        let scenarios = overlaps(self.options.seed, plan);
        let scenarios = scenarios.into_iter().filter(|scenario| self.looks_at(scenario)).collect();
        let is_virtual = self.transport().is_some_and(|transport| transport.is_virtual());
        // On a virtual clock every schedule is chosen, so a repetition shows nothing new.
        let (rounds, time) = if is_virtual { (OVERLAP_ROUNDS, Duration::ZERO) } else { (1, OVERLAP_TIME) };
        let until = (Clock::system().stopwatch(), time);
        let source = Source::Overlapping { scenarios, rounds, until, shown: self.shown.clone() };
        self.play_phase(Phase::Overlap, source, phases).await;
    }

    /// About how many scenarios the phases have; `None` if the last of them ends only when the time is up.
    fn planned(&self, examples: &[Scenario]) -> Option<u64> {
        let shard = self.options.shard;
        let numbers =
            Phase::ALL.into_iter().filter(|phase| self.options.phases.contains(phase)).map(|phase| match phase {
                Phase::Examples => examples.len() as u64,
                Phase::Boundary => shard.share(boundary().len() as u64),
                Phase::Sequences => shard.share(self.options.sequences),
                Phase::Overlap => overlaps(self.options.seed, &Plan::default()).len() as u64 * OVERLAP_ROUNDS,
                Phase::Serial => SERIAL_SEQUENCES + crowds().len() as u64,
                Phase::Probe | Phase::Quick | Phase::Fuzz => 0,
            });
        self.options.fuzzer.is_none().then(|| self.options.quick.len() as u64 + numbers.sum::<u64>())
    }

    /// Plays what tests each clause once, if the run is to. Tells whether all of it was played.
    async fn play_quick(self: Arc<Self>, phases: &mut Vec<PhaseResult>) -> bool {
        if self.options.quick.is_empty() {
            return false;
        }
        let (serial, parallel) = self.options.quick.iter().cloned().partition(|scenario| scenario.serial);
        self.clone().play_phase(Phase::Quick, Source::Listed(parallel), phases).await;
        self.clone().play_phase(Phase::Serial, Source::Listed(serial), phases).await;
        !self.cut.load(Ordering::Relaxed)
    }

    /// Waits for the scenarios that wait for unused codes, while time is left.
    async fn wait_for(&self, waiting: Vec<tokio::task::JoinHandle<()>>) {
        let is_waiting = || waiting.iter().any(|task| !task.is_finished());
        if is_waiting() && !self.is_over() && !self.options.max_wait.is_zero() {
            self.progress.note("waiting for codes that nobody has used yet, up to a minute (--max-wait 0s doesn't)");
        }
        while is_waiting() {
            if self.is_over() {
                self.hurry.store(true, Ordering::Relaxed);
                self.cut.store(true, Ordering::Relaxed);
            }
            Clock::system().wait(POLL).await;
        }
        for task in waiting {
            joined(task).await;
        }
    }

    /// Whether the run plays a scenario: a run limited to one clause plays only those that cite it.
    fn looks_at(&self, scenario: &Scenario) -> bool {
        self.options.clause.is_none_or(|clause| scenario.cites.iter().any(|cited| *cited == clause.to_string()))
    }

    async fn play_phase(self: Arc<Self>, phase: Phase, source: Source, phases: &mut Vec<PhaseResult>) {
        let begun = self.stopwatch.elapsed();
        self.progress.phase(phase);
        let workers = match phase {
            // The only calls that overlap are those of a step.
            Phase::Serial | Phase::Overlap => 1,
            Phase::Probe | Phase::Quick | Phase::Examples | Phase::Boundary | Phase::Sequences | Phase::Fuzz => {
                self.options.workers.max(1)
            }
        };
        let source = Arc::new(source);
        let next = Arc::new(AtomicU64::new(0));
        // A scenario that must play alone never gives way.
        self.settle_cache.make_room(!matches!(phase, Phase::Serial | Phase::Overlap));
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            tasks.spawn(self.clone().work(phase, source.clone(), next.clone()));
        }
        loop {
            let is_free = tokio::select! {
                ended = tasks.join_next(), if !tasks.is_empty() => {
                    ended.into_iter().for_each(resumed);
                    false
                }
                () = self.settle_cache.place() => true,
            };
            if is_free || (tasks.is_empty() && self.settle_cache.has_place()) {
                tasks.spawn(self.clone().work(phase, source.clone(), next.clone()));
            } else if tasks.is_empty() {
                break;
            }
        }
        self.settle_cache.make_room(false);
        push_phase(phases, phase, self.stopwatch.elapsed().saturating_sub(begun));
    }

    async fn work(self: Arc<Self>, phase: Phase, source: Arc<Source>, next: Arc<AtomicU64>) {
        let Some(mut transport) = self.transport() else { return };
        let shard = if goes_round(phase) { self.options.shard } else { Shard::WHOLE };
        loop {
            if self.is_over() {
                let is_left = phase != Phase::Fuzz && source.get(shard.nth(next.load(Ordering::Relaxed))).is_some();
                self.cut.fetch_or(is_left, Ordering::Relaxed);
                return;
            }
            let index = shard.nth(next.fetch_add(1, Ordering::Relaxed));
            let Some(scenario) = source.get(index) else { return };
            if source.is_done_with(&scenario) {
                continue;
            }
            if !self.can_set_up(&scenario) {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            if phase == Phase::Serial && scenario.patient {
                // It must play alone, so it waits in this worker.
                let Some((mut transport, patience)) = self.patient_transport() else { return };
                self.play_one(phase, index, &scenario, transport.as_mut(), patience).await;
                continue;
            }
            if self.factory.one_service_a_scenario() {
                let Some(new) = self.transport() else { return };
                transport = new;
            }
            if self.play_one(phase, index, &scenario, transport.as_mut(), Patience::Never).await {
                // Another worker has begun in this worker's place.
                self.settle_cache.is_back();
                return;
            }
        }
    }

    /// Plays scenarios that may have to wait beside the next ones, each on its own connection. Where waiting takes no
    /// time they play here, in order: two tasks on one virtual clock would not play the same way twice.
    async fn play_beside(
        self: Arc<Self>,
        phase: Phase,
        indexed: Vec<(u64, Scenario)>,
    ) -> Vec<tokio::task::JoinHandle<()>> {
        let mut waiting = Vec::new();
        for (index, scenario) in indexed {
            if !self.can_set_up(&scenario) {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let Some((mut transport, patience)) = self.patient_transport() else { continue };
            if !patience.has_time_for(scenario.least_wait()) {
                continue;
            }
            let (run, is_virtual) = (self.clone(), transport.is_virtual());
            if !is_virtual && self.time_left().is_some_and(|left| left < scenario.least_wait()) {
                self.cut.store(true, Ordering::Relaxed);
                continue;
            }
            let playing = async move {
                run.play_one(phase, index, &scenario, transport.as_mut(), patience).await;
            };
            if is_virtual {
                playing.await;
            } else {
                waiting.push(tokio::spawn(playing));
            }
        }
        waiting
    }

    /// Plays a scenario. Returns whether another one began in its place while it waited.
    async fn play_one(
        &self,
        phase: Phase,
        index: u64,
        scenario: &Scenario,
        transport: &mut dyn Transport,
        patience: Patience,
    ) -> bool {
        let prefix = format!("{}-{}{index}", self.options.prefix, phase.name().chars().next().unwrap_or('x'));
        let stop = self.playing_stop(if patience == Patience::Never { &self.interrupt } else { &self.hurry });
        let settings = self.settings(patience);
        let mut played = play_among(scenario, &prefix, &settings, transport, &stop, &self.settle_cache).await;
        self.store().digest(phase, index, scenario);
        let alone;
        let mut scenario = scenario;
        if shows_by_overlap(scenario, &played) {
            locked(&self.shown).insert(scenario.name.clone());
            (alone, played) = self.without_overlap(scenario, played, &prefix, &settings, transport, &stop).await;
            scenario = &alone;
        }
        match played.unfinished {
            Some(Unfinished::Interrupted) if !self.is_interrupted() => played.unfinished = Some(Unfinished::Parked),
            // The report says that the whole run was cut short. Fuzzing ends no other way.
            Some(Unfinished::OutOfTime) => {
                played.unfinished = None;
                self.cut.fetch_or(phase != Phase::Fuzz, Ordering::Relaxed);
            }
            Some(_) | None => {}
        }
        let (requests, gave_way) = (played.requests.total(), played.gave_way);
        self.track_liveness();
        if let Some(fuzzer) = &self.options.fuzzer {
            fuzzer.learn(scenario, &played.trace);
        }
        if self.options.fail_fast && !played.found.is_empty() {
            self.enough.store(true, Ordering::Relaxed);
        }
        let (new, findings) = {
            let mut store = self.store();
            (store.add(phase, index, scenario, played), store.cases.len())
        };
        for divergence in &new {
            self.progress.found(divergence);
        }
        self.progress.played(requests, findings);
        gave_way
    }
}

/// Whether the scenarios of a phase are shared between shards.
const fn goes_round(phase: Phase) -> bool {
    match phase {
        Phase::Boundary | Phase::Sequences | Phase::Overlap | Phase::Fuzz => true,
        Phase::Probe | Phase::Quick | Phase::Examples | Phase::Serial => false,
    }
}
