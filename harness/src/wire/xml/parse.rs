//! Parses a whole document: turns tokens into elements, and refuses malformed ones.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;

use super::declaration;
use super::element::{Attribute, Element, Node, is_space};
use super::error::{Fault, MAX_DEPTH, MAX_ELEMENTS, Problem, XmlError, excerpt};
use super::name::is_simple_name;
use super::namespace::{Mark, Scopes};
use super::reference::{is_allowed, normalise_lines, resolve};
use super::tag::{RawAttribute, Tag};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a whole document, in time and memory proportional to its length, and returns its root.
///
/// # Errors
///
/// [`XmlError`] for the first problem: a violation of XML 1.0 or Namespaces in XML, a DTD, or an exceeded limit of this
/// module.
pub fn parse(document: &str) -> Result<Element<'_>, XmlError> {
    let text = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
    let skipped = document.len() - text.len();
    let root = check_characters(text).and_then(|()| Parser::new(text).document());
    root.map_err(|fault| locate(document.as_bytes(), skipped, fault))
}

/// Counts the line of a fault.
pub(super) fn locate(bytes: &[u8], skipped: usize, fault: Fault) -> XmlError {
    let offset = fault.offset + skipped;
    let line = 1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
    XmlError { offset, line, problem: fault.problem }
}

/// Checks that XML allows every character of a document.
fn check_characters(text: &str) -> Result<(), Fault> {
    // The first byte of U+FFFE and U+FFFF is 0xEF, so a text without suspect bytes needs no decoding. The compiler
    // turns the fold over all bytes into vector code.
    let is_suspect = |byte: u8| byte == 0xef || (byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r');
    if !text.bytes().fold(false, |found, byte| found | is_suspect(byte)) {
        return Ok(());
    }
    match text.char_indices().find(|(_, character)| !is_allowed(*character)) {
        None => Ok(()),
        Some((offset, character)) => Err(Problem::ForbiddenCharacter(u32::from(character)).at(offset)),
    }
}

/// An element whose end tag was not read yet.
struct Open<'a> {
    element: Element<'a>,
    /// The name with its prefix, for errors.
    tag: &'a str,
    scope: Mark,
}

struct Parser<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    open: Vec<Open<'a>>,
    scopes: Scopes<'a>,
    root: Option<Element<'a>>,
    elements: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let reader = Reader::from_str(text);
        Self { text, reader, open: Vec::new(), scopes: Scopes::default(), root: None, elements: 0 }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn document(mut self) -> Result<Element<'a>, Fault> {
        // quick-xml would skip a second byte order mark without counting it.
        if self.text.starts_with(BYTE_ORDER_MARK) {
            return Err(Problem::OutsideRoot.at(0));
        }
        loop {
            let start = self.position();
            let event = self.reader.read_event();
            let raw = self.text.get(start..self.position()).unwrap_or_default();
            match event {
                Ok(Event::Start(_)) => self.start(between(raw, "<", ">"), start)?,
                Ok(Event::Empty(_)) => {
                    self.start(between(raw, "<", "/>"), start)?;
                    self.end();
                }
                Ok(Event::End(_)) => self.end(),
                Ok(Event::Text(_)) => self.text(raw, start)?,
                Ok(Event::CData(_)) => {
                    let element = self.content(start)?;
                    element.cdata = true;
                    element.push_text(normalise_lines(between(raw, "<![CDATA[", "]]>")));
                }
                Ok(Event::GeneralRef(_)) => self.reference(between(raw, "&", ";"), start)?,
                Ok(Event::Comment(_)) => check_comment(between(raw, "<!--", "-->"), start)?,
                Ok(Event::PI(_)) => check_instruction(between(raw, "<?", "?>"), start)?,
                Ok(Event::Decl(_)) => Self::declaration(between(raw, "<?xml", "?>"), start)?,
                Ok(Event::DocType(_)) => return Err(Problem::Dtd.at(start)),
                Ok(Event::Eof) => return self.finish(),
                Err(error) => return Err(self.fault(error)),
            }
        }
    }

    fn finish(self) -> Result<Element<'a>, Fault> {
        let end = self.text.len();
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(Problem::Unclosed(excerpt(open.tag)).at(end)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(Problem::NoRoot.at(end)),
        }
    }

    fn start(&mut self, content: &'a str, start: usize) -> Result<(), Fault> {
        let tag = Tag::parse(content, start + 1)?;
        let name = tag.text;
        if self.open.is_empty() && self.root.is_some() {
            return Err(Problem::SecondRoot(excerpt(name)).at(start));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::TooDeep.at(start));
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(Problem::TooManyElements.at(start));
        }
        let scope = self.scopes.mark();
        let attributes = self.attributes(tag.attributes, scope)?;
        // Both prefixes are for attributes. Elements with them are reserved (Namespaces in XML §3).
        if matches!(tag.name.prefix, Some("xml" | "xmlns")) {
            return Err(Problem::Name(excerpt(name)).at(start));
        }
        let namespace = self.scopes.of_element(tag.name.prefix, start)?;
        let prefixed = tag.name.prefix.is_some();
        let name_of = tag.name.local;
        let element = Element { name: name_of, prefixed, cdata: false, namespace, attributes, children: Vec::new() };
        self.open.push(Open { element, tag: name, scope });
        Ok(())
    }

    /// Adds the declarations to the scopes and resolves the names of the other attributes.
    fn attributes(&mut self, raw: Vec<RawAttribute<'a>>, scope: Mark) -> Result<Vec<Attribute<'a>>, Fault> {
        for attribute in &raw {
            match (attribute.name.prefix, attribute.name.local) {
                (None, "xmlns") => self.scopes.declare(scope, None, &attribute.value, attribute.offset)?,
                (Some("xmlns"), prefix) => {
                    self.scopes.declare(scope, Some(prefix), &attribute.value, attribute.offset)?;
                }
                (_, _) => {}
            }
        }
        let mut attributes: Vec<Attribute<'a>> = Vec::new();
        for RawAttribute { name, value, offset } in raw {
            if name.prefix == Some("xmlns") || (name.prefix.is_none() && name.local == "xmlns") {
                continue;
            }
            let namespace = self.scopes.of_attribute(name.prefix, offset)?;
            if attributes.iter().any(|known| known.name == name.local && known.namespace == namespace) {
                return Err(Problem::DuplicateAttribute(excerpt(name.local)).at(offset));
            }
            attributes.push(Attribute { name: name.local, namespace, value });
        }
        Ok(attributes)
    }

    /// Closes the innermost element. quick-xml has checked that the names agree.
    fn end(&mut self) {
        let Some(Open { element, scope, .. }) = self.open.pop() else { return };
        self.scopes.leave(scope);
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    /// The element that content at this place belongs to.
    fn content(&mut self, start: usize) -> Result<&mut Element<'a>, Fault> {
        self.open.last_mut().map(|open| &mut open.element).ok_or(Problem::OutsideRoot.at(start))
    }

    fn text(&mut self, raw: &'a str, start: usize) -> Result<(), Fault> {
        if self.open.is_empty() {
            return match raw.find(|character| !is_space(character)) {
                None => Ok(()),
                Some(position) => Err(Problem::OutsideRoot.at(start + position)),
            };
        }
        // Most texts have no '>', and a search for one character is far faster than for three.
        if let Some(position) = raw.contains('>').then(|| raw.find("]]>")).flatten() {
            return Err(Problem::CdataEnd.at(start + position));
        }
        self.content(start)?.push_text(normalise_lines(raw));
        Ok(())
    }

    fn reference(&mut self, name: &str, start: usize) -> Result<(), Fault> {
        let character = resolve(name).map_err(|problem| problem.at(start))?;
        self.content(start)?.push_text(Cow::Owned(character.to_string()));
        Ok(())
    }

    fn declaration(content: &str, start: usize) -> Result<(), Fault> {
        if start > 0 {
            return Err(Problem::MisplacedXmlDeclaration.at(start));
        }
        declaration::check(content, start)
    }

    fn fault(&self, error: quick_xml::Error) -> Fault {
        let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        match error {
            quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                Problem::MismatchedEnd { expected: excerpt(&expected), found: excerpt(&found) }
            }
            quick_xml::Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
                Problem::UnmatchedEnd(excerpt(&found))
            }
            quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => {
                Problem::Reference(excerpt(self.text.get(offset..).unwrap_or_default()))
            }
            error @ (quick_xml::Error::IllFormed(_)
            | quick_xml::Error::Syntax(_)
            | quick_xml::Error::Io(_)
            | quick_xml::Error::InvalidAttr(_)
            | quick_xml::Error::Encoding(_)
            | quick_xml::Error::Escape(_)
            | quick_xml::Error::Namespace(_)) => Problem::Markup(excerpt(&error.to_string())),
        }
        .at(offset)
    }
}

/// The text between the delimiters of a token.
fn between<'a>(raw: &'a str, before: &str, after: &str) -> &'a str {
    raw.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or_default()
}

fn check_comment(content: &str, start: usize) -> Result<(), Fault> {
    if content.contains("--") || content.ends_with('-') { Err(Problem::Comment.at(start)) } else { Ok(()) }
}

fn check_instruction(content: &str, start: usize) -> Result<(), Fault> {
    let target = content.split(is_space).next().unwrap_or_default();
    if is_simple_name(target) && !target.eq_ignore_ascii_case("xml") {
        Ok(())
    } else {
        Err(Problem::Target(excerpt(target)).at(start))
    }
}
