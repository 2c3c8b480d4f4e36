//! The entries of the catalogues: faults and variants.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use mfa_reference::clause::ClauseId;
use serde::Deserialize;

use super::altered::Altered;
use super::table::batch::Batch;
use super::table::theme::Theme;

/// How well a fault hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// Any call of its kind shows it.
    Shallow,
    /// It shows only in a certain state.
    Stateful,
    /// It shows only with one value, or one combination.
    Narrow,
}

impl Difficulty {
    /// All difficulties, the easiest first.
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

/// A service of a registry: the name of its row, and its constructor.
pub(super) type Registered = (&'static str, fn() -> Altered);

/// One fault of a service.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its name, in kebab case.
    pub name: Cow<'static, str>,
    /// What it is about.
    pub theme: Theme,
    /// Who wrote it.
    pub batch: Batch,
    /// What the service does, as a sentence.
    pub what: Cow<'static, str>,
    /// The clause that it breaks, to which a finding should be attributed.
    pub breaks: ClauseId,
    /// Other clauses to which a finding may equally be attributed.
    pub also_accepted: Cow<'static, [ClauseId]>,
    /// Why those are accepted, if it isn't obvious.
    pub because: Option<Cow<'static, str>>,
    /// How well it hides.
    pub difficulty: Difficulty,
    /// Makes the service.
    pub service: Make,
}

impl Fault {
    /// Whether an attribution to this clause is right.
    #[must_use]
    pub fn is_named_by(&self, clause: ClauseId) -> bool {
        self.breaks == clause || self.also_accepted.contains(&clause)
    }
}

/// A conforming service that differs from the documented one.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name, in kebab case.
    pub name: Cow<'static, str>,
    /// What it is about.
    pub theme: Theme,
    /// Who wrote it.
    pub batch: Batch,
    /// What the service does, as a sentence.
    pub what: Cow<'static, str>,
    /// The Recorded clauses that it departs from: exactly what strict mode flags.
    pub departs: Cow<'static, [ClauseId]>,
    /// Why it departs from them, if it isn't obvious.
    pub because: Option<Cow<'static, str>>,
    /// Makes the service.
    pub service: Make,
}
