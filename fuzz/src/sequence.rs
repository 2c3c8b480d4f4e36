//! Bytes as a scenario: any bytes are one, and one byte more or less changes little of it.

use arbitrary::{Result, Unstructured};

use mfa_conformance::scenario::{
    Action, DeviceRef, Edit, MfaCall, NameForm, RawCall, Scenario, Signer, UserRef, Value, check_steps,
};

/// How many actions are read.
const MOST_ACTIONS: usize = 16;

/// The characters that an edit or a name may get.
const TEXTS: [&str; 12] = ["a", "+", "=,.@-_", "-", "/", " ", "\n", "\u{e9}", "\u{664}", "0", "\0", "x/y:z"];

/// Reads what is left of an input as a scenario's actions. Those that no scenario may have are left out.
///
/// # Errors
/// The input can't be read.
pub fn sequence(input: &mut Unstructured<'_>) -> Result<Scenario> {
    let mut actions = Vec::new();
    while !input.is_empty() && actions.len() < MOST_ACTIONS {
        actions.push(action(input)?);
    }
    let mut scenario = Scenario::of("a sequence from bytes", actions);
    while let Err((step, _)) = check_steps(&scenario) {
        scenario.steps.remove(step.saturating_sub(1).min(scenario.steps.len().saturating_sub(1)));
    }
    Ok(scenario)
}

/// The next byte; zero behind the input's end, so that each input means something.
fn byte(input: &mut Unstructured<'_>) -> Result<u8> {
    input.arbitrary()
}

fn action(input: &mut Unstructured<'_>) -> Result<Action> {
    Ok(match byte(input)? % 20 {
        0 => Action::CreateUser { user: user(input)?, name: name(input)? },
        1 => Action::CreateDevice { device: device(input)?, name: name(input)? },
        2..=5 => Action::Enable(with_codes(input)?),
        6..=8 => Action::Resync(with_codes(input)?),
        9..=11 => Action::Deactivate(call(input)?),
        12 => Action::DeleteUser { user: user(input)? },
        13 => Action::DeleteDevice { device: device(input)? },
        14 => Action::RenameUser { user: user(input)?, name: name(input)? },
        15 => Action::CreateKey { user: user(input)? },
        16 => Action::DeleteKey { user: user(input)? },
        17 => Action::Wait { steps: byte(input)? % 6, aligned: byte(input)? % 2 == 1, second: None },
        18 => Action::ListDevices { user: user(input)?, max_items: None },
        _ => match byte(input)? % 8 {
            0 => Action::ListVirtualDevices { status: None },
            1 => Action::ListVirtualDevices { status: Some("Assigned".to_owned()) },
            2 => Action::ListVirtualDevices { status: Some("Unassigned".to_owned()) },
            _ => Action::Call(raw(input)?),
        },
    })
}

fn user(input: &mut Unstructured<'_>) -> Result<UserRef> {
    Ok(UserRef(1 + byte(input)? % 3))
}

fn device(input: &mut Unstructured<'_>) -> Result<DeviceRef> {
    Ok(DeviceRef(1 + byte(input)? % 3))
}

fn some_text(input: &mut Unstructured<'_>) -> Result<String> {
    Ok((*input.choose(&TEXTS)?).to_owned())
}

fn name(input: &mut Unstructured<'_>) -> Result<NameForm> {
    Ok(match byte(input)? {
        1 => NameForm::Length(64),
        2 => NameForm::Length(usize::from(byte(input)?)),
        3 => NameForm::EndingIn(some_text(input)?),
        4 | 5 => NameForm::Again,
        6 => NameForm::SameAs(1 + byte(input)? % 3),
        7 => NameForm::InPath("/a/b/".to_owned()),
        8 => NameForm::Elsewhere { same_as: 1 + byte(input)? % 3, path: "/a/b/".to_owned() },
        9 => NameForm::NameOfUser(1 + byte(input)? % 3),
        10 => NameForm::Digits,
        11 => NameForm::FormerNameOf(1 + byte(input)? % 3),
        _ => NameForm::Plain,
    })
}

fn with_codes(input: &mut Unstructured<'_>) -> Result<MfaCall> {
    let mut call = call(input)?;
    match byte(input)? {
        0..=127 => {
            let device = device_of(&call).unwrap_or(DeviceRef(1));
            return Ok(call.fresh(device));
        }
        128..=191 => {
            let (device, first, second) = (device(input)?, byte(input)? % 12, byte(input)? % 12);
            call.code1 = Some(Value::code(device, i32::from(first) - 6));
            call.code2 = Some(Value::code(device, i32::from(second) - 6));
        }
        _ => {
            call.code1 = code(input)?;
            call.code2 = code(input)?;
        }
    }
    Ok(call)
}

fn device_of(call: &MfaCall) -> Option<DeviceRef> {
    match call.device {
        Some(Value::SerialNumber(device)) => Some(device),
        _ => None,
    }
}

fn call(input: &mut Unstructured<'_>) -> Result<MfaCall> {
    let (user, device) = (user(input)?, device(input)?);
    let mut call = MfaCall::about(user, device);
    let form = byte(input)?;
    match form % 16 {
        1 => call.user = None,
        2 => call.device = None,
        3 => call.user = Some(edited(Value::UserName(user), input)?),
        4 => call.device = Some(edited(Value::SerialNumber(device), input)?),
        5 => call.user = Some(Value::FormerName(user)),
        6 => call.user = Some(text(input)?),
        7 => call.device = Some(text(input)?),
        8 => call.signer = Signer::User(user),
        9 => (call.signer, call.user) = (Signer::User(user), None),
        10 => call.signer = Signer::User(self::user(input)?),
        _ => {}
    }
    call.get = form & 0x40 != 0;
    call.reversed = form & 0x80 != 0;
    Ok(call)
}

fn text(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match byte(input)? % 4 {
        0 => Value::text(""),
        1 => Value::text(some_text(input)?),
        2 => Value::Repeated(some_text(input)?, usize::from(byte(input)?)),
        _ => Value::text("R1234"),
    })
}

fn code(input: &mut Unstructured<'_>) -> Result<Option<Value>> {
    let device = device(input)?;
    Ok(Some(match byte(input)? % 8 {
        0 => return Ok(None),
        1 => Value::WrongCode(device, byte(input)?),
        2 => Value::text("000000"),
        3 => text(input)?,
        4 => edited(Value::code(device, 0), input)?,
        _ => Value::code(device, i32::from(byte(input)? % 12) - 6),
    }))
}

fn edited(value: Value, input: &mut Unstructured<'_>) -> Result<Value> {
    let at = usize::from(byte(input)? % 16);
    Ok(value.edited(match byte(input)? % 9 {
        0 => Edit::Insert { at, text: some_text(input)? },
        1 => Edit::Append(some_text(input)?),
        2 => Edit::Replace { at, text: some_text(input)? },
        3 => Edit::Remove { at },
        4 => Edit::OtherCase,
        5 => Edit::DropLast(at),
        6 => Edit::AddToDigit { at, by: byte(input)? },
        7 => Edit::AfterLast(some_text(input)?),
        _ => Edit::FitTo(usize::from(byte(input)?) + at),
    }))
}

/// A request of parameters that no SDK would send together.
fn raw(input: &mut Unstructured<'_>) -> Result<RawCall> {
    // No second action: a reply is read as that to the first, and which of the two it answers it doesn't tell.
    const NAMES: [&str; 5] = ["UserName", "SerialNumber", "AuthenticationCode1", "Version", "Other"];
    const ACTIONS: [&str; 6] =
        ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice", "deactivateMFADevice", "", "GetUser"];
    let mut parameters = vec![("Action".to_owned(), Value::text(*input.choose(&ACTIONS)?))];
    if byte(input)? % 8 != 1 {
        parameters.push(("Version".to_owned(), Value::text("2010-05-08")));
    }
    for _ in 0..byte(input)? % 6 {
        let name = *input.choose(&NAMES)?;
        let value = match byte(input)? % 4 {
            0 => Value::UserName(user(input)?),
            1 => Value::SerialNumber(device(input)?),
            2 => Value::code(device(input)?, i32::from(byte(input)? % 3) - 1),
            _ => text(input)?,
        };
        parameters.push((name.to_owned(), value));
    }
    Ok(RawCall { parameters, get: byte(input)? % 2 == 1, ..RawCall::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mfa_conformance::scenario::{ScenarioStep, read_scenario, write_scenario};

    #[test]
    fn any_bytes_are_a_scenario_that_a_file_may_hold() {
        let mut actions = 0;
        for start in 0..=255_u8 {
            let bytes: Vec<u8> =
                (0..60_u8).map(|at| start.wrapping_mul(31).wrapping_add(at.wrapping_mul(at))).collect();
            let scenario = sequence(&mut Unstructured::new(&bytes)).unwrap();
            let text = write_scenario(&scenario).unwrap();
            assert_eq!(read_scenario("bytes", &text).unwrap(), scenario);
            actions += scenario.actions();
        }
        assert!(actions > 1_000, "{actions}");
        assert_eq!(sequence(&mut Unstructured::new(&[])).unwrap().actions(), 0);
    }

    #[test]
    fn nothing_is_made_twice() {
        let twice = sequence(&mut Unstructured::new(&[0, 0, 0, 0, 0, 0, 1, 0, 0])).unwrap();
        assert!(matches!(
            twice.steps.as_slice(),
            [ScenarioStep::One(Action::CreateUser { .. }), ScenarioStep::One(Action::CreateDevice { .. })]
        ));
    }
}
