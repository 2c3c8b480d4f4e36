//! Findings that depend on the digits of a code. Each replay has new seeds, and so other digits.

use crate::execute::Exchange;
use crate::scenario::{Action, CodeOf, Edit, Scenario, ScenarioStep, Value};

/// Whether a call's codes include one without its first digit. A service that reads numbers accepts it if the digit was
/// a zero, and so in one replay of ten.
pub(super) fn sends_a_code_without_its_first_digit(scenario: &Scenario, exchange: &Exchange) -> bool {
    let call = exchange.step.and_then(|step| match scenario.steps.get(step)? {
        ScenarioStep::One(action) => action.mfa(),
        ScenarioStep::Together { .. } => None,
    });
    call.is_some_and(|(_, call)| {
        [&call.code1, &call.code2].into_iter().flatten().any(|value| without_first_digit(value).is_some())
    })
}

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
    without_first_digit(value).map(|code| (code, "0"))
}

fn without_first_digit(value: &Value) -> Option<CodeOf> {
    let Value::Edited(base, Edit::Remove { at: 0 } | Edit::Replace { at: 0, .. }) = value else { return None };
    if let Value::Code(code) = **base { Some(code) } else { None }
}

/// The scenario with a step that recreates the device, after the last step before `step` that creates it.
fn recreating(scenario: &Scenario, step: usize, code: CodeOf, begins_with: &str) -> Option<Scenario> {
    let makes = |scenario_step: &ScenarioStep| matches!(scenario_step, ScenarioStep::One(Action::CreateDevice { device, .. }) if *device == code.device);
    let created = scenario.steps.iter().take(step).rposition(makes)?;
    let waits = scenario.steps.get(created..step)?.iter().map(|between| match between {
        ScenarioStep::One(Action::Wait { steps, .. }) => i32::from(*steps),
        ScenarioStep::One(_) | ScenarioStep::Together { .. } => 0,
    });
    let code_step = code.step + waits.sum::<i32>();
    let recreation =
        Action::RecreateDevice { device: code.device, step: code_step, begins_with: begins_with.to_owned() };
    let mut longer = scenario.clone();
    longer.steps.insert(created + 1, ScenarioStep::One(recreation));
    Some(longer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::DeviceRef;
    use crate::scenario::file::read_scenario;

    #[test]
    fn a_device_is_recreated_for_the_time_step_after_all_waits() {
        let text = r#"{"name": "late", "steps": [
            {"do": "create-device", "device": "device 1"},
            {"do": "wait", "steps": 2},
            {"do": "wait", "steps": 1, "aligned": true},
            {"do": "deactivate", "user": "user 1", "device": "device 1"}
        ]}"#;
        let scenario = read_scenario("late.json", text).unwrap();
        let code = CodeOf { device: DeviceRef(1), step: -1 };
        let longer = recreating(&scenario, 3, code, "0").unwrap();
        let recreation = Action::RecreateDevice { device: DeviceRef(1), step: 2, begins_with: "0".to_owned() };
        assert_eq!(longer.steps.get(1), Some(&ScenarioStep::One(recreation)));
        assert_eq!(longer.steps.len(), 5);
    }

    #[test]
    fn a_code_that_loses_or_changes_its_first_digit_is_sent_without_it() {
        let code = Value::code(DeviceRef(1), 0);
        let plus = || "+".to_owned();
        for (edit, is_without) in [
            (Edit::Remove { at: 0 }, true),
            (Edit::Replace { at: 0, text: plus() }, true),
            (Edit::Remove { at: 1 }, false),
            (Edit::Insert { at: 0, text: plus() }, false),
        ] {
            assert_eq!(without_first_digit(&code.clone().edited(edit.clone())).is_some(), is_without, "{edit:?}");
        }
        assert_eq!(without_first_digit(&Value::text("12345").edited(Edit::Remove { at: 0 })), None);
    }
}
