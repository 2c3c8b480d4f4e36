//! Where requests may go. An [`Endpoint`] is a URL whose host is allowed by name. A [`PinnedEndpoint`] is an endpoint
//! whose addresses were looked up, checked and fixed, so that no later answer of a name server can redirect requests.
//! The [`Policy`] allows only this machine, unless a host is named.

mod error;
mod parse;
mod policy;

pub use error::EndpointError;
pub use parse::{Endpoint, PinnedEndpoint};
pub use policy::Policy;
