//! `faults …` and `variants …`

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use super::console::{print, say};
use super::exit::{CONFORMS, DIVERGES, Failure, Outcome};
use super::verbs::{FaultsVerb, ScoreArgs, VariantsVerb};
use crate::fault::score::table::table;
use crate::fault::score::{Bench, score};
use crate::fault::{faults as all_faults, variants as all_variants};
use crate::generate::examples::examples;

/// How many seeds each fault is tried with, unless it is said.
const FAULT_SEEDS: u64 = 3;
/// How many seeds each variant is tried with, unless it is said.
const VARIANT_SEEDS: u64 = 5;

pub(super) fn faults(verb: &FaultsVerb) -> Outcome {
    match verb {
        FaultsVerb::List => print(&list_faults().map_err(Failure::internal)?).map(|()| CONFORMS),
        FaultsVerb::Score(args) => scored(args),
    }
}

pub(super) fn variants(verb: &VariantsVerb) -> Outcome {
    match verb {
        VariantsVerb::List => print(&list_variants().map_err(Failure::internal)?).map(|()| CONFORMS),
    }
}

fn list_faults() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let all = all_faults();
    for fault in &all {
        writeln!(text, "{:<58} {:<9} {}", fault.name, fault.difficulty, fault.breaks)?;
        writeln!(text, "    {}", fault.what)?;
    }
    writeln!(text, "\n{} faults. `mfa-conformance serve --fault NAME` runs one.", all.len())?;
    Ok(text)
}

fn list_variants() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let all = all_variants();
    for variant in &all {
        let departs: Vec<String> = variant.departs.iter().map(ToString::to_string).collect();
        writeln!(text, "{:<58} {}", variant.name, departs.join(", "))?;
        writeln!(text, "    {}", variant.what)?;
    }
    writeln!(text, "\n{} variants. `mfa-conformance serve --variant NAME` runs one.", all.len())?;
    Ok(text)
}

fn scored(args: &ScoreArgs) -> Outcome {
    let mut bench = Bench {
        faults: all_faults(),
        variants: all_variants(),
        fault_seeds: args.seeds.unwrap_or(FAULT_SEEDS),
        variant_seeds: args.seeds.unwrap_or(VARIANT_SEEDS),
        sequences: args.sequences,
        examples: examples().map_err(Failure::internal)?,
        threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    };
    if let Some(pattern) = &args.faults {
        bench.faults.retain(|fault| matches(pattern, &fault.name));
        bench.variants.clear();
    }
    if let Some(pattern) = &args.variants {
        bench.variants = all_variants();
        bench.variants.retain(|variant| matches(pattern, &variant.name));
        if args.faults.is_none() {
            bench.faults.clear();
        }
    }
    if bench.faults.is_empty() && bench.variants.is_empty() {
        let problem = "no fault and no variant has a name like that; see `faults list` and `variants list`";
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
    print(&table(&card))?;
    Ok(if card.is_clean() { CONFORMS } else { DIVERGES })
}

/// Whether a name matches a pattern, in which `*` stands for any text; a pattern without one stands for what holds it.
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
    fn a_star_stands_for_any_text() {
        assert!(matches("enable-*", "enable-forgotten"));
        assert!(matches("*-refused-*", "enable-refused-and-moved"));
        assert!(!matches("enable-*-late", "enable-forgotten"));
        assert!(matches("forgot", "enable-forgotten"));
        assert!(!matches("resync-*", "enable-resync"));
    }
}
