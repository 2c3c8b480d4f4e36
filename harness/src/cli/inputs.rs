//! What verbs read in addition to their options.

use std::path::Path;

use super::exit::Failure;
use crate::clock::Clock;
use crate::known_gaps::{Day, KnownGaps};

/// Reads a list of known gaps.
pub(super) fn read_known_gaps(file: &Path) -> Result<KnownGaps, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let remedy = "`mfa-conformance known-gaps update FILE` makes one";
        Failure::usage(anyhow::anyhow!("the known gaps can't be read from {name}: {error}. {remedy}"))
    })?;
    KnownGaps::read(&name, &text).map_err(Failure::usage)
}

/// The day on which a list is compared with a report.
pub(super) fn today() -> Day {
    Day::of(Clock::system().now())
}
