//! `run`

use std::collections::BTreeSet;
use std::sync::Arc;

use super::console::{print, print_aside, terminal};
use super::event_log::{Both, EventLog, is_stdout};
use super::exit::{Failure, Outcome, PASS};
use super::inputs::{read_known_gaps, today};
use super::interrupt::on_interrupt;
use super::options::{JudgeArgs, RunArgs};
use super::progress::progress;
use super::reports::{append_summary, can_be_written, detail, write_all};
use super::target_session::TargetSession;
use super::values::Time;
use crate::clock::Clock;
use crate::execute::{MAX_WAIT, SETTLE};
use crate::generate::quick::quick;
use crate::generate::{Plan, boundary::boundary, examples::examples, overlap::overlaps, sequences::sequence};
use crate::known_gaps::{KnownGaps, apply};
use crate::report::{About, Report, TargetInfo, quoted};
use crate::run::options::WORKERS;
use crate::run::result::Phase;
use crate::run::{self, RunOptions, StartedFactory, TransportFactory};
use crate::scenario::Scenario;

pub(super) async fn run(args: RunArgs) -> Outcome {
    if args.dry_run {
        check_inputs(&args)?;
        return dry_run(&args, &phases(&args));
    }
    Ok(report_of(args).await?.exit_code())
}

/// Runs, prints the report and returns it.
pub(super) async fn report_of(args: RunArgs) -> Result<Report, Failure> {
    can_be_written(&args.judge.report)?;
    let events = args.events.as_deref().map(EventLog::open).transpose()?;
    let report = conducted(&args, events.clone()).await;
    let shown = report.and_then(|report| {
        let out = if is_stdout(args.events.as_deref()) { Out::Stderr } else { Out::Stdout };
        show(&report, &args.judge, true, out).map(|()| report)
    });
    if let Some(events) = events {
        events.end(&shown);
    }
    shown
}

/// Runs and returns the report.
pub(super) async fn conducted(args: &RunArgs, events: Option<Arc<EventLog>>) -> Result<Report, Failure> {
    let known = args.known_gaps.as_deref().map(read_known_gaps).transpose()?.unwrap_or_default();
    let session = TargetSession::prepare(&args.endpoint, args.seed).await?;
    let options = RunOptions {
        seed: args.seed,
        sequences: args.scenarios,
        shard: args.part.shard,
        workers: args.workers,
        max_time: args.part.max_time.map(|time| time.0),
        max_wait: args.max_wait.0,
        phases: phases(args),
        clause: args.part.clause,
        fail_fast: args.part.fail_fast,
        shrink: !args.no_shrink,
        strict: args.judge.strict,
        settle: args.judge.settle.0,
        credentials: session.credentials.clone(),
        prefix: new_prefix(),
        quick: if args.part.quick { quick().map_err(Failure::internal)? } else { Vec::new() },
        fuzzer: None,
    };
    let command = command(args, &session);
    let examples = examples().map_err(Failure::internal)?;
    Ok(conduct_in(session, options, examples, command, Kind::Run(known), events).await)
}

/// How the played scenarios are judged.
pub(super) enum Kind {
    /// As a whole run, with these known gaps.
    Run(KnownGaps),
    /// As given scenarios.
    Replay,
}

/// Conducts a run, prints its report and writes the requested files.
pub(super) async fn judge(
    session: TargetSession,
    options: RunOptions,
    examples: Vec<Scenario>,
    args: &JudgeArgs,
    command: String,
    kind: Kind,
) -> Result<Report, Failure> {
    let is_run = matches!(kind, Kind::Run(_));
    let report = conduct_in(session, options, examples, command, kind, None).await;
    show(&report, args, is_run, Out::Stdout)?;
    Ok(report)
}

async fn conduct_in(
    session: TargetSession,
    options: RunOptions,
    examples: Vec<Scenario>,
    command: String,
    kind: Kind,
    events: Option<Arc<EventLog>>,
) -> Report {
    let (seed, strict) = (options.seed, options.strict);
    let limits = if matches!(kind, Kind::Run(_)) { options.limits() } else { Vec::new() };
    let clean_up = session.cleanup_command(&options.prefix);
    let about = About {
        target: TargetInfo {
            name: session.name.clone(),
            endpoint: session.http.endpoint.url().to_string(),
            version: session.version.clone(),
        },
        seed,
        strict,
        command,
        limits,
        target_option: session.option.clone(),
        access: session.access.clone(),
    };
    let interrupt = on_interrupt(session.started());
    let progress = match events {
        None => progress(),
        Some(events) => {
            events.begin(&about);
            Arc::new(Both(progress(), events))
        }
    };
    let factory: Box<dyn TransportFactory> = match (session.embedded(), session.started()) {
        (Some(factory), _) => Box::new(factory),
        (None, Some(target)) => Box::new(StartedFactory { http: session.http.clone(), target }),
        (None, None) => Box::new(session.http.clone()),
    };
    let result = run::run(factory, options, examples, progress, interrupt.flag.clone()).await;
    session.close().await;
    drop(interrupt);
    let mut report = match kind {
        Kind::Replay => crate::report::build_replay(&result, &about),
        Kind::Run(known) => {
            let mut report = crate::report::build(&result, &about);
            apply(&mut report, &known, &today());
            report
        }
    };
    report.date = Some(today());
    if let Some(command) = clean_up {
        report.name_cleanup(&command);
    }
    report
}

/// Where a report is printed.
#[derive(Clone, Copy)]
enum Out {
    Stdout,
    Stderr,
}

/// Prints a report and writes the requested files.
fn show(report: &Report, args: &JudgeArgs, is_run: bool, out: Out) -> Result<(), Failure> {
    let (color, width) = terminal();
    let text = crate::report::terminal(report, color, width, detail(args.verbose));
    match out {
        Out::Stdout => print(&text)?,
        Out::Stderr => print_aside(&text),
    }
    if is_run {
        append_summary(report);
    }
    write_all(report, &args.report)
}

fn phases(args: &RunArgs) -> BTreeSet<Phase> {
    if args.part.quick && args.part.max_time.is_none() {
        return [Phase::Probe, Phase::Quick].into();
    }
    let names = &args.part.phase;
    let wanted =
        |phase: &Phase| *phase == Phase::Probe || names.is_empty() || names.iter().any(|name| name == phase.name());
    Phase::ALL.into_iter().filter(wanted).collect()
}

/// A prefix that no other run has, so that names don't collide with those of earlier or concurrent runs.
pub(super) fn new_prefix() -> String {
    let now = Clock::system().now().0;
    let mut number = u64::try_from(now).unwrap_or_default() ^ (u64::from(std::process::id()) << 44);
    let mut tail = String::new();
    for _ in 0..8 {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        tail.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    format!("mfac-{tail}")
}

/// The command that repeats the whole run, of which this may be one shard.
fn command(args: &RunArgs, session: &TargetSession) -> String {
    let mut command = "mfa-conformance run".to_owned();
    if !session.option.is_empty() {
        command = format!("{command} {}", session.option);
    }
    if args.part.quick {
        command.push_str(" --quick");
    }
    command = format!("{command} --seed {} --scenarios {}", args.seed, args.scenarios);
    if args.judge.strict {
        command.push_str(" --strict");
    }
    command.push_str(&waiting(args.judge.settle, args.max_wait));
    if let Some(clause) = args.part.clause {
        command = format!("{command} --clause {clause}");
    }
    for phase in &args.part.phase {
        command = format!("{command} --phase {phase}");
    }
    if let Some(most) = args.part.max_time {
        command = format!("{command} --max-time {most}");
    }
    for (is_given, flag) in [(args.part.fail_fast, "--fail-fast"), (args.no_shrink, "--no-shrink")] {
        if is_given {
            command = format!("{command} {flag}");
        }
    }
    if args.workers != WORKERS {
        command = format!("{command} --workers {}", args.workers);
    }
    if let Some(gaps) = &args.known_gaps {
        command = format!("{command} --known-gaps {}", quoted(&gaps.display().to_string()));
    }
    command
}

/// The command-line options on waiting, if they differ from the defaults.
pub(super) fn waiting(settle: Time, max_wait: Time) -> String {
    unless_usual("settle", settle, Time(SETTLE)) + &unless_usual("max-wait", max_wait, Time(MAX_WAIT))
}

/// A command-line option with a time, if it differs from the default.
pub(super) fn unless_usual(name: &str, time: Time, usual: Time) -> String {
    if time == usual { String::new() } else { format!(" --{name} {time}") }
}

/// Checks the arguments as a run does, without starting anything.
fn check_inputs(args: &RunArgs) -> Result<(), Failure> {
    can_be_written(&args.judge.report)?;
    args.known_gaps.as_deref().map(read_known_gaps).transpose()?;
    TargetSession::check(&args.endpoint)
}

/// Prints what the run would play.
fn dry_run(args: &RunArgs, phases: &BTreeSet<Phase>) -> Outcome {
    let plan = Plan { present: mfa_reference::MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let mut text = String::new();
    let mut list = |phase: Phase, scenarios: Vec<Scenario>| {
        if phases.contains(&phase) {
            for scenario in scenarios {
                let (name, actions) = (phase.name(), scenario.actions());
                text.extend([format!("{name:<10} {actions:>3} steps  {}\n", scenario.name)]);
            }
        }
    };
    if args.part.quick {
        list(Phase::Quick, quick().map_err(Failure::internal)?);
    }
    list(Phase::Examples, examples().map_err(Failure::internal)?);
    list(Phase::Boundary, boundary());
    list(Phase::Overlap, overlaps(args.seed, &plan));
    list(Phase::Sequences, (0..args.scenarios).map(|number| sequence(args.seed, number, &plan)).collect());
    print(&text)?;
    Ok(PASS)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Verb};

    #[test]
    fn how_long_is_waited_is_told_where_it_is_unusual() {
        let told = |line: &str| {
            let cli = Cli::try_parse_from(["mfa-conformance", "run"].into_iter().chain(line.split_whitespace()));
            let Ok(Cli { verb: Verb::Run(args), .. }) = cli else { panic!("{line}") };
            waiting(args.judge.settle, args.max_wait)
        };
        assert_eq!(told(""), "");
        assert_eq!(told("--settle 300ms --max-wait 0s"), " --settle 300ms --max-wait 0s");
        assert_eq!(told("--max-wait 2m"), " --max-wait 120s");
    }
}
