//! Files that people write, read from any bytes.

use mfa_reference::Millis;
use mfa_reference::service::Service;
use mfa_reference::service::behaviour::Behaviour;

use crate::play_now::{BEGINNING, play_now};
use mfa_conformance::cli::config::Config;
use mfa_conformance::known_gaps::KnownGaps;
use mfa_conformance::scenario::{Scenario, ScenarioError, read_scenario, write_scenario};
use mfa_conformance::target::{TargetError, Targets};
use mfa_conformance::transport::in_process::InProcess;

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A scenario can't be written, or what was written can't be read.
    #[error("{scenario:?} can't be written and read again: {why}")]
    Unwritable {
        /// The scenario.
        scenario: Box<Scenario>,
        /// Why not.
        why: String,
    },
    /// A scenario is another one once it was written and read again.
    #[error("{written} is read as {again:?} and was {first:?}")]
    RoundTrip {
        /// As it was read at first.
        first: Box<Scenario>,
        /// The file that was written.
        written: String,
        /// As that is read.
        again: Box<Scenario>,
    },
    /// A scenario waits for something that never comes.
    #[error("{0:?} doesn't end")]
    Endless(Box<Scenario>),
    /// An error that doesn't help.
    #[error("{0:?} doesn't tell the file, or tells more than a person wants to read")]
    Unclear(String),
    /// A target of a list isn't found by its own name.
    #[error("the list has a target {0:?} that isn't found by its name")]
    Lost(String),
}

/// How many actions a scenario may have that is played.
const MOST_PLAYED: usize = 30;

/// How long an error may be beside what it quotes, in bytes.
const LONGEST_ERROR: usize = 600;

/// Any bytes as a scenario (first byte `s`), as known gaps (`g`), as options of a run (`c`) or as a list of targets (any
/// other): they are read, or the error says where the file is wrong. A scenario is the same after it was written and read again, and can be played.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let (kind, text) = bytes.split_first().unwrap_or((&b's', &[]));
    let text = String::from_utf8_lossy(text);
    match kind {
        b's' => scenario(&text),
        b'g' => match KnownGaps::read("dir/gaps.toml", &text) {
            Ok(_) => Ok(()),
            Err(error) => clear(&error.to_string(), "dir/gaps.toml:", &text),
        },
        b'c' => match Config::read("dir/mfa-conformance.toml", &text) {
            Ok(_) => Ok(()),
            Err(error) => clear(&error.to_string(), "dir/mfa-conformance.toml:", &text),
        },
        _ => targets(&text),
    }
}

fn scenario(text: &str) -> Result<(), Broken> {
    let first = match read_scenario("dir/some file.json", text) {
        Ok(scenario) => scenario,
        Err(error) => return clear(&error.to_string(), "dir/some file.json:", text),
    };
    let unwritable = |why: String| Broken::Unwritable { scenario: Box::new(first.clone()), why };
    let written = write_scenario(&first).map_err(|error| unwritable(error.to_string()))?;
    let again = read_scenario("again.json", &written).map_err(|error: ScenarioError| unwritable(error.to_string()))?;
    if again != first {
        return Err(Broken::RoundTrip { first: Box::new(first), written, again: Box::new(again) });
    }
    if first.actions() <= MOST_PLAYED
        && play_now(&first, false, &mut InProcess::new(Service::new(Behaviour::default(), 7), Millis(BEGINNING)))
            .is_none()
    {
        return Err(Broken::Endless(Box::new(first)));
    }
    Ok(())
}

/// Tells an error that doesn't say the file, or that repeats too much of it.
fn clear(error: &str, about: &str, text: &str) -> Result<(), Broken> {
    // What is quoted may be escaped, eight bytes for one.
    if error.starts_with(about) && error.len() <= LONGEST_ERROR + 8 * text.len() {
        Ok(())
    } else {
        Err(Broken::Unclear(error.to_owned()))
    }
}

fn targets(text: &str) -> Result<(), Broken> {
    match Targets::parse(text) {
        Ok(targets) => targets.iter().try_for_each(|target| match targets.get(&target.name) {
            Ok(found) if found == target => Ok(()),
            Ok(_) | Err(_) => Err(Broken::Lost(target.name.clone())),
        }),
        Err(error @ TargetError::Catalogue(_)) => clear(&error.to_string(), "the list of targets is wrong: ", text),
        Err(other) => Err(Broken::Unclear(other.to_string())),
    }
}
