//! What a fault or a variant is about. Each theme has its own table.

use std::fmt;

use serde::Deserialize;

/// What a fault or a variant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Which pairs of codes are accepted.
    Codes,
    /// Which user has which device after a call.
    Association,
    /// What the listings show.
    Listing,
    /// Which user or device a name stands for.
    Names,
    /// Users, devices and keys that are created, renamed and deleted.
    Lifecycle,
    /// Which error answers what.
    Errors,
    /// The form of the replies.
    Replies,
    /// How requests are read.
    Requests,
    /// Connections, delays and missing replies.
    Connections,
    /// Calls that overlap.
    Overlap,
    /// The constraints of each parameter.
    Parameters,
}

impl Theme {
    /// The word for it, which is also the name of its table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Association => "association",
            Self::Listing => "listing",
            Self::Names => "names",
            Self::Lifecycle => "lifecycle",
            Self::Errors => "errors",
            Self::Replies => "replies",
            Self::Requests => "requests",
            Self::Connections => "connections",
            Self::Overlap => "overlap",
            Self::Parameters => "parameters",
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
