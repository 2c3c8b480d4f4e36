//! A body in canonical form, for people and their diffs.

use std::fmt::Write as _;

use super::claims::has_content;
use super::escape::is_unseen;
use super::xml::{Element, Node, is_blank, parse};

/// The longest canonical form, in bytes.
const MAX_LENGTH: usize = 8_192;

/// A body's canonical form: one tag on each line, indented by two spaces per level. It omits prefixes and white space
/// between elements, sorts attributes by name, and shows a namespace where it differs from the parent's. Invisible
/// characters become `&#x…;`. After 8 kB it ends with `…`. A malformed body is only escaped.
pub(crate) fn canonical(body: &str) -> String {
    let mut page = Page { text: String::new(), full: false };
    match parse(body) {
        Ok(root) => element(&mut page, &root, None, 0),
        Err(_) => page.escaped(body),
    }
    if page.full {
        page.text.push('…');
    }
    page.text
}

/// Text of bounded length.
struct Page {
    text: String,
    full: bool,
}

impl Page {
    fn push(&mut self, text: &str) {
        if self.full {
            return;
        }
        if self.text.len() + text.len() <= MAX_LENGTH {
            self.text.push_str(text);
        } else {
            self.full = true;
        }
    }

    fn line(&mut self, depth: usize) {
        if !self.text.is_empty() {
            self.push("\n");
        }
        for _ in 0..depth {
            self.push("  ");
        }
    }

    fn escaped(&mut self, text: &str) {
        let mut buffer = [0; 4];
        for character in text.chars() {
            match character {
                _ if self.full => return,
                '<' => self.push("&lt;"),
                '&' => self.push("&amp;"),
                '"' => self.push("&quot;"),
                hidden if is_unseen(hidden) => {
                    let mut reference = String::new();
                    // Writing to a String doesn't fail.
                    let _ = write!(reference, "&#x{:X};", u32::from(hidden));
                    self.push(&reference);
                }
                plain => self.push(plain.encode_utf8(&mut buffer)),
            }
        }
    }
}

fn element(page: &mut Page, element: &Element<'_>, parent: Option<&str>, depth: usize) {
    if page.full {
        return;
    }
    page.line(depth);
    page.push("<");
    page.push(element.name);
    let namespace = element.namespace.as_deref();
    if namespace != parent {
        attribute(page, "xmlns", namespace.unwrap_or_default());
    }
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_by_key(|attribute| (attribute.name, attribute.namespace.as_deref()));
    for known in attributes {
        attribute(page, known.name, &known.value);
    }
    let holds_elements = element.elements().next().is_some();
    if !holds_elements && element.children.is_empty() || holds_elements && !has_content(element) {
        page.push("/>");
        return;
    }
    page.push(">");
    for node in &element.children {
        match node {
            Node::Element(child) => self::element(page, child, namespace, depth + 1),
            Node::Text(text) if !holds_elements => page.escaped(text),
            Node::Text(text) if is_blank(text) => {}
            Node::Text(text) => {
                page.line(depth + 1);
                page.escaped(text);
            }
        }
    }
    if holds_elements {
        page.line(depth);
    }
    page.push("</");
    page.push(element.name);
    page.push(">");
}

fn attribute(page: &mut Page, name: &str, value: &str) {
    page.push(" ");
    page.push(name);
    page.push("=\"");
    page.escaped(value);
    page.push("\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_laid_out_one_tag_a_line() {
        let body = "<?xml version='1.0'?><e:ErrorResponse xmlns:e='u'>\n<e:Error b='2' a='\"'><e:Code>C</e:Code>\
                    <Message xmlns='v'>a&lt;b\n\u{9b}&#x202E;</Message></e:Error><!-- c --><e:RequestId/>\t</e:ErrorResponse>";
        assert_eq!(
            canonical(body),
            "<ErrorResponse xmlns=\"u\">\n  <Error a=\"&quot;\" b=\"2\">\n    <Code>C</Code>\n    \
             <Message xmlns=\"v\">a&lt;b&#xA;&#x9B;&#x202E;</Message>\n  </Error>\n  <RequestId/>\n</ErrorResponse>"
        );
    }

    #[test]
    fn prefixes_and_white_space_between_elements_make_no_difference() {
        assert_eq!(canonical("<a xmlns='u'> <b/>\n</a>"), canonical("<p:a xmlns:p='u'><p:b></p:b></p:a>"));
        assert_ne!(canonical("<a> <b/></a>"), canonical("<a>x<b/></a>"));
        assert_ne!(canonical("<a> </a>"), canonical("<a/>"));
    }

    #[test]
    fn a_namespace_taken_back_is_shown() {
        assert_eq!(canonical("<a xmlns='u'><b xmlns=''/></a>"), "<a xmlns=\"u\">\n  <b xmlns=\"\"/>\n</a>");
    }

    #[test]
    fn a_long_body_is_cut_with_a_mark() {
        for body in [format!("<a>{}</a>", "é".repeat(10_000)), format!("<a>{}</a>", "<b/>".repeat(10_000))] {
            let text = canonical(&body);
            assert!(text.ends_with('…'));
            assert!(text.len() <= MAX_LENGTH + '…'.len_utf8() && text.len() > MAX_LENGTH - 8);
        }
    }

    #[test]
    fn a_body_that_is_not_well_formed_is_shown_escaped() {
        assert_eq!(canonical("<a>\u{1b}"), "&lt;a>&#x1B;");
        assert_eq!(canonical(""), "");
    }
}
