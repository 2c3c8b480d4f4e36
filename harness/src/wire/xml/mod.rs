//! XML, read strictly: an [`Element`] is what a whole, well-formed, namespace-well-formed document holds; an
//! [`XmlError`] says what isn't so, and where.
//!
//! quick-xml finds the tokens. What it lets pass (truncated documents, several roots, unknown entities, control
//! characters, undeclared prefixes) is refused here, as are DTDs.

mod declaration;
mod element;
mod encoding;
mod error;
mod name;
mod namespace;
mod parse;
mod reference;
mod tag;

pub use element::{Attribute, Element, Node};
pub(super) use element::{is_blank, is_space};
pub use encoding::decode;
pub use error::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAMESPACES, Problem, XmlError};
pub use parse::parse;
