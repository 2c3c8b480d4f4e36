//! Reads an id that a person typed.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::ClauseId;

/// A text that is not the id of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClause {
    /// The given text.
    pub given: String,
    /// The known ids that resemble it, nearest first.
    pub nearest: Vec<ClauseId>,
}

/// How many ids are suggested for a mistyped one.
const OFFERED: usize = 3;

impl UnknownClause {
    fn new(given: &str) -> Self {
        let given = given.trim().to_ascii_lowercase();
        let length = given.chars().count();
        let mut near: Vec<(usize, ClauseId)> = ClauseId::all()
            .filter_map(|id| {
                let known = id.to_string().to_ascii_lowercase();
                let distance = strsim::levenshtein(&given, &known);
                let resembles = distance <= length / 3 || (length > 2 && known.contains(&given));
                resembles.then_some((distance, id))
            })
            .collect();
        near.sort_unstable();
        Self { given, nearest: near.into_iter().take(OFFERED).map(|(_, id)| id).collect() }
    }
}

impl fmt::Display for UnknownClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no clause has the id `{}`", self.given.escape_debug())?;
        let mut link = "; did you mean";
        for id in &self.nearest {
            write!(f, "{link} `{id}`")?;
            link = " or";
        }
        if self.nearest.is_empty() {
            f.write_str("; ids look like `enable.code2.subsequent`, and the ledger lists them all")
        } else {
            f.write_char('?')
        }
    }
}

impl std::error::Error for UnknownClause {}

impl FromStr for ClauseId {
    type Err = UnknownClause;

    /// Reads an id of the ledger, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownClause> {
        let given = text.trim();
        let named = |id: &Self| id.to_string().eq_ignore_ascii_case(given);
        Self::all().find(named).ok_or_else(|| UnknownClause::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_in_any_case() {
        for id in ClauseId::all() {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        }
    }

    #[test]
    fn a_mistyped_id_is_refused_with_the_nearest_one() {
        let refusal = "enable.code2.subsequnt".parse::<ClauseId>().unwrap_err();
        assert_eq!(refusal.nearest.first(), Some(&ClauseId::EnableCode2Subsequent));
        assert!(refusal.to_string().contains("`enable.code2.subsequnt`"), "{refusal}");
        assert!(refusal.to_string().contains("did you mean `enable.code2.subsequent`"), "{refusal}");
    }

    #[test]
    fn a_part_of_an_id_is_refused_with_an_id_that_holds_it() {
        let refusal = "unlisted".parse::<ClauseId>().unwrap_err();
        assert_eq!(refusal.nearest, [ClauseId::ResyncUnlistedErrors]);
    }

    #[test]
    fn a_text_that_resembles_nothing_is_refused_without_a_guess() {
        let refusal = "zzz\n".parse::<ClauseId>().unwrap_err();
        assert_eq!(refusal.nearest, []);
        assert!(refusal.to_string().ends_with("the ledger lists them all"), "{refusal}");
    }

    #[test]
    fn an_unused_product_is_no_id() {
        let unused = ClauseId::ErrorMessage(crate::ErrorCode::Throttling);
        assert!(unused.to_string().parse::<ClauseId>().is_err());
    }
}
