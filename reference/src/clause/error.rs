//! The clauses that hold for each error code.

use std::borrow::Cow;

use super::entry::{Clause, Side};
use super::source::{deactivate, enable, protocol, resync, shape};
use super::{ClauseId, Source, Stance};
use crate::{ErrorCode, MfaOperation};

/// The operations whose pages list the code.
const fn listing(code: ErrorCode) -> &'static [MfaOperation] {
    match code {
        ErrorCode::ConcurrentModification
        | ErrorCode::LimitExceeded
        | ErrorCode::NoSuchEntity
        | ErrorCode::ServiceFailure => &MfaOperation::ALL,
        ErrorCode::EntityTemporarilyUnmodifiable => &[MfaOperation::Enable, MfaOperation::Deactivate],
        ErrorCode::InvalidAuthenticationCode => &[MfaOperation::Enable, MfaOperation::Resync],
        ErrorCode::EntityAlreadyExists => &[MfaOperation::Enable],
        ErrorCode::DeleteConflict
        | ErrorCode::InvalidInput
        | ErrorCode::ValidationError
        | ErrorCode::MissingParameter
        | ErrorCode::MissingAction
        | ErrorCode::InvalidAction
        | ErrorCode::InvalidParameterValue
        | ErrorCode::InvalidParameterCombination
        | ErrorCode::InvalidQueryParameter
        | ErrorCode::IncompleteSignature
        | ErrorCode::RequestExpired
        | ErrorCode::Throttling
        | ErrorCode::AccessDenied
        | ErrorCode::MissingAuthenticationToken
        | ErrorCode::OptInRequired
        | ErrorCode::InvalidClientTokenId
        | ErrorCode::MalformedQueryString
        | ErrorCode::InternalFailure
        | ErrorCode::ServiceUnavailable => &[],
    }
}

/// Whether one of the three operations' pages lists the code.
pub(super) const fn is_on_a_page(code: ErrorCode) -> bool {
    !listing(code).is_empty()
}

/// What the pages say that the code's message describes, if they do.
const fn described(code: ErrorCode) -> Option<&'static str> {
    if matches!(code, ErrorCode::EntityTemporarilyUnmodifiable) {
        Some("The error message describes the entity.")
    } else if matches!(code, ErrorCode::InvalidAuthenticationCode) {
        Some("The error message describes the specific error.")
    } else if matches!(code, ErrorCode::LimitExceeded) {
        Some("The error message describes the limit exceeded.")
    } else if matches!(code, ErrorCode::NoSuchEntity) {
        Some("The error message describes the resource.")
    } else {
        None
    }
}

/// Whether a page says what the code's message describes.
pub(super) const fn is_described(code: ErrorCode) -> bool {
    described(code).is_some()
}

/// The stance of [`ClauseId::ErrorStatus`].
pub(super) const fn status_stance(code: ErrorCode) -> Stance {
    if is_on_a_page(code) { Stance::Stated } else { Stance::Recorded }
}

/// The stance of [`ClauseId::ErrorMessage`].
pub(super) const fn message_stance(code: ErrorCode) -> Stance {
    if is_described(code) { Stance::Stated } else { Stance::Silent }
}

/// Cites a sentence of each page that lists the code.
fn cite(code: ErrorCode, sentence: &'static str) -> Vec<Source> {
    let cite = |operation: &MfaOperation| match operation {
        MfaOperation::Enable => enable("Errors", sentence),
        MfaOperation::Resync => resync("Errors", sentence),
        MfaOperation::Deactivate => deactivate("Errors", sentence),
    };
    listing(code).iter().map(cite).collect()
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
        test: Cow::Owned(format!("Each reply with the code {code}, whatever it was sent for.")),
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
            Some(_) => Cow::Owned(format!("The message of {code} describes something, so it is not blank.")),
            None => Cow::Owned(format!("No page says anything of the message of {code}; it may be blank.")),
        },
        test: Cow::Owned(format!("Each reply with the code {code}; its words are for message.words.")),
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
        for code in ErrorCode::ALL.iter().copied().filter(|code| is_described(*code)) {
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
