//! The oracle holds what comes back against what the model permits.
//!
//! A *belief* is the small set of states that the target may be in. A reply keeps the states in which a permitted step
//! matches it; when none is left, the target *diverges*, and the oracle goes on from what it observes next.
//!
//! - `belief`: the states, and how a reply narrows them
//! - `observation`: a call and its reply; `state`: the oracle and what it keeps between replies
//! - `judge`: one verdict a reply; `protocol_failure`: of what came back in place of one; `known`: what is known of
//!   the target before
//! - `postconditions`: what a conforming listing says of the call before it; `dates`: the `EnableDate`s
//! - `duplicate_listings`: devices that are listed twice, told once
//! - `devices`: what is said of new devices and kept in mind of their codes; `resume`: going on after a divergence
//! - [`verdict`]: what it says; `explain`: of what came back and what would have conformed
//! - `stale`: what a listing that lags may show; `ended`: the states that it may show; `released_serials`: deleted devices
//! - `request_encoding`: the clauses on how a call was put on the wire
//! - `support`: what clients rely on in the replies that set up and observe
//! - `tested`: counts what the replies test
//! - `wire`: the clauses of the envelope, which need no state; `words`: messages and ids, as they were recorded

mod belief;
mod dates;
mod devices;
mod duplicate_listings;
mod ended;
mod explain;
mod judge;
mod known;
mod observation;
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
pub use state::Oracle;
pub use verdict::{Bucket, Calls, Divergence, Expected, Fit, ObservedClass, Tally, Verdict};
