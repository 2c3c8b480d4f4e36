//! Compares the GitHub Action, `action.yml`, and its docs with the command line that they use.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use clap::Parser as _;
use yaml_rust2::{Yaml, YamlLoader};

use super::args::{Cli, Verb};

const ACTION: &str = include_str!("../../../action.yml");
const DOCS: &str = include_str!("../../../docs/baselines.md");

fn parsed(text: &str) -> Yaml {
    let documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"));
    let [document] = <[Yaml; 1]>::try_from(documents).unwrap();
    document
}

fn keys(map: &Yaml) -> BTreeSet<String> {
    map.as_hash().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

/// The inputs of the action.
fn inputs() -> BTreeSet<String> {
    keys(&parsed(ACTION)["inputs"])
}

fn steps() -> Vec<Yaml> {
    parsed(ACTION)["runs"]["steps"].as_vec().unwrap().clone()
}

/// What a step's script wrote to `GITHUB_OUTPUT`, its exit code, and the command lines of this program.
struct Played {
    code: Option<i32>,
    output: String,
    lines: Vec<Vec<String>>,
}

/// Plays the step that runs the program, as a runner does, with a fake program that notes its arguments and fails.
fn play(inputs: &[(&str, &str)]) -> Played {
    let steps = steps();
    let step = steps.iter().find(|step| step["id"].as_str() == Some("run")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let program = "#!/bin/sh\nprintf '%s\\n' \"$@\" --end-- >> \"$NOTES\"\n[ \"$1\" != run ]\n";
    std::fs::write(file("mfa-conformance"), program).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(file("mfa-conformance"), executable).unwrap();
    std::fs::write(file("script"), step["run"].as_str().unwrap()).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file("script")).current_dir(folder.path());
    bash.env("PATH", path).env("NOTES", file("notes"));
    bash.env("GITHUB_OUTPUT", file("output")).env("RUNNER_TEMP", file("temp folder"));
    for (name, value) in step["env"].as_hash().unwrap() {
        let input = value.as_str().unwrap().strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
        let given = inputs.iter().find(|(name, _)| *name == input).map_or("", |(_, value)| value);
        bash.env(name.as_str().unwrap(), given);
    }
    let code = bash.status().unwrap().code();
    let output = std::fs::read_to_string(file("output")).unwrap();
    let notes = std::fs::read_to_string(file("notes")).unwrap_or_default();
    let words = |line: &str| line.lines().map(str::to_owned).collect();
    assert!(!file("planted").exists(), "an input was run as a command");
    Played { code, output, lines: notes.split_terminator("--end--\n").map(words).collect() }
}

#[test]
fn every_input_is_used_and_none_is_pasted_into_a_script() {
    let used: BTreeSet<String> = ACTION
        .split("inputs.")
        .skip(1)
        .map(|rest| rest.split(|sign: char| !(sign.is_ascii_lowercase() || sign == '-')).next().unwrap().to_owned())
        .collect();
    assert_eq!(used, inputs());
    for step in steps() {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "give it to the script by env: {script}");
        assert!(
            script.is_empty() || step["shell"].as_str() == Some("bash"),
            "a composite step names its shell: {script}"
        );
    }
}

#[test]
fn the_program_gets_every_input_as_it_is_and_its_exit_code_is_the_steps() {
    let planted = "$(touch planted)'\"; touch planted #";
    let played = play(&[
        ("target", "moto"),
        ("known-gaps", planted),
        ("shard", "2/4"),
        ("config", "a b.toml"),
        ("arguments", "--strict\n\n--max-wait\n0s\n--allow-host=$(touch planted)\n"),
    ]);
    assert_eq!((played.code, played.lines.len()), (Some(1), 2), "{}", played.output);
    assert!(played.output.contains("exit-code=1\n"), "{}", played.output);
    assert_eq!(played.lines[0], ["targets", "install", "moto"]);
    let line = std::iter::once("mfa-conformance").chain(played.lines[1].iter().map(String::as_str));
    let Verb::Run(args) = Cli::try_parse_from(line).unwrap().verb else { panic!("no run") };
    assert_eq!(args.endpoint.target.as_deref(), Some("moto"));
    assert_eq!(args.known_gaps.as_deref(), Some(Path::new(planted)));
    assert_eq!((args.part.shard.to_string().as_str(), args.config.as_deref()), ("2/4", Some(Path::new("a b.toml"))));
    assert_eq!((args.judge.strict, args.max_wait.0.as_secs()), (true, 0));
    assert_eq!(args.endpoint.allow_host, ["$(touch planted)"]);
    let folder = played.output.lines().find_map(|line| line.strip_prefix("reports=")).unwrap();
    let files: Vec<_> = args.judge.report.iter().map(|report| report.file.strip_prefix(folder).unwrap()).collect();
    assert_eq!(files, ["report.json", "report.xml", "report.html"].map(Path::new));
}

#[test]
fn without_a_target_nothing_is_installed_and_without_inputs_nothing_is_chosen() {
    let played = play(&[("endpoint-url", "http://127.0.0.1:5000")]);
    let [line] = played.lines.as_slice() else { panic!("{:?}", played.lines) };
    assert_eq!(&line[line.len() - 2..], ["--endpoint-url", "http://127.0.0.1:5000"]);
    let [line] = &play(&[]).lines[..] else { panic!("one line") };
    assert_eq!((line[0].as_str(), line.len()), ("run", 7), "{line:?}");
}

#[test]
fn the_workflows_of_the_docs_are_yaml_and_give_inputs_that_there_are() {
    let inputs = inputs();
    let mut uses = 0;
    for block in DOCS.split("```yaml\n").skip(1) {
        let workflow = parsed(block.split("```").next().unwrap());
        for (_, job) in workflow["jobs"].as_hash().unwrap() {
            for step in job["steps"].as_vec().unwrap() {
                if step["uses"].as_str().is_some_and(|uses| uses.starts_with("mfa-conformance/mfa-conformance@")) {
                    let unknown: Vec<_> = keys(&step["with"]).difference(&inputs).cloned().collect();
                    assert!(unknown.is_empty(), "no inputs: {unknown:?}");
                    uses += 1;
                }
            }
        }
    }
    assert!(uses >= 3, "only {uses} uses");
}

#[test]
fn the_command_lines_of_the_docs_can_be_typed() {
    let lines = DOCS.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("- run: ");
        line.starts_with("mfa-conformance ").then(|| line.split(" #").next().unwrap_or(line))
    });
    let mut typed = 0;
    for line in lines {
        let words = line.split_whitespace().take_while(|word| !word.starts_with('>'));
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{line}\n{error}");
        }
        typed += 1;
    }
    assert!(typed >= 5, "only {typed} lines");
}
