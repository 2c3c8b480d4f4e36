//! The elements of each reply in the service model. All others are reported as unclaimed.

use mfa_reference::Operation;
use serde_json::Value;

/// What an element of a reply may contain.
#[derive(Debug)]
pub(super) enum Shape {
    /// Text.
    Leaf,
    /// Elements by their names, each once at most.
    Fields(&'static [(&'static str, Self)]),
    /// Any number of `member` elements of one shape.
    Members(&'static Self),
}

use Shape::{Fields, Leaf, Members};

/// `ResponseMetadata` of every success.
pub(super) static METADATA: Shape = Fields(&[("RequestId", Leaf)]);

/// The content of `ErrorResponse`.
pub(super) static ERROR: Shape =
    Fields(&[("Error", Fields(&[("Type", Leaf), ("Code", Leaf), ("Message", Leaf)])), ("RequestId", Leaf)]);

const TAGS: Shape = Members(&Fields(&[("Key", Leaf), ("Value", Leaf)]));

const BOUNDARY: Shape = Fields(&[("PermissionsBoundaryType", Leaf), ("PermissionsBoundaryArn", Leaf)]);

const USER: Shape = Fields(&[
    ("Path", Leaf),
    ("UserName", Leaf),
    ("UserId", Leaf),
    ("Arn", Leaf),
    ("CreateDate", Leaf),
    ("PasswordLastUsed", Leaf),
    ("PermissionsBoundary", BOUNDARY),
    ("Tags", TAGS),
]);

const VIRTUAL_DEVICE: Shape = Fields(&[
    ("SerialNumber", Leaf),
    ("Base32StringSeed", Leaf),
    ("QRCodePNG", Leaf),
    ("User", USER),
    ("EnableDate", Leaf),
    ("Tags", TAGS),
]);

const MFA_DEVICE: Shape = Fields(&[("UserName", Leaf), ("SerialNumber", Leaf), ("EnableDate", Leaf)]);

const ACCESS_KEY: Shape = Fields(&[
    ("UserName", Leaf),
    ("AccessKeyId", Leaf),
    ("Status", Leaf),
    ("SecretAccessKey", Leaf),
    ("CreateDate", Leaf),
]);

const ACCESS_KEY_METADATA: Shape =
    Fields(&[("UserName", Leaf), ("AccessKeyId", Leaf), ("Status", Leaf), ("CreateDate", Leaf)]);

static ONE_USER: Shape = Fields(&[("User", USER)]);
static USERS: Shape = Fields(&[("Users", Members(&USER)), ("IsTruncated", Leaf), ("Marker", Leaf)]);
static ONE_VIRTUAL_DEVICE: Shape = Fields(&[("VirtualMFADevice", VIRTUAL_DEVICE)]);
static VIRTUAL_DEVICES: Shape =
    Fields(&[("VirtualMFADevices", Members(&VIRTUAL_DEVICE)), ("IsTruncated", Leaf), ("Marker", Leaf)]);
static MFA_DEVICES: Shape = Fields(&[("MFADevices", Members(&MFA_DEVICE)), ("IsTruncated", Leaf), ("Marker", Leaf)]);
static ONE_ACCESS_KEY: Shape = Fields(&[("AccessKey", ACCESS_KEY)]);
static ACCESS_KEYS: Shape =
    Fields(&[("AccessKeyMetadata", Members(&ACCESS_KEY_METADATA)), ("IsTruncated", Leaf), ("Marker", Leaf)]);

/// The content of `{Op}Result`, or `None` for an operation without output.
pub(super) const fn result(operation: Operation) -> Option<&'static Shape> {
    match operation {
        Operation::CreateUser | Operation::GetUser => Some(&ONE_USER),
        Operation::ListUsers => Some(&USERS),
        Operation::CreateVirtualMfaDevice => Some(&ONE_VIRTUAL_DEVICE),
        Operation::ListMfaDevices => Some(&MFA_DEVICES),
        Operation::ListVirtualMfaDevices => Some(&VIRTUAL_DEVICES),
        Operation::CreateAccessKey => Some(&ONE_ACCESS_KEY),
        Operation::ListAccessKeys => Some(&ACCESS_KEYS),
        Operation::EnableMfaDevice
        | Operation::ResyncMfaDevice
        | Operation::DeactivateMfaDevice
        | Operation::UpdateUser
        | Operation::DeleteUser
        | Operation::DeleteVirtualMfaDevice
        | Operation::DeleteAccessKey => None,
    }
}

/// The possible content of `{Op}Result`, as JSON: text as `null`, a list as one element.
#[must_use]
pub fn result_members(operation: Operation) -> Option<Value> {
    result(operation).map(members)
}

fn members(shape: &Shape) -> Value {
    match shape {
        Shape::Leaf => Value::Null,
        Shape::Fields(fields) => fields.iter().map(|(name, shape)| ((*name).to_owned(), members(shape))).collect(),
        Shape::Members(shape) => Value::Array(vec![members(shape)]),
    }
}

/// Whether `name` is the operation's `{Op}Result`.
pub(super) fn is_result(operation: Operation, name: &str) -> bool {
    name.strip_prefix(operation.name()) == Some("Result")
}
