//! What one scenario sent and what came back, as text.

use std::fmt::Write as _;

use super::references::{References, form_of_time, kind_of};
use crate::execute::{Exchange, Played};
use crate::scenario::{Scenario, write_scenario};
use crate::wire::{Method, Observed, canonical, escape_for_people};

/// The transcript of a scenario that was played with names of this prefix. What was cleaned up afterwards is no part of
/// it.
pub(super) fn transcript(scenario: &Scenario, prefix: &str, played: &Played) -> String {
    let mut writer = Writer {
        text: String::new(),
        references: References::new(prefix),
        said: write_scenario(scenario).unwrap_or_default(),
    };
    for exchange in played.trace.iter().filter(|exchange| exchange.step.is_some()) {
        // Writing to a String doesn't fail.
        let _ = writer.exchange(exchange);
    }
    if let Some(why) = &played.unfinished {
        let why = writer.shown(&why.to_string());
        let _ = writeln!(writer.text, "not played to the end: {why}");
    }
    writer.text
}

struct Writer {
    text: String,
    references: References,
    /// The scenario's file: what it says itself is the same in every run.
    said: String,
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
        // What comes back is read first, for the names of what it gives.
        let came = match &exchange.observed {
            Observed::Reply(reply) => (reply.status.to_string(), canonical(&reply.envelope.body)),
            Observed::Unreadable { status, body, why, .. } => (format!("{status}, {why}"), canonical(body)),
            Observed::Broken(error) => (error.to_string(), String::new()),
        };
        for (name, value) in &exchange.call.request.parameters {
            if name != "Action" && name != "Version" {
                let value = self.value(name, value);
                let name = self.shown(name);
                writeln!(self.text, "  {name}={value}")?;
            }
        }
        let status = self.shown(&came.0);
        writeln!(self.text, "→ {status}")?;
        for line in came.1.lines() {
            let line = self.line(line);
            writeln!(self.text, "  {line}")?;
        }
        self.text.push('\n');
        Ok(())
    }

    /// A parameter's value. A code that the scenario doesn't spell out is another one each time.
    fn value(&mut self, name: &str, value: &str) -> String {
        let is_code = name.starts_with("AuthenticationCode") && !value.is_empty();
        if is_code && !self.said.contains(&format!("{value:?}")) {
            let reference = self.references.of("code", value);
            let characters = value.chars().count();
            return if characters == 6 { reference } else { format!("{reference}, {characters} characters") };
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

    /// The account's number stands in ARNs.
    fn learn_account(&mut self, text: &str) {
        let mut parts = text.split(':');
        if parts.next() == Some("arn")
            && let Some(account) = parts.nth(3).filter(|account| account.len() >= 6)
        {
            self.references.of("account", account);
        }
    }

    fn shown(&self, text: &str) -> String {
        self.references.apply(&escape_for_people(text))
    }
}

/// The parts of a line that is an element with nothing but text in it.
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
    fn a_line_with_text_alone_is_taken_apart() {
        assert_eq!(leaf("    <UserId>AIDA</UserId>"), Some(("    ", "UserId", "AIDA")));
        assert_eq!(leaf("<MFADevices></MFADevices>"), Some(("", "MFADevices", "")));
        assert_eq!(leaf("  <member>"), None);
        assert_eq!(leaf("no tag"), None);
    }
}
