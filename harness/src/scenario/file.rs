//! Scenario files: JSON with a checked-in schema, `fixtures/schemas/scenario.schema.json`.

use std::fmt;

use mfa_reference::clause::ClauseId;

use super::action::{Action, NameForm, Scenario, ScenarioStep};
use super::mfa_call::Signer;
use super::value::{DeviceRef, Edit, UserRef, Value};

/// The most calls that overlap: the oracle tries every order of them.
pub const MOST_CALLS: usize = 4;

/// Why a scenario file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file is not JSON, or doesn't match the schema.
    #[error("{file}:{line}:{column}: {problem}; the form is described by `mfa-conformance schema scenario`")]
    Form {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// The file cites a clause that doesn't exist.
    #[error("{file}: `cites` names {clause:?}: {problem}")]
    Clause {
        /// The file's name.
        file: String,
        /// The clause as written in the file.
        clause: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The scenario can't be played.
    #[error("{file}: step {step}: {problem}")]
    Step {
        /// The file's name.
        file: String,
        /// The step, from 1.
        step: usize,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// Reads a scenario. `file` names it in errors.
///
/// # Errors
/// The text is not JSON, doesn't match the schema, or can't be played. The error names the place and the remedy.
pub fn read_scenario(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let scenario: Scenario = serde_json::from_str(text).map_err(|error| ScenarioError::Form {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        problem: without_position(&error.to_string()),
    })?;
    for clause in &scenario.cites {
        clause.parse::<ClauseId>().map_err(|error| ScenarioError::Clause {
            file: file.to_owned(),
            clause: clause.clone(),
            problem: error.to_string(),
        })?;
    }
    check_steps(&scenario).map_err(|(step, problem)| ScenarioError::Step { file: file.to_owned(), step, problem })?;
    Ok(scenario)
}

/// The scenario as a file's text.
///
/// # Errors
/// Never for a scenario that was read or generated.
pub fn write_scenario(scenario: &Scenario) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(scenario).map(|text| text + "\n")
}

/// The JSON Schema of scenario files.
#[must_use]
pub fn scenario_schema() -> schemars::Schema {
    schemars::schema_for!(Scenario)
}

fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// Checks what the schema can't say. A key exists before it signs. No user or device is created while it exists. Only
/// an existing or former name is used again. Values fit into memory.
///
/// # Errors
/// The number of the wrong step, from 1, and the reason.
pub fn check_steps(scenario: &Scenario) -> Result<(), (usize, String)> {
    let mut users: Made<UserRef> = Made::default();
    let mut devices: Made<DeviceRef> = Made::default();
    let mut keys: Vec<UserRef> = Vec::new();
    for (index, scenario_step) in scenario.steps.iter().enumerate() {
        let step = index + 1;
        if let ScenarioStep::Together { together } = scenario_step {
            check_together(together).map_err(|problem| (step, problem))?;
        }
        for action in scenario_step.actions() {
            check_lengths(action).map_err(|problem| (step, problem))?;
            match action {
                Action::CreateUser { name: NameForm::CapitalsOf(_), .. }
                | Action::RenameUser { name: NameForm::CapitalsOf(_), .. } => {
                    return Err((step, "`capitals-of` is for `create-device`: leave it out".to_owned()));
                }
                Action::CreateUser { user, name } => users.make(*user, name).map_err(|problem| (step, problem))?,
                Action::DeleteUser { user } => users.unmake(user),
                Action::RenameUser { name: NameForm::Again, .. } => {
                    return Err((step, "`again` is for `create-user` and `create-device`: leave it out".to_owned()));
                }
                Action::CreateDevice { name: NameForm::FormerNameOf(_), .. } => {
                    return Err((step, "`former-name-of` is for users: leave it out".to_owned()));
                }
                Action::CreateDevice { device, name } => {
                    devices.make(*device, name).map_err(|problem| (step, problem))?;
                }
                Action::RecreateDevice { device, begins_with, .. } => {
                    if !devices.live.contains(device) {
                        return Err((
                            step,
                            format!("{device} is not there: do `create-device` before `recreate-device`"),
                        ));
                    }
                    if !matches!(begins_with.len(), 1 | 2) || !begins_with.bytes().all(|byte| byte.is_ascii_digit()) {
                        return Err((step, "`begins-with` is one digit or two: \"0\", for example".to_owned()));
                    }
                }
                Action::DeleteDevice { device } => devices.unmake(device),
                // A user and its keys may outlive a refused deletion.
                Action::CreateKey { user } if !users.live.contains(user) && !users.gone.contains(user) => {
                    return Err((step, format!("{user} is not there: do `create-user` before `create-key`")));
                }
                Action::CreateKey { user } => keys.push(*user),
                Action::DeleteKey { user } => keys.retain(|key| key != user),
                Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call) => {
                    if let Signer::User(user) = call.signer
                        && !keys.contains(&user)
                    {
                        let problem = format!("{user} has no access key to sign with: do `create-key` before");
                        return Err((step, problem));
                    }
                }
                Action::Wait { second: Some(second), .. } if *second >= 30 => {
                    return Err((step, "a step has seconds 0 to 29: wait for one of these".to_owned()));
                }
                Action::RenameUser { .. }
                | Action::Call(_)
                | Action::ListDevices { .. }
                | Action::ListVirtualDevices { .. }
                | Action::Wait { .. } => {}
            }
        }
    }
    Ok(())
}

/// Checks that actions can overlap: each makes one call.
fn check_together(actions: &[Action]) -> Result<(), String> {
    if !(2..=MOST_CALLS).contains(&actions.len()) {
        return Err(format!("`together` has {} of them: write 2 to {MOST_CALLS} actions", actions.len()));
    }
    let makes_one_call = |action: &Action| match action {
        Action::RenameUser { .. }
        | Action::DeleteUser { .. }
        | Action::CreateDevice { .. }
        | Action::DeleteDevice { .. }
        | Action::Enable(_)
        | Action::Resync(_)
        | Action::Deactivate(_)
        | Action::ListDevices { max_items: None, .. }
        | Action::ListVirtualDevices { .. } => true,
        Action::CreateUser { .. }
        | Action::RecreateDevice { .. }
        | Action::CreateKey { .. }
        | Action::DeleteKey { .. }
        | Action::Call(_)
        | Action::ListDevices { .. }
        | Action::Wait { .. } => false,
    };
    match actions.iter().find(|action| !makes_one_call(action)) {
        Some(action) => Err(format!("\"{action}\" can't overlap other calls: write it before or after `together`")),
        None => Ok(()),
    }
}

/// The longest value or name, in characters: far more than a service accepts, and far less than fits into memory.
const LONGEST_VALUE: usize = 1_000_000;

/// Checks that an action's values fit into memory.
fn check_lengths(action: &Action) -> Result<(), String> {
    let (names, values): (&[&NameForm], Vec<&Value>) = match action {
        Action::CreateUser { name, .. } | Action::RenameUser { name, .. } | Action::CreateDevice { name, .. } => {
            (&[name], Vec::new())
        }
        Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call) => {
            (&[], [&call.user, &call.device, &call.code1, &call.code2].into_iter().flatten().collect())
        }
        Action::Call(call) => (&[], call.parameters.iter().map(|(_, value)| value).collect()),
        Action::DeleteUser { .. }
        | Action::RecreateDevice { .. }
        | Action::DeleteDevice { .. }
        | Action::CreateKey { .. }
        | Action::DeleteKey { .. }
        | Action::ListDevices { .. }
        | Action::ListVirtualDevices { .. }
        | Action::Wait { .. } => (&[], Vec::new()),
    };
    let long_name = names.iter().any(
        |name| matches!(name, NameForm::Length(length) | NameForm::InPathToArnOf(length) if *length > LONGEST_VALUE),
    );
    if long_name || values.into_iter().any(|value| longest(value) > LONGEST_VALUE) {
        return Err(format!("it sends a value of more than {LONGEST_VALUE} characters: make it shorter"));
    }
    Ok(())
}

/// The greatest length of a value during its edits. Names, serial numbers and codes count as short.
fn longest(value: &Value) -> usize {
    match value {
        Value::UserName(_)
        | Value::FormerName(_)
        | Value::SerialNumber(_)
        | Value::Code(_)
        | Value::WrongCode(..)
        | Value::PopularCode(..) => 0,
        Value::OwnLetters(length) => *length,
        Value::Text(text) => text.len(),
        Value::Repeated(text, times) => text.len().saturating_mul(*times),
        Value::Edited(value, Edit::FitTo(length)) => longest(value).max(*length),
        Value::Edited(value, Edit::Append(text) | Edit::Insert { text, .. } | Edit::Replace { text, .. }) => {
            longest(value).saturating_add(text.len())
        }
        Value::Edited(
            value,
            Edit::Remove { .. } | Edit::OtherCase | Edit::DropLast(_) | Edit::AfterLast(_) | Edit::AddToDigit { .. },
        ) => longest(value),
    }
}

/// The users or devices that a scenario has created so far.
struct Made<R> {
    live: Vec<R>,
    gone: Vec<R>,
}

impl<R> Default for Made<R> {
    fn default() -> Self {
        Self { live: Vec::new(), gone: Vec::new() }
    }
}

impl<R: Copy + PartialEq + fmt::Display> Made<R> {
    fn make(&mut self, one: R, name: &NameForm) -> Result<(), String> {
        if self.live.contains(&one) {
            return Err(format!("{one} is there already: delete it first, or use another number"));
        }
        if *name == NameForm::Again && !self.gone.contains(&one) {
            return Err(format!("{one} was not deleted before, so no name comes again: leave `name` out"));
        }
        self.live.push(one);
        Ok(())
    }

    fn unmake(&mut self, one: &R) {
        self.gone.extend(self.live.iter().find(|live| *live == one));
        self.live.retain(|live| live != one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::MfaCall;

    #[test]
    fn a_scenario_survives_its_file() {
        let (user, device) = (UserRef(1), DeviceRef(1));
        let scenario = Scenario::of(
            "an enabled device is listed",
            vec![
                Action::CreateUser { user, name: super::super::NameForm::Length(64) },
                Action::CreateDevice { device, name: super::super::NameForm::Plain },
                Action::Enable(MfaCall::about(user, device).fresh(device)),
                Action::Resync(MfaCall {
                    code1: Some(Value::WrongCode(device, 3)),
                    code2: Some(Value::code(device, 0).edited(crate::scenario::Edit::Append("\n".into()))),
                    ..MfaCall::about(user, device)
                }),
            ],
        );
        let text = write_scenario(&scenario).unwrap();
        assert!(text.contains("fresh pair of device 1"), "{text}");
        assert_eq!(read_scenario("x.json", &text).unwrap(), scenario);
    }

    #[test]
    fn an_error_names_the_place_and_the_remedy() {
        let problem = |text: &str| read_scenario("bad.json", text).unwrap_err().to_string();
        assert!(problem("{").starts_with("bad.json:1:1: EOF"), "{}", problem("{"));
        assert!(problem(r#"{"name": "x", "steps": [], "cites": ["enable.fresh-pears"]}"#).contains("fresh-pair"));
        let twice = r#"{"name": "x", "steps": [
            {"do": "create-user", "user": "user 1"}, {"do": "create-user", "user": "user 1"}]}"#;
        assert!(problem(twice).contains("step 2: user 1 is there already"));
        let unsigned = r#"{"name": "x", "steps": [{"do": "deactivate", "device": "device 1", "as": "user 1"}]}"#;
        assert!(problem(unsigned).contains("create-key"));
        let deleted = r#"{"name": "x", "steps": [
            {"do": "create-user", "user": "user 1"}, {"do": "create-key", "user": "user 1"},
            {"do": "delete-key", "user": "user 1"}, {"do": "deactivate", "device": "device 1", "as": "user 1"}]}"#;
        assert!(problem(deleted).contains("step 4: user 1 has no access key"), "{}", problem(deleted));
        let nobodys = r#"{"name": "x", "steps": [{"do": "create-key", "user": "user 1"}]}"#;
        assert!(problem(nobodys).contains("create-user"), "{}", problem(nobodys));
        let endless = r#"{"name": "x", "steps": [{"do": "enable", "code1":
            {"edited": {"value": {"repeated": {"text": "12", "times": 9007199254740992}}, "edit": "other-case"}}}]}"#;
        assert!(problem(endless).contains("step 1: it sends a value of more than 1000000 characters"));
        let endless =
            r#"{"name": "x", "steps": [{"do": "create-user", "user": "user 1", "name": {"length": 1000001}}]}"#;
        assert!(problem(endless).contains("step 1: it sends a value of more than"));
        let unknown = r#"{"name": "x", "steps": [{"do": "explode", "user": "user 1"}]}"#;
        assert!(
            problem(unknown).starts_with("bad.json:1:60: unknown variant `explode`, expected one of `create-user`")
        );
        let stray = r#"{"name": "x", "steps": [{"together": [{"do": "create-user", "user": "alice"}]}]}"#;
        assert!(problem(stray).contains("alice"), "{}", problem(stray));
        let again = r#"{"name": "x", "steps": [{"do": "create-user", "user": "user 1", "name": "again"}]}"#;
        assert!(problem(again).contains("user 1 was not deleted before"));
    }
}
