//! Which user has which device after a call.
//!
//! - `enable`, `enable_refused`: what `EnableMFADevice` does, also when it refuses
//! - `deactivate`, `deactivate_callers`: what `DeactivateMFADevice` does, and for whom
//! - `resync`: what `ResyncMFADevice` does to associations
//! - `others`: what happens without a call about the device

pub(in crate::seeded) mod deactivate;
pub(in crate::seeded) mod deactivate_callers;
pub(in crate::seeded) mod enable;
pub(in crate::seeded) mod enable_refused;
pub(in crate::seeded) mod others;
pub(in crate::seeded) mod resync;
