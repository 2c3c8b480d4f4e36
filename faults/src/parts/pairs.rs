//! The pair of codes in a request, and the pairs that a device emits.

use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Millis, Request, TimeStep};

/// The recogniser of the pairs that the documented service accepts.
pub(crate) const NEAR: Adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };

/// Both codes of a request, as received.
pub(crate) fn pair<'a>(request: &Request<'a>) -> Option<(&'a str, &'a str)> {
    match request {
        Request::Codes { code1, code2, .. } => code1.text.zip(code2.text),
        Request::Deactivate { .. } | Request::Support(_) => None,
    }
}

/// The codes of the last completed time step and the current one.
pub(crate) fn fresh(seed: &Seed, now: TimeStep) -> (String, String) {
    (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string())
}

/// Whether the documented service accepts a pair of this seed at this time.
pub(crate) fn emitted(seed: &Seed, (one, two): (&str, &str), at: Millis) -> bool {
    NEAR.recognise(seed, one, two, at, None).is_some()
}

/// The second time step of a consecutive pair near now, by another computation of codes.
pub(crate) fn neighbours(
    now: TimeStep,
    (one, two): (&str, &str),
    code: impl Fn(TimeStep) -> String,
) -> Option<TimeStep> {
    (-1..=1).map(|steps| now.plus(steps)).find(|step| code(step.plus(-1)) == one && code(*step) == two)
}
