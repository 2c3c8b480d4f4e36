//! Services with one thing wrong: the documented one with a part replaced.

pub(crate) mod broken;
pub(crate) mod faults;
