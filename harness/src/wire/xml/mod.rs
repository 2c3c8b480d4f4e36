//! Reads XML strictly. An [`Element`] is the root of a whole, well-formed, namespace-well-formed document. An
//! [`XmlError`] says what is wrong, and where.
//!
//! quick-xml finds the tokens. This module refuses what quick-xml accepts (truncated documents, several roots, unknown
//! entities, control characters, undeclared prefixes) and DTDs.

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
