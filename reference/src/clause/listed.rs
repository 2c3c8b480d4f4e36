//! What the pages of the three operations say about an error code.

use super::Stance;
use crate::ErrorCode;

/// Whether one of the three operations' pages lists the code.
pub(super) const fn is_on_a_page(code: ErrorCode) -> bool {
    !code.listed_by().is_empty()
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

/// The stance of [`ClauseId::ErrorStatus`].
pub(super) const fn status_stance(code: ErrorCode) -> Stance {
    if is_on_a_page(code) { Stance::Stated } else { Stance::Recorded }
}

/// The stance of [`ClauseId::ErrorMessage`].
pub(super) const fn message_stance(code: ErrorCode) -> Stance {
    if described(code).is_some() { Stance::Stated } else { Stance::Silent }
}
