//! What clauses say about a parameter.

use super::Stance;

/// What a clause says about a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Whether a request must carry the parameter.
    Required,
    /// That an empty value breaks the minimum length, and does not count as omitted.
    Empty,
    /// The minimum length.
    MinLength,
    /// The maximum length.
    MaxLength,
    /// The characters of a value, inside ASCII.
    Pattern,
    /// Whether letters and digits outside ASCII match the pattern.
    PatternNonAscii,
    /// Whether lengths count code points, bytes or UTF-16 units.
    LengthUnit,
    /// That a broken constraint never succeeds.
    Rejected,
}

impl Aspect {
    /// Every aspect, in the order of the ledger.
    pub const ALL: [Self; 8] = [
        Self::Required,
        Self::Empty,
        Self::MinLength,
        Self::MaxLength,
        Self::Pattern,
        Self::PatternNonAscii,
        Self::LengthUnit,
        Self::Rejected,
    ];

    /// The words that stand for the aspect in clause ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Empty => "empty",
            Self::MinLength => "min-length",
            Self::MaxLength => "max-length",
            Self::Pattern => "pattern",
            Self::PatternNonAscii => "pattern.non-ascii",
            Self::LengthUnit => "length-unit",
            Self::Rejected => "rejected",
        }
    }

    /// How strongly a clause of this aspect binds.
    #[must_use]
    pub const fn stance(self) -> Stance {
        match self {
            Self::Required | Self::MinLength | Self::MaxLength | Self::Pattern => Stance::Stated,
            Self::Empty | Self::Rejected => Stance::Implied,
            Self::PatternNonAscii | Self::LengthUnit => Stance::Contradicted,
        }
    }
}
