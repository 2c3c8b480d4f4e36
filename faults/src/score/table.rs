//! The score as text for a person: a line for each fault, by difficulty, a line for each variant, and the totals.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::scorecard::{FaultScore, Scorecard, VariantScore};
use super::trial::FaultTrial;
use crate::entry::Difficulty;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Writes the score as text, with colours.
#[must_use]
pub fn table(card: &Scorecard) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _infallible = write(&mut text, card);
    text
}

fn write(text: &mut String, card: &Scorecard) -> std::fmt::Result {
    for difficulty in Difficulty::ALL {
        let of_class: Vec<&FaultScore> = card.faults.iter().filter(|fault| fault.difficulty == difficulty).collect();
        if of_class.is_empty() {
            continue;
        }
        let title = format!("{difficulty} faults");
        writeln!(text, "{title:<58} {:>7} {:>7} {:>7} {:>7} {:>9}", "found", "named", "median", "worst", "shrunk")?;
        for fault in &of_class {
            fault_line(text, fault)?;
        }
        let trials: Vec<&FaultTrial> = of_class.iter().flat_map(|fault| &fault.trials).collect();
        let (median, worst) = calls(&trials);
        writeln!(text, "{:<58} {:>15} {median:>7} {worst:>7}\n", "  all of them", "")?;
    }
    if !card.variants.is_empty() {
        writeln!(text, "{:<58} {:>7} {:>7}", "permitted variants", "default", "strict")?;
        for variant in &card.variants {
            variant_line(text, variant)?;
        }
        writeln!(text)?;
    }
    total(text, card)
}

fn fault_line(text: &mut String, fault: &FaultScore) -> std::fmt::Result {
    let of = fault.trials.len();
    let trials: Vec<&FaultTrial> = fault.trials.iter().collect();
    let found = trials.iter().filter(|trial| trial.found()).count();
    let right = trials.iter().filter(|trial| trial.right).count();
    let (median, worst) = calls(&trials);
    let shrunk = trials.iter().filter_map(|trial| trial.shrunk).max();
    let shrunk = shrunk.zip(fault.shortest).map_or_else(|| "-".to_owned(), |(actions, of)| format!("{actions}/{of}"));
    let (found_style, right_style) = (style(fault.is_found()), style(fault.is_named()));
    writeln!(
        text,
        "  {:<56} {found_style}{:>7}{found_style:#} {right_style}{:>7}{right_style:#} {median:>7} {worst:>7} {shrunk:>9}",
        fault.name,
        format!("{found}/{of}"),
        format!("{right}/{of}"),
    )?;
    if !fault.is_named() {
        writeln!(text, "      {} is right", fault.breaks)?;
    }
    let others = fault.others();
    if !others.is_empty() {
        writeln!(text, "      also named: {}", others.join(", "))?;
    }
    Ok(())
}

fn variant_line(text: &mut String, variant: &VariantScore) -> std::fmt::Result {
    let (quiet, strict) = (!variant.is_flagged(), variant.is_strictly_right());
    let (quiet_style, strict_style) = (style(quiet), style(strict));
    writeln!(
        text,
        "  {:<56} {quiet_style}{:>7}{quiet_style:#} {strict_style}{:>7}{strict_style:#}",
        variant.name,
        if quiet { "quiet" } else { "FLAGGED" },
        if strict { "right" } else { "WRONG" },
    )?;
    let mut flagged: Vec<&String> = variant.trials.iter().flat_map(|trial| &trial.flagged).collect();
    flagged.sort_unstable();
    flagged.dedup();
    for finding in flagged {
        writeln!(text, "      {finding}")?;
    }
    if !strict {
        let mut named: Vec<&str> =
            variant.trials.iter().flat_map(|trial| &trial.strict).flatten().map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        writeln!(text, "      strict named [{}], departs from [{}]", named.join(", "), variant.departs.join(", "))?;
    }
    Ok(())
}

fn total(text: &mut String, card: &Scorecard) -> std::fmt::Result {
    let totals = &card.totals;
    let style = style(card.is_clean());
    writeln!(
        text,
        "{style}{} of {} faults found, {} named rightly ({} of {} trials found, {} named); {} of {} shrunk to within one \
         action of the shortest; {} of {} variants flagged, {} wrong in strict mode; {:.0} s{style:#}",
        totals.found,
        totals.faults,
        totals.named,
        totals.trials_found,
        totals.trials,
        totals.trials_named,
        totals.shrunk_short,
        totals.shrunk,
        totals.flagged,
        totals.variants,
        totals.strictly_wrong,
        card.seconds,
    )
}

const fn style(good: bool) -> Style {
    if good { GOOD } else { BAD }
}

/// The median and the greatest number of calls until the first divergence.
fn calls(trials: &[&FaultTrial]) -> (String, String) {
    let mut calls: Vec<u64> = trials.iter().filter_map(|trial| trial.calls).collect();
    calls.sort_unstable();
    let told = |calls: Option<&u64>| calls.map_or_else(|| "-".to_owned(), ToString::to_string);
    (told(calls.get(calls.len() / 2)), told(calls.last()))
}
