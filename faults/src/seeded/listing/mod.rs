//! What the listings show.
//!
//! - `users`, `users_cached`: the devices of a user, without and with a cache
//! - `account`: the devices of the account

pub(in crate::seeded) mod account;
pub(in crate::seeded) mod users;
pub(in crate::seeded) mod users_cached;
