//! Whether a client generated from IAM's service model can send a call.

use mfa_reference::{Operation, RawRequest};

use super::script::{Parameter, ScriptCall};
use crate::wire::{Escapes, Method};

/// The parameters of an operation, in the usual order, each with whether it is required.
pub(super) const fn parameters_of(operation: Operation) -> &'static [(&'static str, bool)] {
    match operation {
        Operation::EnableMfaDevice | Operation::ResyncMfaDevice => {
            &[("UserName", true), ("SerialNumber", true), ("AuthenticationCode1", true), ("AuthenticationCode2", true)]
        }
        Operation::DeactivateMfaDevice => &[("UserName", false), ("SerialNumber", true)],
        Operation::CreateUser => &[("Path", false), ("UserName", true)],
        Operation::UpdateUser => &[("UserName", true), ("NewPath", false), ("NewUserName", false)],
        Operation::DeleteUser => &[("UserName", true)],
        Operation::GetUser | Operation::ListMfaDevices | Operation::CreateAccessKey | Operation::ListAccessKeys => {
            &[("UserName", false)]
        }
        Operation::ListUsers => &[],
        Operation::CreateVirtualMfaDevice => &[("Path", false), ("VirtualMFADeviceName", true)],
        Operation::DeleteVirtualMfaDevice => &[("SerialNumber", true)],
        Operation::ListVirtualMfaDevices => &[("AssignmentStatus", false)],
        Operation::DeleteAccessKey => &[("UserName", false), ("AccessKeyId", true)],
    }
}

/// A name of the API in small letters, with its words joined by `joint`: `_` for boto3, `-` for the AWS CLI.
pub(super) fn in_small_letters(name: &str, joint: char) -> String {
    let mut small = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut before = '\0';
    while let Some(letter) = letters.next() {
        let is_next_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = before.is_ascii_lowercase() || (before.is_ascii_uppercase() && is_next_small);
        if letter.is_ascii_uppercase() && begins {
            small.push(joint);
        }
        small.push(letter.to_ascii_lowercase());
        before = letter;
    }
    small
}

/// The call's operation and its parameters without `Action` and `Version`.
///
/// # Errors
/// Why no such client can send the call.
pub(super) fn ordinary<'r>(call: &'r ScriptCall<'_>) -> Result<(Operation, Vec<&'r Parameter<'r>>), &'static str> {
    let sent = &call.exchange.call;
    if call.exchange.malformed.is_some() {
        return Err("bytes that no SDK sends");
    }
    if sent.style.method == Method::Get {
        return Err("a GET");
    }
    if sent.style.escapes != Escapes::Reserved {
        return Err("unusual escapes");
    }
    let Some(operation) = sent.request.get("Action").and_then(Operation::from_name) else {
        return Err("a request for no action that IAM has");
    };
    if sent.request.get("Version") != Some(RawRequest::VERSION) {
        return Err("a request with another version of the API");
    }
    let own = |parameter: &&Parameter<'_>| !matches!(parameter.name, "Action" | "Version");
    let (first, parameters): (Vec<&Parameter<'_>>, Vec<&Parameter<'_>>) =
        (call.parameters.iter().take(2).collect(), call.parameters.iter().filter(own).collect());
    let known = parameters_of(operation);
    let places: Option<Vec<usize>> =
        parameters.iter().map(|parameter| known.iter().position(|(name, _)| *name == parameter.name)).collect();
    let Some(places) = places else { return Err("a parameter that the operation doesn't have") };
    if call.parameters.len() != parameters.len() + 2
        || places.iter().enumerate().any(|(at, place)| places.iter().skip(at + 1).any(|other| other == place))
    {
        return Err("a parameter that comes twice");
    }
    if first.iter().any(own) || !places.is_sorted() {
        return Err("parameters in another order");
    }
    Ok((operation, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_as_the_clients_do() {
        for (name, small) in [
            ("EnableMFADevice", "enable-mfa-device"),
            ("CreateVirtualMFADevice", "create-virtual-mfa-device"),
            ("ListVirtualMFADevices", "list-virtual-mfa-devices"),
            ("VirtualMFADeviceName", "virtual-mfa-device-name"),
            ("AuthenticationCode1", "authentication-code1"),
            ("AccessKeyId", "access-key-id"),
            ("Path", "path"),
        ] {
            assert_eq!(in_small_letters(name, '-'), small);
        }
    }
}
