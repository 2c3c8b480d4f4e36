//! A scenario in words, each step with its answer.

use std::collections::BTreeSet;

use mfa_reference::Operation;

use super::expected_actual::in_words;
use super::finding::Finding;
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
        let overlap = matches!(scenario_step, ScenarioStep::Together { .. });
        if overlap {
            lines.push("at the same time:".to_owned());
        }
        for (position, action) in scenario_step.actions().iter().enumerate() {
            let (number, answer) = if overlap {
                let answer = overlapping(case, index, position).map(in_words_of);
                (format!("{}. ", number(index, position)), answer.unwrap_or_default())
            } else {
                (String::new(), answer(case, index, action))
            };
            lines.push(format!("{number}{}{}{answer}", escape_for_people(&in_short(action)), made.absentees(action)));
            made.learn(action);
        }
    }
    if !is_action(case, shown) {
        let when = if shown.step.is_some() { "then" } else { "clean-up:" };
        lines.push(format!("{when} {}", observation(shown)));
    }
    lines
}

/// A call that no action of the scenario makes, with its answer.
pub(super) fn observation(exchange: &Exchange) -> String {
    let request = &exchange.call.request;
    let about = request.get("UserName").or_else(|| request.get("SerialNumber"));
    let about = about.map_or_else(String::new, |name| format!(" about {}", escape_for_people(name)));
    format!("{}{about} → {}", exchange.call.operation, in_words(&exchange.observed))
}

/// The number of a step of the report, for each of its lines. A call that overlaps others has its number in its text.
pub(super) fn numbers(finding: &Finding) -> Vec<Option<usize>> {
    let mut numbers = Vec::new();
    for (index, step) in finding.scenario.steps.iter().enumerate() {
        numbers.push(Some(index + 1));
        if let ScenarioStep::Together { together } = step {
            numbers.extend(together.iter().map(|_| None));
        }
    }
    let steps = finding.scenario.steps.len();
    numbers.truncate(finding.steps.len());
    let rest = finding.steps.len() - numbers.len();
    numbers.extend((0..rest).map(|more| Some(steps + more + 1)));
    numbers
}

/// The steps, each as a line with its number.
pub(super) fn numbered(finding: &Finding) -> impl Iterator<Item = String> {
    finding.steps.iter().zip(numbers(finding)).map(|(step, number)| match number {
        Some(number) => format!("{number}. {step}"),
        None => format!("   {step}"),
    })
}

/// The number of a call that overlaps others: "3a" for the first one of the third step.
pub(super) fn number(step: usize, position: usize) -> String {
    format!("{}{}", step + 1, ('a'..='z').nth(position).unwrap_or('z'))
}

/// The exchange of a call that overlapped others.
pub(super) fn overlapping(case: &Case, step: usize, position: usize) -> Option<&Exchange> {
    case.trace.iter().filter(|exchange| exchange.step == Some(step) && exchange.overlap.is_some()).nth(position)
}

/// An action in words. The two codes of a fresh pair are one phrase.
pub(super) fn in_short(action: &Action) -> String {
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
    if exchange.overlap.is_some() {
        return true;
    }
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
    last.map_or_else(String::new, in_words_of)
}

/// The answer of an exchange, after an arrow.
fn in_words_of(exchange: &Exchange) -> String {
    format!(" → {}", answer_of(exchange))
}

/// The answer of an exchange.
pub(super) fn answer_of(exchange: &Exchange) -> String {
    in_words(&exchange.observed).trim_end_matches(", carried out").to_owned()
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
