//! One scenario's requests and replies as text.

use std::fmt::Write as _;

use mfa_reference::Operation;

use super::references::{REQUEST_ID, References, form_of_time, kind_of};
use crate::execute::origin::CodeSource;
use crate::execute::{Exchange, Played};
use crate::scenario::{Action, NameForm, Scenario, ScenarioStep, write_scenario};
use crate::wire::{Method, Observed, canonical, escape_for_people};

/// The transcript of a scenario whose names had this prefix, after others with `earlier` prefixes. It leaves out the
/// clean-up, calls that recreate a device, and repeated listings without a change. It also leaves out listings that
/// depend on the oracle's view of a reply, so that a target with sometimes unusable seeds has one transcript.
pub(super) fn transcript(scenario: &Scenario, prefix: &str, earlier: &[String], played: &Played) -> String {
    let mut writer = Writer {
        text: String::new(),
        references: References::new(prefix, earlier),
        said: write_scenario(scenario).unwrap_or_default(),
        made: Vec::new(),
    };
    let mut listed: Vec<(&Exchange, String)> = Vec::new();
    let told = |exchange: &&Exchange| exchange.step.is_some_and(|step| !scenario.recreates_at(step));
    for exchange in played.trace.iter().filter(told) {
        if is_listing(exchange.call.operation) {
            if !exchange.step.is_some_and(|step| is_observed(scenario, step)) {
                continue;
            }
            let said = without_request_id(exchange);
            if listed.iter().any(|(known, told)| known.call.request == exchange.call.request && *told == said) {
                continue;
            }
            listed.push((exchange, said));
        } else {
            listed.clear();
        }
        // Writing to a String doesn't fail.
        let _ = writer.exchange(exchange);
    }
    if let Some(why) = &played.unfinished {
        let why = writer.shown(&why.to_string());
        let _ = writeln!(writer.text, "not played to the end: {why}");
    }
    writer.text
}

/// Whether a listing always follows a step.
fn is_observed(scenario: &Scenario, step: usize) -> bool {
    match scenario.steps.get(step) {
        Some(ScenarioStep::One(Action::CreateDevice { .. } | Action::CreateKey { .. } | Action::DeleteKey { .. })) => {
            false
        }
        Some(ScenarioStep::One(Action::CreateUser { name, .. })) => {
            matches!(name, NameForm::Again | NameForm::FormerNameOf(_))
        }
        Some(_) | None => true,
    }
}

fn is_listing(operation: Operation) -> bool {
    matches!(operation, Operation::ListMfaDevices | Operation::ListVirtualMfaDevices)
}

/// The reply without the request id.
fn without_request_id(exchange: &Exchange) -> String {
    let (status, body) = came(exchange);
    let others = body.lines().filter(|line| leaf(line).is_none_or(|(_, name, _)| kind_of(name) != Some(REQUEST_ID)));
    std::iter::once(status.as_str()).chain(others).collect::<Vec<_>>().join("\n")
}

/// A body that is not XML, without the request id, which changes each time.
fn masked(body: &str) -> String {
    let parts =
        body.split_once("<RequestId>").and_then(|(head, rest)| Some((head, rest.split_once("</RequestId>")?.1)));
    parts.map_or_else(|| body.to_owned(), |(head, tail)| format!("{head}<RequestId>[request id]</RequestId>{tail}"))
}

/// The reply: the status or what is wrong with it, and the body in canonical form.
fn came(exchange: &Exchange) -> (String, String) {
    match &exchange.observed {
        Observed::Reply(reply) => (reply.status.to_string(), reply.envelope.canonical()),
        Observed::Unreadable { status, body, why, .. } => (format!("{status}, {why}"), canonical(&masked(body))),
        Observed::Broken(error) => (error.to_string(), String::new()),
    }
}

struct Writer {
    text: String,
    references: References,
    /// The scenario as a file. Its literal texts are the same in every run.
    said: String,
    /// The names of the created devices. A recreated device has new codes.
    made: Vec<String>,
}

impl Writer {
    fn exchange(&mut self, exchange: &Exchange) -> std::fmt::Result {
        let how = match exchange.call.style.method {
            Method::Get => " by GET",
            Method::Post => "",
        };
        let signer = exchange.signer.as_ref().map(|signer| format!(", signed by {}", self.shown(signer)));
        let action = exchange.call.request.get("Action").unwrap_or_default();
        let action = self.shown(action);
        writeln!(self.text, "{action}{how}{}", signer.unwrap_or_default())?;
        // The reply comes first, since it names new values.
        let (status, body) = came(exchange);
        if exchange.call.operation == Operation::CreateVirtualMfaDevice {
            self.made.extend(exchange.call.request.get("VirtualMFADeviceName").map(str::to_owned));
        }
        for (name, value, origin) in exchange.parameters() {
            if name != "Action" && name != "Version" {
                let value = self.value(name, value, origin.unchanged_code());
                let name = self.shown(name);
                writeln!(self.text, "  {name}={value}")?;
            }
        }
        let status = self.shown(&status);
        writeln!(self.text, "→ {status}")?;
        let lines = body.lines().collect();
        for line in if is_listing(exchange.call.operation) { self.in_order(lines) } else { lines } {
            let line = self.line(line);
            writeln!(self.text, "  {line}")?;
        }
        self.text.push('\n');
        Ok(())
    }

    /// A parameter's value. A code that isn't literal in the scenario differs each time.
    fn value(&mut self, name: &str, value: &str, source: Option<&CodeSource>) -> String {
        if let Some(source) = source {
            // By its source: without a usable seed, substitutes for codes may be equal by chance.
            let made = self.made.iter().filter(|name| source.serial_number.ends_with(name.as_str())).count();
            let whose = format!("step {} of {}, made {made} times", source.step, source.serial_number);
            let reference = self.references.of("code", &whose);
            self.references.also(value, &reference);
            return reference;
        }
        let is_code = name.starts_with("AuthenticationCode") && !value.is_empty();
        if is_code && !self.said.contains(&format!("{value:?}")) {
            let reference = self.references.of("code", value);
            let characters = value.chars().count();
            return if characters == 6 { reference } else { format!("{reference}, {characters} characters") };
        }
        // The run's own letters differ each time.
        let letters = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if letters && self.said.contains("own-letters") && !self.said.contains(&format!("{value:?}")) {
            return format!("{}, {} characters", self.references.of("letters", value), value.len());
        }
        if value.len() > 300 {
            let start: String = value.chars().take(60).collect();
            return format!("{}… ({} bytes)", self.shown(&start), value.len());
        }
        self.shown(value)
    }

    /// A line of a body's canonical form: a tag, or an element with its text.
    fn line(&mut self, line: &str) -> String {
        let Some((indent, element, text)) = leaf(line) else { return self.references.apply(line) };
        let text = if let Some(kind) = kind_of(element) {
            if text.is_empty() { String::new() } else { self.references.of(kind, text) }
        } else if element.ends_with("Date") || element.ends_with("LastUsed") {
            form_of_time(text)
        } else {
            self.learn_account(text);
            self.references.apply(text)
        };
        format!("{indent}<{element}>{text}</{element}>")
    }

    /// Learns the account's number from an ARN.
    fn learn_account(&mut self, text: &str) {
        let mut parts = text.split(':');
        if parts.next() == Some("arn")
            && let Some(account) = parts.nth(3).filter(|account| account.len() >= 6)
        {
            self.references.of("account", account);
        }
    }

    /// The lines of a listing, with its members sorted by serial number: a service may list in any order.
    fn in_order<'l>(&self, lines: Vec<&'l str>) -> Vec<&'l str> {
        let Some(from) = lines.iter().position(|line| line.trim_start() == "<member>") else { return lines };
        let to = lines.iter().rposition(|line| line.trim_start() == "</member>").map_or(lines.len(), |last| last + 1);
        let (Some(before), Some(within), Some(after)) = (lines.get(..from), lines.get(from..to), lines.get(to..))
        else {
            return lines;
        };
        let mut members: Vec<&[&str]> = within.split_inclusive(|line| line.trim_start() == "</member>").collect();
        members.sort_by_key(|member| {
            let serial = member.iter().find_map(|line| leaf(line).filter(|(_, name, _)| *name == "SerialNumber"));
            serial.map(|(_, _, text)| self.references.apply(text))
        });
        [before, &members.concat(), after].concat()
    }

    fn shown(&self, text: &str) -> String {
        self.references.apply(&escape_for_people(text))
    }
}

/// The parts of a line that is an element with only text in it.
fn leaf(line: &str) -> Option<(&str, &str, &str)> {
    let rest = line.trim_start();
    let indent = line.get(..line.len() - rest.len())?;
    let (element, rest) = rest.strip_prefix('<')?.split_once('>')?;
    let text = rest.strip_suffix('>')?.strip_suffix(element)?.strip_suffix("</")?;
    (!text.contains('<')).then_some((indent, element, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_told_in_the_order_of_serial_numbers() {
        let references = References::new("mfac-abcdefgh-e5", &[]);
        let writer = Writer { text: String::new(), references, said: String::new(), made: Vec::new() };
        let body = "<A>\n  <member>\n    <SerialNumber>b</SerialNumber>\n  </member>\n  <member>\n    <SerialNumber>a</SerialNumber>\n  </member>\n</A>";
        let told = writer.in_order(body.lines().collect());
        let serials: Vec<&str> = told.iter().filter_map(|line| leaf(line)).map(|(_, _, text)| text).collect();
        assert_eq!((serials, told.len()), (vec!["a", "b"], body.lines().count()));
        assert_eq!((told.first(), told.last()), (Some(&"<A>"), Some(&"</A>")));
    }

    #[test]
    fn a_reply_that_is_no_xml_is_told_alike_whatever_the_number_of_its_request() {
        let told = |id: &str| {
            let page = "<ErrorResponse><Error><Message>a < b</Message></Error>";
            masked(&format!("{page}<RequestId>{id}</RequestId></ErrorResponse>"))
        };
        assert_eq!(told("0c1e-7a"), told("ffff-00"));
        assert!(canonical(&told("0c1e-7a")).contains("[request id]"), "{}", canonical(&told("0c1e-7a")));
        assert!(told("0c1e-7a").contains("a < b"));
        for without in ["Not Found", "<RequestId>cut", "</RequestId>"] {
            assert_eq!(masked(without), without);
        }
    }

    #[test]
    fn a_line_with_text_alone_is_taken_apart() {
        assert_eq!(leaf("    <UserId>AIDA</UserId>"), Some(("    ", "UserId", "AIDA")));
        assert_eq!(leaf("<MFADevices></MFADevices>"), Some(("", "MFADevices", "")));
        assert_eq!(leaf("  <member>"), None);
        assert_eq!(leaf("no tag"), None);
    }
}
