//! Writing XML: one string, elements in order, every text escaped.

/// Writes an XML document from its beginning to its end.
///
/// Element names come from the protocol and are written as they are; texts may come from a request and are escaped.
#[derive(Clone, Debug, Default)]
pub struct XmlWriter {
    document: String,
}

impl XmlWriter {
    /// A writer with room for a reply of the usual size: a page of a listing grows it.
    #[must_use]
    pub fn new() -> Self {
        Self { document: String::with_capacity(512) }
    }

    /// Opens an element whose name is put together from these parts.
    pub fn open(&mut self, name: &[&str]) {
        self.tag("<", name, ">");
    }

    /// Opens an element in a default namespace.
    pub fn open_in(&mut self, name: &[&str], namespace: &str) {
        self.tag("<", name, " xmlns=\"");
        self.text(namespace);
        self.document.push_str("\">");
    }

    /// Closes the element that was opened with the same name.
    pub fn close(&mut self, name: &[&str]) {
        self.tag("</", name, ">");
    }

    /// A whole element that holds only a text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.open(&[name]);
        self.text(text);
        self.close(&[name]);
    }

    /// A text, escaped for element content and for attributes in double quotes.
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, replacement)) = rest.char_indices().find_map(|(at, c)| Some((at, escape(c)?))) {
            let (plain, tail) = rest.split_at(at);
            self.document.push_str(plain);
            self.document.push_str(replacement);
            let mut tail = tail.chars();
            tail.next();
            rest = tail.as_str();
        }
        self.document.push_str(rest);
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> String {
        self.document
    }

    fn tag(&mut self, start: &str, name: &[&str], end: &str) {
        self.document.push_str(start);
        for part in name {
            self.document.push_str(part);
        }
        self.document.push_str(end);
    }
}

/// What stands for a character that cannot stand for itself.
///
/// A bare carriage return would be read back as a line feed (XML 1.0 §2.11), tabs and line feeds in an attribute as
/// spaces (§3.3.3). A character that XML excludes (§2.2) cannot be written in any form, so U+FFFD tells that something was there.
const fn escape(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => Some("\u{FFFD}"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut writer = XmlWriter::new();
        writer.text(text);
        writer.finish()
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(written("<a href=\"&\">]]>"), "&lt;a href=&quot;&amp;&quot;&gt;]]&gt;");
    }

    #[test]
    fn line_ends_survive_a_reader_that_normalises_them() {
        assert_eq!(written("a\r\nb\tc"), "a&#13;&#10;b&#9;c");
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_replaced() {
        assert_eq!(written("a\0b\u{1F}c\u{FFFE}\u{FFFF}\u{7F}é"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}\u{7F}é");
    }

    #[test]
    fn a_name_is_put_together_from_its_parts() {
        let mut writer = XmlWriter::new();
        writer.open_in(&["GetUser", "Response"], "urn:x&y");
        writer.leaf("Path", "/");
        writer.close(&["GetUser", "Response"]);
        assert_eq!(writer.finish(), "<GetUserResponse xmlns=\"urn:x&amp;y\"><Path>/</Path></GetUserResponse>");
    }

    proptest! {
        /// A reader gives back every text, U+FFFD standing for what XML cannot hold.
        #[test]
        fn a_reader_gives_back_what_was_written(text in any::<String>()) {
            let document = format!("<t a=\"{0}\">{0}</t>", written(&text));
            let parsed = roxmltree::Document::parse(&document).unwrap();
            let expected: String = text
                .chars()
                .map(|c| if matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..) { c } else { '\u{FFFD}' })
                .collect();
            let root = parsed.root_element();
            prop_assert_eq!(root.text().unwrap_or_default(), expected.as_str());
            prop_assert_eq!(root.attribute("a"), Some(expected.as_str()));
        }
    }
}
