//! Users, devices and keys that are created, renamed and deleted.
//!
//! - `users`, `deleted_users`, `renames`: users
//! - `devices`: devices and their seeds
//! - `keys`: access keys

pub(in crate::seeded) mod deleted_users;
pub(in crate::seeded) mod devices;
pub(in crate::seeded) mod keys;
pub(in crate::seeded) mod renames;
pub(in crate::seeded) mod users;
