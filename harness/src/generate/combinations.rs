//! Combinations of the signer, the encoding, the named user and device, the codes, and the forms of the names. Any two
//! levels of these meet in some call.

use mfa_reference::MfaOperation;

use super::covering::pairwise;
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, Signer, UserRef, Value};
use crate::wire::Escapes;

/// The user that the call is about, another user, and an absent one.
const USER: UserRef = UserRef(1);
const OTHER: UserRef = UserRef(2);
const NOBODY: UserRef = UserRef(9);

/// An unassigned device, one of the user's, one of the other user's, and an absent one.
const FREE: DeviceRef = DeviceRef(1);
const OWN: DeviceRef = DeviceRef(2);
const OTHERS: DeviceRef = DeviceRef(3);
const NOTHING: DeviceRef = DeviceRef(9);

#[derive(Clone, Copy)]
enum Signs {
    Run,
    User,
    Other,
}

#[derive(Clone, Copy)]
enum Written {
    Usually,
    ByGet,
    Reversed,
    SmallEscapes,
    AllEscaped,
    PlusForSpace,
}

#[derive(Clone, Copy)]
enum Named {
    User,
    Other,
    Nobody,
    NotAtAll,
}

#[derive(Clone, Copy)]
enum About {
    /// The device with which the call would succeed: a free one to enable, the user's own otherwise.
    Right,
    /// The user's own device to enable, a free one otherwise.
    Wrong,
    Others,
    Nothing,
}

#[derive(Clone, Copy)]
enum Codes {
    Fresh,
    Reversed,
    FirstWrong,
    SecondWrong,
    OfAnotherDevice,
    FirstLeftOut,
}

#[derive(Clone, Copy)]
enum Name {
    Plain,
    Marks,
    Path,
    Long,
}

/// One call and the state that it meets.
struct Combination {
    signs: Signs,
    written: Written,
    named: Named,
    about: About,
    codes: Codes,
    user_name: Name,
    device_name: Name,
    /// Whether the user has a device already.
    has_device: bool,
}

const SIGNS: &[Signs] = &[Signs::Run, Signs::User, Signs::Other];
const WRITTEN: &[Written] = &[
    Written::Usually,
    Written::ByGet,
    Written::Reversed,
    Written::SmallEscapes,
    Written::AllEscaped,
    Written::PlusForSpace,
];
const NAMED: &[Named] = &[Named::User, Named::Other, Named::Nobody, Named::NotAtAll];
const ABOUT: &[About] = &[About::Right, About::Wrong, About::Others, About::Nothing];
const CODES: &[Codes] = &[
    Codes::Fresh,
    Codes::Reversed,
    Codes::FirstWrong,
    Codes::SecondWrong,
    Codes::OfAnotherDevice,
    Codes::FirstLeftOut,
];
const FRESH: &[Codes] = &[Codes::Fresh];
const NAMES: &[Name] = &[Name::Plain, Name::Marks, Name::Path, Name::Long];
const BOTH: &[bool] = &[false, true];

/// All combinations, in a fixed order: first those of right calls in any encoding, then those of all calls.
pub(super) fn combinations() -> Vec<Scenario> {
    let operations = [MfaOperation::Enable, MfaOperation::Resync, MfaOperation::Deactivate];
    let right: Levels = (&[Signs::Run, Signs::User], &[Named::User], &[About::Right], FRESH);
    let any: Levels = (SIGNS, NAMED, ABOUT, CODES);
    let mut all = Vec::new();
    for operation in operations {
        for (signs, named, about, codes) in [right, any] {
            // A Deactivate has no codes.
            let codes = if operation == MfaOperation::Deactivate { FRESH } else { codes };
            let sizes =
                [signs.len(), WRITTEN.len(), named.len(), about.len(), codes.len(), NAMES.len(), NAMES.len(), 2];
            for row in pairwise(&sizes) {
                let number = all.len() + 1;
                all.extend(read_row(&row, (signs, named, about, codes)).map(|row| scenario(operation, number, &row)));
            }
        }
    }
    all
}

type Levels = (&'static [Signs], &'static [Named], &'static [About], &'static [Codes]);

fn read_row(row: &[usize], (signs, named, about, codes): Levels) -> Option<Combination> {
    let [sign, write, name, device, code, user_name, device_name, has] = row else { return None };
    Some(Combination {
        signs: *signs.get(*sign)?,
        written: *WRITTEN.get(*write)?,
        named: *named.get(*name)?,
        about: *about.get(*device)?,
        codes: *codes.get(*code)?,
        user_name: *NAMES.get(*user_name)?,
        device_name: *NAMES.get(*device_name)?,
        has_device: *BOTH.get(*has)?,
    })
}

fn scenario(operation: MfaOperation, number: usize, row: &Combination) -> Scenario {
    let enable = |user, device| Action::Enable(MfaCall::about(user, device).fresh(device));
    let mut actions = vec![
        Action::CreateUser { user: USER, name: form(row.user_name) },
        Action::CreateUser { user: OTHER, name: NameForm::Plain },
        Action::CreateDevice { device: FREE, name: form(row.device_name) },
    ];
    let wants_free = operation == MfaOperation::Enable;
    if row.has_device || !wants_free || matches!(row.about, About::Wrong) {
        // The enabled device has a name of the same form as the free one.
        actions.push(Action::CreateDevice { device: OWN, name: form(row.device_name) });
        actions.push(enable(USER, OWN));
    }
    if matches!(row.about, About::Others) || matches!(row.codes, Codes::OfAnotherDevice) || row.has_device {
        actions.push(Action::CreateDevice { device: OTHERS, name: NameForm::Plain });
    }
    if matches!(row.about, About::Others) {
        actions.push(enable(OTHER, OTHERS));
    }
    let device = match row.about {
        About::Right if wants_free => FREE,
        About::Right => OWN,
        About::Wrong if wants_free => OWN,
        About::Wrong => FREE,
        About::Others => OTHERS,
        About::Nothing => NOTHING,
    };
    let mut call = MfaCall { device: Some(Value::SerialNumber(device)), ..MfaCall::default() };
    call.user = match row.named {
        Named::User => Some(Value::UserName(USER)),
        Named::Other => Some(Value::UserName(OTHER)),
        Named::Nobody => Some(Value::UserName(NOBODY)),
        Named::NotAtAll => None,
    };
    if operation != MfaOperation::Deactivate {
        (call.code1, call.code2) = codes(row.codes, device);
    }
    call = match row.written {
        Written::Usually => call,
        Written::ByGet => MfaCall { get: true, ..call },
        Written::Reversed => MfaCall { reversed: true, ..call },
        Written::SmallEscapes => MfaCall { escapes: Escapes::SmallLetters, ..call },
        Written::AllEscaped => MfaCall { escapes: Escapes::Everything, ..call },
        Written::PlusForSpace => MfaCall { escapes: Escapes::PlusForSpace, ..call },
    };
    let signer = match row.signs {
        Signs::Run => None,
        Signs::User => Some(USER),
        Signs::Other => Some(OTHER),
    };
    if let Some(user) = signer {
        actions.push(Action::CreateKey { user });
        call.signer = Signer::User(user);
    }
    actions.push(match operation {
        MfaOperation::Enable => Action::Enable(call),
        MfaOperation::Resync => Action::Resync(call),
        MfaOperation::Deactivate => Action::Deactivate(call),
    });
    Scenario::of(format!("combination {number}: {operation}"), actions)
}

fn codes(codes: Codes, device: DeviceRef) -> (Option<Value>, Option<Value>) {
    let (first, second) = (Value::code(device, -1), Value::code(device, 0));
    let pair = match codes {
        Codes::Fresh => (first, second),
        Codes::Reversed => (second, first),
        Codes::FirstWrong => (Value::WrongCode(device, 1), second),
        Codes::SecondWrong => (first, Value::WrongCode(device, 2)),
        Codes::OfAnotherDevice => {
            let another = if device == FREE { OTHERS } else { FREE };
            (Value::code(another, -1), Value::code(another, 0))
        }
        Codes::FirstLeftOut => return (None, Some(second)),
    };
    (Some(pair.0), Some(pair.1))
}

fn form(name: Name) -> NameForm {
    match name {
        Name::Plain => NameForm::Plain,
        Name::Marks => NameForm::EndingIn("+=,.@-_Aa".to_owned()),
        Name::Path => NameForm::InPath("/division/team/".to_owned()),
        Name::Long => NameForm::Length(64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::check_steps;

    #[test]
    fn each_combination_can_be_played() {
        let all = combinations();
        assert!((100..250).contains(&all.len()), "{}", all.len());
        for scenario in all {
            assert_eq!(check_steps(&scenario), Ok(()), "{}", scenario.name);
        }
    }

    #[test]
    fn every_operation_is_called_by_a_user_and_in_each_manner() {
        let all = combinations();
        for operation in [MfaOperation::Enable, MfaOperation::Resync, MfaOperation::Deactivate] {
            let calls: Vec<MfaCall> = all
                .iter()
                .filter_map(|scenario| scenario.steps.last())
                .filter_map(|scenario_step| match scenario_step {
                    crate::scenario::ScenarioStep::One(action) => action.mfa(),
                    crate::scenario::ScenarioStep::Together { .. } => None,
                })
                .filter(|(called, _)| *called == operation)
                .map(|(_, call)| call.clone())
                .collect();
            assert!(calls.iter().any(|call| call.signer == Signer::User(USER) && call.get), "{operation}");
            assert!(calls.iter().any(|call| call.escapes == Escapes::SmallLetters), "{operation}");
            assert!(calls.iter().any(|call| call.reversed && call.user.is_none()), "{operation}");
        }
    }
}
