//! Faults that any call of the kind shows.

use data_encoding::BASE64;
use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Outcome, TimeStep};

use crate::altered::{Altered, documented, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{done, on, refuse, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;

/// An error whose parts are attributes of `Error`, as some serialisers write what isn't marked as an element.
fn with_attributes(document: &str) -> String {
    let Some((head, parts)) = document.split_once("<Error>") else { return document.to_owned() };
    let Some((parts, tail)) = parts.split_once("</Error>") else { return document.to_owned() };
    let quoted = parts.replace('"', "&quot;").replace("<Type>", " Type=\"").replace("<Code>", " Code=\"");
    let ended = ["</Type>", "</Code>", "</Message>"].iter().fold(quoted, |text, end| text.replace(end, "\""));
    format!("{head}<Error{}/>{tail}", ended.replace("<Message>", " Message=\""))
}

/// A success whose root has a prefix that stands for nothing.
fn prefixed(document: &str) -> String {
    ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"].iter().fold(document.to_owned(), |text, operation| {
        let named = |before: &str, prefix: &str| format!("{before}{prefix}{operation}Response");
        text.replace(&named("<", ""), &named("<", "iam:")).replace(&named("</", ""), &named("</", "iam:"))
    })
}

/// Looks for the device among the user's own, as the other two operations rightly do.
fn looks_among_the_users() -> Altered {
    on(MfaOperation::Enable, |named, decision| match refused_with(&decision) {
        Some(TAKEN) if named.owner() == named.user => done(Effect::None),
        Some(TAKEN) | None => refuse(MISSING),
        Some(_) => decision,
    })
}

/// Divides a time in milliseconds by the seconds of a step.
struct Hasty;

impl Recogniser for Hasty {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let taken_for_seconds = Millis(now.0.saturating_mul(1_000));
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, taken_for_seconds, last)
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "replies-left-in-base64",
        "Replies come from a function in base64, and the gateway before it doesn't decode them.",
        C::WireWellFormed,
        // What is no reply of the protocol at all doesn't show that the operation is known.
        &[C::OperationEnableExists, C::OperationResyncExists, C::OperationDeactivateExists],
        Shallow,
        || writes(|_, _, text| BASE64.encode(text.as_bytes())),
    ),
    row(
        "prefix-never-declared",
        "The root of a success has the prefix iam, which nothing declares.",
        C::WireEnableSuccessRoot,
        // It is the same for each operation; who reads namespaces can't read the document at all.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot, C::WireWellFormed],
        Shallow,
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Success(_) => prefixed(&text),
                Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "enable-looks-among-the-users-devices",
        "EnableMFADevice looks for the device among the user's own: NoSuchEntity for one that is nobody's.",
        C::EnableFreshPair,
        // The device's own ARN isn't found; one that is assigned is answered neither as documented.
        &[C::SerialNumberOwnArn, C::EnableCodesByDevice, C::EnableAlreadyEnabled],
        Shallow,
        looks_among_the_users,
    ),
    row(
        "milliseconds-taken-for-seconds",
        "The step is the time in milliseconds divided by 30, so that no code is ever right.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        Shallow,
        || documented().and_recogniser(Hasty),
    ),
    row(
        "error-parts-as-attributes",
        "Type, Code and Message are attributes of Error instead of elements in it.",
        C::WireErrorEnvelope,
        &[],
        Shallow,
        || writes(|_, _, text| with_attributes(&text)),
    ),
];
