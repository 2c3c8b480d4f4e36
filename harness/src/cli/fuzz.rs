//! `fuzz`

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::console::say;
use super::exit::{Failure, Outcome};
use super::reports::can_be_written;
use super::run::{Kind, judge, new_prefix, unless_usual};
use super::target_session::TargetSession;
use super::values::Time;
use super::verbs::{FUZZ_TIME, FuzzArgs};
use crate::clock::Clock;
use crate::execute::SETTLE;
use crate::fuzz::Fuzzer;
use crate::fuzz::corpus::{Corpus, write_findings};
use crate::generate::examples::examples;
use crate::known_gaps::KnownGaps;
use crate::report::Report;
use crate::run::RunOptions;
use crate::run::result::Phase;
use crate::scenario::ScenarioError;

/// How often the corpus is exchanged with other processes.
const EXCHANGE_EVERY: Duration = Duration::from_secs(10);

/// Plays the examples and the boundary table, as in a run, and then the fuzzer's scenarios until the time is up.
pub(super) async fn fuzz(args: FuzzArgs) -> Outcome {
    can_be_written(&args.judge.report)?;
    let mut corpus = args.corpus.as_deref().map(Corpus::new);
    let known = match &mut corpus {
        Some(corpus) => {
            // Report an unwritable folder before the time is spent.
            corpus.write(&[]).map_err(Failure::usage)?;
            corpus.read_new(left_out).map_err(Failure::usage)?
        }
        None => Vec::new(),
    };
    let resumed = known.len();
    let session = TargetSession::prepare(&args.endpoint, args.seed).await?;
    let fuzzer = Arc::new(Fuzzer::new(args.seed, known));
    let options = RunOptions {
        seed: args.seed,
        sequences: 0,
        shard: args.shard,
        workers: args.workers,
        max_time: Some(args.max_time.0),
        max_wait: Duration::ZERO,
        phases: BTreeSet::from([Phase::Probe, Phase::Examples, Phase::Boundary]),
        clause: None,
        fail_fast: false,
        shrink: true,
        strict: args.judge.strict,
        settle: args.judge.settle.0,
        credentials: session.credentials.clone(),
        prefix: new_prefix(),
        quick: Vec::new(),
        fuzzer: Some(fuzzer.clone()),
    };
    let command = command(&args, &session.option);
    let quick =
        examples().map_err(Failure::internal)?.into_iter().filter(|scenario| !scenario.patient && !scenario.serial);
    let (written, read) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let keeping =
        corpus.clone().map(|corpus| tokio::spawn(keep(corpus, fuzzer.clone(), written.clone(), read.clone())));
    let report = judge(session, options, quick.collect(), &args.judge, command, Kind::Run(KnownGaps::default())).await;
    if let Some(keeping) = keeping {
        keeping.abort();
    }
    let (report, learnt) = (report?, fuzzer.learnt());
    let changing = report.phases.iter().find(|phase| phase.name == Phase::Fuzz.name());
    say(&format!(
        "fuzzing: {} scenarios beyond the examples and the boundary table, {} features seen, {} scenarios kept \
         ({resumed} were there before)",
        changing.map_or(0, |phase| phase.scenarios),
        learnt.features,
        learnt.corpus.len()
    ));
    say(&beyond(&report));
    if let Some((corpus, folder)) = corpus.as_mut().zip(args.corpus.as_ref()) {
        let new = corpus.write(&learnt.corpus).map_err(Failure::usage)? + written.load(Ordering::Relaxed);
        let found = report.findings.iter().map(|finding| (finding.id.as_str(), &finding.scenario));
        let findings = folder.join("findings");
        let found = write_findings(&findings, found).map_err(Failure::usage)?;
        let read = read.load(Ordering::Relaxed);
        say(&format!("{new} new scenarios in {}, {read} read from other processes", folder.display()));
        say(&format!("{found} new findings in {}", findings.display()));
    }
    Ok(report.exit_code())
}

/// Regularly writes the corpus, so that a killed run loses little, and reads what other processes wrote. It says what
/// can't be read or written, and tries again.
async fn keep(mut corpus: Corpus, fuzzer: Arc<Fuzzer>, written: Arc<AtomicUsize>, read: Arc<AtomicUsize>) {
    loop {
        Clock::system().wait(EXCHANGE_EVERY).await;
        match corpus.write(&fuzzer.learnt().corpus) {
            Ok(new) => _ = written.fetch_add(new, Ordering::Relaxed),
            Err(error) => say(&error.to_string()),
        }
        match corpus.read_new(left_out) {
            Ok(new) => {
                read.fetch_add(new.len(), Ordering::Relaxed);
                fuzzer.offer(new);
            }
            Err(error) => say(&error.to_string()),
        }
    }
}

fn left_out(why: &ScenarioError) {
    say(&format!("left out: {why}"));
}

/// The command that repeats the run. With a corpus, it continues from the corpus's content at that time.
fn command(args: &FuzzArgs, option: &str) -> String {
    let mut command = "mfa-conformance fuzz".to_owned();
    if !option.is_empty() {
        command = format!("{command} {option}");
    }
    command = format!("{command} --seed {} --workers {}", args.seed, args.workers);
    command.push_str(&unless_usual("max-time", args.max_time, FUZZ_TIME));
    if args.judge.strict {
        command.push_str(" --strict");
    }
    command + &unless_usual("settle", args.judge.settle, Time(SETTLE))
}

/// The findings that only fuzzing found.
fn beyond(report: &Report) -> String {
    let alone: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.phase == Phase::Fuzz.name())
        .map(|finding| finding.id.as_str())
        .collect();
    match alone.as_slice() {
        [] if report.findings.is_empty() => "nothing was found".to_owned(),
        [] => "examples and boundary table alone find every one of these".to_owned(),
        some => format!("found beyond examples and boundary table: {}", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Verb};

    #[test]
    fn the_command_that_repeats_it_tells_what_is_unusual() {
        let told = |line: &str, option: &str| {
            let cli = Cli::try_parse_from(["mfa-conformance", "fuzz"].into_iter().chain(line.split_whitespace()));
            let Ok(Cli { verb: Verb::Fuzz(args), .. }) = cli else { panic!("{line}") };
            command(&args, option)
        };
        assert_eq!(told("", ""), "mfa-conformance fuzz --seed 1 --workers 8");
        assert_eq!(
            told("--target moto --seed 7 -j 1 --max-time 3m --strict --settle 300ms", "--target moto"),
            "mfa-conformance fuzz --target moto --seed 7 --workers 1 --max-time 180s --strict --settle 300ms"
        );
    }
}
