//! Our reading compared with roxmltree's, an independent parser: nothing that it rejects is accepted here, and where
//! both accept, they read the same.

use std::fmt::Write as _;

use mfa_conformance::wire::xml::{Element, Node, Problem, XmlError};

/// One text for all that was read: resolved names, sorted attributes, text.
fn ours(element: &Element<'_>, out: &mut String) {
    let _ = write!(out, "<{{{}}}{}", element.namespace.as_deref().unwrap_or_default(), element.name);
    let mut attributes: Vec<_> =
        element.attributes.iter().map(|a| (a.namespace.as_deref(), a.name, &*a.value)).collect();
    attributes.sort_unstable();
    let _ = write!(out, "{attributes:?}>");
    for node in &element.children {
        match node {
            Node::Element(child) => ours(child, out),
            Node::Text(text) => out.push_str(text),
        }
    }
    out.push_str("</>");
}

fn theirs(node: roxmltree::Node<'_, '_>, out: &mut String) {
    let _ = write!(out, "<{{{}}}{}", node.tag_name().namespace().unwrap_or_default(), node.tag_name().name());
    let mut attributes: Vec<_> = node.attributes().map(|a| (a.namespace(), a.name(), a.value())).collect();
    attributes.sort_unstable();
    let _ = write!(out, "{attributes:?}>");
    for child in node.children() {
        if child.is_element() {
            theirs(child, out);
        } else if child.is_text() {
            out.push_str(child.text().unwrap_or_default());
        }
    }
    out.push_str("</>");
}

/// Holds one document, which ours has read or refused, against roxmltree; tells whether ours accepts it.
///
/// # Errors
/// They disagree; the text tells about what.
pub fn agree_on(read: &Result<Element<'_>, XmlError>, document: &str) -> Result<bool, String> {
    // roxmltree takes `p:xmlns` for a declaration, whatever `p` stands for.
    if document.contains(":xmlns") {
        return Ok(false);
    }
    match (read, roxmltree::Document::parse(document)) {
        (Ok(root), Ok(their)) => {
            let (mut our_text, mut their_text) = (String::new(), String::new());
            ours(root, &mut our_text);
            theirs(their.root_element(), &mut their_text);
            // roxmltree keeps a carriage return that follows a reference at the end of a text (XML 1.0 §2.11 doesn't).
            if document.contains('\r') && document.contains('&') {
                our_text = one_line_end(&our_text);
                their_text = one_line_end(&their_text);
            }
            if our_text == their_text { Ok(true) } else { Err(format!("{document:?}\n{our_text:?}\n{their_text:?}")) }
        }
        (Ok(_), Err(error)) => Err(format!("only ours accepts {document:?}: {error}")),
        // Where ours is the stricter one, it is so on purpose.
        (Err(error), Ok(_)) if !stricter(&error.problem) => Err(format!("only ours refuses {document:?}: {error}")),
        (Err(_), _) => Ok(false),
    }
}

/// Each run of line ends as one.
fn one_line_end(text: &str) -> String {
    let mut one = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\r' | '\n' if one.ends_with('\n') => {}
            '\r' => one.push('\n'),
            other => one.push(other),
        }
    }
    one
}

/// What roxmltree lets pass, a limit of ours apart, though the specifications forbid it.
fn stricter(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Dtd
            | Problem::Encoding(_)
            | Problem::NotAscii
            | Problem::XmlDeclaration(_)
            | Problem::MisplacedXmlDeclaration
            | Problem::Target(_)
            | Problem::Name(_)
            | Problem::Declaration(_)
            | Problem::DuplicateAttribute(_)
            | Problem::ForbiddenCharacter(_)
            | Problem::TooDeep
            | Problem::TooManyElements
            | Problem::TooManyAttributes
            | Problem::TooManyNamespaces
    ) || matches!(problem, Problem::MismatchedEnd { found, .. } if found.starts_with(':'))
}
