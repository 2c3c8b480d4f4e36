//! The client's half of the query protocol: writing requests and reading replies strictly.
//!
//! Written independently of the server's half in `mfa_reference::wire`, so that a mistake in one shows against the
//! other.

mod call;
mod observed;

pub use call::{Call, Encoded, Method, Space, Style};
pub use observed::{Answer, Envelope, Observed, Reply};
