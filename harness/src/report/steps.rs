//! A scenario in words, each step with its answer.

use std::collections::BTreeSet;

use mfa_reference::Operation;

use super::expected_actual::in_words;
use crate::execute::Exchange;
use crate::run::result::Case;
use crate::scenario::{Action, DeviceRef, ScenarioStep, UserRef, Value};
use crate::wire::escape_for_people;

/// The steps up to the one that shows the divergence.
pub(super) fn steps(case: &Case) -> Vec<String> {
    let Some(shown) = case.trace.get(case.exchange) else { return Vec::new() };
    let mut lines = Vec::new();
    let mut made = Made::default();
    let last = shown.step.unwrap_or(usize::MAX);
    for (index, scenario_step) in case.scenario.steps.iter().enumerate().take_while(|(index, _)| *index <= last) {
        let actions = scenario_step.actions();
        for action in actions {
            let answer = answer(case, index, action);
            lines.push(format!("{}{}{}", escape_for_people(&in_short(action)), made.absentees(action), answer));
            made.learn(action);
        }
    }
    if !is_action(case, shown) {
        let about = shown.call.request.get("UserName").or_else(|| shown.call.request.get("SerialNumber"));
        let about = about.map_or_else(String::new, |name| format!(" about {}", escape_for_people(name)));
        let when = if shown.step.is_some() { "then" } else { "clean-up:" };
        lines.push(format!("{when} {}{about} → {}", shown.call.operation, in_words(&shown.observed)));
    }
    lines
}

/// An action in words. The two codes of a fresh pair are one phrase.
fn in_short(action: &Action) -> String {
    let text = action.to_string();
    let Some((device, call)) = action.mfa().and_then(|(_, call)| Some((call.fresh_pair_of()?, call))) else {
        return text;
    };
    let (Some(one), Some(two)) = (&call.code1, &call.code2) else { return text };
    text.replace(
        &format!("AuthenticationCode1: {one}, AuthenticationCode2: {two}"),
        &format!("codes: a fresh pair of {device}"),
    )
}

/// Whether an exchange belongs to an action of the scenario, not to observation or clean-up.
pub(super) fn is_action(case: &Case, exchange: &Exchange) -> bool {
    let Some(ScenarioStep::One(action)) = exchange.step.and_then(|step| case.scenario.steps.get(step)) else {
        return false;
    };
    operation_of(action).is_none_or(|operation| operation == exchange.call.operation)
}

/// The last answer to an action.
fn answer(case: &Case, step: usize, action: &Action) -> String {
    let operation = operation_of(action);
    let until = case.trace.iter().take(case.exchange + 1);
    let last = until.filter(|exchange| exchange.step == Some(step)).rfind(|exchange| {
        matches!(action, Action::Call(_)) && !exchange.call.operation.is_read()
            || operation == Some(exchange.call.operation)
    });
    last.map_or_else(String::new, |exchange| {
        format!(" → {}", in_words(&exchange.observed).trim_end_matches(", carried out"))
    })
}

/// The operation that an action calls; a raw call may be any.
pub(super) const fn operation_of(action: &Action) -> Option<Operation> {
    Some(match action {
        Action::CreateUser { .. } => Operation::CreateUser,
        Action::RenameUser { .. } => Operation::UpdateUser,
        Action::DeleteUser { .. } => Operation::DeleteUser,
        Action::CreateDevice { .. } | Action::RecreateDevice { .. } => Operation::CreateVirtualMfaDevice,
        Action::DeleteDevice { .. } => Operation::DeleteVirtualMfaDevice,
        Action::CreateKey { .. } => Operation::CreateAccessKey,
        Action::DeleteKey { .. } => Operation::DeleteAccessKey,
        Action::Enable(_) => Operation::EnableMfaDevice,
        Action::Resync(_) => Operation::ResyncMfaDevice,
        Action::Deactivate(_) => Operation::DeactivateMfaDevice,
        Action::ListDevices { .. } => Operation::ListMfaDevices,
        Action::ListVirtualDevices { .. } => Operation::ListVirtualMfaDevices,
        Action::Call(_) | Action::Wait { .. } => return None,
    })
}

/// The users and devices that exist according to the scenario.
#[derive(Default)]
struct Made {
    users: BTreeSet<UserRef>,
    devices: BTreeSet<DeviceRef>,
}

impl Made {
    fn learn(&mut self, action: &Action) {
        match action {
            Action::CreateUser { user, .. } => {
                self.users.insert(*user);
            }
            Action::CreateDevice { device, .. } => {
                self.devices.insert(*device);
            }
            Action::RenameUser { .. }
            | Action::DeleteUser { .. }
            | Action::RecreateDevice { .. }
            | Action::DeleteDevice { .. }
            | Action::CreateKey { .. }
            | Action::DeleteKey { .. }
            | Action::Enable(_)
            | Action::Resync(_)
            | Action::Deactivate(_)
            | Action::Call(_)
            | Action::ListDevices { .. }
            | Action::ListVirtualDevices { .. }
            | Action::Wait { .. } => {}
        }
    }

    /// Words on the users and devices that an action names and that were never created.
    fn absentees(&self, action: &Action) -> String {
        let Some((_, call)) = action.mfa() else { return String::new() };
        let values = [&call.user, &call.device];
        let absent: Vec<String> = values.into_iter().flatten().filter_map(|value| self.absentee(value)).collect();
        match absent.as_slice() {
            [] => String::new(),
            [one] => format!(" ({one} was never created)"),
            several => format!(" ({} were never created)", several.join(" and ")),
        }
    }

    fn absentee(&self, value: &Value) -> Option<String> {
        match value {
            Value::UserName(user) | Value::FormerName(user) => (!self.users.contains(user)).then(|| user.to_string()),
            Value::SerialNumber(device) => (!self.devices.contains(device)).then(|| device.to_string()),
            Value::Edited(value, _) => self.absentee(value),
            Value::Code(_)
            | Value::WrongCode(..)
            | Value::PopularCode(..)
            | Value::OwnLetters(_)
            | Value::Text(_)
            | Value::Repeated(..) => None,
        }
    }
}
