//! Texts for people. Their words are recorded of AWS (clause `message.words`); no target has to use them.

use std::fmt::Write as _;

use crate::clause::{Aspect, Parameter};
use crate::request::{Request, Violation};
use crate::value::Constraint;

pub(super) const DEVICE_IN_USE: &str = "MFA Device is already in use.";
pub(super) const DEVICE_EXISTS: &str = "MFA device already exists.";
pub(super) const WRONG_CODES: &str = "Authentication code for device is not valid.";
pub(super) const MUST_NAME_USER: &str = "Must specify userName when calling with non-User credentials";
pub(super) const NOT_THE_USERS: &str = "MFA Device invalid for user.";
pub(super) const DEACTIVATE_FIRST: &str = "MFA VirtualDevice in use. Must deactivate first.";
pub(super) const REMOVE_TOKENS_FIRST: &str = "Cannot delete entity, must remove tokens from principal first.";
pub(super) const AUTHENTICATE_WITH_MFA: &str = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.";
pub(super) const DELETE_KEYS_FIRST: &str = "Cannot delete entity, must delete access keys first.";

pub(super) fn no_user(name: &str) -> String {
    format!("The user with name {name} cannot be found.")
}

pub(super) fn user_exists(name: &str) -> String {
    format!("User with name {name} already exists.")
}

pub(super) fn device_of_user(name: &str) -> String {
    format!("MFA Device for user {name} already exists.")
}

pub(super) fn no_device(serial_number: &str) -> String {
    format!("MFA Device with serial number {serial_number} does not exist.")
}

pub(super) fn too_many_devices(most: usize) -> String {
    format!("Cannot exceed quota for MfaDevicesPerUser: {most}")
}

/// All constraints that a request breaks, in one text.
pub(super) fn validation(violations: &[Violation<'_>], request: &Request<'_>) -> String {
    let count = violations.len();
    let mut text = format!("{count} validation error{} detected: ", if count == 1 { "" } else { "s" });
    for (index, violation) in violations.iter().enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        // Writing to a string cannot fail.
        let _infallible = write!(
            text,
            "Value at '{}' failed to satisfy constraint: {}",
            lower_camel(violation.member),
            constraint_text(violation, request)
        );
    }
    text
}

fn lower_camel(member: &str) -> String {
    let mut characters = member.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn constraint_text(violation: &Violation<'_>, request: &Request<'_>) -> String {
    let constraint = request
        .operation()
        .under_test()
        .and_then(|operation| Parameter::of(operation, violation.member))
        .map(Parameter::constraint);
    let or = |read: fn(&Constraint) -> usize, otherwise| constraint.map_or(otherwise, read);
    match violation.aspect {
        Aspect::Required => "Member must not be null".to_owned(),
        Aspect::Empty | Aspect::MinLength => {
            format!("Member must have length greater than or equal to {}", or(|known| known.min, 1))
        }
        Aspect::MaxLength | Aspect::LengthUnit => {
            format!("Member must have length less than or equal to {}", or(|known| known.max, 64))
        }
        Aspect::Pattern | Aspect::PatternNonAscii | Aspect::Rejected => {
            let pattern = constraint.map_or(r"[\w+=,.@-]+", |known| known.class.pattern());
            format!("Member must satisfy regular expression pattern: {pattern}")
        }
    }
}
