//! Sample runs for the tests of the report.
//!
//! - [`replies`]: exchanges, read from bytes
//! - [`cases`]: cases of each kind; [`overlap`]: those of calls that overlapped
//! - [`runs`]: results and their reports

mod cases;
mod overlap;
mod replies;
mod runs;

pub(super) use cases::damaged;
pub(crate) use cases::{cases, garbage_accepted, missing_operation, nasty_case, wrong_listing};
pub(crate) use overlap::{both_enabled, lost_association};
pub(super) use replies::{PREFIX, listed, user_name};
pub(crate) use runs::{about, failing, reports};
pub(super) use runs::{clean, finding_of, inconclusive, known_gap, short};
