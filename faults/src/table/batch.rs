//! Who wrote a fault or a variant, and when.
//!
//! A score says more if the faults' author did not know how the tool generates scenarios and judges replies.

use std::fmt;

use serde::Deserialize;

/// Who wrote a fault or a variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Batch {
    /// People who know the generators and the oracle.
    Author,
    /// Somebody who knew the documents and the names of the earlier faults, but not the oracle. Each outsider has a
    /// number, in the order in which they wrote; those from 9 on did not know the earlier faults either.
    Outsider(u8),
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Author => f.write_str("author"),
            Self::Outsider(number) => write!(f, "outsider-{number}"),
        }
    }
}

impl TryFrom<String> for Batch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "author" {
            return Ok(Self::Author);
        }
        let number = text.strip_prefix("outsider-").and_then(|number| number.parse().ok());
        number.map(Self::Outsider).ok_or_else(|| format!("{text:?} is not a batch; use \"author\" or \"outsider-1\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_as_it_is_written() {
        for batch in [Batch::Author, Batch::Outsider(11)] {
            assert_eq!(Batch::try_from(batch.to_string()), Ok(batch));
        }
        let problem = Batch::try_from("late3".to_owned()).unwrap_err();
        assert!(problem.contains("\"late3\" is not a batch"), "{problem}");
    }
}
