//! The reply's class and the conforming replies, for the finding of a divergence.

use mfa_reference::ErrorCodes;
use mfa_reference::account::{User, UserId};
use mfa_reference::belief::State;
use mfa_reference::permitted::transition::{Answer, Expect, Mismatch, Permitted, listing_mismatch, virtual_mismatch};

use super::verdict::{Expected, ObservedClass, PermittedAnswers};

/// The mismatch of a listing, if the answer is one.
pub(super) fn mismatch(state: &State, permitted: &Permitted, answer: Answer<'_>) -> Option<(Option<UserId>, Mismatch)> {
    let Answer::Success(body) = answer else { return None };
    permitted.transitions.iter().find_map(|step| match step.expect {
        Expect::DevicesOf(user) => Some((Some(user), listing_mismatch(state, user, body)?)),
        Expect::VirtualDevices(assignment) => Some((None, virtual_mismatch(state, assignment, body)?)),
        Expect::Success | Expect::Error(_) => None,
    })
}

/// The class of the reply.
pub(super) fn class_of(state: &State, permitted: &Permitted, answer: Answer<'_>) -> ObservedClass {
    match (mismatch(state, permitted, answer), answer) {
        (Some((_, mismatch)), _) => ObservedClass::Listing(match mismatch {
            Mismatch::Missing(_) => "a device isn't listed",
            Mismatch::Foreign(_) => "a device is listed that isn't the user's",
            Mismatch::Twice(_) => "a device is listed twice",
            Mismatch::WrongName { .. } => "a device is listed under another name",
            Mismatch::WrongStatus(_) => "a device of another status is listed",
            Mismatch::Invented(_) => "a device is listed that doesn't exist",
            Mismatch::NoListing => "no listing",
        }),
        (None, Answer::Success(_)) => ObservedClass::Success,
        (None, Answer::Error(code)) => ObservedClass::Error(code),
    }
}

/// The conforming replies, by the first state of the belief.
pub(super) fn expected(state: &State, permitted: &Permitted) -> Expected {
    let mut codes = ErrorCodes::default();
    for step in permitted.transitions.iter().filter(|step| !step.transient && !step.doubtful && step.departs.is_none())
    {
        match step.expect {
            Expect::Success => return Expected::Success,
            Expect::DevicesOf(user) => return listing(state, user),
            Expect::VirtualDevices(_) => {
                return Expected::Words("each device listed once, with its owner".to_owned());
            }
            Expect::Error(more) => codes = codes.union(more),
        }
    }
    Expected::Error(codes)
}

/// Every answer that is permitted, passing failures apart. In strict mode none may depart from a Recorded clause.
pub(super) fn permitted_answers(permitted: &Permitted, strict: bool) -> PermittedAnswers {
    let mut answers = PermittedAnswers::default();
    for step in permitted.transitions.iter().filter(|step| !step.transient && (!strict || step.departs.is_none())) {
        match step.expect {
            Expect::Error(codes) => answers.codes = answers.codes.union(codes),
            Expect::Success | Expect::DevicesOf(_) | Expect::VirtualDevices(_) => answers.success = true,
        }
    }
    answers
}

fn listing(state: &State, user: UserId) -> Expected {
    let record = state.user(user);
    let devices = record.into_iter().flat_map(User::devices).filter_map(|id| state.device(id));
    Expected::Listing {
        user_name: record.map(|record| record.entry.user_name.clone()).unwrap_or_default(),
        serial_numbers: devices.map(|device| device.serial_number.to_string()).collect(),
    }
}
