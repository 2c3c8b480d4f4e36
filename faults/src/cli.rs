//! The command line.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::altered::{Altered, as_recorded};
use crate::coverage::{gaps, gather, read_tests, text};
use crate::quick::{for_clauses, for_faults};
use crate::score::table::table;
use crate::score::{Bench, Scorecard, score};
use crate::serve::connections;
use crate::witness::{read, witness, write};
use crate::{Fault, Variant, fault, faults, variant, variants};
use mfa_conformance::cli::console::{print, say, say_error};
use mfa_conformance::cli::exit::{FAIL, Failure, Outcome, PASS, exit_code};
use mfa_conformance::cli::interrupt::asked_to_stop;
use mfa_conformance::cli::serve::bind;
use mfa_conformance::generate::examples::examples;
use mfa_conformance::generate::quick::quick;
use mfa_conformance::scenario::ScenarioStep;

/// How many seeds each fault is tried with by default.
const FAULT_SEEDS: u64 = 3;
/// How many seeds each variant is tried with by default.
const VARIANT_SEEDS: u64 = 5;

/// Services that are known to be wrong, or to differ and conform: they test mfa-conformance itself.
#[derive(Debug, Parser)]
#[command(
    name = "mfa-faults",
    version,
    after_help = "Exit codes: 0 all is well, 1 the score or the coverage is not, 2 usage, 70 internal error.\n\n\
                  First steps:\n  \
                  mfa-faults list                              list the faults and the variants\n  \
                  mfa-faults serve enable-codes-unchecked      serve one of them\n  \
                  mfa-faults score                             does a run find every fault, and flag no variant?"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the faults and the variants.
    List {
        /// Only those with a name like this (`*` stands for any text).
        pattern: Option<String>,
        /// Only variants.
        #[arg(long)]
        variants: bool,
    },
    /// Explain one fault or variant.
    Explain {
        /// Its name.
        name: String,
    },
    /// Serve one fault or variant over HTTP; the reference, if no name is given.
    Serve {
        /// Its name.
        name: Option<String>,
        /// The port on 127.0.0.1; 0 takes a free one.
        #[arg(long, default_value_t = 4599)]
        port: u16,
        /// The number from which ids and seeds are drawn.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Count the faults that a run finds, after how many calls, and the variants that it flags.
    Score(ScoreArgs),
    /// Compute the scenarios of `mfa-conformance run --quick`: fixtures/quick.txt.
    Quick {
        /// After an empty line also those that find the shallow and stateful faults that the others miss: it takes
        /// minutes.
        #[arg(long)]
        faults: bool,
    },
    /// Print what covers each clause: scenarios, tests, faults, variants, or the reason that nothing can. Exit code 1 if
    /// a clause has neither.
    Coverage {
        /// The folder of this program's repository, where the tests are.
        #[arg(long, value_name = "DIR", default_value = ".")]
        sources: PathBuf,
    },
}

#[derive(Args, Debug)]
struct ScoreArgs {
    /// How many seeds each fault and each variant is tried with; 3 and 5 by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Only the faults with a name like this (`*` stands for any text), and no variants.
    #[arg(long, value_name = "PATTERN")]
    faults: Option<String>,
    /// Only the variants with a name like this, and no faults unless --faults is given, too.
    #[arg(long, value_name = "PATTERN")]
    variants: Option<String>,
    /// Write the score as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the shortest scenario that shows each fault into this file, unless a shorter one is there.
    #[arg(long, value_name = "FILE")]
    witnesses: Option<PathBuf>,
    /// How many sequences a run draws at most.
    #[arg(long, value_name = "N", default_value_t = 900)]
    sequences: u64,
    /// Try the runs of `mfa-conformance run --quick`.
    #[arg(long)]
    quick: bool,
}

/// Runs the command line's verb.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = dispatch(Cli::parse().verb);
    if let Err(failure) = &outcome {
        say_error(&format!("{:#}", failure.error));
    }
    exit_code(&outcome)
}

fn dispatch(verb: Verb) -> Outcome {
    match verb {
        Verb::List { pattern, variants: only_variants } => {
            let list = list(pattern.as_deref().unwrap_or("*"), only_variants).map_err(Failure::internal)?;
            print(&list)?;
            Ok(PASS)
        }
        Verb::Explain { name } => {
            print(&explain(&one(&name)?).map_err(Failure::internal)?)?;
            Ok(PASS)
        }
        Verb::Serve { name, port, seed } => {
            let runtime = tokio::runtime::Runtime::new().map_err(Failure::internal)?;
            let (service, what) = match name.as_deref().map(one).transpose()? {
                Some(service) => (service.make(), service.what().to_owned()),
                None => (as_recorded(), "the reference".to_owned()),
            };
            runtime.block_on(serve(service, &what, port, seed))
        }
        Verb::Score(args) => scored(&args),
        Verb::Quick { faults } => {
            let names = for_clauses().map_err(Failure::internal)?;
            print(&(names.join("\n") + "\n"))?;
            if faults {
                let names = for_faults(&names).map_err(Failure::internal)?;
                print(&format!("\n{}\n", names.join("\n")))?;
            }
            Ok(PASS)
        }
        Verb::Coverage { sources } => coverage(&sources),
    }
}

/// A fault or a variant.
enum Service {
    Fault(Fault),
    Variant(Variant),
}

impl Service {
    fn what(&self) -> &str {
        match self {
            Self::Fault(fault) => &fault.what,
            Self::Variant(variant) => &variant.what,
        }
    }

    fn make(&self) -> Altered {
        match self {
            Self::Fault(fault) => fault.service.make(),
            Self::Variant(variant) => variant.service.make(),
        }
    }
}

fn one(name: &str) -> Result<Service, Failure> {
    match variant(name) {
        Ok(variant) => Ok(Service::Variant(variant)),
        Err(_not_a_variant) => fault(name).map(Service::Fault).map_err(Failure::usage),
    }
}

fn list(pattern: &str, only_variants: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    let (mut faults, mut variants) = (faults()?, variants()?);
    faults.retain(|fault| !only_variants && matches(pattern, &fault.name));
    variants.retain(|variant| matches(pattern, &variant.name));
    for fault in &faults {
        let (name, difficulty, theme) = (&fault.name, fault.difficulty, fault.theme);
        writeln!(text, "{name:<58} {difficulty:<9} {theme:<12} {}\n    {}", fault.breaks, fault.what)?;
    }
    for variant in &variants {
        writeln!(text, "{:<58} variant   {}\n    {}", variant.name, variant.theme, variant.what)?;
    }
    let counts = format!("{} faults, {} variants", faults.len(), variants.len());
    writeln!(text, "\n{counts}. `mfa-faults explain NAME` explains one, `mfa-faults serve NAME` serves it.")?;
    Ok(text)
}

fn explain(service: &Service) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{}", service.what())?;
    match service {
        Service::Fault(fault) => {
            writeln!(text, "\nTheme: {}. Batch: {}.", fault.theme, fault.batch)?;
            writeln!(text, "\nIt breaks {}: {}", fault.breaks, fault.breaks.clause().requires)?;
            for clause in fault.also_accepted.iter() {
                writeln!(text, "A finding may name {clause} instead: {}", clause.clause().requires)?;
            }
            if let Some(because) = &fault.because {
                writeln!(text, "The reason: {because}")?;
            }
            if let Some(scenario) = witness(&fault.name) {
                writeln!(text, "\nIt is {}. The shortest scenario that is known to show it:", fault.difficulty)?;
                let actions = scenario.steps.iter().flat_map(|step| match step {
                    ScenarioStep::One(action) => std::slice::from_ref(action),
                    ScenarioStep::Together { together } => together,
                });
                for (number, action) in (1..).zip(actions) {
                    writeln!(text, "{number:>3}. {action}")?;
                }
            } else {
                writeln!(text, "\nIt is {}. Only a whole run shows it.", fault.difficulty)?;
            }
        }
        Service::Variant(variant) => {
            writeln!(text, "\nIt conforms. Theme: {}. Batch: {}.", variant.theme, variant.batch)?;
            if let Some(because) = &variant.because {
                writeln!(text, "The reason: {because}")?;
            }
            for clause in variant.departs.iter() {
                writeln!(text, "AWS was recorded to differ ({clause}): {}", clause.clause().requires)?;
            }
        }
    }
    Ok(text)
}

async fn serve(service: Altered, what: &str, port: u16, seed: u64) -> Outcome {
    let server = bind(port).await?;
    print(&format!("http://{}\n", server.local_addr()))?;
    say(&format!("serving until Ctrl-C: {what}"));
    server.run_each(connections(service, seed), asked_to_stop()).await;
    Ok(PASS)
}

fn coverage(sources: &Path) -> Outcome {
    let tests = read_tests(sources).map_err(Failure::usage)?;
    let all = gather(&tests).map_err(Failure::internal)?;
    print(&text(&all))?;
    let gaps = gaps(&all).map_err(Failure::internal)?;
    for gap in &gaps {
        say(&gap.to_string());
    }
    Ok(if gaps.is_empty() { PASS } else { FAIL })
}

fn scored(args: &ScoreArgs) -> Outcome {
    let mut bench = Bench {
        faults: faults().map_err(Failure::internal)?,
        variants: variants().map_err(Failure::internal)?,
        fault_seeds: args.seeds.unwrap_or(FAULT_SEEDS),
        variant_seeds: args.seeds.unwrap_or(VARIANT_SEEDS),
        sequences: args.sequences,
        examples: examples().map_err(Failure::internal)?,
        quick: if args.quick { quick().map_err(Failure::internal)? } else { Vec::new() },
        witnesses: args.witnesses.is_some(),
        threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    };
    if let Some(pattern) = &args.faults {
        bench.faults.retain(|fault| matches(pattern, &fault.name));
        bench.variants.clear();
    }
    if let Some(pattern) = &args.variants {
        bench.variants = variants().map_err(Failure::internal)?;
        bench.variants.retain(|variant| matches(pattern, &variant.name));
        if args.faults.is_none() {
            bench.faults.clear();
        }
    }
    if bench.faults.is_empty() && bench.variants.is_empty() {
        let problem = "no fault and no variant has a name like that. `mfa-faults list` prints the names";
        return Err(Failure::usage(anyhow::anyhow!(problem)));
    }
    let card = score(&bench, |made, of| {
        if made % 100 == 0 {
            say(&format!("{made} of {of} trials"));
        }
    })
    .map_err(Failure::internal)?;
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&card).map_err(Failure::internal)?;
        std::fs::write(file, text + "\n").map_err(|error| {
            let problem = format!("the score can't be written to {}: {error}", file.display());
            Failure::usage(anyhow::anyhow!(problem))
        })?;
    }
    if let Some(file) = &args.witnesses {
        keep_shortest(file, &card).map_err(Failure::usage)?;
    }
    print(&table(&card))?;
    Ok(if card.is_clean() { PASS } else { FAIL })
}

/// Writes the witnesses into a file that are shorter than those in it.
fn keep_shortest(file: &Path, card: &Scorecard) -> anyhow::Result<()> {
    let told = || format!("{} can't be read as witnesses, or not be written", file.display());
    let mut witnesses = read(&std::fs::read_to_string(file).with_context(told)?).with_context(told)?;
    witnesses.retain(|name, _| fault(name).is_ok());
    for fault in &card.faults {
        for found in fault.trials.iter().filter_map(|trial| trial.witness.as_ref()) {
            let known = witnesses.get(&fault.name);
            if known.is_none_or(|known| found.actions() < known.actions()) {
                witnesses.insert(fault.name.clone(), found.clone());
            }
        }
    }
    std::fs::write(file, write(&witnesses)?).with_context(told)
}

/// Whether a name matches a pattern, in which `*` stands for any text. A name that contains a pattern without `*`
/// matches too.
fn matches(pattern: &str, name: &str) -> bool {
    if !pattern.contains('*') {
        return name.contains(pattern);
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("enable-*", "enable-forgotten"));
        assert!(matches("*-refused-*", "enable-refused-and-moved"));
        assert!(!matches("enable-*-late", "enable-forgotten"));
        assert!(matches("forgot", "enable-forgotten"));
        assert!(!matches("resync-*", "enable-resync"));
    }
}
