//! Which user or device a name stands for.
//!
//! - `users`, `users_read_otherwise`: user names
//! - `serial_numbers`: serial numbers

pub(in crate::seeded) mod serial_numbers;
pub(in crate::seeded) mod users;
pub(in crate::seeded) mod users_read_otherwise;
