//! Calls that overlapped, as they wait for the listings after them.

use mfa_reference::{Limits, TimeStep, Window};

use crate::oracle::Oracle;

/// Calls that overlapped, with the oracle before them.
pub(super) struct OverlappedCalls {
    pub(super) before: Box<Oracle>,
    pub(super) calls: Vec<Judged>,
}

/// An exchange that is judged.
pub(super) struct Judged {
    pub(super) exchange: usize,
    pub(super) window: Window,
    pub(super) carried: Vec<TimeStep>,
    pub(super) limits: Limits,
}
