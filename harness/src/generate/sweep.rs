//! Sweeps: calls with one value, changed in every way of a kind. No change makes the value right, so the calls must
//! have no effect.

use mfa_reference::MfaOperation;
use mfa_reference::clause::{Aspect, ClauseId, Parameter};
use mfa_reference::value::{Admission, CharacterClass};

use super::right::{DEVICE, USER, call_with, right};
use crate::scenario::{Action, DeviceRef, Edit, MfaCall, NameForm, POPULAR_CODES, Scenario, UserRef, Value};

/// A device whose codes only the last call uses.
const UNUSED: DeviceRef = DeviceRef(2);

/// All sweeps, in a fixed order.
pub(super) fn sweeps() -> Vec<Scenario> {
    let characters = Parameter::ALL.into_iter().flat_map(|parameter| PLACES.map(|place| outside(parameter, place)));
    let digits = [MfaOperation::Enable, MfaOperation::Resync].into_iter().flat_map(each_digit_changed);
    characters
        .chain(digits)
        .chain(popular_codes())
        .chain(wildcards())
        .chain(words())
        .chain(near())
        .chain([names(), lengths()])
        .chain(doubled())
        .collect()
}

/// Where a character goes.
#[derive(Clone, Copy)]
enum Place {
    First,
    Inside,
    Last,
}

const PLACES: [Place; 3] = [Place::First, Place::Inside, Place::Last];

/// Calls with a value that contains each ASCII character outside its pattern.
fn outside(parameter: Parameter, place: Place) -> Scenario {
    let class = parameter.constraint().class;
    let bad = (0..=127_u8).map(char::from).filter(|character| class.admits(*character) == Admission::No);
    let calls = bad.map(|character| {
        let text = character.to_string();
        // A code keeps its six characters. A name becomes one longer, and differs even if a service drops the mark.
        let edit = match (class, place) {
            (CharacterClass::Digits, Place::First) => Edit::Replace { at: 0, text },
            (CharacterClass::Digits, Place::Inside) => Edit::Replace { at: 3, text },
            (CharacterClass::Digits, Place::Last) => Edit::Replace { at: 5, text },
            (CharacterClass::Name | CharacterClass::SerialNumber, Place::First) => Edit::Insert { at: 0, text },
            (CharacterClass::Name | CharacterClass::SerialNumber, Place::Inside) => Edit::Insert { at: 5, text },
            (CharacterClass::Name | CharacterClass::SerialNumber, Place::Last) => Edit::Append(text),
        };
        call_with(parameter, Some(right(parameter).edited(edit)))
    });
    let place = match place {
        Place::First => "at the beginning",
        Place::Inside => "inside",
        Place::Last => "at the end",
    };
    let name =
        format!("{} with {}: each character outside its pattern {place}", parameter.operation(), parameter.wire_name());
    swept(name, &[ClauseId::Parameter(parameter, Aspect::Pattern)], parameter.operation(), calls)
}

/// Which codes of a pair are changed.
#[derive(Clone, Copy)]
enum Changed {
    First,
    Second,
    Both,
}

/// The right pair with each of its twelve digits changed, and with the same digit of both codes.
fn each_digit_changed(operation: MfaOperation) -> [Scenario; 3] {
    let clause = match operation {
        MfaOperation::Resync => ClauseId::ResyncCodesRecognised,
        MfaOperation::Enable | MfaOperation::Deactivate => ClauseId::EnableCodesRecognised,
    };
    [Changed::First, Changed::Second, Changed::Both].map(|codes| {
        let calls = (0..6).map(move |at| {
            let changed = |value: Value| Some(value.edited(Edit::AddToDigit { at, by: 5 }));
            let mut call = MfaCall::about(USER, DEVICE).fresh(DEVICE);
            if matches!(codes, Changed::First | Changed::Both) {
                call.code1 = changed(Value::code(DEVICE, -1));
            }
            if matches!(codes, Changed::Second | Changed::Both) {
                call.code2 = changed(Value::code(DEVICE, 0));
            }
            call
        });
        let codes = match codes {
            Changed::First => "code 1",
            Changed::Second => "code 2",
            Changed::Both => "both codes",
        };
        swept(format!("{operation} with each digit of {codes} changed"), &[clause], operation, calls)
    })
}

/// Codes that people make up, in pairs and in place of either right code.
fn popular_codes() -> impl Iterator<Item = Scenario> {
    [MfaOperation::Enable, MfaOperation::Resync].into_iter().map(|operation| {
        let clause = match operation {
            MfaOperation::Resync => ClauseId::ResyncCodesRecognised,
            MfaOperation::Enable | MfaOperation::Deactivate => ClauseId::EnableCodesRecognised,
        };
        let numbers = 0..u8::try_from(POPULAR_CODES.len()).unwrap_or_default();
        let calls = numbers.flat_map(|number| {
            let popular = |number| Value::PopularCode(DEVICE, number);
            let (right1, right2) = (Value::code(DEVICE, -1), Value::code(DEVICE, 0));
            [(popular(number), popular(number + 1)), (popular(number), right2), (right1, popular(number))]
        });
        let calls = calls.map(|(code1, code2)| MfaCall {
            code1: Some(code1),
            code2: Some(code2),
            ..MfaCall::about(USER, DEVICE)
        });
        swept(format!("{operation} with popular codes"), &[clause], operation, calls)
    })
}

/// A scenario that creates a user and a device and makes calls, one after another.
fn swept(name: String, cites: &[ClauseId], operation: MfaOperation, calls: impl Iterator<Item = MfaCall>) -> Scenario {
    let mut actions = vec![
        Action::CreateUser { user: USER, name: NameForm::Plain },
        Action::CreateDevice { device: DEVICE, name: NameForm::Plain },
        Action::CreateDevice { device: UNUSED, name: NameForm::Plain },
    ];
    if operation != MfaOperation::Enable {
        actions.push(Action::Enable(MfaCall::about(USER, DEVICE).fresh(DEVICE)));
    }
    actions.extend(calls.map(|call| match operation {
        MfaOperation::Enable => Action::Enable(call),
        MfaOperation::Resync => Action::Resync(call),
        MfaOperation::Deactivate => Action::Deactivate(call),
    }));
    // After any number of refused calls, a right one succeeds.
    actions.push(match operation {
        MfaOperation::Enable | MfaOperation::Resync => Action::Enable(MfaCall::about(USER, UNUSED).fresh(UNUSED)),
        MfaOperation::Deactivate => Action::Deactivate(MfaCall::about(USER, DEVICE)),
    });
    Scenario { cites: cites.iter().map(ToString::to_string).collect(), ..Scenario::of(name, actions) }
}

/// Values with a wildcard that the pattern allows in place of one character. They name no user and no device.
fn wildcards() -> impl Iterator<Item = Scenario> {
    let named = |parameter: &Parameter| parameter.constraint().class != CharacterClass::Digits;
    Parameter::ALL.into_iter().filter(named).map(|parameter| {
        // The prefix of each name has a hyphen at 4. An ARN has it after the account and `mfa/`.
        let at = if parameter.constraint().class == CharacterClass::Name { 4 } else { 35 };
        let calls = ["_", "."].into_iter().map(move |text| {
            call_with(parameter, Some(right(parameter).edited(Edit::Replace { at, text: text.to_owned() })))
        });
        let name = format!("{} with {}: a wildcard in it", parameter.operation(), parameter.wire_name());
        swept(name, &[exists(parameter)], parameter.operation(), calls)
    })
}

/// Values that languages read as null or as members of every object. They name no user and no device.
fn words() -> impl Iterator<Item = Scenario> {
    const USERS: [&str; 8] = ["0", "1", "null", "None", "undefined", "NaN", "__proto__", "constructor"];
    const DEVICES: [&str; 4] = ["000000000", "undefined", "__proto__", "constructor"];
    let named = |parameter: &Parameter| parameter.constraint().class != CharacterClass::Digits;
    Parameter::ALL.into_iter().filter(named).map(|parameter| {
        let is_user = parameter.constraint().class == CharacterClass::Name;
        let words: &[&str] = if is_user { &USERS } else { &DEVICES };
        let calls = words.iter().map(|word| call_with(parameter, Some(Value::text(*word))));
        let name = format!("{} with {}: a word of programming languages", parameter.operation(), parameter.wire_name());
        swept(name, &[exists(parameter)], parameter.operation(), calls)
    })
}

/// The clause that a user or a device has to exist.
fn exists(parameter: Parameter) -> ClauseId {
    match (parameter.operation(), parameter.constraint().class == CharacterClass::Name) {
        (MfaOperation::Enable, true) => ClauseId::EnableUserExists,
        (MfaOperation::Enable, false) => ClauseId::EnableDeviceExists,
        (MfaOperation::Resync, true) => ClauseId::ResyncUserExists,
        (MfaOperation::Resync, false) => ClauseId::ResyncDeviceExists,
        (MfaOperation::Deactivate, true) => ClauseId::DeactivateUserExists,
        (MfaOperation::Deactivate, false) => ClauseId::DeactivateDeviceExists,
    }
}

/// Unused names that a careless comparison confuses with an existing one.
fn near() -> impl Iterator<Item = Scenario> {
    let named = |parameter: &Parameter| parameter.constraint().class != CharacterClass::Digits;
    Parameter::ALL.into_iter().filter(named).map(|parameter| {
        let is_user = parameter.constraint().class == CharacterClass::Name;
        let edits = if is_user { near_names() } else { near_serial_numbers() };
        let calls = edits.into_iter().map(|edit| call_with(parameter, Some(right(parameter).edited(edit))));
        let name = format!("{} with {}: one that is nearly right", parameter.operation(), parameter.wire_name());
        swept(name, &[exists(parameter)], parameter.operation(), calls)
    })
}

fn near_names() -> Vec<Edit> {
    let behind =
        [",x", "=x", "@x", ".x", "+x", "-x", "_x", ".json", ",", ".", "0"].map(|text| Edit::Append(text.into()));
    let mut edits = vec![
        Edit::Remove { at: 0 },
        Edit::Remove { at: 4 },
        Edit::Insert { at: 4, text: "-".to_owned() },
        Edit::Insert { at: 0, text: "x,".to_owned() },
        Edit::Insert { at: 0, text: "x@".to_owned() },
        Edit::Insert { at: 0, text: "0".to_owned() },
        Edit::DropLast(1),
        Edit::AfterLast("-".to_owned()),
        Edit::FitTo(128),
    ];
    edits.extend(behind);
    edits
}

/// Edits of a serial number that change or omit one part of the ARN, `arn:aws:iam::123456789012:mfa/name`.
fn near_serial_numbers() -> Vec<Edit> {
    let insert = |at, text: &str| Edit::Insert { at, text: text.to_owned() };
    vec![
        Edit::AddToDigit { at: 13, by: 1 },
        Edit::AddToDigit { at: 24, by: 1 },
        insert(7, "-cn"),
        insert(8, "x"),
        insert(12, "us-east-1"),
        insert(29, "x"),
        insert(30, "x/"),
        insert(30, "/"),
        insert(30, "./"),
        Edit::Remove { at: 12 },
        Edit::Remove { at: 29 },
        Edit::Remove { at: 0 },
        Edit::AfterLast("::".to_owned()),
        Edit::AfterLast(":".to_owned()),
        Edit::AfterLast("/".to_owned()),
        Edit::DropLast(1),
        Edit::Append("/".to_owned()),
        Edit::Append("/x".to_owned()),
        Edit::Append(":x".to_owned()),
        Edit::Append(",x".to_owned()),
        Edit::FitTo(256),
    ]
}

/// Users and devices with each punctuation mark at the beginning, in the middle and at the end of their names.
fn names() -> Scenario {
    let marks = CharacterClass::Name.punctuation().chars();
    let ending = |text: String| (NameForm::EndingIn(text.clone()), NameForm::EndingIn(text));
    let forms = marks.flat_map(|mark| {
        let first = || NameForm::BeginningWith(mark.to_string());
        let ends = [ending(format!("{mark}m")), ending(format!("m{mark}"))];
        ends.into_iter().chain([(first(), NameForm::Plain), (NameForm::Plain, first())])
    });
    let cites = [
        ClauseId::Parameter(Parameter::EnableUserName, Aspect::Pattern),
        ClauseId::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
        ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
        ClauseId::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
    ];
    lives("users and devices with each punctuation mark in their names", &cites, forms)
}

/// Users, and then devices, with each punctuation mark twice in a row in their names. The others' names are plain, so
/// that the scenario shows which of the two the service doesn't find.
fn doubled() -> [Scenario; 2] {
    let forms = || {
        let marks = CharacterClass::Name.punctuation().chars();
        marks.map(|mark| NameForm::EndingIn(format!("m{mark}{mark}m")))
    };
    let pattern = |parameter| ClauseId::Parameter(parameter, Aspect::Pattern);
    [
        lives(
            "users with each punctuation mark twice in a row in their names",
            &[pattern(Parameter::EnableUserName), pattern(Parameter::DeactivateUserName)],
            forms().map(|form| (form, NameForm::Plain)),
        ),
        lives(
            "devices with each punctuation mark twice in a row in their names",
            &[pattern(Parameter::EnableSerialNumber), pattern(Parameter::DeactivateSerialNumber)],
            forms().map(|form| (NameForm::Plain, form)),
        ),
    ]
}

/// Users and devices whose names have the lengths of common database fields.
fn lengths() -> Scenario {
    let cites = [
        ClauseId::Parameter(Parameter::EnableUserName, Aspect::MaxLength),
        ClauseId::Parameter(Parameter::EnableSerialNumber, Aspect::MaxLength),
    ];
    let forms = [48, 49, 50, 51, 60, 63, 64].map(NameForm::Length).into_iter();
    lives("users and devices with names of many lengths", &cites, forms.map(|form| (form.clone(), form)))
}

/// For each pair of forms, a user and a device with such names. The device is enabled and deactivated.
fn lives(name: &str, cites: &[ClauseId], forms: impl Iterator<Item = (NameForm, NameForm)>) -> Scenario {
    let mut actions = Vec::new();
    for (number, (user_form, device_form)) in (1..).zip(forms) {
        let (user, device) = (UserRef(number), DeviceRef(number));
        actions.extend([
            Action::CreateUser { user, name: user_form },
            Action::CreateDevice { device, name: device_form },
            Action::Enable(MfaCall::about(user, device).fresh(device)),
            Action::Deactivate(MfaCall::about(user, device)),
            Action::DeleteDevice { device },
            Action::DeleteUser { user },
        ]);
    }
    Scenario { cites: cites.iter().map(ToString::to_string).collect(), ..Scenario::of(name, actions) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ascii_character_outside_a_pattern_is_tried_in_three_places() {
        let calls = |word: &str| -> usize {
            let one =
                |scenario: &&Scenario| scenario.name.contains("outside its pattern") && scenario.name.contains(word);
            sweeps().iter().filter(one).map(Scenario::actions).sum()
        };
        // Of 128 characters, the patterns admit 62 letters and digits and 7 or 9 others, or only 10 digits.
        assert_eq!(calls("EnableMFADevice with UserName"), 3 * (128 - 62 - 7 + 4));
        assert_eq!(calls("EnableMFADevice with SerialNumber"), 3 * (128 - 62 - 9 + 4));
        assert_eq!(calls("ResyncMFADevice with AuthenticationCode1"), 3 * (128 - 10 + 5));
    }
}
