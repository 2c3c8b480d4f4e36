//! Services other than the documented one: broken ones, and others that conform.

pub(crate) mod broken;
pub(crate) mod faults;
pub(crate) mod variants;
