//! The way to any endpoint that is allowed: reqwest and `SigV4`, one connection, nothing followed, everything bounded.
//!
//! [`Http`] is the transport, [`Options`] are its bounds, and a [`Pace`] is what transports share to keep to a rate.

mod client;
mod connects;
mod failure;
#[cfg(test)]
mod hostile;
mod pace;
mod redact;
mod sign;

pub(crate) use self::client::direct_client;
pub use self::client::{Http, Options};
pub use self::pace::Pace;
