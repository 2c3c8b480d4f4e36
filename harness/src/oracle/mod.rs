//! The oracle compares replies with what the model permits.
//!
//! A *belief* is the small set of states that the target may be in. A reply keeps the states in which a permitted
//! transition matches it. If no state remains, the target *diverges*, and the oracle continues from what it observes
//! next.
//!
//! - `belief`: the states, and how a reply narrows them
//! - `observation`: a call and its reply; `state`: the oracle and what it keeps between replies
//! - `judge`: one verdict for each reply; `protocol_failure`: a verdict without a reply in the protocol; `known`: what
//!   is known about the target before
//! - `postconditions`: what a listing says about the calls before it; `dates`: the `EnableDate`s
//! - `duplicate_listings`: reports devices that are listed twice, once
//! - `devices`: checks new devices and remembers their codes; `resume`: continues after a divergence
//! - [`verdict`]: the verdict; `explain`: its class and the conforming replies
//! - `stale`: judges lagging listings; `ended`: the past states that they may show; `released_serials`: deleted devices
//! - `overlap`: judges calls that overlap; `orders`: searches a permitted order of them;
//!   `overlapping_call`: one of them
//! - `pending`: calls without an answer, which may still be executed
//! - `request_encoding`: the clauses on the encoding of a call
//! - `support`: what clients rely on in the replies to set-up and observation
//! - `tested`: counts what the replies test
//! - `wire`: the clauses of the envelope, which need no state; `words`: the recorded messages and ids

mod belief;
mod dates;
mod devices;
mod duplicate_listings;
mod ended;
mod explain;
mod judge;
mod known;
mod observation;
mod orders;
mod overlap;
mod overlapping_call;
mod pending;
mod postconditions;
mod protocol_failure;
mod released_serials;
mod request_encoding;
mod resume;
mod stale;
mod state;
mod support;
mod tested;
pub mod verdict;
mod wire;
mod words;

#[cfg(test)]
mod tests;

pub use belief::{Admitted, TooManyStates};
pub use dates::STILL_MS;
pub use devices::PLAIN_SEED;
pub use known::Operations;
pub use observation::Observation;
pub use overlap::OverlapVerdict;
pub use overlapping_call::{OverlappingCall, concurrent_modification};
pub use pending::OVERLAPS_MS;
pub use state::Oracle;
pub use verdict::{
    Bucket, Calls, Divergence, Expected, Fit, ObservedClass, PermittedAnswers, Tally, TriedOrder, Verdict,
};
