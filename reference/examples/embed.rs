//! The documented service inside a test of your own. There is no socket and no clock: the test says what time it is.
//!
//! `cargo test -p mfa-reference --example embed`

use std::error::Error;

use mfa_reference::service::{Behaviour, Service};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, Millis, Outcome, RawRequest, SuccessBody};

const NOW: Millis = Millis(1_767_225_600_000);

/// Calls the service as an administrator.
fn call(service: &mut Service, action: &str, parameters: &[(&str, &str)]) -> Result<SuccessBody, ErrorCode> {
    match service.answer(&RawRequest::new(action, parameters), Caller::Administrator, NOW).1 {
        Outcome::Success(body) => Ok(body),
        Outcome::Error { code, .. } => Err(code),
    }
}

#[cfg_attr(test, test)]
fn main() -> Result<(), Box<dyn Error>> {
    let mut service = Service::new(Behaviour::default(), 1);
    let failed = |code: ErrorCode| code.to_string();

    call(&mut service, "CreateUser", &[("UserName", "anna")]).map_err(failed)?;
    let created = call(&mut service, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")]).map_err(failed)?;
    let SuccessBody::VirtualDevice { serial_number, seed_blob, .. } = created else {
        return Err("CreateVirtualMFADevice returned no device".into());
    };

    // The service accepts the codes of the previous and the present 30 seconds, in this order.
    let (seed, _) = Seed::from_blob(&seed_blob)?;
    let present = NOW.step();
    let (first, second) = (seed.code(present.plus(-1)), seed.code(present));
    let mut enable = |first: &str, second: &str| {
        let parameters = [
            ("UserName", "anna"),
            ("SerialNumber", serial_number.as_str()),
            ("AuthenticationCode1", first),
            ("AuthenticationCode2", second),
        ];
        call(&mut service, "EnableMFADevice", &parameters)
    };
    assert_eq!(enable(second.as_str(), first.as_str()), Err(ErrorCode::InvalidAuthenticationCode));
    assert_eq!(enable(first.as_str(), second.as_str()), Ok(SuccessBody::Empty));

    let listed = call(&mut service, "ListMFADevices", &[("UserName", "anna")]).map_err(failed)?;
    let SuccessBody::MfaDevices(page) = listed else { return Err("ListMFADevices returned no list".into()) };
    let listed: Vec<_> = page.items.iter().map(|device| &device.serial_number).collect();
    assert_eq!(listed, [&serial_number]);
    Ok(())
}
