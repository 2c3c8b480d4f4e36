//! Tells which documented sentences of IAM's MFA operations an endpoint breaks.

pub mod execute;
pub mod oracle;
pub mod run;
pub mod scenario;
pub mod serve;
pub mod transport;
pub mod wire;
