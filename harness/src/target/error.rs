//! Why a target is unavailable, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

/// Why a target can't be found, installed or started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The list of targets can't be read.
    #[error("the list of targets is wrong: {0}")]
    Catalogue(String),
    /// No target has this name.
    #[error(
        "there is no target {name:?}; known are {}; for any other service, start it yourself and give its \
         --endpoint-url", known.join(", ")
    )]
    Unknown {
        /// The requested name.
        name: String,
        /// The known names.
        known: Vec<String>,
    },
    /// There is no place for a cache.
    #[error("there is no place to install targets: HOME is not set; name a folder with --cache-dir")]
    NoCache,
    /// The cache can't be used.
    #[error("could not {doing}: {why}; another folder can be named with --cache-dir")]
    Cache {
        /// The failed action, with the path.
        doing: String,
        /// What the system said.
        why: String,
    },
    /// The tool that installs the target can't be started.
    #[error("{target} is installed with {tool}, which could not be started: {why}; install {remedy} first")]
    Tool {
        /// The target's name.
        target: String,
        /// The program.
        tool: String,
        /// What the system said.
        why: String,
        /// What to install.
        remedy: &'static str,
    },
    /// The installation failed.
    #[error("{target} could not be installed: `{command}` failed ({status}); its last lines were:\n{tail}")]
    Install {
        /// The target's name.
        target: String,
        /// The command that failed.
        command: String,
        /// How it ended.
        status: String,
        /// Its last lines.
        tail: String,
    },
    /// The target has to be installed first.
    #[error("{target} is not installed; `mfa-conformance targets install {target}` does that")]
    NotInstalled {
        /// The target's name.
        target: String,
    },
    /// The target would be open to the whole network.
    #[error(
        "{target} is not started here, since it listens on every network interface: {note}. It is started where there \
         is none but loopback: `unshare --map-root-user --net` opens such a shell on Linux (then: ip link set lo up)"
    )]
    EveryInterface {
        /// The target's name.
        target: String,
        /// What is known about it.
        note: String,
    },
    /// Its program can't be started.
    #[error(
        "{target} could not be started ({program}): {why}; if its installation is damaged, remove {home} and run \
         `mfa-conformance targets install {target}`", home = home.display()
    )]
    Launch {
        /// The target's name.
        target: String,
        /// The program.
        program: String,
        /// What the system said.
        why: String,
        /// Where it is installed.
        home: PathBuf,
    },
    /// The target ended on its own.
    #[error("{target} ended on its own ({status}); the end of its log ({log}) is:\n{tail}", log = log.display())]
    Ended {
        /// The target's name.
        target: String,
        /// How it ended.
        status: String,
        /// Its whole log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The target runs, but its readiness check fails.
    #[error(
        "{target} was not ready within {} s ({last}); the end of its log ({log}) is:\n{tail}",
        waited.as_secs_f32(), log = log.display()
    )]
    NotReady {
        /// The target's name.
        target: String,
        /// How long the program waited.
        waited: Duration,
        /// The result of the last attempt to reach it.
        last: String,
        /// Its whole log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
}
