//! Limits on how much of a reply is kept: a target may send megabytes in any text, and a run keeps many replies.

use std::borrow::Cow;

use super::canonical::canonical;

/// The longest body that is kept unchanged, in bytes.
const MOST_BODY: usize = 16 * 1024;
/// The longest name, path or date that is kept whole, in bytes. Requests carry values of up to 10,000 characters.
pub(super) const MOST_VALUE: usize = 16 * 1024;
/// The longest message of an error that is kept whole, in bytes.
pub(super) const MOST_MESSAGE: usize = 4 * 1024;
/// The longest code, request id, namespace or media type that is kept whole, in bytes.
pub(super) const MOST_WORD: usize = 1024;
/// The longest text of a picture or seed that is read, in bytes.
pub(super) const MOST_BLOB: usize = 256 * 1024;

/// The text, or its beginning with `…` if it is longer than `most` bytes.
pub(super) fn bounded(text: Cow<'_, str>, most: usize) -> String {
    if text.len() <= most {
        return text.into_owned();
    }
    let mut cut = text.get(..text.floor_char_boundary(most)).unwrap_or_default().to_owned();
    cut.push('…');
    cut
}

/// What is kept of a reply's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptBody {
    /// The whole body, unchanged.
    Whole(Box<str>),
    /// The beginning of the canonical form of a body that is too long to keep.
    LaidOut(Box<str>),
}

impl KeptBody {
    /// Keeps this body, within the limit.
    #[must_use]
    pub fn of(body: String) -> Self {
        if body.len() <= MOST_BODY { Self::Whole(body.into()) } else { Self::LaidOut(canonical(&body).into()) }
    }

    /// The body in canonical form.
    pub(super) fn canonical(&self) -> String {
        match self {
            Self::Whole(body) => canonical(body),
            Self::LaidOut(text) => text.to_string(),
        }
    }
}

impl Default for KeptBody {
    fn default() -> Self {
        Self::Whole(Box::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(bounded("ëëë".into(), 6), "ëëë");
        assert_eq!(bounded("ëëë".into(), 5), "ëë…");
    }

    #[test]
    fn a_long_body_is_shown_as_if_it_were_kept() {
        let body = format!("<ErrorResponse><a/>{}</ErrorResponse>", "<b>x</b>".repeat(10_000));
        let kept = KeptBody::of(body.clone());
        assert!(matches!(&kept, KeptBody::LaidOut(text) if text.len() < 9_000), "{kept:?}");
        assert_eq!(kept.canonical(), canonical(&body));
    }
}
