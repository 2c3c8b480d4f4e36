//! Conditions on a name.

use serde::Deserialize;

/// Conditions on a name, all of which must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Text {
    #[serde(default)]
    contains: String,
    #[serde(default)]
    starts_with: String,
    #[serde(default)]
    length: Option<usize>,
    #[serde(default)]
    longer_than: Option<usize>,
}

impl Text {
    /// Whether a name is present and meets the conditions.
    pub(super) fn holds(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| {
            text.contains(&self.contains)
                && text.starts_with(&self.starts_with)
                && self.length.is_none_or(|length| text.len() == length)
                && self.longer_than.is_none_or(|length| text.len() > length)
        })
    }
}
