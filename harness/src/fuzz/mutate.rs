//! Changes a scenario at random. The oracle, not this module, knows what the replies must be.

use mfa_reference::{MfaOperation, RawRequest};

use crate::generate::malformed::{EDITS, TEXTS};
use crate::generate::sequences::Random;
use crate::scenario::{
    Action, DeviceRef, Edit, MOST_CALLS, NameForm, RawCall, Scenario, ScenarioStep, UserRef, Value, check_steps,
};
use crate::wire::{Damage, Escapes, Malformed};

/// The most steps of a scenario.
const MOST_STEPS: usize = 60;

/// The most damages of one request's bytes.
const MOST_DAMAGE: usize = 4;

/// The most tries of a change that makes an invalid scenario.
const TRIES: usize = 8;

/// Bytes that no SDK sends, in hexadecimal digits, and their repetitions: broken escapes, NUL, invalid UTF-8,
/// separators, and more than fits into a field.
const BYTES: &[(&str, usize)] = &[
    ("25", 1),
    ("2525", 1),
    ("257a7a", 1),
    ("2530", 1),
    ("253030", 1),
    ("00", 1),
    ("ff", 1),
    ("c080", 1),
    ("eda080", 1),
    ("253c", 1),
    ("3c", 1),
    ("26", 1),
    ("3d", 1),
    ("2b", 1),
    ("3b", 1),
    ("0d0a", 1),
    ("26557365724e616d653d", 1),
    ("26416374696f6e3d", 1),
    ("41", 65_536),
    ("253431", 21_845),
    ("26413d42", 1_000),
];

const TYPES: &[&str] = &[
    "text/plain",
    "application/json",
    "application/x-www-form-urlencoded; charset=iso-8859-1",
    "application/x-www-form-urlencoded;charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "multipart/form-data; boundary=x",
    "application/xml",
    "a",
    "",
];

const HEADERS: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("x-amz-target", "AWSIdentityManagementV20100508.EnableMFADevice"),
    ("x-http-method-override", "DELETE"),
    ("x-amz-security-token", ""),
    ("cookie", "a=b"),
    ("x-forwarded-host", "example.com"),
    ("content-encoding", "identity"),
    ("accept-language", "xx"),
];

/// A scenario changed one to four times.
pub(super) fn mutated(base: &Scenario, other: &Scenario, random: &mut Random) -> Scenario {
    let mut scenario = without_waits(base);
    for _ in 0..=random.below(4) {
        for _ in 0..TRIES {
            let mut candidate = scenario.clone();
            change(&mut candidate, other, random);
            candidate.steps.truncate(MOST_STEPS);
            if check_steps(&candidate).is_ok() {
                scenario = candidate;
                break;
            }
        }
    }
    scenario
}

/// The scenario without waits. Fuzzing never waits, so a wait would end the scenario.
fn without_waits(scenario: &Scenario) -> Scenario {
    let waits = |scenario_step: &&ScenarioStep| matches!(scenario_step, ScenarioStep::One(Action::Wait { .. }));
    let steps = scenario.steps.iter().filter(|scenario_step| !waits(scenario_step)).cloned().collect();
    Scenario { steps, patient: false, serial: false, cites: Vec::new(), ..scenario.clone() }
}

fn change(scenario: &mut Scenario, other: &Scenario, random: &mut Random) {
    let steps = &mut scenario.steps;
    let at = random.below(steps.len() + 1);
    match random.below(11) {
        0 => {
            if at < steps.len() {
                steps.remove(at);
            }
        }
        1 => {
            if let Some(step) = random.pick(steps).cloned() {
                steps.insert(at, step);
            }
        }
        2 => {
            if let Some(step) = random.pick(&without_waits(other).steps).cloned() {
                steps.insert(at, step);
            }
        }
        3 => {
            let tail = without_waits(other).steps;
            let from = random.below(tail.len() + 1);
            steps.truncate(at);
            steps.extend(tail.into_iter().skip(from));
        }
        4 => {
            let with = random.below(steps.len() + 1);
            if at < steps.len() && with < steps.len() {
                steps.swap(at, with);
            }
        }
        kind @ 5..=8 => {
            if let Some(ScenarioStep::One(action)) = steps.get_mut(at) {
                match kind {
                    5 | 6 => change_call(action, random),
                    7 => change_symbols(action, random),
                    _ => change_name(action, random),
                }
            }
        }
        9 => overlap(steps, at, 2 + random.below(MOST_CALLS - 1)),
        _ => {
            let request = malformed_request(random);
            steps.insert(at, ScenarioStep::One(Action::Call(request)));
        }
    }
}

/// Makes calls overlap that came one after another.
fn overlap(steps: &mut Vec<ScenarioStep>, at: usize, count: usize) {
    if let Some(range) = steps.get(at..at + count) {
        let together = range.iter().flat_map(ScenarioStep::actions).cloned().collect();
        steps.splice(at..at + count, [ScenarioStep::Together { together }]);
    }
}

/// Changes one value of a call, or its encoding.
fn change_call(action: &mut Action, random: &mut Random) {
    if let Action::Call(call) = action {
        change_raw(call, random);
        return;
    }
    let (Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call)) = action else { return };
    let which = random.below(7);
    let slot = match which {
        0 => &mut call.user,
        1 => &mut call.device,
        2 => &mut call.code1,
        3 => &mut call.code2,
        4 => {
            call.get = !call.get;
            return;
        }
        5 => {
            call.reversed = !call.reversed;
            return;
        }
        _ => {
            let ways = [Escapes::Reserved, Escapes::SmallLetters, Escapes::Everything, Escapes::PlusForSpace];
            call.escapes = random.pick(&ways).copied().unwrap_or_default();
            return;
        }
    };
    *slot = match (slot.take(), random.below(5)) {
        (_, 0) => None,
        (_, 1) => random.pick(TEXTS).copied().map(Value::text),
        (Some(Value::Code(code)), 2) => {
            Some(Value::code(code.device, i32::try_from(random.below(9)).unwrap_or_default() - 5))
        }
        (Some(value), 3 | 4) => random.pick(EDITS).map(|edit| value.edited(edit())),
        (value, _) => value,
    };
}

/// Changes the user or device that a call is about.
fn change_symbols(action: &mut Action, random: &mut Random) {
    let (Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call)) = action else { return };
    let number = u8::try_from(1 + random.below(4)).unwrap_or(1);
    match random.below(3) {
        0 => call.user = Some(Value::UserName(UserRef(number))),
        1 => call.device = Some(Value::SerialNumber(DeviceRef(number))),
        _ => *call = call.clone().fresh(DeviceRef(number)),
    }
}

fn change_name(action: &mut Action, random: &mut Random) {
    let (Action::CreateUser { name, .. } | Action::CreateDevice { name, .. }) = action else { return };
    *name = match random.below(5) {
        0 => NameForm::EndingIn("+=,.@-_".to_owned()),
        1 => NameForm::Length(40 + random.below(25)),
        2 => NameForm::InPath("/a/".to_owned()),
        3 => NameForm::Digits,
        _ => NameForm::Plain,
    };
}

/// A request for one of the three operations that no SDK would send. It names the scenario's first user and device, so
/// that it may have an effect.
fn malformed_request(random: &mut Random) -> RawCall {
    let operations = [MfaOperation::Enable, MfaOperation::Resync, MfaOperation::Deactivate];
    let operation = random.pick(&operations).copied().unwrap_or(MfaOperation::Enable);
    let (user, device) = (UserRef(1), DeviceRef(1));
    let named = |name: &str, value| (name.to_owned(), value);
    let mut parameters = vec![
        named("Action", Value::text(operation.operation().name())),
        named("Version", Value::text(RawRequest::VERSION)),
        named("UserName", Value::UserName(user)),
        named("SerialNumber", Value::SerialNumber(device)),
    ];
    if operation != MfaOperation::Deactivate {
        parameters.push(named("AuthenticationCode1", Value::code(device, -1)));
        parameters.push(named("AuthenticationCode2", Value::code(device, 0)));
    }
    if random.chance(4) {
        let again = random.pick(&parameters).cloned();
        parameters.extend(again);
    }
    if random.chance(4) {
        let at = random.below(parameters.len());
        if let Some((_, value)) = parameters.get_mut(at) {
            *value = Value::text("").edited(Edit::Append(String::new()));
        }
    }
    let mut malformed = Malformed::default();
    // Without malformed bytes, the oracle knows the right reply, even for a duplicate or empty parameter.
    for _ in 0..random.below(3) {
        malform(&mut malformed, random);
    }
    RawCall { parameters, get: random.chance(5), malformed }
}

/// Adds one malformation to a request.
fn malform(malformed: &mut Malformed, random: &mut Random) {
    match random.below(6) {
        0 => malformed.content_type = random.pick(TYPES).map(|text| (*text).to_owned()),
        1 => malformed
            .headers
            .extend(random.pick(HEADERS).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))),
        _ => {
            if let Some((insert, times)) = random.pick(BYTES) {
                let (at, remove) = (random.below(240), random.below(3));
                malformed.damage.push(Damage { at, remove, insert: (*insert).to_owned(), times: *times });
            }
        }
    }
}

/// Makes a malformed request more or less malformed, or changes a parameter.
fn change_raw(call: &mut RawCall, random: &mut Random) {
    match random.below(4) {
        0 if !call.malformed.is_nothing() => {
            let damage = random.below(call.malformed.damage.len() + 1);
            if damage < call.malformed.damage.len() {
                call.malformed.damage.remove(damage);
            } else {
                (call.malformed.content_type, call.malformed.headers) = (None, Vec::new());
            }
        }
        1 => {
            let (from, to) = (random.below(call.parameters.len()), random.below(call.parameters.len() + 1));
            if let Some(parameter) = call.parameters.get(from).cloned() {
                call.parameters.insert(to, parameter);
            }
        }
        2 => call.get = !call.get,
        _ if call.malformed.damage.len() < MOST_DAMAGE => malform(&mut call.malformed, random),
        _ => call.malformed.damage.clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::boundary::boundary;
    use crate::generate::sequences::random;
    use crate::scenario::{read_scenario, write_scenario};

    #[test]
    fn every_change_is_a_scenario_that_survives_its_file_and_never_waits() {
        let corpus = boundary();
        let (mut malformed, mut plain) = (0, 0);
        for number in 0..500 {
            let mut random = random("test", 1, number);
            let (base, other) = (random.pick(&corpus).unwrap(), random.pick(&corpus).unwrap());
            let scenario = mutated(base, other, &mut random);
            let text = write_scenario(&scenario).unwrap();
            assert_eq!(read_scenario("mutated", &text).unwrap(), scenario);
            assert!(
                scenario
                    .steps
                    .iter()
                    .all(|scenario_step| !matches!(scenario_step, ScenarioStep::One(Action::Wait { .. })))
            );
            malformed += usize::from(text.contains("\"malformed\""));
            let raw = |scenario_step: &&ScenarioStep| matches!(scenario_step, ScenarioStep::One(Action::Call(call)) if call.malformed.is_nothing());
            plain += scenario.steps.iter().filter(raw).count();
        }
        assert!(malformed > 50 && plain > 20, "{malformed} {plain}");
    }
}
