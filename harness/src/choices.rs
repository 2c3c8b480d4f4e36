//! The numbers by which this program judges and that the documents don't give: its own choices.
//!
//! `docs/choices.md` is made from this table.

use mfa_reference::Search;

use crate::clock::Clock;
use crate::execute::{NEVER, RETRIES};
use crate::oracle::{OVERLAPS_MS, STILL_MS};
use crate::run::OVERLAP_TIME;
use crate::shrink::Budget;

/// A number that the documents don't give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is about.
    pub about: &'static str,
    /// The number with its unit.
    pub value: Value,
    /// The sentence that it makes precise, or why a number is necessary.
    pub because: &'static str,
    /// The option of `run` that changes it.
    pub option: Option<&'static str>,
}

/// The value of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The default of its option.
    OfOption,
    /// A fixed value.
    Fixed(String),
}

/// A choice that an option changes.
const fn option(about: &'static str, option: &'static str, because: &'static str) -> Choice {
    Choice { about, value: Value::OfOption, because, option: Some(option) }
}

/// A choice without an option.
fn fixed(about: &'static str, value: impl Into<String>, because: &'static str) -> Choice {
    Choice { about, value: Value::Fixed(value.into()), because, option: None }
}

/// All choices.
#[must_use]
pub fn choices() -> Vec<Choice> {
    let minutes = |steps: i64| steps / 2;
    vec![
        option(
            "How long a listing may take to show what a call did",
            "settle",
            "The documents say what a call does, and not when a listing shows it.",
        ),
        fixed(
            "How long sets of overlapping calls are repeated",
            format!("{} seconds", OVERLAP_TIME.as_secs()),
            "When a live target executes overlapping calls is a matter of chance.",
        ),
        option(
            "How long a request may take to be answered",
            "request-timeout",
            "The documents promise an answer, and no time.",
        ),
        option(
            "How long to wait for codes that no request has carried yet",
            "max-wait",
            "A device emits a code every 30 seconds, so a run has to wait for new ones or leave things untested.",
        ),
        fixed(
            "After what time a failure that asks for a later try never passes",
            format!("{} minutes", NEVER.as_secs() / 60),
            "The pages say several minutes. A run that may not wait so long (--max-wait) counts the call as not tested.",
        ),
        fixed(
            "How often a call is sent again that an internal failure answered",
            format!("{RETRIES} times"),
            "The pages call it a failure of the service and do not say how long it lasts.",
        ),
        fixed(
            "How long after a call without an answer ConcurrentModification is a right answer",
            format!("{} minutes", OVERLAPS_MS / 60_000),
            "The page says to wait a few minutes and try again.",
        ),
        fixed(
            "How far from now the codes of a device count as near",
            format!("{} steps to either side", Search::Near.radius()),
            "TOTP expire after a short period of time; the documents don't say how short.",
        ),
        fixed(
            "How far codes are searched that were accepted and are not near",
            format!("{} steps, which are {} hours", Search::Day.radius(), minutes(Search::Day.radius()) / 60),
            "Late codes are accepted by a note and rejected by an error; how late they can be is not said.",
        ),
        fixed(
            "How far a service's clock may be off its Date header",
            format!("{} ms to either side", Clock::DEFAULT_TOLERANCE_MS),
            "The header has whole seconds.",
        ),
        fixed(
            "How long an EnableDate must have stood still before a change of it counts",
            format!("{} s", STILL_MS / 1_000),
            "A refused call changes nothing, but a date may be shown late or in whole seconds.",
        ),
        fixed(
            "How often a finding is replayed at most",
            format!("{} times, within a minute", Budget::default().replays),
            "A finding has to be confirmed and made short in a bounded time.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;

    const HEAD: &str = "\
# The tool's own choices

The documents give few numbers. Where a verdict needs one that no sentence gives, this program chooses it. These are all
of them, with the option that changes each. Made from `harness/src/choices.rs`.

| what | how much | option | why |
| --- | --- | --- | --- |
";

    /// The default of an option of `run`.
    fn default_of(option: &str) -> String {
        let program = Cli::command();
        let run = program.find_subcommand("run").unwrap();
        let found = run.get_arguments().find(|arg| arg.get_long() == Some(option));
        let [default] = found.unwrap_or_else(|| panic!("run has no --{option}")).get_default_values() else {
            panic!("--{option} has no default")
        };
        default.to_string_lossy().into_owned()
    }

    fn page() -> String {
        let mut page = HEAD.to_owned();
        for Choice { about, value, because, option } in choices() {
            let value = match value {
                Value::Fixed(value) => value,
                Value::OfOption => default_of(option.unwrap()),
            };
            let option = option.map_or("none".to_owned(), |option| format!("`--{option}`"));
            writeln!(page, "| {about} | {value} | {option} | {because} |").unwrap();
        }
        page
    }

    #[test]
    fn the_page_of_choices_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/choices.md");
        let page = page();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == page,
            "docs/choices.md is out of date: run this test with UPDATE_DOCS=1 and commit what it writes"
        );
    }

    #[test]
    fn a_choice_that_an_option_changes_has_its_default() {
        for choice in choices() {
            assert_eq!(choice.value == Value::OfOption, choice.option.is_some(), "{}", choice.about);
            assert!(choice.because.ends_with('.') && !choice.about.ends_with('.'), "{}", choice.about);
        }
    }
}
