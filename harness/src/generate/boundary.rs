//! The boundary table: each parameter of each operation, absent, empty, at the limits of its length, beyond them, and
//! with a good and a bad character. Each scenario makes one call with at most one fault. The sweeps, likenesses and
//! combinations follow the table.

use mfa_reference::MfaOperation;
use mfa_reference::clause::{Aspect, ClauseId, Parameter};
use mfa_reference::value::CharacterClass;

use super::combinations::combinations;
use super::likeness::likenesses;
use super::right::{DEVICE, USER, call_with, right};
use super::sweep::sweeps;
use crate::scenario::{Action, DeviceRef, Edit, MfaCall, NameForm, Scenario, UserRef, Value};

const NOBODY: UserRef = UserRef(9);
const NOTHING: DeviceRef = DeviceRef(9);

/// The whole table, in a fixed order.
#[must_use]
pub fn boundary() -> Vec<Scenario> {
    Parameter::ALL.into_iter().flat_map(rows).chain(sweeps()).chain(likenesses()).chain(combinations()).collect()
}

/// A value to test for a parameter.
struct Row {
    aspect: Aspect,
    what: &'static str,
    value: Option<Value>,
    user_name: NameForm,
    device_name: NameForm,
}

impl Row {
    fn new(aspect: Aspect, what: &'static str, value: Option<Value>) -> Self {
        Self { aspect, what, value, user_name: NameForm::Plain, device_name: NameForm::Plain }
    }
}

fn rows(parameter: Parameter) -> Vec<Scenario> {
    let mut rows = shared_rows(parameter);
    match parameter.constraint().class {
        CharacterClass::Name => rows.extend(user_name_rows()),
        CharacterClass::SerialNumber => rows.extend(serial_number_rows()),
        CharacterClass::Digits => rows.extend(code_rows(parameter)),
    }
    rows.into_iter().map(|row| scenario(parameter, row)).collect()
}

/// The rows of every parameter. The values to refuse are the right value with one thing wrong.
fn shared_rows(parameter: Parameter) -> Vec<Row> {
    let constraint = parameter.constraint();
    let right = || right(parameter);
    let refused = |aspect, what, value| Row::new(aspect, what, Some(value));
    let mut rows = vec![
        Row::new(Aspect::Pattern, "its right value", Some(right())),
        Row::new(Aspect::Empty, "an empty value", Some(Value::text(""))),
        refused(Aspect::Pattern, "a space at the end", replaced_last(parameter, " ")),
        refused(
            Aspect::Pattern,
            "a character outside its pattern",
            right().edited(Edit::Replace {
                at: 3,
                text: if constraint.class == CharacterClass::Digits { "x" } else { "!" }.to_owned(),
            }),
        ),
    ];
    rows.push(refused(
        Aspect::Pattern,
        "a character that XML escapes",
        right().edited(Edit::Replace { at: 3, text: "<".to_owned() }),
    ));
    rows.push(refused(
        Aspect::Pattern,
        "a character that XML forbids",
        right().edited(Edit::Insert { at: 0, text: "\0".to_owned() }),
    ));
    if constraint.class == CharacterClass::Digits {
        rows.push(refused(Aspect::MaxLength, "a newline appended", right().edited(Edit::Append("\n".into()))));
        rows.push(refused(
            Aspect::Pattern,
            "a space inserted",
            right().edited(Edit::Replace { at: 2, text: " ".to_owned() }),
        ));
    } else {
        rows.push(refused(Aspect::Pattern, "a newline appended", right().edited(Edit::Append("\n".into()))));
        rows.push(refused(
            Aspect::Pattern,
            "a space before it",
            right().edited(Edit::Insert { at: 0, text: " ".to_owned() }),
        ));
        let (one_past, far_past) = (Edit::FitTo(constraint.max + 1), Edit::FitTo(10_000));
        rows.push(refused(Aspect::MaxLength, "one character too many", right().edited(one_past)));
        rows.push(refused(Aspect::MaxLength, "10,000 characters", right().edited(far_past)));
    }
    // Each becomes five characters in XML, so a truncated message mostly ends within one.
    rows.push(refused(Aspect::Pattern, "250 ampersands", Value::Repeated("&".to_owned(), 250)));
    if parameter != Parameter::DeactivateUserName {
        rows.push(Row::new(Aspect::Required, "left out", None));
    }
    rows
}

fn replaced_last(parameter: Parameter, text: &str) -> Value {
    match parameter.constraint().class {
        CharacterClass::Digits => right(parameter).edited(Edit::Replace { at: 5, text: text.to_owned() }),
        CharacterClass::Name | CharacterClass::SerialNumber => right(parameter).edited(Edit::Append(text.to_owned())),
    }
}

fn user_name_rows() -> Vec<Row> {
    let absent = |length| Some(Value::UserName(NOBODY).edited(Edit::FitTo(length)));
    let named = |form, what| Row { user_name: form, ..Row::new(Aspect::Pattern, what, Some(Value::UserName(USER))) };
    vec![
        Row::new(Aspect::MinLength, "one character", Some(Value::OwnLetters(1))),
        Row::new(Aspect::MaxLength, "128 characters", absent(128)),
        named(NameForm::Length(64), "a user's name of 64 characters"),
        named(NameForm::EndingIn("+=,.@-_".to_owned()), "a user's name with all punctuation marks"),
        named(NameForm::EndingIn("Zz9".to_owned()), "a user's name with capitals and digits"),
        Row {
            user_name: NameForm::EndingIn("@".to_owned()),
            ..Row::new(
                Aspect::Pattern,
                "a user's name with its last character percent-encoded once too often",
                Some(Value::UserName(USER).edited(Edit::DropLast(1)).edited(Edit::Append("%40".to_owned()))),
            )
        },
    ]
}

fn serial_number_rows() -> Vec<Row> {
    let absent = |length| Some(Value::SerialNumber(NOTHING).edited(Edit::FitTo(length)));
    let named =
        |form, what| Row { device_name: form, ..Row::new(Aspect::Pattern, what, Some(Value::SerialNumber(DEVICE))) };
    vec![
        Row::new(Aspect::MinLength, "9 characters", Some(Value::OwnLetters(9))),
        Row::new(Aspect::MinLength, "8 characters", Some(Value::OwnLetters(8))),
        Row::new(Aspect::MaxLength, "256 characters", absent(256)),
        Row::new(Aspect::MaxLength, "256 characters without colon and slash", Some(Value::OwnLetters(256))),
        Row::new(Aspect::Pattern, "12 letters and digits", Some(Value::OwnLetters(12))),
        named(NameForm::Length(120), "a device's ARN with a long name"),
        named(NameForm::EndingIn("=,.@-".to_owned()), "a device's ARN with the punctuation marks of prose and pattern"),
        named(NameForm::EndingIn("+_".to_owned()), "a device's ARN with the punctuation marks of the pattern alone"),
    ]
}

fn code_rows(parameter: Parameter) -> Vec<Row> {
    let right = || right(parameter);
    vec![
        Row::new(Aspect::MinLength, "five digits", Some(right().edited(Edit::FitTo(5)))),
        Row::new(Aspect::MaxLength, "seven digits", Some(right().edited(Edit::Append("0".into())))),
        Row::new(
            Aspect::MaxLength,
            "a hyphen in the middle",
            Some(right().edited(Edit::Insert { at: 3, text: "-".to_owned() })),
        ),
        Row::new(Aspect::MaxLength, "10,000 digits", Some(Value::Repeated("1234567890".to_owned(), 1_000))),
    ]
}

fn scenario(parameter: Parameter, row: Row) -> Scenario {
    let call = call_with(parameter, row.value);
    let mut actions = vec![
        Action::CreateUser { user: USER, name: row.user_name },
        Action::CreateDevice { device: DEVICE, name: row.device_name },
    ];
    let enabled = Action::Enable(MfaCall::about(USER, DEVICE).fresh(DEVICE));
    actions.extend(match parameter.operation() {
        MfaOperation::Enable => vec![Action::Enable(call)],
        MfaOperation::Resync => vec![enabled, Action::Resync(call)],
        MfaOperation::Deactivate => vec![enabled, Action::Deactivate(call)],
    });
    let name = format!("{} with {}: {}", parameter.operation(), parameter.wire_name(), row.what);
    Scenario { cites: vec![ClauseId::Parameter(parameter, row.aspect).to_string()], ..Scenario::of(name, actions) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{read_scenario, write_scenario};

    #[test]
    fn every_row_is_a_scenario_that_survives_its_file() {
        let table = boundary();
        assert!(table.len() > 80, "{} rows", table.len());
        for scenario in table {
            let text = write_scenario(&scenario).unwrap();
            assert_eq!(read_scenario(&scenario.name, &text).unwrap(), scenario);
        }
    }

    #[test]
    fn each_stated_aspect_of_each_parameter_has_a_row() {
        let cited: Vec<String> = boundary().into_iter().flat_map(|scenario| scenario.cites).collect();
        for parameter in Parameter::ALL {
            let class = parameter.constraint().class;
            for aspect in [Aspect::Required, Aspect::Empty, Aspect::MinLength, Aspect::MaxLength, Aspect::Pattern] {
                let not_required = parameter == Parameter::DeactivateUserName && aspect == Aspect::Required;
                let id = ClauseId::Parameter(parameter, aspect).to_string();
                assert!(not_required || cited.contains(&id), "no row for {id} ({class:?})");
            }
        }
    }
}
