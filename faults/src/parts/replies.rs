//! Replies that several faults share.

use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Operation, Outcome};

use crate::altered::documented_reply;

/// Answers a broken constraint with another status.
pub(crate) fn violations_with(status: u16) -> impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync {
    move |operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if matches!(outcome, Outcome::Error { code: ErrorCode::ValidationError, .. }) {
            reply.status = status;
        }
        reply
    }
}
