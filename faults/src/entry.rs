//! What the catalogues hold of a fault and of a variant.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use mfa_reference::clause::ClauseId;

use super::altered::Altered;

/// How well a fault hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difficulty {
    /// Any call of the kind shows it.
    Shallow,
    /// It shows only in a certain state.
    Stateful,
    /// It shows only with one value, or one combination.
    Narrow,
}

impl Difficulty {
    /// All of them, the easiest first.
    pub const ALL: [Self; 3] = [Self::Shallow, Self::Stateful, Self::Narrow];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shallow => "shallow",
            Self::Stateful => "stateful",
            Self::Narrow => "narrow",
        }
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Makes an altered service.
#[derive(Clone)]
pub struct Make(Arc<dyn Fn() -> Altered + Send + Sync>);

impl Make {
    pub(super) fn new(make: impl Fn() -> Altered + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// Makes one.
    #[must_use]
    pub fn make(&self) -> Altered {
        (self.0)()
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Make")
    }
}

/// One thing that a service does wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its name, in kebab case.
    pub name: Cow<'static, str>,
    /// What the service does, as a sentence.
    pub what: Cow<'static, str>,
    /// The clause that it breaks, by which a finding should be named.
    pub breaks: ClauseId,
    /// Other clauses that a finding may be named by with equal right.
    pub also_accepted: Cow<'static, [ClauseId]>,
    /// How well it hides.
    pub difficulty: Difficulty,
    /// Makes the service.
    pub service: Make,
}

impl Fault {
    /// Whether a finding named by this clause names the fault rightly.
    #[must_use]
    pub fn is_named_by(&self, clause: ClauseId) -> bool {
        self.breaks == clause || self.also_accepted.contains(&clause)
    }
}

/// A fault as the tables write it.
pub(super) struct FaultRow {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) breaks: ClauseId,
    pub(super) also_accepted: &'static [ClauseId],
    pub(super) difficulty: Difficulty,
    pub(super) service: fn() -> Altered,
}

/// A fault of a table.
pub(super) const fn row(
    name: &'static str,
    what: &'static str,
    breaks: ClauseId,
    also_accepted: &'static [ClauseId],
    difficulty: Difficulty,
    service: fn() -> Altered,
) -> FaultRow {
    FaultRow { name, what, breaks, also_accepted, difficulty, service }
}

impl From<&FaultRow> for Fault {
    fn from(row: &FaultRow) -> Self {
        Self {
            name: row.name.into(),
            what: row.what.into(),
            breaks: row.breaks,
            also_accepted: row.also_accepted.into(),
            difficulty: row.difficulty,
            service: Make::new(row.service),
        }
    }
}

/// A way to conform that is not the documented service's.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name, in kebab case.
    pub name: Cow<'static, str>,
    /// What the service does, as a sentence.
    pub what: Cow<'static, str>,
    /// The Recorded clauses that it departs from: what is flagged in strict mode, and no more.
    pub departs: Cow<'static, [ClauseId]>,
    /// Makes the service.
    pub service: Make,
}

/// A variant of a table.
pub(super) struct Permitted {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) departs: &'static [ClauseId],
    /// What its service departs from as the documented one does.
    pub(super) documented: &'static [ClauseId],
    pub(super) service: fn() -> Altered,
}

/// What the documented service departs from: AWS was recorded to be narrower.
const DOCUMENTED: &[ClauseId] = &[
    ClauseId::EnableCodesWindow,
    ClauseId::EnableCodesOrder,
    ClauseId::EnableSelfManagement,
    ClauseId::ResyncCodesWindow,
    ClauseId::ResyncCodesOrder,
    ClauseId::DeactivateSelfManagement,
];

/// A variant of a table.
pub(super) const fn permit(
    name: &'static str,
    what: &'static str,
    departs: &'static [ClauseId],
    service: fn() -> Altered,
) -> Permitted {
    Permitted { name, what, departs, documented: DOCUMENTED, service }
}

/// A variant of a table that departs from these clauses and from no other.
pub(super) const fn permit_exactly(
    name: &'static str,
    what: &'static str,
    departs: &'static [ClauseId],
    service: fn() -> Altered,
) -> Permitted {
    Permitted { name, what, departs, documented: &[], service }
}

impl From<&Permitted> for Variant {
    fn from(permitted: &Permitted) -> Self {
        Self {
            name: permitted.name.into(),
            what: permitted.what.into(),
            departs: permitted.departs.iter().chain(permitted.documented).copied().collect(),
            service: Make::new(permitted.service),
        }
    }
}
