//! The pair of codes in a request.

use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Millis, Request};

/// Both codes of a request, as they came.
pub(in crate::seeded) fn pair<'a>(request: &Request<'a>) -> Option<(&'a str, &'a str)> {
    match request {
        Request::Codes { code1, code2, .. } => code1.text.zip(code2.text),
        Request::Deactivate { .. } | Request::Support(_) => None,
    }
}

/// Whether the documented service takes a pair by this seed at this time.
pub(in crate::seeded) fn emitted(seed: &Seed, (one, two): (&str, &str), at: Millis) -> bool {
    Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, at, None).is_some()
}
