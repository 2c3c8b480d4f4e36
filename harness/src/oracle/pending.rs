//! Calls without an answer. The target may still execute them: now, later, or never.

use mfa_reference::{Context, History, Limits, RawRequest, Search, Window};

use super::belief::Asked;

/// How long a call without an answer may be under way. `ConcurrentModification` is permitted for these five minutes.
pub const OVERLAPS_MS: i64 = 5 * 60_000;

/// A call that may still be under way.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) request: RawRequest,
    pub(super) caller: Option<String>,
    pub(super) window: Window,
    pub(super) limits: Limits,
}

impl Pending {
    pub(super) fn asked<'a>(&'a self, history: &'a History) -> Asked<'a> {
        Asked {
            request: &self.request,
            caller: self.caller.as_deref(),
            context: Context {
                window: self.window,
                search: Search::Day,
                history,
                overlapped: true,
                limits: self.limits,
            },
        }
    }
}
