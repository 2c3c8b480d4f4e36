//! What the listings show.
//!
//! - `users`, `users_cached`: the devices of a user, as they are and out of a memory
//! - `account`: the devices of the account

pub(in crate::seeded) mod account;
pub(in crate::seeded) mod users;
pub(in crate::seeded) mod users_cached;
