//! Findings that depend on the digits of a code. Each replay has new seeds, and so other digits.

use crate::execute::Exchange;
use crate::scenario::{Action, CodeOf, Edit, Scenario, ScenarioStep, Value};

/// Scenarios with one more step, which recreates the device of a code until the code has as many leading zeros as
/// before. There is a scenario for each code of the exchange that began with a zero, or was sent without its first
/// digit. The step of the exchange moves one further.
pub(super) fn with_leading_zeros(scenario: &Scenario, exchange: &Exchange) -> Vec<Scenario> {
    let Some(step) = exchange.step else { return Vec::new() };
    let Some(ScenarioStep::One(action)) = scenario.steps.get(step) else { return Vec::new() };
    let Some((_, call)) = action.mfa() else { return Vec::new() };
    let codes = [(&call.code1, "AuthenticationCode1"), (&call.code2, "AuthenticationCode2")];
    let begun = codes.into_iter().filter_map(|(value, name)| {
        let (code, begins_with) = beginning(value.as_ref()?, exchange.call.request.get(name)?)?;
        recreating(scenario, step, code, begins_with)
    });
    begun.collect()
}

/// The code that a value is made from, and the zeros that it has to begin with.
fn beginning(value: &Value, sent: &str) -> Option<(CodeOf, &'static str)> {
    if let Value::Code(code) = value {
        let zeros = ["00", "0"].into_iter().find(|zeros| sent.starts_with(zeros))?;
        return Some((*code, zeros));
    }
    let Value::Edited(base, Edit::Remove { at: 0 } | Edit::Replace { at: 0, .. }) = value else { return None };
    if let Value::Code(code) = **base { Some((code, "0")) } else { None }
}

/// The scenario with a step that recreates the device, after the last step before `step` that creates it.
fn recreating(scenario: &Scenario, step: usize, code: CodeOf, begins_with: &str) -> Option<Scenario> {
    let makes = |scenario_step: &ScenarioStep| matches!(scenario_step, ScenarioStep::One(Action::CreateDevice { device, .. }) if *device == code.device);
    let created = scenario.steps.iter().take(step).rposition(makes)?;
    let recreation =
        Action::RecreateDevice { device: code.device, step: code.step, begins_with: begins_with.to_owned() };
    let mut longer = scenario.clone();
    longer.steps.insert(created + 1, ScenarioStep::One(recreation));
    Some(longer)
}
