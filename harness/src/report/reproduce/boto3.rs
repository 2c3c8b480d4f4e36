//! The sequence as a Python script on boto3.

use super::boto3_client::{access, adapted, client};
use super::bytes::{Bytes, SEND};
use super::ordinary::{in_small_letters, ordinary};
use super::overlapping;
use super::python;
use super::script::{Gives, Line, Parameter, ReproScript, ScriptCall};
use super::shell::{Endpoint, prefix_parts};
use crate::report::finding::Finding;
use crate::wire::{Escapes, Method, Space, Style};

/// The largest difference that `Date` may show between equal clocks, in milliseconds: it has whole seconds.
const NEGLIGIBLE_SKEW_MS: u64 = 1_500;

/// The script.
pub(super) fn text(script: &ReproScript<'_>, endpoint: &Endpoint<'_>, finding: &Finding, skew_ms: i64) -> String {
    let malformed = script.calls().any(|call| call.exchange.malformed.is_some());
    let raw = script.calls().any(|call| call.exchange.malformed.is_none() && ordinary(call).is_err());
    let mut text = head(script, endpoint, raw, malformed);
    if script.has_codes() {
        text.push_str(&CODE.replace("NOW", &now(skew_ms)));
    }
    text.push_str(&client(endpoint));
    text.push_str(&SHOW.replace("KEEP", if script.overlaps() { overlapping::KEEP } else { "" }));
    if raw {
        text.push_str(&adapted(RAW, endpoint));
        for (escapes, function) in [(Escapes::SmallLetters, SMALL), (Escapes::Everything, ALL)] {
            if script.calls().any(|call| call.exchange.call.style.escapes == escapes) {
                text.push_str(function);
            }
        }
    }
    if malformed {
        text.push_str(&adapted(SEND, endpoint));
    }
    if script.overlaps() {
        text.push_str(&overlapping::scenario(&prefix(script), &lines(script)));
        text.push_str(&tail(script, finding));
        return text;
    }
    text.push_str("\n\niam = client()\n");
    text.push_str(&lines(script));
    text.push_str(&tail(script, finding));
    text
}

fn lines(script: &ReproScript<'_>) -> String {
    let mut text = String::new();
    for (index, line) in script.lines.iter().enumerate() {
        match line {
            Line::Wait(seconds) => text.extend([format!("time.sleep({seconds})\n")]),
            Line::Call(call) if script.overlaps() && index + 1 == script.lines.len() => {
                text.extend([format!("reply = {}\n{}", expression(call, script), overlapping::seen(call, script))]);
            }
            Line::Call(call) => text.push_str(&keeping(&expression(call, script), call, script)),
            Line::Together(calls) => {
                let expressions: Vec<String> = calls.iter().map(|call| expression(call, script)).collect();
                text.push_str(&overlapping::together(&expressions));
                text.push_str(&overlapping::answered(calls));
                let kept = calls.iter().enumerate().filter(|(_, call)| call.gives.is_some());
                text.extend(kept.map(|(index, call)| keeping(&format!("replies[{index}]"), call, script)));
            }
        }
    }
    text
}

fn head(script: &ReproScript<'_>, endpoint: &Endpoint<'_>, raw: bool, malformed: bool) -> String {
    let mut modules = vec!["os", "time"];
    if script.overlaps() {
        modules.extend(["concurrent.futures", "functools", "threading"]);
    }
    if script.prefix.is_some() {
        modules.push("uuid");
    }
    if malformed {
        modules.push("http.client");
        if endpoint.ca_file().is_some() {
            modules.push("ssl");
        }
    }
    if script.has_codes() {
        modules.extend(["base64", "hashlib", "hmac", "struct"]);
    }
    if raw || malformed {
        modules.push("urllib.parse");
    }
    modules.sort_unstable();
    let imports: Vec<String> = modules.iter().map(|module| format!("import {module}\n")).collect();
    let mut head = imports.concat();
    head.push_str("\nimport boto3\nfrom botocore.config import Config\nfrom botocore.exceptions import ClientError\n");
    if raw || malformed {
        head.push_str(
            "from botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\n\
             from botocore.credentials import Credentials\n",
        );
    }
    if raw {
        head.push_str("from botocore.httpsession import URLLib3Session\n");
    }
    head.push('\n');
    let url = python::string(&endpoint.url);
    let remarks = endpoint.to_start.iter().cloned().chain(endpoint.key_remark());
    head.extend(remarks.map(|remark| format!("# {remark}\n")));
    head.extend([format!("ENDPOINT = os.environ.get(\"ENDPOINT\", {url})\n")]);
    head.push_str(&access(endpoint));
    if !script.overlaps() {
        head.push_str(&prefix(script));
    }
    head
}

/// The line that makes the prefix of all names.
fn prefix(script: &ReproScript<'_>) -> String {
    script.prefix.as_ref().map_or_else(String::new, |prefix| {
        let (letters, digits) = prefix_parts(prefix);
        format!("P = {} + uuid.uuid4().hex[:{digits}]\n", python::string(&letters))
    })
}

/// An expression for the time of the target's clock, in whole seconds.
fn now(skew_ms: i64) -> String {
    if skew_ms.unsigned_abs() <= NEGLIGIBLE_SKEW_MS {
        "int(time.time())".to_owned()
    } else {
        format!("int(time.time() {:+})", skew_ms.div_euclid(1_000))
    }
}

const CODE: &str = r#"

def code(seed, step):
    """The code of a base32 seed (RFC 6238); step 0 is the current one."""
    counter = struct.pack(">Q", NOW // 30 + step)
    digest = hmac.new(base64.b32decode(seed + b"=" * (-len(seed) % 8), casefold=True), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"
"#;

const SHOW: &str = r#"

def show(call, **parameters):
    try:
        reply = call(**parameters)
    except ClientError as error:
        print(call.__name__, error.response["ResponseMetadata"]["HTTPStatusCode"], ascii(error.response["Error"]))
KEEP    except Exception as error:
        print(call.__name__, "has no reply that boto3 can read:", ascii(str(error)[:300]))
    else:
        print(call.__name__, reply["ResponseMetadata"]["HTTPStatusCode"], ascii({k: v for k, v in reply.items() if k != "ResponseMetadata"}))
        return reply
"#;

const RAW: &str = r#"

def quote(text):
    return urllib.parse.quote(text, safe="")


def raw(parameters, method="POST", key=OWN_KEY, quote=quote):
    """Sends what boto3 has no way to send."""
    form = "&".join(urllib.parse.quote(name, safe="") + "=" + quote(value) for name, value in parameters)
    request = AWSRequest(
        method=method, url=ENDPOINT + "/" + ("?" + form if method == "GET" else ""), data=form if method == "POST" else None,
        headers={"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {})
    SigV4Auth(Credentials(*key), "iam", "us-east-1").add_auth(request)
UPDATE    reply = URLLib3Session(VERIFY).send(request.prepare())
    print("raw", reply.status_code, ascii(reply.text[:600]))
"#;

/// Functions that escape values differently from boto3.
const SMALL: &str = r#"

def small(text):
    return "".join(one if quote(one) == one else quote(one).lower() for one in text)
"#;

const ALL: &str = r#"

def everything(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())
"#;

/// The call as an expression.
fn expression(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    let key = call.signer.map(|number| format!("key{}", number + 1));
    if let Some(bytes) = Bytes::of(call.exchange, script) {
        return bytes.python(key.as_deref()).trim_end().to_owned();
    }
    let Ok((operation, parameters)) = ordinary(call) else { return raw_line(call, key.as_deref()) };
    let mut line = format!("show({}.{}", client_of(call), in_small_letters(operation.name(), '_'));
    for parameter in parameters {
        line.extend([format!(", {}={}", parameter.name, value(parameter))]);
    }
    line.push(')');
    line
}

/// The client that makes a call, as an expression.
fn client_of(call: &ScriptCall<'_>) -> String {
    call.signer.map_or_else(|| "iam".to_owned(), |number| format!("client(key{})", number + 1))
}

/// The line of an expression, and the lines that keep the parts of its reply that later calls need.
fn keeping(line: &str, call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    match call.gives {
        None => format!("{line}\n"),
        Some(Gives::Key(number)) => {
            let key = number + 1;
            format!(
                "reply = {line}\nkey{key} = (reply[\"AccessKey\"][\"AccessKeyId\"], reply[\"AccessKey\"][\"SecretAccessKey\"])\n"
            )
        }
        Some(Gives::Device(number)) => {
            let mut lines = format!("reply = {line}\n");
            let device = script.devices.get(number);
            if device.is_some_and(|device| device.serial_needed) {
                lines.extend([format!("serial{} = reply[\"VirtualMFADevice\"][\"SerialNumber\"]\n", number + 1)]);
            }
            if let Some(encoding) = device.filter(|device| device.seed_needed).and_then(|device| device.seed) {
                lines.extend([format!("seed{} = {}\n", number + 1, python::seed(encoding))]);
                if let Some((step, digits)) = device.and_then(|device| device.begins_with.as_ref()) {
                    let serial = "reply[\"VirtualMFADevice\"][\"SerialNumber\"]";
                    let again = lines.replace('\n', "\n    ");
                    lines.extend([
                        format!("while not code(seed{}, {step}).startswith(\"{digits}\"):\n", number + 1),
                        format!("    show({}.delete_virtual_mfa_device, SerialNumber={serial})\n", client_of(call)),
                        format!("    {}\n", again.trim_end()),
                    ]);
                }
            }
            lines
        }
    }
}

fn raw_line(call: &ScriptCall<'_>, key: Option<&str>) -> String {
    let pairs: Vec<String> = call
        .parameters
        .iter()
        .map(|parameter| format!("({}, {})", python::string(parameter.name), value(parameter)))
        .collect();
    let style = call.exchange.call.style;
    let mut line = format!("raw([{}]", pairs.join(", "));
    if style.method == Method::Get {
        line.push_str(", method=\"GET\"");
    }
    if let Some(key) = key {
        line.extend([format!(", key={key}")]);
    }
    line + quoting(style) + ")"
}

/// The argument that says how values are percent-encoded, if they are not as usual.
pub(super) const fn quoting(style: Style) -> &'static str {
    match (style.escapes, style.space) {
        (Escapes::Reserved, Space::Percent) => "",
        (Escapes::Reserved, Space::Plus) | (Escapes::PlusForSpace, _) => ", quote=urllib.parse.quote_plus",
        (Escapes::SmallLetters, _) => ", quote=small",
        (Escapes::Everything, _) => ", quote=everything",
    }
}

fn value(parameter: &Parameter<'_>) -> String {
    match parameter.code {
        Some((number, source)) => python::code(number, source),
        None => python::pieces(&parameter.pieces),
    }
}

fn tail(script: &ReproScript<'_>, finding: &Finding) -> String {
    let source = &finding.source;
    let summaries = [("the run saw: ", &finding.observed.summary), ("expected:    ", &finding.expected.summary)];
    let printed = summaries.map(|(label, summary)| {
        let told = script.pieces_of(&format!("{label}{summary}"));
        format!("print({})\n", python::pieces(&told))
    });
    let mut lines = vec![
        format!("{} ({}): {}", finding.clause, finding.stance, finding.requires),
        format!("{}, {}", source.document, source.section),
    ];
    lines.extend(source.quote.iter().map(|quote| format!("  {quote}")));
    let cited: Vec<String> = lines.iter().map(|line| format!("print({})\n", python::string(line))).collect();
    format!("\n{}{}", printed.concat(), cited.concat())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::report::about::OwnKey;
    use crate::report::{About, samples};

    fn script(case: &crate::run::result::Case) -> String {
        script_of(case, &samples::about())
    }

    fn script_of(case: &crate::run::result::Case, about: &About) -> String {
        text(&ReproScript::of(case), &Endpoint::of(about), &samples::finding_of(case), 0)
    }

    #[test]
    fn codes_are_computed_anew_from_the_devices_seed() {
        insta::with_settings!({ description => "a pair of codes that the device emits" }, {
            insta::assert_snapshot!(script(&samples::wrong_listing()));
        });
    }

    #[test]
    fn what_boto3_has_no_way_to_send_is_sent_raw_and_every_script_is_ascii() {
        let nasty = script(&samples::nasty_case());
        assert!(nasty.contains("def raw(") && nasty.contains(", key=key1)"), "{nasty}");
        for case in samples::cases().iter().chain([&samples::nasty_case()]) {
            let script = script(case);
            assert!(script.chars().all(|character| matches!(character, '\n' | ' '..='~' | '“' | '”')), "{script}");
            assert_eq!(script.contains("def code("), script.contains("code(seed"), "{script}");
        }
    }

    #[test]
    fn the_clock_of_the_target_counts() {
        assert_eq!(now(900), "int(time.time())");
        assert_eq!(now(90_000), "int(time.time() +90)");
        assert_eq!(now(-90_000), "int(time.time() -90)");
    }

    #[test]
    fn a_python_that_is_there_can_read_every_script() {
        let check = "import ast, sys; ast.parse(sys.stdin.read())";
        let mut escaped = samples::nasty_case();
        for (exchange, escapes) in
            escaped.trace.iter_mut().zip([Escapes::SmallLetters, Escapes::Everything].iter().cycle())
        {
            exchange.call.style.escapes = *escapes;
        }
        let (damaged, _) = samples::damaged("00", 1);
        for about in [samples::about(), demanding()] {
            for case in samples::cases().iter().chain([&samples::nasty_case(), &escaped, &damaged]) {
                let mut command = Command::new("python3");
                command.args(["-c", check]).stdin(std::process::Stdio::piped());
                // Without Python the script can't be checked.
                let Ok(mut python) = command.spawn() else { return };
                let script = script_of(case, &about);
                std::io::Write::write_all(&mut python.stdin.take().unwrap(), script.as_bytes()).unwrap();
                assert!(python.wait().unwrap().success(), "{script}");
            }
        }
    }

    /// An endpoint that takes certificates, headers and a token.
    fn demanding() -> About {
        let mut about = samples::about();
        about.target.endpoint = "https://127.0.0.1:5000".to_owned();
        about.access.ca_file = Some("our ca.pem".into());
        about.access.headers = ["X-Team: \"blue\"", "X-Api-Key: hush"].map(|text| text.parse().unwrap()).to_vec();
        about.access.key = OwnKey::Given { profile: None, has_token: true };
        about
    }

    #[test]
    fn each_call_trusts_the_certificates_and_has_the_headers_that_the_run_had() {
        let (damaged, _) = samples::damaged("00", 1);
        for (case, part) in [
            (samples::nasty_case(), "URLLib3Session(verify=CA_FILE)"),
            (samples::nasty_case(), "request.headers.update(HEADERS)"),
            (samples::nasty_case(), " aws_session_token=(*key, None)[2], verify=CA_FILE,\n"),
            (damaged.clone(), "context=ssl.create_default_context(cafile=CA_FILE)"),
            (damaged, "*signed.headers.items(), *HEADERS, *headers"),
        ] {
            let script = script_of(&case, &demanding());
            let headers = r#"HEADERS = [("X-Team", "\"blue\""), ("X-Api-Key", os.environ["HEADER_X_API_KEY"])]"#;
            assert!(script.contains(part) && script.contains(headers) && !script.contains("hush"), "{script}");
        }
    }
}
