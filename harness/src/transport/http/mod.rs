//! Sends requests to any allowed endpoint with reqwest and `SigV4`: one connection, no redirects, and bounded replies.
//!
//! [`Http`] is the transport, [`Options`] are its bounds, and a [`Pace`] is a rate limit that transports share.

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
