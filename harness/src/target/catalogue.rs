//! The list of targets, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::bundled::Bundled;
use super::error::TargetError;
use mfa_fixtures::TARGETS as BUILT_IN;

/// The targets that are known by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// The targets, in the order of the list.
    #[serde(rename = "target")]
    targets: Vec<Target>,
}

/// A service under test that this program can install and start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What people type: lower-case letters, digits and hyphens.
    pub name: String,
    /// The one version that is installed.
    pub version: String,
    /// What it is, in a line.
    pub summary: String,
    /// What is installed, from where.
    pub install: Install,
    /// How long that takes, if it is more than a few minutes.
    pub slow: Option<String>,
    /// How it is started.
    pub start: Start,
    /// How to see that it is ready.
    pub ready: Ready,
    /// How it is stopped.
    #[serde(default)]
    pub stop: Stop,
    /// Where it listens.
    pub binds: Binds,
    /// What is known about that, if it listens on every interface.
    pub binds_note: Option<String>,
    /// What is known about it and may surprise, for people to read.
    #[serde(default)]
    pub quirks: Vec<String>,
}

/// What is installed, from where. The version is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Install {
    /// Requirements for pip, such as `moto[server]==5.2.5`, with spaces between them. The first is the target.
    Pip(String),
    /// A crate for `cargo install`, such as `fakecloud@0.51.0`.
    Cargo(String),
    /// A server that comes along as source: the name of a folder of `fixtures/targets`, which is a Cargo package of the
    /// target's version with a lock file and a workspace of its own.
    Bundled(String),
}

/// How a target is started. `{bin}` stands for the folder of its programs, `{port}` for the port to listen on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Environment variables that it gets in addition.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// The request that tells whether a target is ready.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// The path of the GET.
    pub path: String,
    /// The status of the reply when the target is ready; any, if there is none here.
    pub status: Option<u16>,
    /// How long it may take, in milliseconds.
    #[serde(default = "thirty_seconds")]
    pub timeout_ms: u64,
}

/// How a target is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stop {
    /// The signal that asks it to end.
    pub signal: StopSignal,
    /// How long it may take to end before it is killed, in milliseconds.
    pub grace_ms: u64,
}

impl Stop {
    /// How long the target may take to end.
    #[must_use]
    pub const fn grace(&self) -> Duration {
        Duration::from_millis(self.grace_ms)
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self { signal: StopSignal::Term, grace_ms: 3_000 }
    }
}

/// A signal that asks a process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopSignal {
    /// `SIGTERM`
    Term,
    /// `SIGINT`, as Ctrl-C sends it.
    Int,
}

/// Where a target listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Binds {
    /// On this machine alone.
    Loopback,
    /// On every interface: anyone on the network could use it, so it is started only where there is no network.
    AllInterfaces,
}

const fn thirty_seconds() -> u64 {
    30_000
}

impl Targets {
    /// The targets that come with this program.
    ///
    /// # Errors
    /// [`TargetError::Catalogue`], which can't happen, as a test checks.
    pub fn load() -> Result<Self, TargetError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a list of targets (TOML).
    ///
    /// # Errors
    /// [`TargetError::Catalogue`] with the entry and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let targets: Self = toml::from_str(text).map_err(|error| TargetError::Catalogue(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for target in &targets.targets {
            target.check().map_err(|why| TargetError::Catalogue(format!("{:?}: {why}", target.name)))?;
            if !seen.insert(&target.name) {
                return Err(TargetError::Catalogue(format!("{:?} is there twice", target.name)));
            }
        }
        Ok(targets)
    }

    /// The targets, in the order of the list.
    pub fn iter(&self) -> std::slice::Iter<'_, Target> {
        self.targets.iter()
    }

    /// The target of this name.
    ///
    /// # Errors
    /// [`TargetError::Unknown`], with the known names.
    pub fn get(&self, name: &str) -> Result<&Target, TargetError> {
        self.iter().find(|target| target.name == name).ok_or_else(|| TargetError::Unknown {
            name: name.to_owned(),
            known: self.iter().map(|target| target.name.clone()).collect(),
        })
    }
}

impl<'a> IntoIterator for &'a Targets {
    type Item = &'a Target;
    type IntoIter = std::slice::Iter<'a, Target>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Target {
    /// The name with the version, as in `moto-5.2.5`. Its folder has this name.
    pub(super) fn id(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    fn check(&self) -> Result<(), String> {
        let word = |text: &str, more: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
        };
        // Both become part of a path.
        if !word(&self.name, "-") || !word(&self.version, "-.+") {
            return Err(
                "its name or version has other characters than a-z, 0-9 and - (in a version also . and +)".into()
            );
        }
        let pin = match &self.install {
            Install::Pip(requirements) => {
                let pin = format!("=={}", self.version);
                requirements.split_whitespace().next().is_some_and(|target| target.ends_with(&pin))
            }
            Install::Cargo(package) => package.ends_with(&format!("@{}", self.version)),
            Install::Bundled(folder) => match Bundled::find(folder) {
                Some(bundled) => bundled.version().is_some_and(|version| version == self.version),
                None => return Err(format!("there is no folder fixtures/targets/{folder}")),
            },
        };
        if !pin {
            return Err(format!("what it installs is not pinned to version {}", self.version));
        }
        if self.start.argv.is_empty() {
            return Err("its argv is empty".into());
        }
        if !self.ready.path.starts_with('/') {
            return Err("its ready path does not begin with /".into());
        }
        match (self.binds, &self.binds_note) {
            (Binds::AllInterfaces, None) => Err("it binds all interfaces, and no binds_note says more".into()),
            (Binds::AllInterfaces, Some(_)) | (Binds::Loopback, _) => Ok(()),
        }
    }
}

/// The JSON Schema of `fixtures/targets.toml`.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"
        [[target]]
        name = "one"
        version = "1.2"
        summary = "a service"
        install = { pip = "one==1.2" }
        start = { argv = ["{bin}/one"] }
        ready = { path = "/" }
        binds = "loopback"
    "#;

    #[test]
    fn the_targets_that_come_along_can_be_read() {
        let targets = Targets::load().unwrap();
        let moto = targets.get("moto").unwrap();
        assert_eq!(moto.install, Install::Pip("moto[server]==5.2.5".into()));
        assert_eq!(moto.ready, Ready { path: "/moto-api/data.json".into(), status: Some(200), timeout_ms: 30_000 });
        assert_eq!(targets.get("ministack").unwrap().start.env["BIND_HOST"], "127.0.0.1");
        assert_eq!(targets.get("localemu").unwrap().binds, Binds::AllInterfaces);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones_and_the_other_way() {
        let error = Targets::parse(ENTRY).unwrap().get("two").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no target \"two\"; known are one; for any other service, start it yourself and give its \
             --endpoint-url"
        );
    }

    #[test]
    fn a_wrong_entry_is_refused_with_what_is_wrong() {
        for (right, wrong, reason) in [
            ("name = \"one\"", "name = \"../one\"", "its name or version"),
            ("version = \"1.2\"", "version = \"../..\"", "its name or version"),
            ("one==1.2", "one>=1.2", "not pinned to version 1.2"),
            ("one==1.2", "two one==1.2", "not pinned to version 1.2"),
            ("[\"{bin}/one\"]", "[]", "argv is empty"),
            ("path = \"/\"", "path = \"health\"", "does not begin with /"),
            ("\"loopback\"", "\"all-interfaces\"", "no binds_note"),
            ("summary", "sumary", "unknown field `sumary`"),
        ] {
            let error = Targets::parse(&ENTRY.replace(right, wrong)).unwrap_err().to_string();
            assert!(error.contains(reason), "{wrong}: {error}");
        }
        let error = Targets::parse(&format!("{ENTRY}{ENTRY}")).unwrap_err().to_string();
        assert!(error.contains("\"one\" is there twice"), "{error}");
    }

    #[test]
    fn the_schema_is_up_to_date_and_holds_for_the_list() {
        let schema = serde_json::to_value(schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/targets.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
        let list: serde_json::Value = toml::from_str(BUILT_IN).unwrap();
        assert!(jsonschema::is_valid(&schema, &list));
    }
}
