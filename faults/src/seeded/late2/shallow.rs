//! Faults that any call of the kind shows.

use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::{ErrorCode, MfaOperation, Operation, Outcome};

use super::pair::{emitted, pair};
use crate::altered::{decides, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{done, named, on, refuse, refused_with};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// A document with each text on a line of its own, as some writers indent.
fn indented(document: &str) -> String {
    let mut parts = document.split('>');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        all.push('>');
        match part.split_once('<') {
            Some((text, tag)) if !text.trim().is_empty() => {
                all.push_str("\n    ");
                all.push_str(text);
                all.push_str("\n  <");
                all.push_str(tag);
            }
            Some(_) | None => all.push_str(part),
        }
    }
    all
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "newline-before-the-declaration",
        "Replies begin with a newline, and have an XML declaration after it, as a template does.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| format!("\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")),
    ),
    row(
        "texts-on-lines-of-their-own",
        "Replies are indented with each text on a line of its own, so that the Code has white space around it.",
        C::WireEnableListedErrors,
        // Each operation's page lists its codes; to an SDK it is another exception.
        &[C::WireResyncListedErrors, C::WireDeactivateListedErrors, C::WireErrorEnvelope, C::SdkBoto3Exceptions],
        Shallow,
        || writes(|_, _, text| indented(&text)),
    ),
    row(
        "enable-answered-before-it-is-checked",
        "EnableMFADevice whose form is right answers 200 and is done in the background, if what it asks for is right.",
        C::EnableCodesRecognised,
        // Whatever it should have been refused for wasn't; and after a 200 the device is nobody's.
        &[
            C::EnableUserExists,
            C::EnableDeviceExists,
            C::EnableAlreadyEnabled,
            C::EnableCode2Subsequent,
            C::EnableAssociates,
        ],
        Shallow,
        || {
            on(MfaOperation::Enable, |_, decision| match refused_with(&decision) {
                None | Some(ErrorCode::ValidationError) => decision,
                Some(_) => done(Effect::None),
            })
        },
    ),
    row(
        "deactivate-answers-nothing",
        "DeactivateMFADevice succeeds with an empty body.",
        C::WireWellFormed,
        // What an empty body lacks: the root, the id, all of the protocol.
        &[C::WireDeactivateSuccessRoot, C::WireDeactivateSuccessRequestId, C::OperationDeactivateExists],
        Shallow,
        || {
            writes(|operation, outcome, text| match outcome {
                Outcome::Success(_) if operation == Operation::DeactivateMfaDevice => String::new(),
                Outcome::Success(_) | Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "resync-codes-swapped",
        "ResyncMFADevice takes the first code for the second and the second for the first.",
        C::ResyncSynchronizes,
        // The pair in reverse is taken; each demand on a refused fresh pair names it as well.
        &[C::ResyncCode2Subsequent, C::ResyncCodesByDevice, C::ResyncAfterLateEnable],
        Shallow,
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.operation == MfaOperation::Resync)
                else {
                    return decision;
                };
                let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
                let Some((seed, (one, two))) = seed.zip(pair(request)) else { return decision };
                let right = emitted(seed, (two, one), situation.now);
                let own = named.user.is_some() && named.owner() == named.user;
                match refused_with(&decision) {
                    None if !right => refuse(WRONG_CODES),
                    Some(code) if code == WRONG_CODES && right && own => done(Effect::None),
                    None | Some(_) => decision,
                }
            })
        },
    ),
];
