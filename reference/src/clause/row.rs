//! What the flat table contains about one clause.

use std::fmt;

use super::{Source, Stance};
use crate::MfaOperation;

/// A row of the table.
pub(super) struct Row {
    pub(super) head: Head,
    pub(super) words: Words,
    /// Why no request of this suite can show it.
    pub(super) excluded: Option<&'static str>,
}

/// What a program needs to know about a clause.
pub(super) struct Head {
    /// The id that people type.
    pub(super) id: &'static str,
    /// The operation that the clause is about, if it is a single one.
    pub(super) operation: Option<MfaOperation>,
    pub(super) stance: Stance,
    pub(super) sides: &'static [Side],
}

/// What a person reads about a clause.
pub(super) struct Words {
    pub(super) cites: &'static [Source],
    pub(super) requires: &'static str,
    pub(super) test: &'static str,
}

/// Begins the row of a clause on one operation.
pub(super) const fn of(operation: MfaOperation, id: &'static str, stance: Stance, sides: &'static [Side]) -> Head {
    Head { id, operation: Some(operation), stance, sides }
}

/// Begins the row of a clause that is not about a single operation.
pub(super) const fn row(id: &'static str, stance: Stance, sides: &'static [Side]) -> Head {
    Head { id, operation: None, stance, sides }
}

impl Head {
    pub(super) const fn says(self, words: Words) -> Row {
        Row { head: self, words, excluded: None }
    }
}

impl Row {
    pub(super) const fn excluded(self, why: &'static str) -> Self {
        Self { excluded: Some(why), ..self }
    }
}

/// Which calls show whether a service keeps a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A call that the service has to carry out, and what its reply and its effect look like.
    Accept,
    /// A call that the service has to reject, and what the rejection looks like.
    Reject,
}

pub(super) const ACCEPT: &[Side] = &[Side::Accept];
pub(super) const REJECT: &[Side] = &[Side::Reject];
pub(super) const BOTH: &[Side] = &Side::ALL;
pub(super) const NONE: &[Side] = &[];

impl Side {
    /// Both sides, the accepted one first.
    pub const ALL: [Self; 2] = [Self::Accept, Self::Reject];

    /// The side's name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
