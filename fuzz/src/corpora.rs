//! The corpora of the fuzz targets, replayed.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use crate::{files, parameter_validation, reply_parse, request_decode, scenario, scenario_fault, totp_window};

/// A fuzz target: its name and its property.
type Target = (&'static str, fn(&[u8]) -> Result<(), String>);

/// Every fuzz target, in the order of the alphabet.
const TARGETS: &[Target] = &[
    ("files", |bytes| told(files::holds(bytes))),
    ("parameter_validation", |bytes| told(parameter_validation::holds(bytes))),
    ("reply_parse", |bytes| told(reply_parse::holds(bytes))),
    ("request_decode", |bytes| told(request_decode::holds(bytes))),
    ("scenario", |bytes| told(scenario::holds(bytes))),
    ("scenario_fault", |bytes| told(scenario_fault::holds(bytes))),
    ("totp_window", |bytes| told(totp_window::holds(bytes))),
];

fn told<E: Debug>(held: Result<(), E>) -> Result<(), String> {
    held.map_err(|broken| format!("{broken:?}"))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of what a directory holds, in order, without their extensions.
fn names(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(repository().join(directory)).unwrap();
    let name = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap().path())).collect();
    names.sort();
    names
}

#[test]
fn every_file_of_every_corpus_holds() {
    for (target, holds) in TARGETS {
        let corpus = repository().join("fixtures/corpora").join(target);
        let mut files = 0;
        for file in std::fs::read_dir(&corpus).unwrap() {
            let file = file.unwrap().path();
            assert_eq!(holds(&std::fs::read(&file).unwrap()), Ok(()), "{}", file.display());
            files += 1;
        }
        assert!(files >= 5, "only {files} files in {}", corpus.display());
    }
}

#[test]
fn every_fuzz_target_is_replayed_and_can_be_shown_to_fail() {
    let targets: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names("fuzz/fuzz_targets"), targets);
    assert_eq!(names("fixtures/corpora"), targets);
    assert_eq!(names("fuzz/seeded"), targets);
}
