//! Whether a client that is made from IAM's service model can send a call.

use mfa_reference::{Operation, RawRequest};

use super::script::{Parameter, ScriptCall};
use crate::wire::{Escapes, Method};

/// The parameters of an operation, in the order in which they are sent ordinarily; those that it requires are marked.
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

/// The operation's name in boto3; with hyphens, in the AWS CLI.
pub(super) const fn method_of(operation: Operation) -> &'static str {
    match operation {
        Operation::EnableMfaDevice => "enable_mfa_device",
        Operation::ResyncMfaDevice => "resync_mfa_device",
        Operation::DeactivateMfaDevice => "deactivate_mfa_device",
        Operation::CreateUser => "create_user",
        Operation::GetUser => "get_user",
        Operation::ListUsers => "list_users",
        Operation::UpdateUser => "update_user",
        Operation::DeleteUser => "delete_user",
        Operation::CreateVirtualMfaDevice => "create_virtual_mfa_device",
        Operation::DeleteVirtualMfaDevice => "delete_virtual_mfa_device",
        Operation::ListMfaDevices => "list_mfa_devices",
        Operation::ListVirtualMfaDevices => "list_virtual_mfa_devices",
        Operation::CreateAccessKey => "create_access_key",
        Operation::ListAccessKeys => "list_access_keys",
        Operation::DeleteAccessKey => "delete_access_key",
    }
}

/// The call's operation and its parameters without `Action` and `Version`.
///
/// # Errors
/// Why no such client can send the call.
pub(super) fn ordinary<'r>(call: &'r ScriptCall<'_>) -> Result<(Operation, Vec<&'r Parameter>), &'static str> {
    let sent = &call.exchange.call;
    if call.exchange.odd.is_some() {
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
    let own = |parameter: &&Parameter| !matches!(parameter.name.as_str(), "Action" | "Version");
    let (first, parameters): (Vec<&Parameter>, Vec<&Parameter>) =
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
