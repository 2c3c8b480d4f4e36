//! Right calls about one user and one device. Tables change one parameter of them.

use mfa_reference::MfaOperation;
use mfa_reference::clause::Parameter;

use crate::scenario::{DeviceRef, MfaCall, UserRef, Value};

/// The user of such a call.
pub(super) const USER: UserRef = UserRef(1);
/// The device of such a call.
pub(super) const DEVICE: DeviceRef = DeviceRef(1);

/// The right value of a parameter, for the call's one user and device.
pub(super) fn right(parameter: Parameter) -> Value {
    match parameter.wire_name() {
        "UserName" => Value::UserName(USER),
        "SerialNumber" => Value::SerialNumber(DEVICE),
        "AuthenticationCode1" => Value::code(DEVICE, -1),
        _ => Value::code(DEVICE, 0),
    }
}

/// A right call with another value for one parameter.
pub(super) fn call_with(parameter: Parameter, value: Option<Value>) -> MfaCall {
    let mut call = MfaCall::about(USER, DEVICE);
    if parameter.operation() != MfaOperation::Deactivate {
        call = call.fresh(DEVICE);
    }
    let slot = match parameter.wire_name() {
        "UserName" => &mut call.user,
        "SerialNumber" => &mut call.device,
        "AuthenticationCode1" => &mut call.code1,
        _ => &mut call.code2,
    };
    *slot = value;
    call
}
