//! The files around the code agree with each other: the compiler, the pinned actions, the issue forms.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a broken one has to fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use yaml_rust2::{Yaml, YamlLoader};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The paths of the files in a folder.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().display())).collect()
}

fn parsed(path: &str) -> Yaml {
    let documents = YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let [document] = <[Yaml; 1]>::try_from(documents).unwrap();
    document
}

#[test]
fn the_oldest_supported_compiler_is_the_one_that_ci_uses() {
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(workspace["workspace"]["package"]["rust-version"], toolchain["toolchain"]["channel"]);
}

#[test]
fn every_action_is_pinned_by_its_commit_and_names_its_release() {
    let mut uses = 0;
    for path in files(".github/workflows").into_iter().chain(["action.yml".to_owned()]) {
        assert!(parsed(&path).as_hash().is_some(), "{path}");
        for line in read(&path).lines().filter_map(|line| line.split_once("uses: ").map(|(_, used)| used.to_owned())) {
            let (_, pin) = line.split_once('@').unwrap_or_else(|| panic!("{path}: {line}"));
            let (commit, release) = pin.split_once(" # v").unwrap_or_else(|| panic!("{path}: {line}"));
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}: {line}");
            assert_eq!(release.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{path}: {line}");
            uses += 1;
        }
    }
    assert!(uses >= 14, "only {uses} uses");
}

#[test]
fn every_issue_form_can_be_filled_in() {
    let forms: Vec<_> = files(".github/ISSUE_TEMPLATE").into_iter().filter(|path| !path.contains("config")).collect();
    assert_eq!(forms.len(), 3);
    for path in forms {
        let form = parsed(&path);
        assert!(form["name"].as_str().is_some() && form["description"].as_str().is_some(), "{path}");
        let mut ids = BTreeSet::new();
        for field in form["body"].as_vec().unwrap() {
            let kind = field["type"].as_str().unwrap();
            if kind == "markdown" {
                assert!(field["attributes"]["value"].as_str().is_some(), "{path}");
                continue;
            }
            let id = field["id"].as_str().unwrap_or_else(|| panic!("{path}: a {kind} without an id"));
            assert!(ids.insert(id), "{path}: {id} comes twice");
            assert!(field["attributes"]["label"].as_str().is_some(), "{path}: {id}");
            assert!(["input", "textarea", "dropdown"].contains(&kind), "{path}: {id} is a {kind}");
            assert_eq!(kind == "dropdown", field["attributes"]["options"].as_vec().is_some(), "{path}: {id}");
        }
    }
}
