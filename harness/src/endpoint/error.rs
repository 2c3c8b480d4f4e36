//! Why an endpoint is refused, and what to do about it.

use std::net::IpAddr;

/// Why an endpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It can't be read as a URL.
    #[error("{input:?} is not a URL: {why}; write it like http://127.0.0.1:5000")]
    NotAUrl {
        /// What was given, without what may be secret.
        input: String,
        /// What is wrong with it.
        why: String,
    },
    /// It has a part that an endpoint doesn't have.
    #[error("the endpoint {input:?} has {part}: leave it out{instead}")]
    Extra {
        /// What was given, without what may be secret.
        input: String,
        /// The part that is too much.
        part: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The host's name has no address.
    #[error("the host {host:?} has no address: {why}; check its spelling, or give an address such as 127.0.0.1")]
    Unresolved {
        /// The host.
        host: String,
        /// What the look-up said.
        why: String,
    },
    /// `0.0.0.0` and `::` say where a server listens; they don't name a machine.
    #[error("{host} means \"every interface\" and is not an address to talk to: write 127.0.0.1 instead")]
    Unspecified {
        /// The host.
        host: String,
    },
    /// Another machine, and its name wasn't given with `--allow-host`.
    #[error(
        "the host {host:?} is at {address}, which is not this machine; \
         if its users and devices may be changed, say so with --allow-host {host}"
    )]
    NotLoopback {
        /// The host.
        host: String,
        /// The first of its addresses that isn't this machine's.
        address: IpAddr,
    },
    /// AWS itself, and something is missing.
    #[error(
        "{host:?} is AWS itself, where a run creates and deletes real users and devices; it is allowed only with \
         --allow-host {host}, --allow-aws, https, real credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) \
         and --rate-limit; missing: {}", missing.join(", ")
    )]
    Aws {
        /// The host.
        host: String,
        /// What is missing, in the order of the message.
        missing: Vec<String>,
    },
}
