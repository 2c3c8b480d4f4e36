//! Reproduces a malformed request by its bytes, which no SDK sends.

use super::python;
use super::script::ReproScript;
use super::shell::{quoted, word};
use super::text::{Piece, literal};
use crate::execute::Exchange;
use crate::wire::Method;

/// The usual content type of a POST's form.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The bytes of a request. Each character of a piece is one byte.
pub(super) struct Bytes<'a> {
    method: Method,
    /// The part of the URL after the endpoint.
    target: Vec<Piece>,
    body: Vec<Piece>,
    content_type: Option<&'a str>,
    headers: &'a [(String, String)],
}

impl<'a> Bytes<'a> {
    /// The bytes of an exchange, if no SDK sends them.
    pub(super) fn of(exchange: &'a Exchange, script: &ReproScript<'_>) -> Option<Self> {
        let sent = exchange.malformed.as_ref()?;
        let pieces = |bytes: &[u8]| {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            script.with_prefix(literal(&text))
        };
        let is_post = sent.method == Method::Post;
        Some(Self {
            method: sent.method,
            target: pieces(sent.path_and_query.as_bytes()),
            body: pieces(&sent.body),
            content_type: is_post.then(|| sent.content_type.as_deref().unwrap_or(FORM)),
            headers: &sent.headers,
        })
    }

    /// A curl command that sends them, signed with the key in the variable `key`.
    pub(super) fn curl(&self, key: &str) -> String {
        let mut command = format!("curl -sSi -g --aws-sigv4 aws:amz:us-east-1:iam --user \"{key}\"");
        let target = word("", &self.target, None, str::to_owned);
        let headers = self.content_type.map(|text| ("Content-Type", text)).into_iter();
        let headers = headers.chain(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for (name, value) in headers {
            // For curl, a colon without a value removes the header.
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            command.extend([" -H ", &quoted(&header)]);
        }
        match self.method {
            Method::Get => format!("{command} -X GET \"$ENDPOINT\"{target}"),
            Method::Post => {
                format!("{} | {command} -X POST --data-binary @- \"$ENDPOINT\"{target}", printed(&self.body))
            }
        }
    }

    /// A line of Python that sends them with the function of [`SEND`]. `key` is an expression.
    pub(super) fn python(&self, key: Option<&str>) -> String {
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let content_type = self.content_type.map_or_else(|| "None".to_owned(), python::string);
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("({}, {})", python::string(name), python::string(value)))
            .collect();
        let key = key.map_or_else(String::new, |key| format!(", key={key}"));
        format!(
            "send(\"{method}\", {}, {}, {content_type}, [{}]{key})\n",
            python::pieces(&self.target),
            python_bytes(&self.body),
            headers.join(", ")
        )
    }
}

/// The Python function that sends the bytes of a request.
pub(super) const SEND: &str = r#"

def send(method, target, body, content_type, headers, key=OWN_KEY):
    """Sends these very bytes, which no SDK would send."""
    signed = AWSRequest(
        method=method, url=ENDPOINT + target, data=body, headers={} if content_type is None else {"Content-Type": content_type})
    SigV4Auth(Credentials(*key), "iam", "us-east-1").add_auth(signed)
    where = urllib.parse.urlsplit(ENDPOINT)
    if where.scheme == "https":
        connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=60CONTEXT)
    else:
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    try:
        connection.putrequest(method, where.path.rstrip("/") + target, skip_accept_encoding=True)
        for name, value in [*signed.headers.items()ALL_HEADERS, *headers]:
            connection.putheader(name, value)
        if method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        reply = connection.getresponse()
        print("sent", reply.status, ascii(reply.read(600)))
    except (OSError, http.client.HTTPException) as error:
        print("sent has no reply:", ascii(str(error)[:300]))
"#;

/// A shell command that prints the bytes.
fn printed(pieces: &[Piece]) -> String {
    let mut commands: Vec<String> = Vec::new();
    let (mut format, mut arguments) = (String::new(), String::new());
    let mut flush = |format: &mut String, arguments: &mut String| {
        if !format.is_empty() {
            commands.push(format!("printf '{format}'{arguments}"));
            format.clear();
            arguments.clear();
        }
    };
    for piece in pieces {
        match piece {
            Piece::Text(text) => push_format(&mut format, text),
            Piece::Prefix => {
                format.push_str("%s");
                arguments.push_str(" \"$P\"");
            }
            Piece::Repeated(text, times) => {
                flush(&mut format, &mut arguments);
                push_format(&mut format, text);
                format.push_str("%.0s");
                arguments = format!(" $(seq {times})");
                flush(&mut format, &mut arguments);
            }
            // The bytes contain the run's own serial numbers and keys.
            Piece::Capitals | Piece::Serial(_) | Piece::KeyId(_) => {}
        }
    }
    flush(&mut format, &mut arguments);
    match commands.as_slice() {
        [] => "printf ''".to_owned(),
        [one] => one.clone(),
        several => format!("{{ {}; }}", several.join("; ")),
    }
}

/// Adds bytes to a printf format in single quotes.
fn push_format(format: &mut String, bytes: &str) {
    for byte in bytes.chars() {
        match byte {
            '%' => format.push_str("%%"),
            '\\' => format.push_str("\\\\"),
            // A format that begins with a hyphen would be an option.
            '-' if format.is_empty() => format.push_str("\\055"),
            ' '..='~' if byte != '\'' => format.push(byte),
            _ => format.extend([format!("\\{:03o}", u32::from(byte))]),
        }
    }
}

/// The bytes as a Python expression.
fn python_bytes(pieces: &[Piece]) -> String {
    let literal = |bytes: &str| {
        let mut text = "b\"".to_owned();
        for byte in bytes.chars() {
            match byte {
                '"' | '\\' => text.extend(['\\', byte]),
                ' '..='~' => text.push(byte),
                _ => text.extend([format!("\\x{:02x}", u32::from(byte))]),
            }
        }
        text + "\""
    };
    let parts: Vec<String> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(literal(text)),
            Piece::Prefix => Some("P.encode()".to_owned()),
            Piece::Repeated(text, times) => Some(format!("{} * {times}", literal(text))),
            Piece::Capitals | Piece::Serial(_) | Piece::KeyId(_) => None,
        })
        .collect();
    if parts.is_empty() { "b\"\"".to_owned() } else { parts.join(" + ") }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::report::samples;

    #[test]
    fn a_shell_and_python_make_the_very_bytes() {
        for (insert, times) in [("00", 1), ("0a0d1b5b", 1), ("2527225c2d", 3), ("ff00", 5_000), ("", 1), ("252f", 900)]
        {
            let (case, body) = samples::damaged(insert, times);
            let bytes = Bytes::of(&case.trace[0], &ReproScript::of(&case)).unwrap();
            let script = format!("P={}; {}", samples::PREFIX, printed(&bytes.body));
            let shell = Command::new("sh").arg("-c").arg(&script).output().unwrap();
            assert!(shell.stdout == body, "{script:.2000}");
            let script = format!(
                "import sys; P = {:?}; sys.stdout.buffer.write({})",
                samples::PREFIX,
                python_bytes(&bytes.body)
            );
            // Without Python the expression can't be checked.
            let Ok(python) = Command::new("python3").arg("-c").arg(&script).stdin(Stdio::null()).output() else {
                return;
            };
            assert!(python.stdout == body, "{script:.2000}");
        }
    }

    #[test]
    fn method_headers_and_content_type_are_told() {
        let (case, _) = samples::damaged("00", 1);
        let bytes = Bytes::of(&case.trace[0], &ReproScript::of(&case)).unwrap();
        let line = bytes.curl("$KEY");
        for part in [r"-H 'Content-Type: text/it'\''s'", "-H 'X-Empty;'", "-X POST --data-binary @- \"$ENDPOINT\"/"] {
            assert!(line.contains(part), "{line}");
        }
        let line = bytes.python(Some("key1"));
        assert!(line.starts_with("send(\"POST\", \"/\", b\""), "{line}");
        assert!(line.ends_with(", \"text/it's\", [(\"X-Empty\", \"\")], key=key1)\n"), "{line}");
    }
}
