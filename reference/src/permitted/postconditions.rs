//! What is due once a call was answered: a listing that matches the account shows it.

use super::attribution::After;
use crate::belief::State;
use crate::clause::ClauseId;
use crate::operation::Operation;

impl After {
    /// The clauses that a correct listing confirms, in the state that the call left.
    #[must_use]
    pub fn postconditions(&self, state: &State) -> &'static [ClauseId] {
        let has_device = || self.user.and_then(|user| state.user(user)).is_some_and(|user| !user.has_no_device());
        match (self.operation, self.succeeded) {
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
            (Operation::UpdateUser, true) if has_device() => &[ClauseId::RenameKeepsDevice],
            _ => &[],
        }
    }
}
