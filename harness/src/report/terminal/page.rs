//! Lines of text: indented, wrapped, coloured.

use anstyle::{AnsiColor, Style};

use crate::report::words::wrap;

/// The least and the greatest width of a page, in characters: longer lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=110;

/// How much a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The verdict, a line for each cause, and the strongest finding.
    Brief,
    /// Every finding, undocumented behaviour, notes and untested clauses, too.
    Full,
}

/// What a text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Doubtful,
    /// A line that a diff removes.
    Removed,
    /// A line that a diff adds.
    Added,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Doubtful => AnsiColor::Yellow.on_default().bold(),
            Self::Removed => AnsiColor::Red.on_default(),
            Self::Added => AnsiColor::Green.on_default(),
        }
    }
}

/// A text in the making.
pub(super) struct Page {
    text: String,
    color: bool,
    width: usize,
}

impl Page {
    pub(super) fn new(color: bool, width: usize) -> Self {
        Self { text: String::new(), color, width: width.clamp(*WIDTHS.start(), *WIDTHS.end()) }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A heading with an empty line before it.
    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.line(0, text, Tone::Strong);
    }

    /// Adds a line, never wrapped.
    pub(super) fn line(&mut self, indent: usize, text: &str, tone: Tone) {
        self.text.push_str(&" ".repeat(indent));
        let painted = self.painted(text, tone);
        self.text.push_str(&painted);
        self.gap();
    }

    /// Adds a paragraph that begins with `label`. Its other lines are indented by the label's width.
    pub(super) fn paragraph(&mut self, indent: usize, label: &str, text: &str, tone: Tone) {
        let hanging = indent + label.chars().count();
        let mut first = true;
        for line in wrap(text, self.width.saturating_sub(hanging).max(20)) {
            if first {
                self.text.push_str(&" ".repeat(indent));
                let label = self.painted(label, Tone::Faint);
                self.text.push_str(&label);
            } else {
                self.text.push_str(&" ".repeat(hanging));
            }
            first = false;
            let painted = self.painted(line.as_str(), tone);
            self.text.push_str(&painted);
            self.gap();
        }
    }

    fn painted(&self, text: &str, tone: Tone) -> String {
        if !self.color || tone == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_hangs_under_its_label() {
        let mut page = Page::new(false, 40);
        page.paragraph(2, "12. ", "create user 1 with a name that is a good deal longer", Tone::Plain);
        assert_eq!(page.finish(), "  12. create user 1 with a name that is\n      a good deal longer\n");
    }

    #[test]
    fn colours_come_only_if_asked_for() {
        let text = |color| {
            let mut page = Page::new(color, 80);
            page.line(0, "FAIL", Tone::Bad);
            page.finish()
        };
        assert_eq!(text(false), "FAIL\n");
        assert!(text(true).starts_with('\u{1b}') && text(true).ends_with("\u{1b}[0m\n"));
    }
}
