//! The content of a document, borrowed from its text where no reference or line end had to be replaced.

use std::borrow::Cow;
use std::sync::Arc;

/// An element with its content, without comments and processing instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The local name.
    pub name: &'a str,
    /// Whether the name has a prefix.
    pub prefixed: bool,
    /// Whether this element directly contains a CDATA section.
    pub cdata: bool,
    /// The namespace's name, resolved.
    pub namespace: Option<Arc<str>>,
    /// The attributes in their order, without namespace declarations.
    pub attributes: Vec<Attribute<'a>>,
    /// Elements and text in their order.
    pub children: Vec<Node<'a>>,
}

/// An attribute, with its value normalised by XML 1.0 §3.3.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The local name.
    pub name: &'a str,
    /// The namespace's name, resolved; an attribute without a prefix has none.
    pub namespace: Option<Arc<str>>,
    /// The value.
    pub value: Cow<'a, str>,
}

/// A part of an element's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node<'a> {
    /// An element.
    Element(Element<'a>),
    /// Text, with references resolved and line ends as `\n`; never two in a row.
    Text(Cow<'a, str>),
}

impl<'a> Element<'a> {
    /// The elements directly in this one.
    pub fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element directly in this one with this local name, in any namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.elements().find(|element| element.name == name)
    }

    /// The text directly in this element, without that of its child elements.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_ref()),
            Node::Element(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        texts.fold(Cow::Borrowed(first), |all, text| all + text)
    }

    /// Adds text, joined to the text directly before it.
    pub(super) fn push_text(&mut self, text: Cow<'a, str>) {
        match self.children.last_mut() {
            _ if text.is_empty() => {}
            Some(Node::Text(before)) => before.to_mut().push_str(&text),
            Some(Node::Element(_)) => self.children.push(Node::Text(text)),
            None => {
                // An element that begins with text nearly always contains nothing else.
                self.children.reserve_exact(1);
                self.children.push(Node::Text(text));
            }
        }
    }
}

/// Whether a text is only XML's white space.
#[must_use]
pub(in crate::wire) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| is_space(char::from(byte)))
}

/// White space as XML 1.0 §2.3 defines it.
pub(in crate::wire) const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
