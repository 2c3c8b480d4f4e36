//! Texts for people. Their words are recorded of AWS (clause `message.words`); no target has to use them.

use std::fmt::Write as _;

use crate::clause::Aspect;
use crate::request::Violation;

pub(super) const DEVICE_IN_USE: &str = "MFA Device is already in use.";
pub(super) const DEVICE_EXISTS: &str = "MFA device already exists.";
pub(super) const WRONG_CODES: &str = "Authentication code for device is not valid.";
pub(super) const MUST_NAME_USER: &str = "Must specify userName when calling with non-User credentials";
pub(super) const NOT_THE_USERS: &str = "MFA Device invalid for user.";
pub(super) const DEACTIVATE_FIRST: &str = "MFA VirtualDevice in use. Must deactivate first.";
pub(super) const REMOVE_TOKENS_FIRST: &str = "Cannot delete entity, must remove tokens from principal first.";
pub(super) const AUTHENTICATE_WITH_MFA: &str = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.";
pub(super) const UNKNOWN_KEY: &str = "The security token included in the request is invalid.";
pub(super) const PREFIX_FORM: &str = "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.";
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
pub(super) fn validation(violations: &[Violation<'_>]) -> String {
    let broken = violations.iter().map(|violation| (violation.member, constraint_text(violation)));
    detected(broken.collect::<Vec<_>>().as_slice())
}

/// One member whose value is not what its constraint demands.
pub(super) fn invalid(member: &str, demands: &str) -> String {
    detected(&[(member, demands.to_owned())])
}

fn detected(broken: &[(&str, String)]) -> String {
    let count = broken.len();
    let mut text = format!("{count} validation error{} detected: ", if count == 1 { "" } else { "s" });
    for (index, (member, demands)) in broken.iter().enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        // Writing to a string cannot fail.
        let _infallible = write!(text, "Value at '{}' failed to satisfy constraint: {demands}", lower_camel(member));
    }
    text
}

/// The name of a member in such a text.
fn lower_camel(member: &str) -> String {
    let mut characters = member.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn constraint_text(violation: &Violation<'_>) -> String {
    let constraint = violation.constraint;
    match violation.aspect {
        Aspect::Required => "Member must not be null".to_owned(),
        Aspect::Empty | Aspect::MinLength => {
            format!("Member must have length greater than or equal to {}", constraint.min.max(1))
        }
        Aspect::MaxLength | Aspect::LengthUnit => {
            format!("Member must have length less than or equal to {}", constraint.max)
        }
        Aspect::Pattern | Aspect::PatternNonAscii | Aspect::Rejected => {
            format!("Member must satisfy regular expression pattern: {}", constraint.class.pattern())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Constraints, RawRequest, Request};

    fn told(action: &str, parameters: &[(&str, &str)]) -> String {
        let raw = RawRequest::new(action, parameters);
        validation(&Request::read(&raw, &Constraints::default()).unwrap().violations())
    }

    #[test]
    fn a_message_names_the_limit_that_is_enforced() {
        let long = "n".repeat(300);
        for (action, member, limit) in [
            ("CreateUser", "UserName", 64),
            ("GetUser", "UserName", 128),
            ("CreateVirtualMFADevice", "VirtualMFADeviceName", 226),
            ("DeleteVirtualMFADevice", "SerialNumber", 256),
            ("EnableMFADevice", "UserName", 128),
        ] {
            let text = told(action, &[(member, &long)]);
            assert!(
                text.contains(&format!("Member must have length less than or equal to {limit}")),
                "{action}: {text}"
            );
        }
        let text = told("DeactivateMFADevice", &[("SerialNumber", "short")]);
        assert!(
            text.ends_with(
                "'serialNumber' failed to satisfy constraint: Member must have length greater than or equal to 9"
            ),
            "{text}"
        );
        let text = told("DeleteVirtualMFADevice", &[("SerialNumber", "white space")]);
        assert!(text.ends_with(r"Member must satisfy regular expression pattern: [\w+=/:,.@-]+"), "{text}");
    }

    #[test]
    fn all_that_is_broken_is_told_at_once() {
        let text = told("UpdateUser", &[("NewUserName", "a b")]);
        assert_eq!(
            text,
            "2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must not be null; \
             Value at 'newUserName' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             [\\w+=,.@-]+"
        );
    }
}
