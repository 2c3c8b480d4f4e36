//! Which calls a listing tests: a right one confirms the call before it, and a wrong one may come from earlier calls.

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::attribution::After;

use super::state::Oracle;

impl Oracle {
    /// Counts the postconditions of the last call as tested, after a conforming listing.
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

    /// The calls that may have caused a wrong listing, the latest last.
    pub(super) fn calls_before(&self) -> &[After] {
        match (self.rereads, self.since.is_empty()) {
            (true, _) => &self.refused,
            (false, true) => self.after.as_slice(),
            (false, false) => &self.since,
        }
    }

    /// Whether a call was refused. If so, the listings are read again after the settling time, since an effect may show
    /// late.
    pub fn begin_reread(&mut self) -> bool {
        self.rereads = !self.refused.is_empty();
        self.rereads
    }

    /// The listings were read once more: what they show from now on comes from the calls that follow.
    pub fn end_reread(&mut self) {
        self.rereads = false;
    }
}
