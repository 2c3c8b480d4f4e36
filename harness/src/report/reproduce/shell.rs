//! Words of a POSIX shell.

use super::script::{Line, ReproScript, ScriptCall};
use super::text::Piece;
use crate::report::about::{About, Access, OwnKey};
use crate::report::finding::Finding;
use crate::transport::http::ExtraHeader;

/// Where the sequence is sent, and what that takes.
pub(super) struct Endpoint<'a> {
    /// The URL.
    pub(super) url: String,
    /// The target to start there first, if the run started and stopped it.
    pub(super) to_start: Option<String>,
    /// What else it takes to reach it.
    pub(super) access: &'a Access,
}

impl<'a> Endpoint<'a> {
    pub(super) fn of(about: &'a About) -> Self {
        let mut options = about.target_option.split_whitespace();
        let command = match (options.next(), options.next()) {
            (Some("--endpoint-url"), _) => None,
            (Some("--target"), Some(name)) => Some(format!("mfa-conformance targets start {name}")),
            _ => Some("mfa-conformance serve".to_owned()),
        };
        let to_start = command
            .map(|command| format!("Start the service, for example with `{command}`, and set ENDPOINT to its URL."));
        let url = about.target.endpoint.trim_end_matches('/').to_owned();
        Self { url, to_start, access: &about.access }
    }

    /// The lines that set `ENDPOINT`, and say what else has to be set.
    pub(super) fn assignment(&self) -> String {
        let remarks = self.to_start.iter().cloned().chain(self.key_remark()).map(|remark| comment(&remark));
        format!("{}ENDPOINT=${{ENDPOINT:-{}}}\n", remarks.collect::<String>(), quoted(&self.url))
    }

    /// How to get the run's own key, if a profile has it.
    pub(super) fn key_remark(&self) -> Option<String> {
        let OwnKey::Given { profile: Some(name), .. } = &self.access.key else { return None };
        let name = quoted(name);
        Some(format!(
            "The run signed with the profile {name}: `eval \"$(aws configure export-credentials --profile {name} \
             --format env)\"` sets its keys here."
        ))
    }

    /// The file of certificates to trust, for an endpoint that needs it.
    pub(super) fn ca_file(&self) -> Option<String> {
        let file = self.access.ca_file.as_ref().filter(|_| self.url.starts_with("https:"))?;
        Some(file.display().to_string())
    }

    /// Whether a session token belongs to the run's own key.
    pub(super) const fn has_token(&self) -> bool {
        matches!(self.access.key, OwnKey::Given { has_token: true, .. })
    }
}

/// A header as one word, with its value from the environment if that may be a secret.
pub(crate) fn header_word(header: &ExtraHeader) -> String {
    if header.is_secret() {
        return format!("\"{}: ${}\"", header.name(), header.variable());
    }
    quoted(&format!("{}: {}", header.name(), header.value()))
}

/// A line that ends the script unless the value of a secret header is set.
pub(super) fn header_demand(header: &ExtraHeader) -> Option<String> {
    let (variable, name) = (header.variable(), header.name());
    header.is_secret().then(|| format!(": \"${{{variable}:?set it to the value of the header {name}}}\"\n"))
}

/// A script for a POSIX shell: the endpoint, the lines that set the run's own key, the calls, and what they showed.
/// `command` makes a command, or the comment in its place. `keeping` makes the line that keeps what it prints.
pub(super) fn script(
    script: &ReproScript<'_>,
    endpoint: &Endpoint<'_>,
    finding: &Finding,
    own_key: &str,
    command: impl Fn(&ScriptCall<'_>) -> Result<String, String>,
    keeping: impl Fn(&str, &ScriptCall<'_>) -> String,
) -> String {
    let mut text = endpoint.assignment() + own_key;
    if let Some(of_the_run) = &script.prefix {
        text.push_str(&prefix(of_the_run));
        if script.has_capitals() {
            text.push_str("C=$(printf %s \"$P\" | tr a-z A-Z)\n");
        }
    }
    if script.has_codes() {
        text.push_str(&comment(
            "The codes are those that the run sent. A target that looks at codes wants new ones: use the boto3 form there.",
        ));
    }
    text.extend(script.lines.iter().map(|line| match line {
        Line::Wait(seconds) => format!("sleep {seconds}\n"),
        Line::Call(call) => command(call).map_or_else(|comment| comment, |command| keeping(&command, call)),
        Line::Together(calls) => together(calls, &command, &keeping),
    }));
    text + &remarks(script, finding)
}

/// Lines that make calls at the same time and then print their replies.
fn together(
    calls: &[ScriptCall<'_>],
    command: impl Fn(&ScriptCall<'_>) -> Result<String, String>,
    keeping: impl Fn(&str, &ScriptCall<'_>) -> String,
) -> String {
    let mut sent = comment("These calls overlap. Timing decides: run it again if it doesn't show.");
    sent.push_str("T=$(mktemp -d)\n");
    let mut printed = String::new();
    for (index, call) in calls.iter().enumerate() {
        let file = format!("\"$T/{}\"", index + 1);
        match command(call) {
            Ok(command) => {
                sent.extend([format!("{{ {command}; }} >{file} 2>&1 &\n")]);
                printed.push_str(&keeping(&format!("cat {file}"), call));
            }
            Err(comment) => sent.push_str(&comment),
        }
    }
    format!("{sent}wait\n{printed}rm -r \"$T\"\n")
}

/// The line that sets `P`, a new prefix for each run of the script. It is as long as the run's own prefix, because
/// the finding may depend on lengths.
fn prefix(of_the_run: &str) -> String {
    let (head, digits) = prefix_parts(of_the_run);
    // `$RANDOM` is empty in a plain sh, and two scripts may begin in the same second.
    format!("P={head}$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n' | head -c {digits})\n")
}

/// The fewest and the most random hexadecimal digits of a prefix.
const DIGITS: [usize; 2] = [8, 12];

/// The beginning of all names of this program, so that `cleanup` finds them.
const OWN: &str = "mfac-";

/// The letters of the prefix, and how many random digits follow.
pub(super) fn prefix_parts(of_the_run: &str) -> (String, usize) {
    let length = of_the_run.chars().count();
    let [fewest, most] = DIGITS;
    let digits = length.saturating_sub(OWN.len()).clamp(length.min(fewest), most);
    let head = "mfac-repro-".chars().chain(std::iter::repeat('0')).take(length - digits).collect();
    (head, digits)
}

/// Any text without NUL as one word.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Pieces as one word. `encode` encodes a text for the word's context. `filter` names the shell function that does so
/// for a variable.
pub(super) fn word(before: &str, pieces: &[Piece], filter: Option<&str>, encode: impl Fn(&str) -> String) -> String {
    let variable = |name: String| match filter {
        Some(filter) => Part::Expression(format!("$({filter} \"${name}\")")),
        None => Part::Variable(name),
    };
    let mut parts: Vec<Part> = vec![Part::Text(before.to_owned())];
    for piece in pieces {
        parts.push(match piece {
            Piece::Text(text) => Part::Text(encode(text)),
            Piece::Prefix => variable("P".to_owned()),
            Piece::Capitals => variable("C".to_owned()),
            Piece::Serial(number) => variable(format!("SERIAL{}", number + 1)),
            Piece::KeyId(number) => variable(format!("KEY_ID{}", number + 1)),
            Piece::Repeated(text, times) => Part::Expression(repetition(&encode(text), *times)),
        });
    }
    join(&parts)
}

/// A part of a word.
enum Part {
    Text(String),
    Variable(String),
    Expression(String),
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(_) | Self::Expression(_) => None,
        }
    }
}

/// Joins parts to one word. Text that needs no escape in double quotes shares them with the variables. Other text gets
/// its own single quotes.
fn join(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().filter_map(Part::text).collect();
    if texts.len() == parts.len() {
        return quoted(&texts.concat());
    }
    let mut word = String::new();
    let mut open = false;
    for (index, part) in parts.iter().enumerate() {
        let apart = part.text().is_some_and(|text| text.contains(['"', '\\', '$', '`', '!']));
        if open == apart {
            word.push('"');
            open = !apart;
        }
        match part {
            Part::Text(text) if apart => word.push_str(&quoted(text)),
            Part::Text(text) | Part::Expression(text) => word.push_str(text),
            Part::Variable(name) => {
                let next = parts.get(index + 1).and_then(Part::text).and_then(|text| text.chars().next());
                let runs_on = next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_');
                let [before, after] = if runs_on { ["${", "}"] } else { ["$", ""] };
                word.extend([before, name.as_str(), after]);
            }
        }
    }
    if open {
        word.push('"');
    }
    word
}

/// An expression that prints a text `times` times.
fn repetition(text: &str, times: usize) -> String {
    let format = text.replace('\\', r"\\").replace('%', "%%").replace('\'', r"'\''");
    format!("$(printf '{format}%.0s' $(seq {times}))")
}

/// Comments on the expected and the observed reply, with the new names.
fn remarks(script: &ReproScript<'_>, finding: &Finding) -> String {
    let told = |summary: &str| -> String {
        let pieces = script.pieces_of(summary);
        pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.as_str() } else { "$P" }).collect()
    };
    comment(&format!("expected: {}", told(&finding.expected.summary)))
        + &comment(&format!("observed: {}", told(&finding.observed.summary)))
}

/// The text as the rest of a comment line.
pub(super) fn comment(text: &str) -> String {
    format!("# {}\n", text.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::report::samples;

    fn run(script: &str) -> String {
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn any_text_survives_the_shell() {
        for text in
            ["", "Bob", "it's", "a b", "$HOME `id` \"x\" \\", "a\nb\t", "~/*?[x]", "-n", "#x", "é漢\u{202e}", "!!"]
        {
            assert_eq!(run(&format!("printf '%s' {}", quoted(text))), text);
            let pieces = [Piece::Prefix, Piece::Text(text.to_owned()), Piece::Prefix];
            let word = word("n=", &pieces, None, str::to_owned);
            assert_eq!(run(&format!("P=mfac; printf '%s' {word}")), format!("n=mfac{text}mfac"), "{word}");
        }
    }

    #[test]
    fn a_repetition_survives_the_shell() {
        for repeated in ["a", "%0A", "it's", "\\n", "é"] {
            let word = word("n=", &[Piece::Repeated(repeated.to_owned(), 200)], None, str::to_owned);
            assert_eq!(run(&format!("printf '%s' {word}")), format!("n={}", repeated.repeat(200)), "{word}");
        }
    }

    #[test]
    fn a_new_prefix_is_as_long_as_the_one_of_the_run() {
        for old in ["m", "mfac-t", "mfac-0123", "mfac-01234", "mfac-8f3a-r12-7", "mfac-a-much-longer-prefix-of-a-run"] {
            let new = run(&format!("{}printf '%s' \"$P\"", prefix(old)));
            assert_eq!(new.len(), old.len(), "{new}");
            assert!(new.ends_with(|last: char| last.is_ascii_hexdigit()));
            let another = run(&format!("{}printf '%s' \"$P\"", prefix(old)));
            assert!(new != another || old.len() < 8, "two scripts in the same second both make {new}");
        }
    }

    #[test]
    fn a_script_goes_to_another_endpoint_when_told_and_says_what_to_start() {
        let about = |target_option: &str| About { target_option: target_option.to_owned(), ..samples::about() };
        for (option, command) in [
            ("--endpoint-url http://127.0.0.1:5000 --rate-limit 3", None),
            ("--target moto --rate-limit 3", Some("`mfa-conformance targets start moto`")),
            ("--rate-limit 3", Some("`mfa-conformance serve`")),
            ("", Some("`mfa-conformance serve`")),
        ] {
            let about = about(option);
            let lines = Endpoint::of(&about).assignment();
            assert_eq!(command.is_some(), lines.starts_with("# Start"), "{lines}");
            assert!(lines.contains(command.unwrap_or_default()), "{lines}");
            assert_eq!(run(&format!("unset ENDPOINT\n{lines}echo $ENDPOINT")), "http://127.0.0.1:5000\n");
            assert_eq!(run(&format!("ENDPOINT=http://new\n{lines}echo $ENDPOINT")), "http://new\n");
        }
    }

    #[test]
    fn a_secret_header_stays_in_the_environment() {
        let header = |text: &str| text.parse::<ExtraHeader>().unwrap();
        assert_eq!(header_word(&header("X-Team: it's $HOME")), r"'X-Team: it'\''s $HOME'");
        let secret = header("X-Api-Key: hush");
        let line = format!("HEADER_X_API_KEY='a b'; printf %s {}", header_word(&secret));
        assert_eq!(run(&line), "X-Api-Key: a b");
        let demand = header_demand(&secret).unwrap();
        assert!(!demand.contains("hush"), "{demand}");
        assert_eq!(run(&format!("{demand}echo on")), "");
        assert_eq!(run(&format!("HEADER_X_API_KEY=x\n{demand}echo on")), "on\n");
        assert_eq!(header_demand(&header("X-Team: blue")), None);
    }

    #[test]
    fn a_comment_stays_on_its_line() {
        assert_eq!(run(&comment("a\necho b\recho c")), "");
    }
}
