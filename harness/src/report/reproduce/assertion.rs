//! What a reply has to be, as Python that asserts it about `reply`.
//!
//! Where a finding is about the form of a reply, the assertion holds for any reply without that flaw: after a fix the
//! service may give another answer.

use mfa_reference::{ErrorCodes, Operation};

use super::python::string;
use crate::oracle::{Divergence, Expected, ObservedClass, PermittedAnswers};

/// The assertion. `value` turns a text of the run into an expression with the names of the test.
///
/// # Errors
/// Why there is none.
pub(super) fn assertion(
    divergence: &Divergence,
    value: &mut dyn FnMut(&str) -> String,
) -> Result<String, &'static str> {
    let operation = divergence.operation;
    let condition = match (&divergence.class, &divergence.expected) {
        (ObservedClass::Status(_, Some(code)), Expected::Error(_)) => {
            format!("reply.code != \"{code}\" or reply.status == {}", code.status())
        }
        (ObservedClass::Status(..), Expected::Words(words)) if words.contains("5xx") => {
            "reply.code is None or reply.status >= 400".to_owned()
        }
        (ObservedClass::Status(..), Expected::Words(_)) => "reply.code is None or 400 <= reply.status < 500".to_owned(),
        (ObservedClass::UnknownError(_), Expected::Error(codes)) => {
            let known: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
            format!("reply.is_success() or reply.code in [{}]", known.join(", "))
        }
        (_, Expected::Success | Expected::Error(_)) => answers(divergence),
        (_, Expected::Listing { serial_numbers, .. }) => {
            let listed: Vec<String> = serial_numbers.iter().map(|serial| value(serial)).collect();
            format!("reply.is_success() and sorted(reply.texts(\"SerialNumber\")) == sorted([{}])", listed.join(", "))
        }
        (ObservedClass::Error(code), Expected::Words(_)) => format!("reply.code != \"{code}\""),
        (ObservedClass::Unreadable(_) | ObservedClass::Broken | ObservedClass::Timeout, Expected::Words(_)) => {
            format!("reply.is_of(\"{operation}\")")
        }
        (ObservedClass::Envelope(what), Expected::Words(_)) => of_envelope(what, operation)?,
        // A call that is refused gives nothing.
        (ObservedClass::Body(what), Expected::Words(words)) => {
            format!("reply.code is not None or {}", of_body(what, words, value)?)
        }
        (ObservedClass::Listing(_) | ObservedClass::Success | ObservedClass::UnknownError(_), Expected::Words(_)) => {
            return Err("it takes the state of the whole account");
        }
    };
    Ok(format!("assert {condition}, reply\n"))
}

/// A permitted answer.
fn answers(divergence: &Divergence) -> String {
    let expected = match &divergence.expected {
        Expected::Error(codes) => PermittedAnswers { success: false, codes: *codes },
        Expected::Success | Expected::Listing { .. } | Expected::Words(_) => {
            PermittedAnswers { success: true, codes: ErrorCodes::default() }
        }
    };
    let PermittedAnswers { success, codes } = divergence.permitted.unwrap_or(expected);
    let known: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    match (success, known.is_empty()) {
        (true, true) => "reply.is_success()".to_owned(),
        (true, false) => format!("reply.is_success() or reply.code in [{}]", known.join(", ")),
        (false, _) => format!("reply.status >= 400 and reply.code in [{}]", known.join(", ")),
    }
}

fn of_envelope(what: &str, operation: Operation) -> Result<String, &'static str> {
    let refused = |name: &str| format!("reply.code is None or reply.text(\"{name}\").strip()");
    Ok(match what {
        "a Content-Type that isn't XML" => "\"xml\" in reply.headers.get(\"Content-Type\", \"\")".to_owned(),
        "a success in another namespace" | "an error outside the namespace" => {
            "reply.root.tag.startswith(NAMESPACE)".to_owned()
        }
        "a success without ResponseMetadata/RequestId" => "reply.text(\"RequestId\").strip()".to_owned(),
        "a result with content" => {
            "reply.code is not None or not [part for part in reply.root if local(part).endswith(\"Result\") and (len(part) or part.text)]"
                .to_owned()
        }
        "an error without Code" => refused("Code"),
        "an error without Message" | "a blank Message" => refused("Message"),
        "an error without Type" => refused("Type"),
        "an error without RequestId" => refused("RequestId"),
        "white space around Code" => "reply.code is None or reply.code == reply.code.strip()".to_owned(),
        "a Type that doesn't go with the status" => {
            "reply.code is None or reply.text(\"Type\") == (\"Receiver\" if reply.status >= 500 else \"Sender\")"
                .to_owned()
        }
        "an error without ErrorResponse" | "the response of another operation" => {
            format!("reply.is_of(\"{operation}\")")
        }
        "elements with a prefix" => "not re.search(rb\"<[A-Za-z_][^<>\\s/]*:\", reply.body)".to_owned(),
        "text in a CDATA section" => "b\"<![CDATA[\" not in reply.body".to_owned(),
        "an element before the result" => "reply.code is not None or local(reply.root[0]).endswith(\"Result\")".to_owned(),
        "a body that isn't plain UTF-8" => "reply.body.decode(\"utf-8\")[:1] == \"<\"".to_owned(),
        _ => return Err("it takes the replies before it"),
    })
}

fn of_body(what: &str, words: &str, value: &mut dyn FnMut(&str) -> String) -> Result<String, &'static str> {
    let each = |name: &str, pattern: &str| {
        let matching = format!("[text for text in reply.texts(\"{name}\") if re.fullmatch(r\"{pattern}\", text)]");
        format!("len({matching}) == len(reply.texts(\"SerialNumber\"))")
    };
    Ok(match what {
        "a QRCodePNG that is not a PNG" | "a QRCodePNG that is not base64" => {
            "not reply.texts(\"QRCodePNG\") or base64.b64decode(reply.text(\"QRCodePNG\")).startswith(b\"\\x89PNG\\r\\n\")"
                .to_owned()
        }
        "an ARN without the device's path and name" => {
            let (_, end) = words.split_once(" ends in ").ok_or("its report names no end of the ARN")?;
            format!("reply.text(\"SerialNumber\").endswith({})", value(end))
        }
        "a serial number that is not a device ARN" => {
            "re.match(r\"arn:.*:mfa/\", reply.text(\"SerialNumber\"))".to_owned()
        }
        "a seed that is base32 text, not a blob of it" | "a seed that can't be used" => {
            "re.fullmatch(rb\"[A-Za-z2-7]+=*\", base64.b64decode(reply.text(\"Base32StringSeed\")))".to_owned()
        }
        "an entry without UserName" => each("UserName", ".+"),
        "an entry without EnableDate" | "an EnableDate that is not a date-time" => {
            each("EnableDate", r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
        }
        "a device's seed in a listing" => {
            "not reply.texts(\"Base32StringSeed\") + reply.texts(\"QRCodePNG\")".to_owned()
        }
        _ => return Err("it takes the replies before it"),
    })
}

/// The body of a test that can't be written.
pub(super) fn skipped(why: &str) -> String {
    let reason = format!("no assertion in Python shows this finding, since {why}: `mfa-conformance replay` does");
    format!("pytest.skip({})\n", string(&reason))
}
