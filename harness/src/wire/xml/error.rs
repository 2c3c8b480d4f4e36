//! What is wrong with a document, and where.

use crate::wire::escape::{Quoted, cut};

/// How deep elements may be nested, the root being 1.
pub const MAX_DEPTH: usize = 64;
/// How many elements a document may have.
pub const MAX_ELEMENTS: usize = 100_000;
/// How many attributes an element may have.
pub const MAX_ATTRIBUTES: usize = 64;
/// How many namespace declarations may be in scope at once.
pub const MAX_NAMESPACES: usize = 64;

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed XML at byte {offset} (line {line}): {problem}")]
pub struct XmlError {
    /// The place, in bytes from the document's beginning.
    pub offset: usize,
    /// The line of the place, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a document. The texts are excerpts of it, and whoever prints them must escape them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// XML 1.0 §4.3.3; an encoding other than UTF-8 would need a declaration.
    #[error("these bytes are not UTF-8")]
    NotUtf8,
    /// An unknown declared encoding.
    #[error("the encoding {0} is not known")]
    Encoding(String),
    /// Bytes that are not in the named encoding.
    #[error("these bytes are not {0}")]
    NotEncoded(&'static str),
    /// Two places name encodings in which the bytes are different texts.
    #[error("the reply is declared as {0} and as {1}, and is not the same in both")]
    Encodings(&'static str, &'static str),
    /// XML 1.0 §4.3.3
    #[error("the document is declared as UTF-16, and has no byte order mark")]
    NoByteOrder,
    /// A byte beyond 127 in a document that is declared as US-ASCII.
    #[error("the document is declared as US-ASCII, and this byte is none")]
    NotAscii,
    /// XML 1.0 §2.2
    #[error("XML 1.0 forbids the character U+{0:04X}")]
    ForbiddenCharacter(u32),
    /// There is no element.
    #[error("there is no root element")]
    NoRoot,
    /// A second element beside the root.
    #[error("there is a second root element <{0}>")]
    SecondRoot(String),
    /// Text, a reference or CDATA before or after the root.
    #[error("there is content outside the root element")]
    OutsideRoot,
    /// The document ends inside an element.
    #[error("the document ends before </{0}>")]
    Unclosed(String),
    /// The document ends inside a tag, a comment or the like.
    #[error("the document ends inside markup, or the markup is none: {0}")]
    Markup(String),
    /// An end tag with another name than the open element's.
    #[error("</{found}> stands where </{expected}> must")]
    MismatchedEnd {
        /// The name of the open element.
        expected: String,
        /// The name of the end tag.
        found: String,
    },
    /// An end tag where no element is open.
    #[error("</{0}> closes nothing")]
    UnmatchedEnd(String),
    /// XML 1.0 §2.3, Namespaces in XML §4
    #[error("{} is not a name", Quoted(.0))]
    Name(String),
    /// An attribute that isn't `name="value"` after white space.
    #[error("an attribute is malformed: {}", Quoted(.0))]
    Attribute(String),
    /// XML 1.0 §3.1, Namespaces in XML §6.3
    #[error("the attribute {0} stands twice")]
    DuplicateAttribute(String),
    /// XML 1.0 §3.1: `<` in an attribute's value.
    #[error("the value of the attribute {0} holds a '<'")]
    AngleInAttribute(String),
    /// A prefix that no declaration in scope binds.
    #[error("the prefix {0} is not declared")]
    UndeclaredPrefix(String),
    /// Namespaces in XML §2.2 and §3: reserved prefixes and namespaces.
    #[error("the namespace declaration of {} is not allowed", Quoted(.0))]
    Declaration(String),
    /// An entity other than the five of XML 1.0 §4.6.
    #[error("the entity &{0}; is not defined")]
    UnknownEntity(String),
    /// A `&` that doesn't start a reference.
    #[error("a reference is malformed: {}", Quoted(.0))]
    Reference(String),
    /// XML 1.0 §2.4
    #[error("text holds ']]>'")]
    CdataEnd,
    /// XML 1.0 §2.5
    #[error("a comment holds '--'")]
    Comment,
    /// XML 1.0 §2.8: an XML declaration after the document's first byte.
    #[error("an XML declaration stands elsewhere than at the beginning")]
    MisplacedXmlDeclaration,
    /// XML 1.0 §2.8
    #[error("the XML declaration is malformed: {}", Quoted(.0))]
    XmlDeclaration(String),
    /// XML 1.0 §2.6
    #[error("{} is not a target of a processing instruction", Quoted(.0))]
    Target(String),
    /// A DTD, refused because entities can be harmful.
    #[error("document type declarations are not read")]
    Dtd,
    /// [`MAX_DEPTH`]
    #[error("elements are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// [`MAX_ELEMENTS`]
    #[error("there are more than {MAX_ELEMENTS} elements")]
    TooManyElements,
    /// [`MAX_ATTRIBUTES`]
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// [`MAX_NAMESPACES`]
    #[error("more than {MAX_NAMESPACES} namespace declarations are in scope")]
    TooManyNamespaces,
}

impl Problem {
    pub(super) const fn at(self, offset: usize) -> Fault {
        Fault { offset, problem: self }
    }
}

/// A problem before its line is counted.
#[derive(Debug)]
pub(super) struct Fault {
    /// In bytes from the document's beginning, without a byte order mark.
    pub(super) offset: usize,
    pub(super) problem: Problem,
}

/// A piece of the document, short enough for an error.
pub(super) fn excerpt(text: &str) -> String {
    cut(text, 60)
}
