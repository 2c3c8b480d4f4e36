//! Tells which documented sentences of IAM's MFA operations an endpoint breaks.

pub mod clock;
pub mod endpoint;
pub mod target;
pub mod transport;
pub mod wire;
