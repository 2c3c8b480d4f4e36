//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, Outcome, TimeStep};

use crate::altered::{Altered, documented_reply, recognises, renders, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::line::{parameter, without};
use crate::seeded::request::misreads;

/// Whether a pair is of two neighbouring steps of whose numbers the lower sixteen bits are hashed.
fn in_sixteen_bits(seed: &Seed, one: &str, two: &str, now: TimeStep) -> Option<TimeStep> {
    let code = |step: TimeStep| seed.code(TimeStep(step.0 & 0xFFFF));
    [-1, 0, 1]
        .into_iter()
        .map(|steps| now.plus(steps))
        .find(|step| code(step.plus(-1)).as_str() == one && code(*step).as_str() == two)
}

/// Answers each refusal of an operation under test with the status of an exception that nothing handles.
fn fails_with_each_refusal() -> Altered {
    renders(|operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        let is_under_test = operation.is_some_and(|operation| operation.under_test().is_some());
        if is_under_test && matches!(outcome, Outcome::Error { .. }) {
            reply.status = 500;
        }
        reply
    })
}

/// The parameters of a resynchronization with the first code in the second one's place.
fn first_code_twice(parameters: &str) -> String {
    if parameter(parameters, "Action") != Some("ResyncMFADevice") {
        return parameters.to_owned();
    }
    let rest = without(parameters, |_, name| name == "AuthenticationCode2");
    match parameter(parameters, "AuthenticationCode1") {
        Some(code) => format!("{rest}&AuthenticationCode2={code}"),
        None => rest,
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "step-in-sixteen-bits",
        "The step is kept in sixteen bits, so that the codes that are expected are those of January 1970.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        Shallow,
        || recognises(in_sixteen_bits),
    ),
    row(
        "root-named-as-in-libraries",
        "The root of a success has its operation's name as libraries write it: EnableMfaDeviceResponse.",
        C::WireEnableSuccessRoot,
        // It is the same for each operation.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot],
        Shallow,
        || writes(|_, _, text| text.replace("MFADeviceResponse", "MfaDeviceResponse")),
    ),
    row(
        "refusals-as-500",
        "Each refusal has its code and the status 500, as an exception that nothing handles.",
        C::ErrorStatus(ErrorCode::NoSuchEntity),
        // It is the same for each code, and the same 500 each time.
        &[
            C::ErrorStatus(ErrorCode::InvalidAuthenticationCode),
            C::ErrorStatus(ErrorCode::EntityAlreadyExists),
            C::RobustnessNoCrash,
        ],
        Shallow,
        fails_with_each_refusal,
    ),
    row(
        "resync-reads-the-first-code-twice",
        "ResyncMFADevice reads AuthenticationCode1 for the second code, too, so that no pair is right.",
        C::ResyncSynchronizes,
        // Each demand on a refused fresh pair names it as well.
        &[C::ResyncCodesByDevice, C::ResyncAfterLateEnable],
        Shallow,
        || misreads(|_, parameters| first_code_twice(parameters)),
    ),
    row(
        "nul-after-the-reply",
        "Replies are written with the NUL that ends a string in C.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| text + "\0"),
    ),
];
