//! The namespace declarations in scope.

use std::sync::Arc;

use super::error::{Fault, MAX_NAMESPACES, Problem, excerpt};

/// The namespace that the prefix `xml` stands for.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations themselves.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The declarations in scope, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    declared: Vec<Declared<'a>>,
}

#[derive(Debug)]
struct Declared<'a> {
    /// `None` for the default namespace.
    prefix: Option<&'a str>,
    /// `None` where the default namespace is undeclared.
    name: Option<Arc<str>>,
}

/// How many declarations were in scope before an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

impl<'a> Scopes<'a> {
    pub(super) const fn mark(&self) -> Mark {
        Mark(self.declared.len())
    }

    /// Ends the scope of all declarations since `mark`.
    pub(super) fn leave(&mut self, mark: Mark) {
        self.declared.truncate(mark.0);
    }

    /// Adds a declaration of the element that began at `mark`.
    pub(super) fn declare(
        &mut self,
        mark: Mark,
        prefix: Option<&'a str>,
        name: &str,
        offset: usize,
    ) -> Result<(), Fault> {
        let shown = || excerpt(prefix.unwrap_or("xmlns"));
        let reserved = match prefix {
            Some("xml") => name != XML,
            Some("xmlns") => true,
            Some(_) => name.is_empty() || name == XML || name == XMLNS,
            None => name == XML || name == XMLNS,
        };
        if reserved {
            return Err(Problem::Declaration(shown()).at(offset));
        }
        if self.declared.iter().skip(mark.0).any(|declared| declared.prefix == prefix) {
            return Err(Problem::DuplicateAttribute(shown()).at(offset));
        }
        if self.declared.len() >= MAX_NAMESPACES {
            return Err(Problem::TooManyNamespaces.at(offset));
        }
        self.declared.push(Declared { prefix, name: (!name.is_empty()).then(|| Arc::from(name)) });
        Ok(())
    }

    /// The namespace of an element's name.
    pub(super) fn of_element(&self, prefix: Option<&str>, offset: usize) -> Result<Option<Arc<str>>, Fault> {
        match (self.declared.iter().rev().find(|declared| declared.prefix == prefix), prefix) {
            (Some(declared), _) => Ok(declared.name.clone()),
            (None, None) => Ok(None),
            (None, Some(prefix)) => Err(Problem::UndeclaredPrefix(excerpt(prefix)).at(offset)),
        }
    }

    /// The namespace of an attribute's name. The default namespace doesn't apply to it.
    pub(super) fn of_attribute(&self, prefix: Option<&str>, offset: usize) -> Result<Option<Arc<str>>, Fault> {
        match prefix {
            None => Ok(None),
            Some("xml") => Ok(Some(Arc::from(XML))),
            Some(_) => self.of_element(prefix, offset),
        }
    }
}
