//! The oracle and what it keeps between replies.

use std::collections::BTreeSet;

use mfa_reference::History;
use mfa_reference::belief::State;
use mfa_reference::clause::ClauseId;
use mfa_reference::permitted::attribution::After;

use super::belief::Belief;
use super::dates::Dates;
use super::duplicate_listings::DuplicateListings;
use super::ended::Ended;
use super::known::Operations;
use super::released_serials::ReleasedSerials;
use super::verdict::Tally;

/// Judges one scenario's replies, in order.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub(super) belief: Belief,
    pub(super) history: History,
    pub(super) after: Option<After>,
    pub(super) dates: Dates,
    pub(super) duplicate_listings: DuplicateListings,
    pub(super) ended: Ended,
    /// The calls since every user's listing was right, for what a listing shows wrongly.
    pub(super) since: Vec<After>,
    /// The calls that were refused or failed, for what a listing shows late.
    pub(super) refused: Vec<After>,
    /// Whether the listings are read once more at the end.
    pub(super) rereads: bool,
    pub(super) released_serials: ReleasedSerials,
    /// The clauses on members that this scenario has reported already.
    pub(super) reported: BTreeSet<ClauseId>,
    pub(super) request_ids: BTreeSet<String>,
    /// The parameters that the request before had.
    pub(super) named_before: Vec<String>,
    /// Whether one connection carries the requests.
    pub(super) keeps_connection: bool,
    pub(super) strict: bool,
    pub(super) operations: Operations,
    /// The clauses that were tested, and what the target did where it may choose.
    pub tally: Tally,
}

impl Oracle {
    /// An oracle for a scenario on a target that has these operations.
    #[must_use]
    pub fn new(strict: bool, operations: Operations) -> Self {
        Self {
            belief: Belief::new(),
            history: History::default(),
            after: None,
            dates: Dates::default(),
            duplicate_listings: DuplicateListings::default(),
            ended: Ended::default(),
            since: Vec::new(),
            refused: Vec::new(),
            rereads: false,
            released_serials: ReleasedSerials::default(),
            reported: BTreeSet::new(),
            request_ids: BTreeSet::new(),
            named_before: Vec::new(),
            keeps_connection: true,
            strict,
            operations,
            tally: Tally::default(),
        }
    }

    /// The same for a scenario each of whose requests has a connection of its own, or one of several.
    #[must_use]
    pub const fn on_several_connections(mut self) -> Self {
        self.keeps_connection = false;
        self
    }

    /// The state that the target is in, as far as it is the same in all states of the belief.
    #[must_use]
    pub fn state(&self) -> &State {
        self.belief.any_state()
    }
}
