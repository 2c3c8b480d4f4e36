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
use super::pending::Pending;
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
    /// The calls since every user's listing was right, as causes of a wrong listing.
    pub(super) since: Vec<After>,
    /// The calls that were refused or failed, as causes of a late effect in a listing.
    pub(super) refused: Vec<After>,
    /// Whether the listings are read again at the end.
    pub(super) rereads: bool,
    pub(super) released_serials: ReleasedSerials,
    /// The clauses on members that this scenario has already reported.
    pub(super) reported: BTreeSet<ClauseId>,
    pub(super) request_ids: BTreeSet<String>,
    /// The calls without an answer.
    pub(super) pending: Vec<Pending>,
    /// The parameters of the previous request.
    pub(super) named_before: Vec<String>,
    /// Whether all requests use one connection.
    pub(super) keeps_connection: bool,
    pub(super) strict: bool,
    pub(super) operations: Operations,
    /// The tested clauses, and the target's choices where the documents leave one.
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
            pending: Vec::new(),
            named_before: Vec::new(),
            keeps_connection: true,
            strict,
            operations,
            tally: Tally::default(),
        }
    }

    /// The oracle for a scenario whose requests use several connections.
    #[must_use]
    pub const fn on_several_connections(mut self) -> Self {
        self.keeps_connection = false;
        self
    }

    /// A state that the target may be in, for what all states of the belief share.
    #[must_use]
    pub fn state(&self) -> &State {
        self.belief.any_state()
    }
}
