//! The oracle holds what comes back against what the model permits.
//!
//! A *belief* is the small set of worlds that the target may be in. A reply keeps the worlds in which a permitted step
//! matches it; when none is left, the target *diverges*, and the oracle goes on from what it observes next.
//!
//! - [`belief`]: the worlds, and how a reply narrows them
//! - [`judge`]: the oracle: one verdict a reply
//! - [`verdict`]: what it says
//! - `wire`: the clauses of the envelope, which need no world

mod belief;
mod judge;
pub mod verdict;
mod wire;

pub use belief::TooManyWorlds;
pub use judge::{Judged, Operations, Oracle};
pub use verdict::{Calls, Divergence, Expected, ObservedClass, Tally, Verdict};
