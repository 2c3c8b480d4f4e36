//! The inside of a start tag: its name and attributes, still with prefixes.

use std::borrow::Cow;

use super::MAX_ATTRIBUTES;
use super::element::is_space;
use super::error::{Fault, Problem, excerpt};
use super::name::QualifiedName;
use super::reference::normalise_attribute;

/// A start tag, split.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// The name with its prefix, as written.
    pub(super) text: &'a str,
    pub(super) name: QualifiedName<'a>,
    pub(super) attributes: Vec<RawAttribute<'a>>,
}

/// An attribute whose prefix is not resolved.
#[derive(Debug)]
pub(super) struct RawAttribute<'a> {
    pub(super) name: QualifiedName<'a>,
    pub(super) value: Cow<'a, str>,
    pub(super) offset: usize,
}

impl<'a> Tag<'a> {
    /// Splits what is between `<` and `>` or `/>` and starts at `offset`.
    pub(super) fn parse(content: &'a str, offset: usize) -> Result<Self, Fault> {
        // White space is ASCII, so no character needs decoding to find it.
        let end = content.bytes().position(|byte| is_space(char::from(byte))).unwrap_or(content.len());
        let (text, mut rest) = content.split_at(end);
        let name = QualifiedName::parse(text, offset)?;
        let mut attributes = Vec::new();
        loop {
            let start = rest.trim_start_matches(is_space);
            let place = offset + (content.len() - start.len());
            if start.is_empty() {
                return Ok(Self { text, name, attributes });
            }
            if start.len() == rest.len() {
                return Err(Problem::Attribute(excerpt(start)).at(place));
            }
            if attributes.len() >= MAX_ATTRIBUTES {
                return Err(Problem::TooManyAttributes.at(place));
            }
            let (attribute, after) = split_attribute(start, place)?;
            attributes.push(attribute);
            rest = after;
        }
    }
}

/// The attribute at the beginning of `text`, and what comes after it.
fn split_attribute(text: &str, offset: usize) -> Result<(RawAttribute<'_>, &str), Fault> {
    let malformed = || Problem::Attribute(excerpt(text)).at(offset);
    let end = text.find(|character| character == '=' || is_space(character)).ok_or_else(malformed)?;
    let (name, rest) = text.split_at(end);
    let name = QualifiedName::parse(name, offset)?;
    let rest = rest.trim_start_matches(is_space).strip_prefix('=').ok_or_else(malformed)?;
    let rest = rest.trim_start_matches(is_space);
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or_else(malformed)?;
    let rest = rest.strip_prefix(quote).unwrap_or_default();
    let value_offset = offset + (text.len() - rest.len());
    let (raw, rest) = rest.split_once(quote).ok_or_else(malformed)?;
    if let Some(position) = raw.find('<') {
        return Err(Problem::AngleInAttribute(excerpt(name.local)).at(value_offset + position));
    }
    Ok((RawAttribute { name, value: normalise_attribute(raw, value_offset)?, offset }, rest))
}
