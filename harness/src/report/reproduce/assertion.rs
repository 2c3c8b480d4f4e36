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
        (ObservedClass::UnknownError(code), Expected::Words(_)) => format!("reply.code != {}", string(code)),
        (ObservedClass::Unreadable(_) | ObservedClass::Broken | ObservedClass::Timeout, Expected::Words(_)) => {
            format!("reply.is_of(\"{operation}\")")
        }
        (ObservedClass::Envelope(what), Expected::Words(_)) => of_envelope(what, operation)?,
        // A call that is refused gives nothing.
        (ObservedClass::Body(what), Expected::Words(words)) => {
            format!("reply.code is not None or {}", of_body(what, words, value)?)
        }
        (ObservedClass::Listing(_) | ObservedClass::Success, Expected::Words(_)) => {
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

#[cfg(test)]
mod tests {
    use mfa_reference::ErrorCode;
    use mfa_reference::clause::ClauseId;

    use super::*;

    fn asserted(class: ObservedClass, expected: Expected, permitted: Option<PermittedAnswers>) -> String {
        let (clause, operation) = (ClauseId::EnableFreshPair, Operation::EnableMfaDevice);
        let divergence = Divergence { clause, also: Vec::new(), operation, class, expected, permitted };
        assertion(&divergence, &mut |text| format!("<{text}>")).unwrap()
    }

    #[test]
    fn every_permitted_answer_is_accepted() {
        let codes = |codes: &[ErrorCode]| ErrorCodes::of(codes);
        let absent = codes(&[ErrorCode::NoSuchEntity]);
        let refused = |codes| Some(PermittedAnswers { success: false, codes });
        for (expected, permitted, condition) in [
            (Expected::Success, None, "reply.is_success()"),
            (Expected::Error(absent), None, "reply.status >= 400 and reply.code in [\"NoSuchEntity\"]"),
            (
                Expected::Error(absent),
                refused(codes(&[ErrorCode::NoSuchEntity, ErrorCode::InvalidAuthenticationCode])),
                "reply.status >= 400 and reply.code in [\"InvalidAuthenticationCode\", \"NoSuchEntity\"]",
            ),
            (
                Expected::Error(ErrorCodes::default()),
                Some(PermittedAnswers { success: true, codes: absent }),
                "reply.is_success() or reply.code in [\"NoSuchEntity\"]",
            ),
        ] {
            let text = asserted(ObservedClass::UnknownError("X".to_owned()), Expected::Success, permitted);
            assert!(permitted.is_none() || text.contains(condition), "{text}");
            let text = asserted(ObservedClass::Error(ErrorCode::DeleteConflict), expected, permitted);
            assert_eq!(text, format!("assert {condition}, reply\n"));
        }
    }

    #[test]
    fn a_flaw_of_the_form_is_asserted_about_any_reply() {
        let status = ObservedClass::Status(400, Some(ErrorCode::NoSuchEntity));
        let codes = Expected::Error(ErrorCodes::of(&[ErrorCode::NoSuchEntity]));
        assert_eq!(
            asserted(status, codes, None),
            "assert reply.code != \"NoSuchEntity\" or reply.status == 404, reply\n"
        );
        let unknown = ObservedClass::UnknownError("No\"t".to_owned());
        let words = || Expected::Words("an answer of the operation".to_owned());
        assert_eq!(asserted(unknown, words(), None), "assert reply.code != \"No\\\"t\", reply\n");
        let path = Expected::Words("an ARN that ends in :mfa/p/d1".to_owned());
        let text = asserted(ObservedClass::Body("an ARN without the device's path and name"), path, None);
        assert!(
            text.contains("endswith(<:mfa/p/d1>)") && text.starts_with("assert reply.code is not None or "),
            "{text}"
        );
    }

    #[test]
    fn every_flaw_of_the_form_that_one_reply_shows_has_an_assertion() {
        let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/src/oracle/");
        let mut asserted = 0;
        for file in ["wire.rs", "support.rs", "devices.rs", "protocol_failure.rs"] {
            let text = std::fs::read_to_string(format!("{oracle}{file}")).unwrap();
            for (kind, rest) in ["Envelope(\"", "Body(\"", "Some(\"an entry", "Some(\"an EnableDate", "Some(\"a seed"]
                .iter()
                .flat_map(|kind| text.split(kind).skip(1).map(move |rest| (kind, rest)))
            {
                let start = kind.split_once('"').unwrap().1;
                let what = format!("{start}{}", rest.split('"').next().unwrap());
                let mut value = |text: &str| text.to_owned();
                let is_known = of_envelope(&what, Operation::EnableMfaDevice).is_ok()
                    || of_body(&what, "x ends in y", &mut value).is_ok();
                assert!(is_known, "{file}: {what}");
                asserted += 1;
            }
        }
        assert!(asserted > 15, "{asserted}");
    }
}
