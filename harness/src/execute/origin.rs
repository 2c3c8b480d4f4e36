//! What a value was made from: the prefix of the scenario's names, parts of replies, a device's code. The code that
//! makes a value records its origin. No later code guesses it from the text.

use std::ops::{Deref, Range};

use mfa_reference::{RawRequest, TimeStep};

use crate::scenario::Edit;

/// A value to send, with its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The text.
    pub text: String,
    /// What it was made from.
    pub origin: Origin,
}

/// What a value was made from. Text outside all parts is the same in every run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The parts that differ in every run, in order.
    pub parts: Vec<Part>,
    /// The device's code that the value was made from.
    pub code: Option<CodeSource>,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its range in the text, in bytes.
    pub range: Range<usize>,
    /// Where it comes from.
    pub source: Source,
}

/// Where a part of a value comes from. The numbers are indices of exchanges in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The prefix of all names of the scenario.
    Prefix,
    /// That prefix in capitals.
    Capitals,
    /// The serial number of a device, from the reply of this exchange.
    Serial(usize),
    /// The id of an access key, from the reply of this exchange.
    KeyId(usize),
}

/// Where a code comes from, so that a reproduction can compute a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSource {
    /// The serial number of the device.
    pub serial_number: String,
    /// The index in the trace of the exchange whose reply contains the device's seed.
    pub seed_from: usize,
    /// The time step, relative to the current one.
    pub step: i32,
    /// The absolute time step.
    pub at: TimeStep,
    /// The edits that changed it, in order.
    pub edits: Vec<Edit>,
}

impl Origin {
    /// The code, if it is an unchanged one.
    #[must_use]
    pub fn unchanged_code(&self) -> Option<&CodeSource> {
        self.code.as_ref().filter(|code| code.edits.is_empty())
    }
}

impl Made {
    /// A text that comes entirely from one source.
    #[must_use]
    pub fn whole(text: impl Into<String>, source: Source) -> Self {
        let text = text.into();
        let parts = if text.is_empty() { Vec::new() } else { vec![Part { range: 0..text.len(), source }] };
        Self { text, origin: Origin { parts, code: None } }
    }

    /// This value, followed by another.
    #[must_use]
    pub fn then(mut self, behind: impl Into<Self>) -> Self {
        let (behind, by) = (behind.into(), self.text.len());
        self.origin.parts.extend(behind.origin.parts.into_iter().map(|part| part.moved(by, 0)));
        self.text += &behind.text;
        self
    }

    /// The value after an edit.
    #[must_use]
    pub fn edited(self, edit: &Edit) -> Self {
        let text = edit.apply(&self.text);
        let mut origin = self.origin;
        origin.parts = if *edit == Edit::OtherCase {
            in_case(origin.parts, Source::Capitals, Source::Prefix)
        } else {
            kept(&self.text, &text, origin.parts)
        };
        if let Some(code) = &mut origin.code {
            code.edits.push(edit.clone());
        }
        Self { text, origin }
    }

    /// The first `length` bytes of the value; `None` if they end inside a character or beyond the value.
    #[must_use]
    pub fn beginning(&self, length: usize) -> Option<Self> {
        let text = self.text.get(..length)?.to_owned();
        let parts = kept(&self.text, &text, self.origin.parts.clone());
        Some(Self { text, origin: Origin { parts, code: None } })
    }

    /// The value in capitals.
    #[must_use]
    pub fn capitals(&self) -> Self {
        let parts = in_case(self.origin.parts.clone(), Source::Capitals, Source::Capitals);
        Self { text: self.text.to_ascii_uppercase(), origin: Origin { parts, code: None } }
    }
}

impl Part {
    /// The part moved by `more` bytes forward and `fewer` bytes back.
    fn moved(self, more: usize, fewer: usize) -> Self {
        let place = |at: usize| (at + more).saturating_sub(fewer);
        Self { range: place(self.range.start)..place(self.range.end), source: self.source }
    }
}

/// The parts of a text after a change of case. `prefix` and `capitals` are the new sources of these two.
fn in_case(parts: Vec<Part>, prefix: Source, capitals: Source) -> Vec<Part> {
    let changed = |part: Part| match part.source {
        Source::Prefix => Some(Part { source: prefix, ..part }),
        Source::Capitals => Some(Part { source: capitals, ..part }),
        Source::Serial(_) | Source::KeyId(_) => None,
    };
    parts.into_iter().filter_map(changed).collect()
}

/// The parts that an edit left whole. An edit changes only text between a common beginning and a common end.
fn kept(before: &str, after: &str, parts: Vec<Part>) -> Vec<Part> {
    let pairs = before.bytes().zip(after.bytes());
    let begin = pairs.take_while(|(one, other)| one == other).count();
    let shorter = before.len().min(after.len()) - begin;
    let backwards = before.bytes().rev().zip(after.bytes().rev()).take(shorter);
    let end = backwards.take_while(|(one, other)| one == other).count();
    let stays = |part: Part| {
        if part.range.end <= begin {
            Some(part)
        } else if part.range.start >= before.len() - end {
            Some(part.moved(after.len(), before.len()))
        } else {
            None
        }
    };
    parts.into_iter().filter_map(stays).collect()
}

impl Deref for Made {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Made {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), origin: Origin::default() }
    }
}

impl From<String> for Made {
    fn from(text: String) -> Self {
        Self { text, origin: Origin::default() }
    }
}

/// A request, with the origin of each of its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MadeRequest {
    /// The request.
    pub request: RawRequest,
    /// The origins of the values, in the order of the parameters.
    pub origins: Vec<Origin>,
}

impl MadeRequest {
    /// A request for an action, with the right version.
    #[must_use]
    pub fn new(action: &str) -> Self {
        Self { request: RawRequest::new(action, &[]), origins: vec![Origin::default(); 2] }
    }

    /// The request with another parameter at the end.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Made>) -> Self {
        self.push(name, value.into());
        self
    }

    /// Adds a parameter at the end.
    pub fn push(&mut self, name: &str, Made { text, origin }: Made) {
        self.request.parameters.push((name.to_owned(), text));
        self.origins.push(origin);
    }

    /// Reverses the order of the parameters.
    pub fn reverse(&mut self) {
        self.request.parameters.reverse();
        self.origins.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Made {
        Made::whole("mfac-1", Source::Prefix).then("-u1")
    }

    fn parts(made: &Made) -> Vec<(&str, Source)> {
        made.origin.parts.iter().map(|part| (&made.text[part.range.clone()], part.source)).collect()
    }

    #[test]
    fn a_part_that_an_edit_leaves_whole_keeps_its_source() {
        let insert = |at| Edit::Insert { at, text: "é".into() };
        for (edit, text, is_kept) in [
            (insert(0), "émfac-1-u1", true),
            (insert(6), "mfac-1é-u1", true),
            (insert(2), "mféac-1-u1", false),
            (Edit::Append("x".into()), "mfac-1-u1x", true),
            (Edit::Remove { at: 0 }, "fac-1-u1", false),
            (Edit::Replace { at: 8, text: "2".into() }, "mfac-1-u2", true),
            (Edit::DropLast(3), "mfac-1", true),
            (Edit::DropLast(4), "mfac-", false),
            (Edit::FitTo(12), "mfac-1-u1aaa", true),
        ] {
            let made = name().edited(&edit);
            let wanted: &[_] = if is_kept { &[("mfac-1", Source::Prefix)] } else { &[] };
            assert_eq!((made.text.as_str(), parts(&made).as_slice()), (text, wanted), "{edit:?}");
        }
        let arn = Made::from("arn:mfa/").then(name());
        let made = arn.clone().edited(&Edit::AfterLast("/".into()));
        assert_eq!(parts(&made), [("mfac-1", Source::Prefix)]);
        let made = arn.edited(&Edit::OtherCase);
        assert_eq!((made.text.as_str(), parts(&made)), ("ARN:MFA/MFAC-1-U1", vec![("MFAC-1", Source::Capitals)]));
        assert_eq!(parts(&made.capitals()), [("MFAC-1", Source::Capitals)]);
        assert_eq!(parts(&made.edited(&Edit::OtherCase)), [("mfac-1", Source::Prefix)]);
    }

    #[test]
    fn a_changed_code_keeps_its_source_and_its_changes() {
        let code =
            CodeSource { serial_number: "arn".into(), seed_from: 1, step: 0, at: TimeStep(7), edits: Vec::new() };
        let made = Made { text: "123456".into(), origin: Origin { parts: Vec::new(), code: Some(code) } };
        assert!(made.origin.unchanged_code().is_some());
        let edited = made.edited(&Edit::DropLast(1)).edited(&Edit::OtherCase);
        assert_eq!(edited.origin.code.as_ref().unwrap().edits, [Edit::DropLast(1), Edit::OtherCase]);
        assert!(edited.origin.unchanged_code().is_none());
    }

    #[test]
    fn a_request_keeps_its_values_beside_their_origins() {
        let mut request = MadeRequest::new("DeleteUser").with("UserName", name());
        request.reverse();
        assert_eq!(request.request.parameters[0], ("UserName".into(), "mfac-1-u1".into()));
        assert_eq!(request.origins[0].parts, name().origin.parts);
        assert_eq!(request.origins.len(), request.request.parameters.len());
    }
}
