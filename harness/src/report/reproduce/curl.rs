//! The sequence as curl commands.

use super::bytes::Bytes;
use super::script::{Gives, ReproScript, ScriptCall};
use super::shell::{self, Endpoint, comment, header_demand, header_word, quoted, word};
use crate::report::about::OwnKey;
use crate::report::finding::Finding;
use crate::wire::{Escapes, Method, Space, Style};

/// Prints the kept reply.
const SHOW: &str = r#"printf '%s\n' "$REPLY""#;

/// Percent-encodes the reserved characters of a serial number or name, in small letters.
const SMALL: &str = r#"small() { printf %s "$1" | sed 's/:/%3a/g; s,/,%2f,g; s/+/%2b/g; s/=/%3d/g; s/@/%40/g; s/,/%2c/g'; }
"#;

/// Percent-encodes every byte.
const ALL: &str = r#"all() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F | sed 's/../%&/g'; }
"#;

/// The lines.
pub(super) fn text(script: &ReproScript<'_>, endpoint: &Endpoint<'_>, finding: &Finding) -> String {
    let mut head = match endpoint.access.key {
        OwnKey::Dummy => "KEY=test:test\n",
        OwnKey::Given { .. } => "KEY=${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}\n",
    }
    .to_owned();
    head.push_str(&options(endpoint));
    for (escapes, function) in [(Escapes::SmallLetters, SMALL), (Escapes::Everything, ALL)] {
        if script.calls().any(|call| call.exchange.call.style.escapes == escapes) {
            head.push_str(function);
        }
    }
    shell::script(
        script,
        endpoint,
        finding,
        &head,
        |call| Ok(command(call, script)),
        |command, call| keeping(command, call, script),
    )
}

/// A function that adds options to each call of curl, if it takes any.
fn options(endpoint: &Endpoint<'_>) -> String {
    let headers = &endpoint.access.headers;
    let mut text: String = headers.iter().filter_map(header_demand).collect();
    let ca_file = endpoint.ca_file().map(|file| format!(" --cacert {}", quoted(&file)));
    let words = ca_file.into_iter().chain(headers.iter().map(|header| format!(" -H {}", header_word(header))));
    let words: String = words.collect();
    if !words.is_empty() {
        text.extend([format!("curl() {{ command curl{words} \"$@\"; }}\n")]);
    }
    if endpoint.has_token() {
        text.push_str(&comment(
            "The run signed with a session token, which this form doesn't send: use the boto3 form.",
        ));
    }
    text
}

/// The command, with the shell code that keeps the parts of its reply that later commands need.
fn keeping(command: &str, call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    match call.gives {
        None => format!("{command}\n"),
        Some(Gives::Key(number)) => {
            let number = number + 1;
            let (id, secret) = (element("AccessKeyId"), element("SecretAccessKey"));
            format!("REPLY=$({command}); {SHOW}; KEY_ID{number}={id}; KEY{number}=${{KEY_ID{number}}}:{secret}\n")
        }
        Some(Gives::Device(number)) => match script.devices.get(number) {
            Some(device) if device.serial_needed => {
                format!("REPLY=$({command}); {SHOW}; SERIAL{}={}\n", number + 1, element("SerialNumber"))
            }
            Some(_) | None => format!("{command}\n"),
        },
    }
}

/// A shell expression for the text of an element of the reply.
fn element(name: &str) -> String {
    format!(r#"$(printf '%s\n' "$REPLY" | sed -n 's/.*<{name}>\([^<]*\)<.*/\1/p')"#)
}

fn command(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    let style = call.exchange.call.style;
    let key = call.signer.map_or_else(|| "$KEY".to_owned(), |number| format!("$KEY{}", number + 1));
    if let Some(bytes) = Bytes::of(call.exchange, script) {
        return bytes.curl(&key);
    }
    let method = match style.method {
        Method::Post => "-X POST",
        Method::Get => "-G",
    };
    let mut command = format!("curl -sSi --aws-sigv4 aws:amz:us-east-1:iam --user \"{key}\" {method} \"$ENDPOINT/\"");
    for parameter in &call.parameters {
        let name = encoded(parameter.name, style);
        let filter = match style.escapes {
            Escapes::Reserved | Escapes::PlusForSpace => None,
            Escapes::SmallLetters => Some("small"),
            Escapes::Everything => Some("all"),
        };
        command.push_str(" -d ");
        command.push_str(&word(&format!("{name}="), &parameter.pieces, filter, |text| encoded(text, style)));
    }
    command
}

/// Percent-encodes text for a form in this style, except safe characters that are easier to read unencoded.
fn encoded(text: &str, style: Style) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        match (style.escapes, style.space) {
            (Escapes::Reserved | Escapes::SmallLetters | Escapes::PlusForSpace, _) if unreserved => {
                encoded.push(char::from(byte));
            }
            (Escapes::Reserved | Escapes::PlusForSpace, _) if b":/,@".contains(&byte) => encoded.push(char::from(byte)),
            (_, Space::Plus) if byte == b' ' => encoded.push('+'),
            (Escapes::SmallLetters, _) => encoded.extend([format!("%{byte:02x}")]),
            (Escapes::Reserved | Escapes::Everything | Escapes::PlusForSpace, _) => {
                encoded.extend([format!("%{byte:02X}")]);
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::execute::origin::{Made, Source};
    use crate::report::samples;
    use crate::scenario::Edit;

    /// Runs lines with a fake curl that prints its arguments, and reads the forms from them.
    fn sent(lines: &str) -> Vec<Vec<(String, String)>> {
        let fake = "curl() { for word; do printf '%s\\n' \"$word\" >&2; done; printf '%s\\n' CALL >&2; \
                    printf '<AccessKeyId>AKIA1</AccessKeyId>\\n<SecretAccessKey>s/e+c</SecretAccessKey>\\n'; }\n";
        let output = Command::new("sh").arg("-c").arg(format!("{fake}{lines}")).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let calls = told.split_terminator("CALL\n");
        calls
            .map(|call| {
                let words: Vec<&str> = call.lines().collect();
                let data = words.windows(2).filter(|pair| pair[0] == "-d").map(|pair| pair[1]);
                let form = data.collect::<Vec<_>>().join("&");
                let url = url::Url::parse(&format!("http://localhost/?{form}")).unwrap();
                url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
            })
            .collect()
    }

    #[test]
    fn a_shell_sends_what_the_run_sent_under_new_names() {
        for escapes in [Escapes::Reserved, Escapes::SmallLetters, Escapes::Everything] {
            sends_what_the_run_sent(escapes);
        }
    }

    fn sends_what_the_run_sent(escapes: Escapes) {
        let mut case = samples::nasty_case();
        for exchange in &mut case.trace {
            exchange.call.style.escapes = escapes;
        }
        let script = ReproScript::of(&case);
        let about = samples::about();
        let lines = text(&script, &Endpoint::of(&about), &samples::finding_of(&case));
        let sent = sent(&lines);
        assert_eq!(sent.len(), script.calls().count(), "{lines}");
        let prefix = script.prefix.as_deref().unwrap();
        let new =
            sent[0].iter().find(|(name, _)| name == "UserName").unwrap().1.strip_suffix("-u1").unwrap().to_owned();
        assert_eq!(new.len(), prefix.len());
        assert_ne!(new, prefix);
        for (call, form) in script.calls().zip(&sent) {
            let wanted: Vec<(String, String)> = call
                .exchange
                .call
                .request
                .parameters
                .iter()
                .map(|(name, value)| (name.clone(), value.replace(prefix, &new).replace("AKIAOLD", "AKIA1")))
                .collect();
            assert_eq!(form, &wanted, "{lines}");
        }
    }

    #[test]
    fn a_name_in_capitals_is_made_of_the_new_prefix() {
        let mut case = samples::missing_operation();
        let made = Made::whole(samples::PREFIX, Source::Prefix).then("-u1").edited(&Edit::OtherCase);
        case.trace[0].call.request.parameters[2].1 = made.text;
        case.trace[0].origins[2] = made.origin;
        let script = ReproScript::of(&case);
        let lines = text(&script, &Endpoint::of(&samples::about()), &samples::finding_of(&case));
        let sent = sent(&lines);
        let value = |name| sent[0].iter().find(|(known, _)| known == name).unwrap().1.as_str();
        let prefix = value("SerialNumber").rsplit_once('/').unwrap().1.strip_suffix("-d2").unwrap();
        assert_ne!(prefix, samples::PREFIX);
        assert_eq!(value("UserName"), format!("{}-U1", prefix.to_ascii_uppercase()));
    }

    #[test]
    fn each_call_trusts_the_certificates_and_has_the_headers_that_the_run_had() {
        let case = samples::missing_operation();
        let mut about = samples::about();
        about.target.endpoint = "https://127.0.0.1:5000".to_owned();
        about.access.ca_file = Some("our ca.pem".into());
        about.access.headers = ["X-Team: blue", "X-Api-Key: hush"].map(|text| text.parse().unwrap()).to_vec();
        let lines = text(&ReproScript::of(&case), &Endpoint::of(&about), &samples::finding_of(&case));
        let function = "curl() { command curl --cacert 'our ca.pem' -H 'X-Team: blue' -H \"X-Api-Key: $HEADER_X_API_KEY\" \
                        \"$@\"; }\n";
        assert!(lines.contains(function) && !lines.contains("hush"), "{lines}");
        about.target.endpoint = "http://127.0.0.1:5000".to_owned();
        let lines = text(&ReproScript::of(&case), &Endpoint::of(&about), &samples::finding_of(&case));
        assert!(!lines.contains("--cacert"), "{lines}");
    }

    #[test]
    fn a_line_holds_one_call_and_nothing_that_moves_a_cursor() {
        let case = samples::nasty_case();
        let script = ReproScript::of(&case);
        let lines = text(&script, &Endpoint::of(&samples::about()), &samples::finding_of(&case));
        assert_eq!(lines.lines().filter(|line| line.contains("curl -sSi")).count(), script.calls().count());
        assert!(lines.chars().all(|character| character == '\n' || !crate::wire::is_unseen(character)), "{lines:?}");
        assert!(lines.len() < 6_000, "{lines}");
    }
}
