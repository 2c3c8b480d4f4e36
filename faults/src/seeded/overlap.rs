//! Faults that only overlapping calls show.

use crate::altered::races;
use crate::entry::Registered;
use crate::race::Race;

pub(super) const SERVICES: &[Registered] = &[
    ("lost-update", || races(Race::LostUpdate)),
    ("check-then-act", || races(Race::CheckThenAct)),
    ("two-owners", || races(Race::TwoOwners)),
    ("neither-of-two-succeeds", || races(Race::Neither)),
    ("concurrent-modification-with-effect", || races(Race::ConflictWithEffect)),
    ("concurrent-modification-with-status-400", || races(Race::ConflictWithStatus400)),
    ("torn-listing", || races(Race::TornListing)),
    ("answer-shared-by-identical-calls", || races(Race::SharedAnswer)),
    ("answers-swapped", || races(Race::SwappedAnswers)),
    ("deadlock", || races(Race::Deadlock)),
    ("cache-filled-with-an-old-listing", || races(Race::StaleCache)),
    ("two-workers", || races(Race::TwoWorkers)),
];
