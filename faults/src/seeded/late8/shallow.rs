//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, Outcome, Step};

use crate::altered::{Altered, documented_reply, recognises, renders, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::line::{parameter, without};
use crate::seeded::request::misreads;

/// Whether a pair is of two neighbouring steps of whose numbers the lower sixteen bits are hashed.
fn in_sixteen_bits(seed: &Seed, one: &str, two: &str, now: Step) -> Option<Step> {
    let code = |step: Step| seed.code(Step(step.0 & 0xFFFF));
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
        (Shallow, 3),
        || recognises(in_sixteen_bits),
    ),
    row(
        "root-named-as-in-libraries",
        "The root of a success has its operation's name as libraries write it: EnableMfaDeviceResponse.",
        C::WireEnableSuccessRoot,
        // It is the same for each operation.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot],
        (Shallow, 3),
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
        (Shallow, 1),
        fails_with_each_refusal,
    ),
    row(
        "resync-reads-the-first-code-twice",
        "ResyncMFADevice reads AuthenticationCode1 for the second code, too, so that no pair is right.",
        C::ResyncSynchronizes,
        // Each demand on a refused fresh pair names it as well.
        &[C::ResyncCodesByDevice, C::ResyncAfterLateEnable],
        (Shallow, 4),
        || misreads(|_, parameters| first_code_twice(parameters)),
    ),
    row(
        "nul-after-the-reply",
        "Replies are written with the NUL that ends a string in C.",
        C::WireWellFormed,
        &[],
        (Shallow, 1),
        || writes(|_, _, text| text + "\0"),
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::{Operation, SuccessBody};

    use super::*;
    use crate::altered::documented;

    /// The status and the text with which a fault's service and the documented one answer.
    fn written(name: &str, outcome: &Outcome) -> [(u16, String); 2] {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        [(fault.service)(), documented()].map(|altered| {
            let reply = altered.behaviour.renderer.render(Some(Operation::EnableMfaDevice), outcome, "id");
            (reply.status, String::from_utf8(reply.body).unwrap())
        })
    }

    fn gone() -> Outcome {
        Outcome::Error { code: ErrorCode::NoSuchEntity, message: "Gone.".to_owned() }
    }

    #[test]
    fn a_pair_is_right_whose_steps_are_cut_off() {
        let (seed, now) = (Seed::from_bytes(b"12345678901234567890"), Step(60_000_000));
        let pair = |cut: i64| [-1, 0].map(|steps| seed.code(Step(now.plus(steps).0 & cut)).to_string());
        let ([one, two], [odd_one, odd_two]) = (pair(i64::MAX), pair(0xFFFF));
        assert_eq!(in_sixteen_bits(&seed, &one, &two, now), None);
        assert_eq!(in_sixteen_bits(&seed, &odd_one, &odd_two, now), Some(now));
    }

    #[test]
    fn a_root_has_an_abbreviation_in_small_letters() {
        let [(_, odd), (_, right)] = written("root-named-as-in-libraries", &Outcome::Success(SuccessBody::Empty));
        assert!(odd.starts_with("<EnableMfaDeviceResponse ") && odd.ends_with("</EnableMfaDeviceResponse>"), "{odd}");
        assert_eq!(odd.replace("Mfa", "MFA"), right);
    }

    #[test]
    fn a_refusal_is_an_exception_and_a_success_is_none() {
        let [odd, right] = written("refusals-as-500", &gone());
        assert_eq!((odd.0, right.0, odd.1), (500, 404, right.1));
        let [odd, right] = written("refusals-as-500", &Outcome::Success(SuccessBody::Empty));
        assert_eq!(odd, right);
    }

    #[test]
    fn the_first_code_stands_for_both() {
        let sent = "Action=ResyncMFADevice&AuthenticationCode2=2&AuthenticationCode1=1&UserName=bob";
        let read = "Action=ResyncMFADevice&AuthenticationCode1=1&UserName=bob&AuthenticationCode2=1";
        assert_eq!(first_code_twice(sent), read);
        let enabling = sent.replace("Resync", "Enable");
        assert_eq!(first_code_twice(&enabling), enabling);
        assert_eq!(first_code_twice("Action=ResyncMFADevice&AuthenticationCode2=2"), "Action=ResyncMFADevice");
    }

    #[test]
    fn a_reply_ends_in_a_nul() {
        for outcome in [gone(), Outcome::Success(SuccessBody::Empty)] {
            let [(_, odd), (_, right)] = written("nul-after-the-reply", &outcome);
            assert_eq!(odd.strip_suffix('\0'), Some(right.as_str()));
        }
    }
}
