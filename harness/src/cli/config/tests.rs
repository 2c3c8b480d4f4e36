//! Which of the command line, the environment and the file wins, and errors in a file.

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::*;
use crate::cli::args::Cli;

const EXAMPLE: &str = include_str!("../../../../fixtures/mfa-conformance.toml");

/// Each option in a file, and another value of it on the command line.
const OPTIONS: &[(&str, &str)] = &[
    ("target = \"moto\"", "--target=ministack"),
    ("endpoint-url = \"http://127.0.0.1:1\"", "--endpoint-url=http://127.0.0.1:2"),
    ("allow-host = [\"one.test\"]", "--allow-host=two.test"),
    ("ca-file = \"one.pem\"", "--ca-file=two.pem"),
    ("header = [\"X-One: 1\"]", "--header=X-Two: 2"),
    ("rate-limit = 3", "--rate-limit=4"),
    ("request-timeout = \"3s\"", "--request-timeout=4s"),
    ("cache-dir = \"one\"", "--cache-dir=two"),
    ("strict = true", "--strict=false"),
    ("settle = \"3s\"", "--settle=4s"),
    ("max-wait = \"3s\"", "--max-wait=4s"),
    ("report = [\"json=one.json\"]", "--report=json=two.json"),
    ("seed = 3", "--seed=4"),
    ("scenarios = 3", "--scenarios=4"),
    ("workers = 3", "--workers=4"),
    ("known-gaps = \"one.toml\"", "--known-gaps=two.toml"),
];

fn parsed(arguments: &[&str]) -> (ArgMatches, Box<RunArgs>) {
    let line = ["mfa-conformance", "run"].iter().chain(arguments);
    let matches = Cli::command().try_get_matches_from(line).unwrap();
    let Verb::Run(args) = Cli::from_arg_matches(&matches).unwrap().verb else { panic!("no run") };
    (matches.subcommand_matches("run").unwrap().clone(), args)
}

/// The resulting options as text.
fn options(text: &str, arguments: &[&str], environment: Environment) -> String {
    let (matches, mut args) = parsed(arguments);
    let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    Config::read("here.toml", text).unwrap().fill(Path::new(""), &mut args, given, environment).unwrap();
    format!("{args:#?}")
}

fn error(text: &str) -> String {
    Config::read("dir/here.toml", text).unwrap_err().to_string()
}

#[test]
fn the_command_line_wins_over_the_file_and_the_file_over_what_is_built_in() {
    for (line, argument) in OPTIONS {
        let built_in = options("", &[], Environment::default());
        assert_ne!(options(line, &[], Environment::default()), built_in, "{line}");
        let given = options("", &[argument], Environment::default());
        assert_eq!(options(line, &[argument], Environment::default()), given, "{line}");
        let key = line.split_once(" =").unwrap().0;
        let (argument, value) = (format!("--{key}"), line.split_once("= ").unwrap().1.trim_matches(['"', '[', ']']));
        let argument = if key == "strict" { argument } else { format!("{argument}={value}") };
        assert_eq!(options(line, &[], Environment::default()), options("", &[&argument], Environment::default()));
    }
}

#[test]
fn every_option_of_the_file_is_one_of_the_command_line_and_stands_in_the_example() {
    let schema = serde_json::to_value(schema()).unwrap();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut tried: Vec<&str> = OPTIONS.iter().map(|(line, _)| line.split_once(" =").unwrap().0).collect();
    tried.sort_unstable();
    assert_eq!(keys, tried, "try each option that there is");
    for key in keys {
        assert!(EXAMPLE.contains(&format!("{key} =")), "{key}");
    }
}

#[test]
fn an_endpoint_of_the_command_line_or_the_environment_takes_the_place_of_the_target() {
    let target = "target = \"moto\"\ncache-dir = \"one\"";
    let given = options(target, &["--endpoint-url=http://127.0.0.1:2"], Environment::default());
    assert!(given.contains("target: None") && given.contains("127.0.0.1:2"), "{given}");
    let environment = Environment { has_endpoint: true, has_cache: true };
    assert_eq!(options(target, &[], environment), options("", &[], environment));
}

#[test]
fn paths_are_relative_to_the_folder_of_the_file() {
    let text = "ca-file = \"ca.pem\"\nknown-gaps = \"gaps.toml\"\nreport = [\"json=/tmp/one.json\", \"html=two.html\"]\ncache-dir = \"c\"";
    let (_, mut args) = parsed(&[]);
    let config = Config::read("x", text).unwrap();
    config.fill(Path::new("team"), &mut args, |_| false, Environment::default()).unwrap();
    let reports: Vec<PathBuf> = args.judge.report.into_iter().map(|report| report.file).collect();
    assert_eq!(args.known_gaps, Some("team/gaps.toml".into()));
    assert_eq!(args.endpoint.ca_file, Some("team/ca.pem".into()));
    assert_eq!(reports, [PathBuf::from("/tmp/one.json"), "team/two.html".into()]);
    assert_eq!(args.endpoint.cache_dir, Some("team/c".into()));
}

#[test]
fn what_is_wrong_is_told_with_its_line_its_key_and_a_remedy() {
    for (text, told) in [
        ("\nsed = 1", "line 2: `sed`: unknown field `sed`, expected one of `target`, `endpoint-url`"),
        ("seed = 1\nseed = 2", "line 2: duplicate key"),
        ("seed = \"one\"", "line 1: `seed`: invalid type: string \"one\", expected u64"),
        ("seed = -1", "line 1: `seed`: invalid value"),
        ("rate-limit = 0", "line 1: `rate-limit`: invalid value: integer `0`"),
        ("seed = 1\ncache-dir = \"\"", "line 2: `cache-dir`: give a value"),
        ("workers = 513", "line 1: `workers`: write a number from 1 to 512"),
        ("# Ours.\nsettle = \"2\"", "line 2: `settle`: \"2\" is not a time: write 500ms, 30s, 5m or 1h"),
        ("request-timeout = \"0s\"", "line 1: `request-timeout`: nothing happens in no time: write 500ms or more"),
        ("report = [\n  \"xml=x\",\n]", "`report`: no report format \"xml\": there are json"),
        ("target = \"moto\"\nendpoint-url = \"x\"", "line 2: `endpoint-url`: there is a `target`, too: take one"),
        ("[run]\nseed = 1", "line 1: `run`: unknown field `run`"),
        ("seed", "line 1: "),
    ] {
        let error = error(text);
        assert!(error.starts_with("dir/here.toml: ") && error.contains(told), "{error}");
        assert!(error.ends_with("`mfa-conformance schema config` describes the format"), "{error}");
    }
}

#[test]
fn aws_is_never_allowed_by_a_file() {
    let told = error("seed = 1\nallow-aws = true");
    assert!(told.contains("line 2: `allow-aws` can't stand in a file") && told.contains("real resources"), "{told}");
    for key in ["profile = \"dev\"", "env-credentials = true"] {
        let told = error(key);
        assert!(told.contains("can't stand in a file") && told.contains("credentials unawares"), "{told}");
    }
}

#[test]
fn the_schema_is_up_to_date_and_holds_for_the_example() {
    let schema = serde_json::to_value(schema()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/config.schema.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
    let holds = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        assert_eq!(jsonschema::is_valid(&schema, &value), Config::read("x", text).is_ok(), "{text}");
    };
    holds(EXAMPLE);
    for text in ["sed = 1", "seed = -1", "workers = 0", "settle = \"2\"", "report = [\"xml=x\"]", "allow-aws = true"] {
        holds(text);
    }
    assert!(Config::read("fixtures/mfa-conformance.toml", EXAMPLE).is_ok());
}

#[test]
fn a_file_that_nobody_has_named_leads_to_no_other_machine() {
    let config = || Config::read("here.toml", "allow-host = [\"one.test\"]").unwrap();
    assert!(config().trusted("here.toml", true).is_ok());
    let error = config().trusted("here.toml", false).unwrap_err().to_string();
    assert!(error.contains("--config here.toml"), "{error}");
    assert!(Config::read("here.toml", "seed = 1").unwrap().trusted("here.toml", false).is_ok());
}
