//! Which calls a listing speaks of: what a right one says of the call before it, and what a wrong one may come from.

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::attribution::After;

use super::state::Oracle;

impl Oracle {
    /// A listing was as it should be: what the call before it left behind is as documented.
    pub fn listing_conforms(&mut self) {
        let Some(after) = self.after else { return };
        let side = if after.succeeded { Side::Accept } else { Side::Reject };
        for clause in after.postconditions(self.state()) {
            self.tally.tested(*clause, side);
        }
        self.tally.tested(ClauseId::StateIsolation, side);
        self.tally.tested(ClauseId::StateSettles, side);
        if self.held().0 > 0 {
            self.tally.tested(ClauseId::StateDurable, Side::Accept);
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

    /// The listings were read once more: what they show from now on comes from the calls that follow.
    pub fn end_reread(&mut self) {
        self.rereads = false;
    }
}
