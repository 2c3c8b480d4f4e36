//! Sends requests to any allowed endpoint with reqwest and `SigV4`: one connection, no redirects, and bounded replies.
//!
//! [`Http`] is the transport, [`Options`] are its bounds, and a [`Pace`] is a rate limit that transports share. [`Trust`]
//! is a file of certificates, and an [`ExtraHeader`] goes with every request.

mod client;
mod connects;
mod failure;
mod header;
#[cfg(test)]
mod hostile;
mod pace;
mod redact;
mod sign;
mod tls;
#[cfg(test)]
mod tls_tests;

pub(crate) use self::client::direct_client;
pub use self::client::{Http, Options};
pub use self::header::ExtraHeader;
pub use self::pace::Pace;
pub use self::tls::{CaFileError, Trust};
