//! The proof of the oracle: services of which it is known what they do wrong, and that they do nothing wrong.
//!
//! A *fault* is the documented service with one part replaced so that it breaks a clause. A *variant* is one that
//! differs only in what the documents leave open. The *score* tells how many faults a run finds and names rightly,
//! after how many calls, and that it blames no variant.
//!
//! - [`altered`]: the documented service with a part replaced
//! - [`mod@line`]: what lies between the bytes of a request and the service
//! - [`host`], [`stage`], [`serve`]: an altered service that runs, scenarios played on it in this process, and the same
//!   behind a socket
//! - [`entry`], [`catalogue`]: what is held of faults and variants, and all of them
//! - `parts`: what alterations are put together from
//! - `planted`, `permitted`: the faults and the variants themselves
//! - [`score`]: how well they are told apart

pub mod altered;
pub mod catalogue;
pub mod entry;
pub mod host;
pub mod line;
mod parts;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod permitted;
#[expect(clippy::wildcard_enum_match_arm, reason = "an alteration changes few of all cases")]
mod planted;
pub mod score;
pub mod serve;
pub mod stage;

#[cfg(test)]
pub(crate) use permitted::trouble::put_off;

pub use catalogue::{UnknownName, fault, faults, variant, variants};
pub use entry::{Difficulty, Fault, Variant};
