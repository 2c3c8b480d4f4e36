//! Calls at the same time, in Python. Timing decides, so the scenario is repeated until they are answered as in the run.

use mfa_reference::{SuccessBody, UserEntry};

use super::ordinary::ordinary;
use super::python;
use super::script::{ReproScript, ScriptCall};
use crate::wire::{Answer, Observed};

/// How often the scenario is repeated at most.
pub(super) const TRIES: u32 = 50;

/// The line that returns an error, too.
pub(super) const KEEP: &str = "        return error.response\n";

/// The functions of a script on boto3.
const FUNCTIONS: &str = r#"

def together(*calls):
    """Makes calls at the same time and returns their replies."""
    barrier = threading.Barrier(len(calls))

    def released(call):
        barrier.wait()
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(released, calls))


def answer(reply):
    """The code of an error, or "success"; None for what boto3 can't send or read."""
    return reply and reply.get("Error", {}).get("Code", "success")


def listed(reply, part=""):
    """The listed devices whose serial numbers contain this part, each with its user."""
    devices = (reply or {}).get("MFADevices", (reply or {}).get("VirtualMFADevices", []))
    return sorted((device["SerialNumber"], device.get("UserName") or device.get("User", {}).get("UserName", ""))
                  for device in devices if part in device["SerialNumber"])


iam = client()


def shows():
    """Plays the scenario. Returns whether the target answers as in the run."""
"#;

/// The functions and the loop of a script on boto3, around the lines of its scenario.
pub(super) fn scenario(prefix: &str, lines: &str) -> String {
    let indented: Vec<String> = prefix.lines().chain(lines.lines()).map(|line| format!("    {line}\n")).collect();
    let indented = indented.concat();
    format!(
        "{FUNCTIONS}{indented}    return True\n\n\n\
         for number in range(1, {}):\n    \
         if shows():\n        \
         print(\"shown by try\", number)\n        \
         break\nelse:\n    \
         print(\"not shown in {TRIES} tries\")\n",
        TRIES + 1
    )
}

/// The line that makes calls at the same time.
pub(super) fn together(expressions: &[String]) -> String {
    let partial = |expression: &String| format!("functools.partial({}", expression.replacen('(', ", ", 1));
    let calls: Vec<String> = expressions.iter().map(partial).collect();
    format!("replies = together({})\n", calls.join(", "))
}

/// The lines that end a try if overlapping calls are not answered as in the run.
pub(super) fn answered(calls: &[ScriptCall<'_>]) -> String {
    let answers: Vec<String> = calls.iter().map(|call| answer(call, "\"success\"")).collect();
    format!("if [answer(reply) for reply in replies] != [{}]:\n    return False\n", answers.join(", "))
}

/// The answer of the run as an expression.
fn answer(call: &ScriptCall<'_>, success: &str) -> String {
    if ordinary(call).is_err() {
        return "None".to_owned();
    }
    reply(call, success)
}

/// The answer of the run as an expression.
pub(super) fn reply(call: &ScriptCall<'_>, success: &str) -> String {
    match &call.exchange.observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(_) => success.to_owned(),
            Answer::Error { code, .. } => python::string(code),
        },
        Observed::Unreadable { .. } | Observed::Broken(_) => "None".to_owned(),
    }
}

/// The lines that end a try if the last call is not answered as in the run.
pub(super) fn seen(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    let (part, entries): (&str, Vec<(String, String)>) = match call.exchange.body() {
        Some(SuccessBody::MfaDevices(page)) => {
            ("", page.items.iter().map(|item| (item.serial_number.clone(), item.user_name.clone())).collect())
        }
        Some(SuccessBody::VirtualDevices(page)) => {
            let own = page.items.iter().filter(|item| {
                script.prefix.as_ref().is_none_or(|prefix| item.serial_number.contains(prefix.as_str()))
            });
            let user = |user: &'_ Option<UserEntry>| user.as_ref().map(|user| user.user_name.clone());
            (
                if script.prefix.is_some() { "P" } else { "" },
                own.map(|item| (item.serial_number.clone(), user(&item.user).unwrap_or_default())).collect(),
            )
        }
        Some(_) | None => {
            return format!("if answer(reply) != {}:\n    return False\n", answer(call, "\"success\""));
        }
    };
    let entry = |(serial, user): &(String, String)| {
        format!("({}, {})", self::serial(serial, script), python::pieces(&script.pieces_of(user)))
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!(
        "if listed(reply{}{part}) != sorted([{}]):\n    return False\n",
        if part.is_empty() { "" } else { ", " },
        entries.join(", ")
    )
}

/// The serial number of a device, which the script may know from a reply.
pub(super) fn serial(text: &str, script: &ReproScript<'_>) -> String {
    let number = script.device_of(text);
    match number.filter(|number| script.devices.get(*number).is_some_and(|device| device.serial_needed)) {
        Some(number) => format!("serial{}", number + 1),
        None => python::pieces(&script.pieces_of(text)),
    }
}
