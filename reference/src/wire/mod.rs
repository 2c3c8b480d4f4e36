//! The server's half of the query protocol: from an HTTP request to its parameters, from an outcome to an HTTP
//! response.
//!
//! A *message* is an HTTP request or response without its connection. *Decoding* takes the parameters out of a request
//! and understands none of them. *Rendering* puts an outcome into the XML that the documents show; a *renderer* is one
//! way to do so. The client's half is written independently of this one, so that a mistake in either shows.

mod decode;
mod message;
mod render;
mod xml;

pub use decode::{DecodeError, Decoded, Part, decode};
pub use message::{HttpRequest, HttpResponse};
pub use render::{Documented, NAMESPACE, Renderer, write_members};
pub use xml::XmlWriter;
