//! Variants of how overlapping calls are run.

use crate::altered::{Altered, races};
use crate::entry::Registered;
use crate::race::Race;

pub(super) const SERVICES: &[Registered] = &[
    ("carried-out-as-it-ends", || races(Race::AtEnd)),
    ("carried-out-as-it-begins", || races(Race::AtBegin)),
    ("refuses-overlapping-calls", || races(Race::Conflict)),
    ("slow-under-load", || Altered { lasts_ms: 20, ..races(Race::AtEnd) }),
    ("two-calls-at-once", || Altered { most_at_once: 2, ..races(Race::AtEnd) }),
    ("check-then-act-at-the-limit", || races(Race::CheckThenActAtTheLimit)),
];
