//! The sequence as the body of a test for pytest. It uses the functions of `report/pytest/helpers.py`.

use mfa_reference::{MfaDeviceEntry, Operation, SuccessBody};

use super::assertion::{assertion, skipped};
use super::boto3::quoting;
use super::bytes::Bytes;
use super::ordinary::{in_small_letters, ordinary};
use super::overlapping::{self, TRIES};
use super::python;
use super::script::{Gives, Line, Parameter, ReproScript, ScriptCall};
use super::shell::prefix_parts;
use crate::run::result::Case;
use crate::wire::{Answer, Method, Observed};

/// The lines, without indent.
pub(super) fn text(script: &ReproScript<'_>, case: &Case) -> String {
    let mut value = |text: &str| serial(text, script).unwrap_or_else(|| python::pieces(&script.pieces_of(text)));
    if script.overlaps() {
        return overlapping(script);
    }
    let asserted = match assertion(&case.divergence, &mut value) {
        Ok(asserted) => asserted,
        Err(why) => return skipped(why),
    };
    let mut lines: Vec<String> = Vec::new();
    for (index, line) in script.lines.iter().enumerate() {
        match line {
            Line::Wait(seconds) => lines.push(format!("time.sleep({seconds})\n")),
            Line::Call(call) => {
                if call.parameters.iter().any(|parameter| parameter.code.is_some()) {
                    lines.push("steady()\n".to_owned());
                }
                lines.push(format!("reply = {}\n", expression(call, script)));
                lines.extend(kept(call, script));
                if index + 1 < script.lines.len() {
                    lines.extend(premise(call, "return"));
                }
            }
            // Such a script is written above.
            Line::Together(_) => {}
        }
    }
    lines.push(asserted);
    let head = [("iam", "iam = client()\n".to_owned()), ("P", prefix(script))];
    let used = |name: &str, lines: &[String]| lines.iter().any(|line| is_used(name, line));
    let head = head.into_iter().filter(|(name, line)| !line.is_empty() && used(name, &lines)).map(|(_, line)| line);
    head.collect::<String>() + &needed(&lines)
}

/// The lines without those that keep what no later line needs.
fn needed(lines: &[String]) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let name = line.split_once(" = ").map(|(name, _)| name).filter(|name| *name != "reply" && !name.contains(' '));
        let later = lines.get(index + 1..).unwrap_or_default();
        if name.is_none_or(|name| later.iter().any(|line| is_used(name, line))) {
            text.push_str(line);
        }
    }
    text
}

/// The lines of a scenario whose calls overlap. Timing decides, so they are repeated.
fn overlapping(script: &ReproScript<'_>) -> String {
    let mut lines = vec![prefix(script)];
    for (index, line) in script.lines.iter().enumerate() {
        let is_last = index + 1 == script.lines.len();
        match line {
            Line::Wait(seconds) => lines.push(format!("time.sleep({seconds})\n")),
            Line::Call(call) if is_last => {
                lines.push(format!("reply = {}\n", expression(call, script)));
                match call.exchange.body() {
                    Some(SuccessBody::MfaDevices(page)) => {
                        let of = |item: &MfaDeviceEntry| overlapping::serial(&item.serial_number, script);
                        let listed: Vec<String> = page.items.iter().map(of).collect();
                        let listed = listed.join(", ");
                        lines.push(format!(
                            "assert sorted(reply.texts(\"SerialNumber\")) != sorted([{listed}]), reply\n"
                        ));
                    }
                    Some(SuccessBody::VirtualDevices(_)) => {
                        return skipped("it takes the state of the whole account");
                    }
                    Some(_) | None => {
                        let answer = overlapping::reply(call, "True");
                        lines.push(format!("assert (reply.is_success() or reply.code) != {answer}, reply\n"));
                    }
                }
            }
            Line::Call(call) => {
                lines.push(format!("reply = {}\n", expression(call, script)));
                lines.extend(kept(call, script));
                lines.extend(premise(call, "continue"));
            }
            Line::Together(calls) => {
                if calls.iter().flat_map(|call| &call.parameters).any(|parameter| parameter.code.is_some()) {
                    lines.push("steady()\n".to_owned());
                }
                // A client keeps the replies of one call at a time.
                let own = |call| expression(call, script).replacen("call(iam.", "call(client().", 1);
                let expressions: Vec<String> = calls.iter().map(own).collect();
                lines.push(overlapping::together(&expressions));
                let answers: Vec<String> = calls.iter().map(|call| overlapping::reply(call, "True")).collect();
                let (came, answers) = ("[reply.is_success() or reply.code for reply in replies]", answers.join(", "));
                lines.push(if is_last {
                    format!("assert {came} != [{answers}], replies\n")
                } else {
                    format!("if {came} != [{answers}]:\n    continue\n")
                });
                for (index, call) in calls.iter().enumerate().filter(|(_, call)| call.creates.is_some()) {
                    lines.push(format!("reply = replies[{index}]\n"));
                    lines.extend(kept(call, script));
                }
            }
        }
    }
    let iam = if lines.iter().any(|line| is_used("iam", line)) { "iam = client()\n" } else { "" };
    let lines = needed(&lines);
    let indented: Vec<String> = lines.lines().map(|line| format!("    {line}\n")).collect();
    let indented = indented.concat();
    format!("{iam}for _ in range({TRIES}):  # Timing decides.\n{indented}")
}

fn prefix(script: &ReproScript<'_>) -> String {
    let Some(of_the_run) = &script.prefix else { return String::new() };
    let (letters, digits) = prefix_parts(of_the_run);
    format!("P = prefix({}, {digits})\n", python::string(&letters))
}

/// Whether a line uses a variable.
fn is_used(name: &str, line: &str) -> bool {
    let is_part = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric() || "_\"-".contains(sign));
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}

/// The call as an expression.
fn expression(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    let key = call.signer.map(|number| format!("key{}", number + 1));
    if let Some(bytes) = Bytes::of(call.exchange, script) {
        return bytes.python(key.as_deref()).trim_end().to_owned();
    }
    let Ok((operation, parameters)) = ordinary(call) else { return raw(call, script, key.as_deref()) };
    let client = key.map_or_else(|| "iam".to_owned(), |key| format!("client({key})"));
    let named = parameters.iter().map(|parameter| format!(", {}={}", parameter.name, value_of(parameter, script)));
    format!("call({client}.{}{})", in_small_letters(operation.name(), '_'), named.collect::<String>())
}

/// The serial number of a device of the test, if the text of the run is one. Its account may be another one here.
fn serial(text: &str, script: &ReproScript<'_>) -> Option<String> {
    script.device_of(text).map(|number| format!("serial{}", number + 1))
}

fn value_of(parameter: &Parameter<'_>, script: &ReproScript<'_>) -> String {
    match parameter.code {
        Some((number, source)) => python::code(number, source),
        None => serial(parameter.text, script).unwrap_or_else(|| python::pieces(&parameter.pieces)),
    }
}

fn raw(call: &ScriptCall<'_>, script: &ReproScript<'_>, key: Option<&str>) -> String {
    let pairs = call
        .parameters
        .iter()
        .map(|parameter| format!("({}, {})", python::string(parameter.name), value_of(parameter, script)));
    let method = if call.exchange.call.style.method == Method::Get { ", method=\"GET\"" } else { "" };
    let key = key.map_or_else(String::new, |key| format!(", key={key}"));
    let quote = quoting(call.exchange.call.style);
    format!("raw([{}]{method}{key}{quote})", pairs.collect::<Vec<_>>().join(", "))
}

/// The line that ends the test if a call is not answered as in the run, so that nothing is demanded of what follows.
fn premise(call: &ScriptCall<'_>, end: &str) -> Option<String> {
    let Observed::Reply(reply) = &call.exchange.observed else { return None };
    Some(match (&reply.answer, call.creates) {
        (Answer::Success(_), Some(_)) => "assert reply.is_success(), reply\n".to_owned(),
        (Answer::Success(_), None) if call.exchange.call.operation == Operation::CreateUser => {
            "assert reply.is_success(), reply\n".to_owned()
        }
        (Answer::Success(_), None) => {
            format!("if not reply.is_success():\n    {end}  # The rest is about a success.\n")
        }
        (Answer::Error { .. }, _) => format!("if reply.is_success():\n    {end}  # The rest is about a refusal.\n"),
    })
}

/// The lines that keep what later calls may need of the reply.
fn kept(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> Vec<String> {
    match call.creates {
        None => Vec::new(),
        Some(Gives::Key(number)) => vec![format!("key{} = reply.key()\n", number + 1)],
        Some(Gives::Device(number)) => {
            let created = number + 1;
            let mut lines = vec![
                format!("serial{created} = reply.text(\"SerialNumber\")\n"),
                format!("seed{created} = reply.seed()\n"),
            ];
            if let Some((step, digits)) = script.devices.get(number).and_then(|device| device.begins_with.as_ref()) {
                lines.push(format!(
                    "while not code(seed{created}, {step}).startswith(\"{digits}\"):\n    \
                     call(iam.delete_virtual_mfa_device, SerialNumber=serial{created})\n    \
                     reply = {}\n    serial{created} = reply.text(\"SerialNumber\")\n    \
                     seed{created} = reply.seed()\n",
                    expression(call, script)
                ));
            }
            lines
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_test_of_a_finding_reads_so() {
        insta::assert_snapshot!(text(&ReproScript::of(&samples::wrong_listing()), &samples::wrong_listing()));
    }

    #[test]
    fn every_case_of_the_samples_asserts_something_and_keeps_only_what_it_needs() {
        for case in samples::cases() {
            let text = text(&ReproScript::of(&case), &case);
            assert!(text.lines().last().unwrap().trim_start().starts_with("assert "), "{text}");
            for name in ["serial1", "seed1", "key1", "P", "iam"] {
                let uses = text.lines().filter(|line| is_used(name, line)).count();
                assert_ne!(uses, 1, "{name} is set and not used, or the other way round, in {text}");
            }
        }
    }

    #[test]
    fn a_name_in_a_text_is_not_a_variable() {
        assert!(is_used("P", "x = P + \"-u1\"") && is_used("key1", "client(key1).get_user"));
        assert!(!is_used("P", "assert \"P\" in PATH") && !is_used("key1", "key11 = reply.key()"));
    }
}
