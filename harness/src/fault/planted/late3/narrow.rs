//! Faults that show only with one value, or one combination.

use crate::fault::entry::Planted;

pub(in crate::fault) const FAULTS: &[Planted] = &[];
