//! References replace values that differ from run to run: equal values by equal references.

use std::collections::BTreeMap;

use crate::execute::in_digits;

/// The replacement for the run's own part of a prefix. It has the same length, so that names keep theirs.
const SHOWN: &str = "snapshot";

/// The kind of request ids.
pub(super) const REQUEST_ID: &str = "request id";

/// Values shorter than this are replaced only as whole words, since they may occur in other words.
const SHORTEST_ANYWHERE: usize = 6;

/// The values and their references.
#[derive(Debug, Default)]
pub(super) struct References {
    /// In the order of their first occurrence. A value that contains others comes before them.
    known: Vec<(String, String)>,
    counts: BTreeMap<&'static str, usize>,
}

impl References {
    /// References that show all names with one fixed prefix. `earlier` are the prefixes of scenarios that were played
    /// before, since an account-wide listing may show their leftovers.
    pub(super) fn new(prefix: &str, earlier: &[String]) -> Self {
        let own = own(prefix);
        let mut known = vec![
            (in_digits(own), in_digits(SHOWN)),
            (own.to_uppercase(), SHOWN.to_uppercase()),
            (own.to_owned(), SHOWN.to_owned()),
        ];
        known.extend(earlier.iter().map(|earlier| (self::own(earlier).to_owned(), SHOWN.to_owned())));
        Self { known, counts: BTreeMap::new() }
    }

    /// The reference of a value of a kind.
    pub(super) fn of(&mut self, kind: &'static str, value: &str) -> String {
        if let Some((_, reference)) = self.known.iter().find(|(known, _)| known == value) {
            return if kind == REQUEST_ID { format!("{reference} of before") } else { reference.clone() };
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        // Each reply has a different one. With numbers, one more reply would change all that follow.
        let reference = if kind == REQUEST_ID { format!("[{kind}]") } else { format!("[{kind} {count}]") };
        self.known.push((value.to_owned(), reference.clone()));
        reference
    }

    /// Adds another value for a reference, unless the value has one already.
    pub(super) fn also(&mut self, value: &str, reference: &str) {
        if !self.known.iter().any(|(known, _)| known == value) {
            self.known.push((value.to_owned(), reference.to_owned()));
        }
    }

    /// A text with every known value replaced.
    pub(super) fn apply(&self, text: &str) -> String {
        if let Some((_, reference)) = self.known.iter().find(|(known, _)| known == text) {
            return reference.clone();
        }
        let long = self.known.iter().filter(|(known, _)| known.len() >= SHORTEST_ANYWHERE);
        long.fold(text.to_owned(), |text, (known, reference)| text.replace(known, reference))
    }
}

/// The run's own part of a prefix.
fn own(prefix: &str) -> &str {
    prefix.split('-').nth(1).unwrap_or_default()
}

/// The kind of an element's value, if it differs from run to run.
pub(super) fn kind_of(element: &str) -> Option<&'static str> {
    match element {
        "RequestId" | "RequestID" => Some(REQUEST_ID),
        "UserId" => Some("user id"),
        "AccessKeyId" => Some("access key"),
        "SecretAccessKey" => Some("secret"),
        "Base32StringSeed" => Some("seed"),
        "QRCodePNG" => Some("picture"),
        "Marker" => Some("marker"),
        _ => None,
    }
}

/// The form of an instant, without its digits: whether two instants are equal depends on the clock.
pub(super) fn form_of_time(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_references() {
        let mut references = References::new("mfac-abcdefgh-e5", &["mfac-hgfedcba-11".to_owned()]);
        assert_eq!(references.of("user id", "AIDA1234567"), "[user id 1]");
        assert_eq!(references.of("user id", "AIDA7654321"), "[user id 2]");
        assert_eq!(references.of("user id", "AIDA1234567"), "[user id 1]");
        assert_eq!(references.of("code", "123456"), "[code 1]");
        assert_eq!(references.of(REQUEST_ID, "0c1d2e3f"), "[request id]");
        assert_eq!(references.of(REQUEST_ID, "4a5b6c7d"), "[request id]");
        assert_eq!(references.of(REQUEST_ID, "0c1d2e3f"), "[request id] of before");
        references.also("654321", "[code 1]");
        assert_eq!(references.apply("654321"), "[code 1]");
        let text = references.apply("User mfac-abcdefgh-e5-u1 (AIDA7654321) sent 123456");
        assert_eq!(text, "User mfac-snapshot-e5-u1 ([user id 2]) sent [code 1]");
        assert_eq!(references.apply("mfac-hgfedcba-11-d1"), "mfac-snapshot-11-d1");
    }

    #[test]
    fn a_name_keeps_its_length_and_a_time_its_form() {
        let references = References::new("mfac-abcdefgh-e5", &["mfac-hgfedcba-11".to_owned()]);
        assert_eq!(references.apply("mfac-abcdefgh-e5-u1").len(), "mfac-abcdefgh-e5-u1".len());
        let digits = format!("{}7", in_digits("mfac-abcdefgh-e5"));
        assert_eq!(references.apply(&digits), format!("{}7", in_digits("mfac-snapshot-e5")));
        assert_eq!(form_of_time("2026-11-22T01:02:03.5Z"), "0000-00-00T00:00:00.0Z");
    }
}
