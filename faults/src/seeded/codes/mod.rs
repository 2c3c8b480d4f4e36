//! Which pairs of codes are accepted.
//!
//! - `computed`: by which seed, clock and algorithm
//! - `right_pairs`, `wrong_pairs`: right pairs that are refused, wrong ones that are accepted
//! - `unused`: wrong pairs that are accepted as long as their codes are unused

pub(in crate::seeded) mod computed;
pub(in crate::seeded) mod right_pairs;
pub(in crate::seeded) mod unused;
pub(in crate::seeded) mod wrong_pairs;
