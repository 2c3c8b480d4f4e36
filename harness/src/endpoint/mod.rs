//! Where requests may go. An [`Endpoint`] is a URL that was read and whose host is allowed by name; a
//! [`PinnedEndpoint`] is one whose addresses were looked up, judged, and are used from then on: nothing that a name
//! server says later can lead requests elsewhere. The [`Policy`] allows this machine alone, unless a host is named.

mod error;
mod parse;
mod policy;

pub use error::EndpointError;
pub use parse::{Endpoint, PinnedEndpoint};
pub use policy::Policy;
