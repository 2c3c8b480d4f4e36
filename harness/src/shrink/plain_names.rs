//! Plain names in place of special ones.

use crate::scenario::{Action, DeviceRef, NameForm, Scenario, UserRef, Value};

/// The scenario with a plain name in place of every special one; `None` if it has no special name.
#[must_use]
pub fn with_plain_names(scenario: &Scenario) -> Option<Scenario> {
    let mut plain = scenario.clone();
    for scenario_step in &mut plain.steps {
        for action in scenario_step.actions_mut() {
            make_plain(action);
        }
    }
    (plain != *scenario).then_some(plain)
}

fn make_plain(action: &mut Action) {
    match action {
        Action::CreateUser { name, .. } | Action::CreateDevice { name, .. } | Action::RenameUser { name, .. }
            if !matches!(
                name,
                NameForm::Again | NameForm::SameAs(_) | NameForm::Elsewhere { .. } | NameForm::FormerNameOf(_)
            ) =>
        {
            *name = NameForm::Plain;
        }
        Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call) => {
            // A serial number that is not an ARN must not become one.
            let hardware = Value::OwnLetters(12);
            for (value, made, literal) in [
                (&mut call.user, Value::UserName(UserRef(250)), Value::UserName(UserRef(250))),
                (&mut call.device, Value::SerialNumber(DeviceRef(250)), hardware),
            ] {
                match value {
                    Some(Value::Edited(base, _)) if !matches!(**base, Value::Text(_) | Value::OwnLetters(_)) => {
                        *value = Some(made);
                    }
                    Some(Value::Edited(..) | Value::Text(_)) => *value = Some(literal),
                    Some(
                        Value::UserName(_)
                        | Value::FormerName(_)
                        | Value::SerialNumber(_)
                        | Value::Code(_)
                        | Value::WrongCode(..)
                        | Value::PopularCode(..)
                        | Value::OwnLetters(_)
                        | Value::Repeated(..),
                    )
                    | None => {}
                }
            }
        }
        Action::CreateUser { .. }
        | Action::CreateDevice { .. }
        | Action::RenameUser { .. }
        | Action::DeleteUser { .. }
        | Action::RecreateDevice { .. }
        | Action::DeleteDevice { .. }
        | Action::CreateKey { .. }
        | Action::DeleteKey { .. }
        | Action::Call(_)
        | Action::ListDevices { .. }
        | Action::ListVirtualDevices { .. }
        | Action::Wait { .. } => {}
    }
}
