//! Why an endpoint is refused, and what to do about it.

use std::net::IpAddr;

/// Why an endpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The input can't be read as a URL.
    #[error("{input:?} is not a URL: {why}; write it like http://127.0.0.1:5000")]
    NotAUrl {
        /// What was given, without what may be secret.
        input: String,
        /// What is wrong with it.
        why: String,
    },
    /// The URL has a part that an endpoint must not have.
    #[error("the endpoint {input:?} has {part}: leave it out{instead}")]
    Extra {
        /// What was given, without what may be secret.
        input: String,
        /// The forbidden part.
        part: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The host's name has no address.
    #[error("the host {host:?} has no address: {why}; check its spelling, or give an address such as 127.0.0.1")]
    Unresolved {
        /// The host.
        host: String,
        /// The error of the look-up.
        why: String,
    },
    /// The host is `0.0.0.0` or `::`, which says where a server listens and doesn't name a machine.
    #[error("{host} means \"every interface\" and is not an address to talk to: write 127.0.0.1 instead")]
    Unspecified {
        /// The host.
        host: String,
    },
    /// The host is another machine, and `--allow-host` doesn't name it.
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
    /// The host is AWS itself, and a condition for that is missing.
    #[error(
        "{host:?} is AWS itself, where a run creates and deletes real users and devices; it is allowed only with \
         --allow-host {host}, --allow-aws, https, real credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
         or --profile) and --rate-limit; missing: {}", missing.join(", ")
    )]
    Aws {
        /// The host.
        host: String,
        /// What is missing, in the order of the message.
        missing: Vec<String>,
    },
}
