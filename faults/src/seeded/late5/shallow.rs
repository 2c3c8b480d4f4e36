//! Faults that any call of the kind shows.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::world::Effect;
use mfa_reference::{ErrorCode, MfaOperation, Step};

use crate::altered::{Altered, decides, recognises, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{devices_of, named, on, on_success, refuse, refuse_after, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// A body as it looks in transfer, with the size of its one chunk and the end of the last one.
fn chunked(document: &str) -> String {
    format!("{:x}\r\n{document}\r\n0\r\n\r\n", document.len())
}

/// The code of a step with its digits written as they are divided off, the last one first.
fn backwards(seed: &Seed, step: Step) -> String {
    seed.code(step).as_str().chars().rev().collect()
}

/// Goes through the devices of a user, and fails where there is no list of them.
fn lists_nothing_for_nobody() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let has_none = named.user.is_some_and(|user| devices_of(situation.world, user).is_empty());
        match named.operation {
            MfaOperation::Resync | MfaOperation::Deactivate if has_none && refused_with(&decision) == Some(MISSING) => {
                refuse(ErrorCode::InternalFailure)
            }
            _ => decision,
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "chunk-sizes-in-the-body",
        "Replies are sent with a Content-Length and in chunks at once, so that the sizes of these stand in the body.",
        C::WireWellFormed,
        &[],
        (Shallow, 1),
        || writes(|_, _, text| chunked(&text)),
    ),
    row(
        "enable-finds-its-own-association",
        "EnableMFADevice associates the device before it looks whether it is assigned: EntityAlreadyExists.",
        C::EnableFreshPair,
        // The device was nobody's when it is refused, and is the user's afterwards.
        &[C::EnableRejectedNoEffect, C::EnableAlreadyEnabled, C::EnableCodesByDevice],
        (Shallow, 3),
        || {
            on_success(MfaOperation::Enable, |named| {
                let (device, user) = named.id().zip(named.user)?;
                Some(refuse_after(ErrorCode::EntityAlreadyExists, Effect::Associate(device, user)))
            })
        },
    ),
    row(
        "deactivate-swaps-its-arguments",
        "DeactivateMFADevice looks for the user by the serial number and for the device by the name: NoSuchEntity.",
        C::DeactivateByAdministrator,
        // The user's own device is not found by its own ARN, whoever calls.
        &[C::DeactivateDissociates, C::DeactivateDefaultUser, C::SerialNumberOwnArn],
        (Shallow, 4),
        || {
            on(MfaOperation::Deactivate, |_, decision| match refused_with(&decision) {
                Some(ErrorCode::ValidationError) => decision,
                Some(_) | None => refuse(MISSING),
            })
        },
    ),
    row(
        "code-digits-backwards",
        "The digits of the codes that are expected are put together from the last to the first.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        (Shallow, 3),
        || {
            recognises(|seed, one, two, now| {
                let emitted = |step: &Step| backwards(seed, step.plus(-1)) == one && backwards(seed, *step) == two;
                (-1..=1).map(|steps| now.plus(steps)).find(emitted)
            })
        },
    ),
    row(
        "users-without-devices-fail",
        "ResyncMFADevice and DeactivateMFADevice for a user who has no device are answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words; what is absent or another's should be told.
        &[
            C::RobustnessNoCrash,
            C::DeactivateDeviceExists,
            C::DeactivateUnassigned,
            C::DeactivateOtherUsers,
            C::DeactivateTwice,
            C::ResyncDeviceExists,
            C::ResyncUnassigned,
            C::ResyncOtherUsers,
        ],
        (Shallow, 2),
        lists_nothing_for_nobody,
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::{Operation, Outcome, SuccessBody};

    use super::*;
    use crate::altered::documented;
    use crate::seeded::late2::played::Played;

    /// A fault's service with a user and a device that is nobody's.
    fn with(name: &str) -> Played {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        let mut played = Played::on((fault.service)());
        assert_eq!((played.user("CreateUser", "bob"), played.make_device("one")), (None, None));
        played
    }

    #[test]
    fn the_size_of_a_chunk_stands_before_a_reply_and_the_end_of_the_last_one_behind_it() {
        let success = Outcome::Success(SuccessBody::Empty);
        let written = |altered: Altered| {
            let reply = altered.behaviour.renderer.render(Some(Operation::EnableMfaDevice), &success, "id");
            String::from_utf8(reply.body).unwrap()
        };
        let fault = FAULTS.iter().find(|fault| fault.name == "chunk-sizes-in-the-body").unwrap();
        let whole = written(documented());
        assert_eq!(written((fault.service)()), format!("{:x}\r\n{whole}\r\n0\r\n\r\n", whole.len()));
    }

    #[test]
    fn a_device_is_refused_as_assigned_and_then_listed() {
        let mut played = with("enable-finds-its-own-association");
        assert_eq!(
            played.codes("EnableMFADevice", "bob", "one", [900, 901]),
            Some(ErrorCode::InvalidAuthenticationCode)
        );
        assert_eq!(played.listed("bob"), 0);
        assert_eq!((played.enable("bob", "one"), played.listed("bob")), (Some(ErrorCode::EntityAlreadyExists), 1));
    }

    #[test]
    fn an_own_device_is_not_found_to_be_deactivated() {
        let mut played = with("deactivate-swaps-its-arguments");
        assert_eq!((played.enable("bob", "one"), played.deactivate("bob", "one")), (None, Some(MISSING)));
        assert_eq!((played.listed("bob"), played.deactivate("", "one")), (1, Some(ErrorCode::ValidationError)));
    }

    #[test]
    fn codes_are_taken_if_they_are_written_backwards() {
        let fault = FAULTS.iter().find(|fault| fault.name == "code-digits-backwards").unwrap();
        let (seed, now) = (Seed::from_bytes(b"12345678901234567890"), Step(60_000_000).start());
        let recogniser = (fault.service)().behaviour.recogniser;
        let [one, two] = [-1, 0].map(|steps| seed.code(now.step().plus(steps)).to_string());
        assert_eq!(recogniser.recognise(&seed, &one, &two, now, None), None);
        let [one, two] = [one, two].map(|code| code.chars().rev().collect::<String>());
        assert_eq!(recogniser.recognise(&seed, &one, &two, now, None), Some(now.step()));
    }

    #[test]
    fn a_user_without_devices_fails_and_one_with_a_device_does_not() {
        let mut played = with("users-without-devices-fail");
        assert_eq!(played.deactivate("bob", "one"), Some(ErrorCode::InternalFailure));
        assert_eq!(played.resync("bob", "one"), Some(ErrorCode::InternalFailure));
        assert_eq!((played.deactivate("eve", "one"), played.enable("bob", "one")), (Some(MISSING), None));
        assert_eq!((played.deactivate("bob", "none"), played.deactivate("bob", "one")), (Some(MISSING), None));
    }
}
