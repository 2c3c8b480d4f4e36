//! How strongly a clause binds a service.

use std::fmt;
use std::str::FromStr;

/// What a clause is based on, and so what happens to a target that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// A sentence of the documents says so. A target that differs fails.
    Stated,
    /// It follows from several stated sentences. A target that differs fails.
    Implied,
    /// The query protocol or IAM's service model says so; without it no SDK could talk to the service. A target that
    /// differs fails.
    Protocol,
    /// The documents are silent or vague, and AWS was recorded to do so. A target that differs gets a note. It fails
    /// only in strict mode.
    Recorded,
    /// Two sentences disagree. A target conforms with either reading. The register of document defects says which one
    /// AWS was seen to follow.
    Contradicted,
    /// No document says anything. Any well-formed answer conforms that does not change the rest of the state.
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

    /// Whether a target that differs fails in every mode.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(self, Self::Stated | Self::Implied | Self::Protocol)
    }

    /// Whether more than one behaviour conforms, so that a report can only say which one the target has.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Contradicted | Self::Silent)
    }

    /// What happens to a target that differs from the clause, for a person to read.
    #[must_use]
    pub const fn when_differing(self) -> &'static str {
        match self {
            Self::Stated | Self::Implied | Self::Protocol => "a target that differs fails",
            Self::Recorded => "a target that differs gets a note, and fails only in strict mode",
            Self::Contradicted => "a target conforms with either reading",
            Self::Silent => "a target conforms with any well-formed answer that does not change the rest of the state",
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
