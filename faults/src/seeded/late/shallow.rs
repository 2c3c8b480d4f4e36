//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::{CodeOperation, ErrorCode, MfaOperation, Operation, Outcome, Request, TimeStep};

use crate::altered::{decides, recognises, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{devices_of, named, refuse, refused_with};
use crate::seeded::codes::fresh;

/// Two hours of summer time, in steps.
const TWO_HOURS: i64 = 240;

/// What stands between two tags of a text.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    Some(text.split_once(open)?.1.split_once(close)?.0)
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "counter-in-the-upper-half",
        "The step stands in the first four of the eight bytes that codes are made of.",
        C::EnableFreshPair,
        &[],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let upper = |step: TimeStep| seed.code(TimeStep(step.0 << 32)).to_string();
                (upper(now.plus(-1)) == one && upper(now) == two).then_some(now)
            })
        },
    ),
    row(
        "resync-by-local-time",
        "ResyncMFADevice checks codes by the server's local time, two hours ahead of UTC.",
        C::ResyncSynchronizes,
        &[],
        Shallow,
        || {
            decides(|situation, request, decision| {
                let Request::Codes { operation: CodeOperation::Resync, code1, code2, .. } = request else {
                    return decision;
                };
                let Some(seed) = named(situation, request).and_then(|named| named.device?.1.seed.as_ref()) else {
                    return decision;
                };
                let local = fresh(seed, situation.now.step().plus(TWO_HOURS));
                let right = code1.text == Some(local.0.as_str()) && code2.text == Some(local.1.as_str());
                if refused_with(&decision).is_none() && !right {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                } else {
                    decision
                }
            })
        },
    ),
    row(
        "resync-request-id-misspelt",
        "ResyncMFADevice's reply has a RequestID instead of a RequestId.",
        C::WireResyncSuccessRequestId,
        &[],
        Shallow,
        || {
            writes(|operation, outcome, text| match outcome {
                Outcome::Success(_) if operation == Operation::ResyncMfaDevice => {
                    text.replace("RequestId>", "RequestID>")
                }
                Outcome::Success(_) | Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "replies-declared-as-utf-16",
        "Replies are UTF-8 and declare themselves as UTF-16, as a writer into strings does.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{text}")),
    ),
    row(
        "error-type-and-code-swapped",
        "Errors have their Code in Type, and Sender or Receiver in Code.",
        C::WireEnableListedErrors,
        // Each operation's page lists its codes; and what stands in Type is no type.
        &[C::WireResyncListedErrors, C::WireDeactivateListedErrors, C::WireErrorEnvelope],
        Shallow,
        || {
            writes(|_, outcome, text| {
                let kind = between(&text, "<Type>", "</Type>");
                let code = between(&text, "<Code>", "</Code>");
                match (outcome, kind, code) {
                    (Outcome::Error { .. }, Some(kind), Some(code)) => text
                        .replacen(&format!("<Type>{kind}</Type>"), &format!("<Type>{code}</Type>"), 1)
                        .replacen(&format!("<Code>{code}</Code>"), &format!("<Code>{kind}</Code>"), 1),
                    _ => text,
                }
            })
        },
    ),
    row(
        "codes-looked-up-one-by-one",
        "Each code is right if the device emits it within a step of now, whatever the other one is.",
        C::EnableCode2Subsequent,
        &[C::ResyncCode2Subsequent],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let near = [-1, 0, 1].map(|offset| seed.code(now.plus(offset)).to_string());
                let emitted = |code: &str| near.iter().any(|near| near == code);
                (emitted(one) && emitted(two)).then_some(now)
            })
        },
    ),
    row(
        "last-device-kept",
        "DeactivateMFADevice of a user's only device is answered DeleteConflict.",
        C::WireDeactivateListedErrors,
        // The code isn't of the page, and what had to be done is refused.
        &[C::DeactivateDissociates, C::DeactivateByAdministrator, C::DeactivateDefaultUser],
        Shallow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let only = named.user.is_some_and(|user| devices_of(situation.account, user).len() == 1);
                let deactivated = named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none();
                if only && deactivated { refuse(ErrorCode::DeleteConflict) } else { decision }
            })
        },
    ),
];
