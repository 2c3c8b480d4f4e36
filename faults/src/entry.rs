//! What the catalogues hold of a fault and of a variant.

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

/// A service of a registry: the name of its row, and what makes it.
pub(super) type Registered = (&'static str, fn() -> Altered);

/// One thing that a service does wrong.
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
    /// The clause that it breaks, by which a finding should be named.
    pub breaks: ClauseId,
    /// Other clauses that a finding may be named by with equal right.
    pub also_accepted: Cow<'static, [ClauseId]>,
    /// Why those are accepted, where it isn't plain.
    pub because: Option<Cow<'static, str>>,
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

/// A way to conform that is not the documented service's.
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
    /// The Recorded clauses that it departs from: what is flagged in strict mode, and no more.
    pub departs: Cow<'static, [ClauseId]>,
    /// Why it departs from them, where it isn't plain.
    pub because: Option<Cow<'static, str>>,
    /// Makes the service.
    pub service: Make,
}
