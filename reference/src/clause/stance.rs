//! How strongly a clause binds a service.

use std::fmt;
use std::str::FromStr;

/// How a clause is grounded, and so what a target that differs has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// A sentence of the documents says so. A target that differs diverges.
    Stated,
    /// It follows from stated sentences read together. A target that differs diverges.
    Implied,
    /// The query protocol or IAM's service model says so; without it no SDK could talk to the service. A target that
    /// differs diverges.
    Protocol,
    /// The documents are silent or loose, and AWS was recorded doing so. A target that differs gets a note; under the
    /// strict mode it diverges.
    Recorded,
    /// Two sentences disagree. A target conforms by either reading; the register of document defects says which one
    /// was seen.
    Contradicted,
    /// Nothing says. Anything well-formed conforms that leaves the rest of the state alone.
    Silent,
}

impl Stance {
    /// Every stance, the strongest first.
    pub const ALL: [Self; 6] =
        [Self::Stated, Self::Implied, Self::Protocol, Self::Recorded, Self::Contradicted, Self::Silent];

    /// The stance's name, capitalised.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stated => "Stated",
            Self::Implied => "Implied",
            Self::Protocol => "Protocol",
            Self::Recorded => "Recorded",
            Self::Contradicted => "Contradicted",
            Self::Silent => "Silent",
        }
    }

    /// Whether a target that differs diverges in every mode.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(self, Self::Stated | Self::Implied | Self::Protocol)
    }

    /// Whether more than one behaviour conforms, so that a target can only be asked which one it took.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Contradicted | Self::Silent)
    }

    /// What a target has done whose behaviour differs from the clause, for a person to read.
    #[must_use]
    pub const fn when_differing(self) -> &'static str {
        match self {
            Self::Stated | Self::Implied | Self::Protocol => "it diverges",
            Self::Recorded => "it gets a note; it diverges only in strict mode",
            Self::Contradicted => "it conforms by either reading",
            Self::Silent => "it conforms with any well-formed answer that leaves the rest of the state alone",
        }
    }
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no stance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no stance is called `{0}`; use Stated, Implied, Protocol, Recorded, Contradicted or Silent")]
pub struct UnknownStance(pub String);

impl FromStr for Stance {
    type Err = UnknownStance;

    fn from_str(text: &str) -> Result<Self, UnknownStance> {
        let named = |stance: &Self| stance.name().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownStance(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stance_is_read_in_any_case() {
        for stance in Stance::ALL {
            assert_eq!(stance.to_string().parse(), Ok(stance));
            assert_eq!(stance.name().to_lowercase().parse(), Ok(stance));
        }
    }

    #[test]
    fn an_unknown_stance_is_refused_with_the_known_ones() {
        let refusal = "assumed".parse::<Stance>().unwrap_err();
        assert!(refusal.to_string().contains("`assumed`") && refusal.to_string().contains("Contradicted"));
    }

    #[test]
    fn only_the_first_three_stances_bind() {
        assert_eq!(Stance::ALL.map(Stance::binds), [true, true, true, false, false, false]);
    }
}
