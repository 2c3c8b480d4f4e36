//! The clauses on pairs of codes, by operation.

use crate::clause::ClauseId;
use crate::operation::MfaOperation;

/// The clauses of one of the two operations.
pub(super) struct CodeClauses {
    pub(super) operation: MfaOperation,
    pub(super) fresh: ClauseId,
    pub(super) recognised: ClauseId,
    pub(super) subsequent: ClauseId,
    pub(super) adjacent: ClauseId,
    pub(super) late: ClauseId,
    pub(super) early: ClauseId,
    pub(super) replayed: ClauseId,
    pub(super) by_device: ClauseId,
    /// How far a pair may lie from the device's own clock, as AWS was recorded.
    pub(super) window: ClauseId,
    /// That a pair is newer than the one accepted last, as AWS was recorded.
    pub(super) order: ClauseId,
    /// What a device that is out of sync may answer to a fresh pair: nothing sure, or a success anyway.
    pub(super) out_of_sync: OutOfSync,
}

/// What the documents say of a fresh pair for a device that is out of sync.
#[derive(Clone, Copy)]
pub(super) enum OutOfSync {
    /// Nothing.
    Open,
    /// It succeeds (`resync.after-late-enable`).
    Succeeds(ClauseId),
}
