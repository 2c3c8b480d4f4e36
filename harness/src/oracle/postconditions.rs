//! Which calls a listing speaks of: what a right one says of the call before it, and what a wrong one may come from.

use mfa_reference::Operation;
use mfa_reference::account::UserId;
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::blame::After;

use super::state::Oracle;

impl Oracle {
    /// A listing was as it should be: what the call before it left behind is as documented.
    pub fn listing_conforms(&mut self) {
        let Some(after) = self.after else { return };
        let side = if after.succeeded { Side::Accept } else { Side::Reject };
        let clauses: &[ClauseId] = match (after.operation, after.succeeded) {
            (Operation::EnableMfaDevice, true) => &[ClauseId::EnableAssociates],
            (Operation::EnableMfaDevice, false) => &[ClauseId::EnableRejectedNoEffect],
            (Operation::ResyncMfaDevice, true) => &[ClauseId::ResyncKeepsAssociation],
            (Operation::ResyncMfaDevice, false) => {
                &[ClauseId::ResyncRejectedNoEffect, ClauseId::ResyncKeepsAssociation]
            }
            (Operation::DeactivateMfaDevice, true) => {
                &[ClauseId::DeactivateDissociates, ClauseId::DeactivateOnlyThatDevice]
            }
            (Operation::DeactivateMfaDevice, false) => &[ClauseId::DeactivateRejectedNoEffect],
            (Operation::DeleteUser, _) => &[ClauseId::DeleteUserLeavesOthers],
            (Operation::UpdateUser, true) if self.has_device(after.user) => &[ClauseId::RenameKeepsDevice],
            _ => &[],
        };
        for clause in clauses {
            self.tally.exercise(*clause, side);
        }
        self.tally.exercise(ClauseId::StateIsolation, side);
        self.tally.exercise(ClauseId::StateSettles, side);
        if self.held().0 > 0 {
            self.tally.exercise(ClauseId::StateDurable, Side::Accept);
        }
        self.since.clear();
    }

    /// The calls that what a listing shows wrongly may come from, the last of them last.
    pub(super) fn calls_before(&self) -> &[After] {
        match (self.rereads, self.since.is_empty()) {
            (true, _) => &self.refused,
            (false, true) => self.after.as_slice(),
            (false, false) => &self.since,
        }
    }

    /// Whether a call was refused: then the listings are read once more when the settling time is over, for an effect
    /// that shows late.
    pub fn begin_reread(&mut self) -> bool {
        self.rereads = !self.refused.is_empty();
        self.rereads
    }

    fn has_device(&self, user: Option<UserId>) -> bool {
        user.and_then(|user| self.state().user(user)).is_some_and(|user| !user.has_no_device())
    }
}
