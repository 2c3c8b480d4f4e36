//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::world::Effect;
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
        (Shallow, 1),
        || writes(|_, _, text| format!("\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")),
    ),
    row(
        "texts-on-lines-of-their-own",
        "Replies are indented with each text on a line of its own, so that the Code has white space around it.",
        C::WireEnableListedErrors,
        // Each operation's page lists its codes; to an SDK it is another exception.
        &[C::WireResyncListedErrors, C::WireDeactivateListedErrors, C::WireErrorEnvelope, C::SdkBoto3Exceptions],
        (Shallow, 1),
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
        (Shallow, 1),
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
        (Shallow, 3),
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
        (Shallow, 4),
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

#[cfg(test)]
mod tests {
    use super::super::played::Played;
    use super::*;

    #[test]
    fn resync_takes_its_codes_in_reverse_alone() {
        let swapped = FAULTS.iter().find(|fault| fault.name == "resync-codes-swapped").unwrap();
        let mut played = Played::on((swapped.service)());
        let calls = [played.user("CreateUser", "bob"), played.make_device("one"), played.enable("bob", "one")];
        assert_eq!(calls, [None; 3]);
        assert_eq!(played.resync("bob", "one"), Some(WRONG_CODES));
        assert_eq!(played.codes("ResyncMFADevice", "bob", "one", [0, -1]), None);
    }

    #[test]
    fn texts_get_lines_of_their_own_and_tags_stay_as_they_are() {
        let document = "<E xmlns=\"n\"><Code>A</Code><Message>b c</Message></E>";
        let expected = "<E xmlns=\"n\"><Code>\n    A\n  </Code><Message>\n    b c\n  </Message></E>";
        assert_eq!(indented(document), expected);
    }
}
