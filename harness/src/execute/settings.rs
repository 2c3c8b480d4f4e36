//! The settings that all scenarios of a run share.

use std::time::Duration;

use crate::oracle::Operations;
use crate::transport::Credentials;

/// How long an ordinary run waits in total for unused codes.
pub const MAX_WAIT: Duration = Duration::from_secs(95);

/// How long a listing may take to show a change, unless the user says otherwise.
pub const SETTLE: Duration = Duration::from_secs(2);

/// The settings that all scenarios of a run share.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether a departure from a Recorded clause counts as a divergence.
    pub strict: bool,
    /// How long a listing may take to show a change.
    pub settle: Duration,
    /// The run's own credentials.
    pub credentials: Credentials,
    /// The operations that the target has, and whether it has listings.
    pub operations: Operations,
    /// Whether the account had no assigned device when the run began.
    pub starts_empty: bool,
    /// Whether to wait for unused codes.
    pub patience: Patience,
    /// Whether the trace is kept even if nothing was found.
    pub keep_trace: bool,
}

/// Whether to wait for unused codes where a target refuses used ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Wait whenever a call needs unused codes: time costs nothing.
    Always,
    /// Wait in scenarios that ask for it, in total at most this long.
    WhenAsked(Duration),
    /// Never wait.
    Never,
}

impl Patience {
    /// Whether the run includes a scenario that waits at least this long. A scenario that waits longer than
    /// [`MAX_WAIT`] needs a virtual clock, or a run that may wait as long.
    #[must_use]
    pub fn has_time_for(self, wait: Duration) -> bool {
        match self {
            Self::WhenAsked(most) => wait <= most.max(MAX_WAIT),
            Self::Always | Self::Never => true,
        }
    }
}
