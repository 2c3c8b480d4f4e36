//! The oracle holds what comes back against what the model permits.
//!
//! A *belief* is the small set of worlds that the target may be in. A reply keeps the worlds in which a permitted step
//! matches it; when none is left, the target *diverges*, and the oracle goes on from what it observes next.
//!
//! - [`belief`]: the worlds, and how a reply narrows them
//! - [`judge`]: the oracle: one verdict a reply
//! - [`verdict`]: what it says
//! - `manner`: the clauses on how a call was put on the wire
//! - `wire`: the clauses of the envelope, which need no world

mod belief;
mod judge;
mod manner;
pub mod verdict;
mod wire;

pub use belief::TooManyWorlds;
pub use judge::{Judged, Operations, Oracle};
pub use verdict::{Calls, Divergence, Expected, ObservedClass, Tally, Verdict};
