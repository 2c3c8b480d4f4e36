//! The clauses that hold for each error code.

use std::borrow::Cow;

use super::entry::Clause;
use super::listed::{described, is_on_a_page, message_stance, status_stance};
use super::row::Side;
use super::source::{page, protocol, shape};
use super::{ClauseId, Source};
use crate::ErrorCode;

/// Cites a sentence of each page that lists the code.
fn cite(code: ErrorCode, sentence: &'static str) -> Vec<Source> {
    code.listed_by().iter().map(|operation| page(*operation, "Errors", sentence)).collect()
}

/// The clause of [`ClauseId::ErrorStatus`].
pub(super) fn status_clause(code: ErrorCode) -> Clause {
    let status = code.status();
    let sources = match (is_on_a_page(code), status) {
        (true, 403) => cite(code, "HTTP Status Code: 403"),
        (true, 404) => cite(code, "HTTP Status Code: 404"),
        (true, 500) => cite(code, "HTTP Status Code: 500"),
        (true, _) => cite(code, "HTTP Status Code: 409"),
        (false, _) if matches!(code, ErrorCode::DeleteConflict | ErrorCode::InvalidInput) => {
            vec![shape("exceptions, httpStatusCode")]
        }
        (false, _) => vec![protocol("Common Errors")],
    };
    Clause {
        id: ClauseId::ErrorStatus(code),
        stance: status_stance(code),
        sources: Cow::Owned(sources),
        requires: Cow::Owned(format!("A reply with the code {code} has the HTTP status {status}.")),
        test: Cow::Owned(format!("Each reply with the code {code}, whatever the reason.")),
        sides: &[Side::Reject],
        excluded: None,
    }
}

/// The clause of [`ClauseId::ErrorMessage`].
pub(super) fn message_clause(code: ErrorCode) -> Clause {
    let demanded = described(code);
    Clause {
        id: ClauseId::ErrorMessage(code),
        stance: message_stance(code),
        sources: Cow::Owned(demanded.map_or_else(Vec::new, |sentence| cite(code, sentence))),
        requires: match demanded {
            Some(_) => {
                Cow::Owned(format!("The message of {code} is not blank. The page says that it describes something."))
            }
            None => Cow::Owned(format!("No page says anything about the message of {code}. It may be blank.")),
        },
        test: Cow::Owned(format!("Each reply with the code {code}. message.words judges the wording.")),
        sides: if demanded.is_some() { &[Side::Reject] } else { &[] },
        excluded: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_that_is_quoted_is_the_status_of_the_code() {
        for code in ErrorCode::ALL.iter().copied().filter(|code| is_on_a_page(*code)) {
            let quoted = format!("HTTP Status Code: {}", code.status());
            let clause = status_clause(code);
            assert!(clause.sources.iter().all(|source| source.quote == Some(quoted.as_str())), "{code}");
        }
    }

    #[test]
    fn a_code_whose_message_is_described_is_on_a_page() {
        for code in ErrorCode::ALL.iter().copied().filter(|code| described(*code).is_some()) {
            assert!(is_on_a_page(code), "{code}");
        }
    }

    #[test]
    fn each_page_that_lists_a_code_is_cited() {
        assert_eq!(status_clause(ErrorCode::NoSuchEntity).sources.len(), 3);
        assert_eq!(status_clause(ErrorCode::EntityAlreadyExists).sources.len(), 1);
        assert_eq!(message_clause(ErrorCode::InvalidAuthenticationCode).sources.len(), 2);
    }
}
