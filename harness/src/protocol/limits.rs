//! The values of a parameter that the model accepts, found by trying them.

use mfa_reference::clause::Aspect;
use mfa_reference::{Constraints, Operation, RawRequest, Request};
use serde::Serialize;

/// More than any limit of a parameter.
const FAR: usize = 20_000;

/// The values of a parameter that the model accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Limits {
    /// Whether a request must have the parameter.
    required: bool,
    /// The least length.
    min: usize,
    /// The greatest length, if there is one.
    max: Option<usize>,
    /// The ASCII characters that a value may contain, in order.
    characters: String,
}

/// The parameters whose values the model constrains.
pub(super) const fn constrained(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::EnableMfaDevice | Operation::ResyncMfaDevice => {
            &["UserName", "SerialNumber", "AuthenticationCode1", "AuthenticationCode2"]
        }
        Operation::DeactivateMfaDevice => &["UserName", "SerialNumber"],
        Operation::UpdateUser => &["UserName", "NewUserName"],
        Operation::CreateVirtualMfaDevice => &["VirtualMFADeviceName"],
        Operation::DeleteVirtualMfaDevice => &["SerialNumber"],
        Operation::CreateUser
        | Operation::GetUser
        | Operation::DeleteUser
        | Operation::ListMfaDevices
        | Operation::CreateAccessKey
        | Operation::ListAccessKeys
        | Operation::DeleteAccessKey => &["UserName"],
        Operation::ListUsers | Operation::ListVirtualMfaDevices => &[],
    }
}

/// The constraints that a value of a parameter, or its absence, breaks.
fn broken(operation: Operation, member: &str, value: Option<&str>) -> Vec<Aspect> {
    let parameters: Vec<(&str, &str)> = value.map(|value| (member, value)).into_iter().collect();
    let raw = RawRequest::new(operation.name(), &parameters);
    match Request::read(&raw, &Constraints::default()) {
        Ok(request) => request.violations().iter().filter(|one| one.member == member).map(|one| one.aspect).collect(),
        // This can't happen, since every operation has a known name.
        Err(_) => vec![Aspect::Rejected],
    }
}

pub(super) fn limits(operation: Operation, member: &str) -> Limits {
    let breaks = |value: &str, aspects: &[Aspect]| {
        broken(operation, member, Some(value)).iter().any(|aspect| aspects.contains(aspect))
    };
    // Digits are in every pattern.
    let too_short = |length: usize| breaks(&"1".repeat(length), &[Aspect::Empty, Aspect::MinLength]);
    let too_long = |length: usize| breaks(&"1".repeat(length), &[Aspect::MaxLength]);
    let min = (0..FAR).find(|length| !too_short(*length)).unwrap_or(FAR);
    let max = (min..FAR).find(|length| too_long(length + 1));
    let characters = (0..0x80_u8).map(char::from).filter(|character| {
        let value = character.to_string().repeat(min.max(1));
        !breaks(&value, &[Aspect::Pattern])
    });
    Limits { required: !broken(operation, member, None).is_empty(), min, max, characters: characters.collect() }
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::Parameter;

    use super::*;

    #[test]
    fn what_is_found_by_asking_is_what_the_ledger_says() {
        for parameter in Parameter::ALL {
            let found = limits(parameter.operation().operation(), parameter.wire_name());
            let constraint = parameter.constraint();
            assert_eq!(
                (found.required, found.min, found.max),
                (constraint.required, constraint.min, Some(constraint.max)),
                "{parameter:?}"
            );
            let punctuation = |character: &char| !character.is_ascii_alphanumeric();
            let mut marks: Vec<char> = constraint.class.punctuation().chars().collect();
            marks.sort_unstable();
            assert_eq!(found.characters.chars().filter(punctuation).collect::<Vec<_>>(), marks, "{parameter:?}");
        }
    }

    #[test]
    fn every_parameter_of_the_operations_under_test_is_asked_about() {
        for parameter in Parameter::ALL {
            assert!(constrained(parameter.operation().operation()).contains(&parameter.wire_name()), "{parameter:?}");
        }
    }
}
