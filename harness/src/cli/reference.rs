//! The reference of the command line, `docs/cli.md`: the `--help` of every verb on one page.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use super::args::Cli;

const HEAD: &str = "\
# The command line

Every verb with its arguments and options, made from the definitions that `--help` prints. Options that a team sets once
can stand in a file: see [baselines in CI](baselines.md#options-that-are-set-once).
";

/// The whole page.
fn reference() -> String {
    let mut program = Cli::command();
    // Gives each verb its full name and the global options.
    program.build();
    let mut page = HEAD.to_owned();
    describe(&mut program, true, &mut page);
    page
}

/// Describes a verb, then those below it.
fn describe(verb: &mut Command, is_root: bool, page: &mut String) {
    let usage = verb.render_usage().to_string();
    let name = verb.get_bin_name().unwrap_or(verb.get_name());
    writeln!(page, "\n## `{name}`\n\n{}\n", sentence(verb.get_about())).unwrap();
    writeln!(page, "```text\n{}\n```", usage.trim_start_matches("Usage: ")).unwrap();
    if let Some(more) = verb.get_after_help() {
        writeln!(page, "\n```text\n{more}\n```").unwrap();
    }
    let own = |arg: &&Arg| {
        let is_help = ["help", "version"].contains(&arg.get_id().as_str());
        !is_help && !arg.is_hide_set() && (is_root || !arg.is_global_set())
    };
    let lines: Vec<String> = verb.get_arguments().filter(own).map(line).collect();
    if !lines.is_empty() {
        writeln!(page, "\n{}", lines.join("\n")).unwrap();
    }
    for below in verb.get_subcommands_mut().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        describe(below, false, page);
    }
}

/// An argument or an option, on one line.
fn line(arg: &Arg) -> String {
    let takes_value = arg.get_action().takes_values();
    let short = arg.get_short().filter(|_| arg.get_long().is_some());
    let short = short.map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let form = Arg::clone(arg).short(None).to_string();
    let mut line = format!("- {short}`{form}`: {}", sentence(arg.get_help()));
    let values = arg.get_possible_values();
    let values: Vec<String> = values
        .iter()
        .filter(|value| takes_value && !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) if !help.to_string().eq_ignore_ascii_case(value.get_name()) => {
                format!("`{}` ({help})", value.get_name())
            }
            Some(_) | None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        write!(line, " One of {}.", values.join(", ")).unwrap();
    }
    if let [default] = arg.get_default_values()
        && takes_value
        && !arg.is_hide_default_value_set()
    {
        write!(line, " Default: `{}`.", default.to_string_lossy()).unwrap();
    }
    line
}

/// A help text with the full stop that clap removes.
fn sentence(help: Option<&clap::builder::StyledStr>) -> String {
    let text = help.map(ToString::to_string).unwrap_or_default();
    if text.ends_with('.') { text } else { format!("{text}.") }
}

#[test]
fn the_reference_of_the_command_line_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md");
    let page = reference();
    assert!(page.chars().all(|sign| sign == '\n' || !sign.is_control()), "it has signs of a terminal in it");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "docs/cli.md is out of date: run this test with UPDATE_DOCS=1 and commit what it writes");
}

#[test]
fn every_option_of_every_verb_is_told_once_in_its_section() {
    let page = reference();
    let section = |name: &str| {
        let (_, rest) = page.split_once(&format!("\n## `{name}`\n")).unwrap();
        rest.split("\n## ").next().unwrap().to_owned()
    };
    let run = section("mfa-conformance run");
    for told in ["- `-j`, `--workers <N>`: How many", "Default: `8`.\n", "- `--strict", "One of `examples`, `boundary`"]
    {
        assert_eq!(run.matches(told).count(), 1, "{told}:\n{run}");
    }
    assert!(section("mfa-conformance").contains("Exit codes: 0 PASS, 1 FAIL"));
    assert!(section("mfa-conformance known-gaps check").contains("- `<FILE>`: The list."));
    assert!(!page.contains("protocol`") && !page.contains("`--help`:"), "what is hidden, or the same everywhere");
}
