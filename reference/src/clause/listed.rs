//! Which error codes the pages of the three operations list, and what they say of them.

use super::Stance;
use crate::{ErrorCode, MfaOperation};

/// The operations whose pages list the code.
pub(super) const fn listing(code: ErrorCode) -> &'static [MfaOperation] {
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
pub(super) const fn described(code: ErrorCode) -> Option<&'static str> {
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
