//! Faults that any call of the kind shows.

use data_encoding::BASE64;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::world::Effect;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Outcome, Step};

use crate::altered::{Altered, documented, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{done, on, refuse, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;

/// An error whose parts are attributes of `Error`, as some serialisers write what isn't marked as an element.
fn with_attributes(document: &str) -> String {
    let Some((head, parts)) = document.split_once("<Error>") else { return document.to_owned() };
    let Some((parts, tail)) = parts.split_once("</Error>") else { return document.to_owned() };
    let quoted = parts.replace('"', "&quot;").replace("<Type>", " Type=\"").replace("<Code>", " Code=\"");
    let ended = ["</Type>", "</Code>", "</Message>"].iter().fold(quoted, |text, end| text.replace(end, "\""));
    format!("{head}<Error{}/>{tail}", ended.replace("<Message>", " Message=\""))
}

/// A success whose root has a prefix that stands for nothing.
fn prefixed(document: &str) -> String {
    ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"].iter().fold(document.to_owned(), |text, operation| {
        let named = |before: &str, prefix: &str| format!("{before}{prefix}{operation}Response");
        text.replace(&named("<", ""), &named("<", "iam:")).replace(&named("</", ""), &named("</", "iam:"))
    })
}

/// Looks for the device among the user's own, as the other two operations rightly do.
fn looks_among_the_users() -> Altered {
    on(MfaOperation::Enable, |named, decision| match refused_with(&decision) {
        Some(TAKEN) if named.owner() == named.user => done(Effect::None),
        Some(TAKEN) | None => refuse(MISSING),
        Some(_) => decision,
    })
}

/// Divides a time in milliseconds by the seconds of a step.
struct Hasty;

impl Recogniser for Hasty {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<Step> {
        let taken_for_seconds = Millis(now.0.saturating_mul(1_000));
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, taken_for_seconds, last)
    }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "replies-left-in-base64",
        "Replies come from a function in base64, and the gateway before it doesn't decode them.",
        C::WireWellFormed,
        // What is no reply of the protocol at all doesn't show that the operation is known.
        &[C::OperationEnableExists, C::OperationResyncExists, C::OperationDeactivateExists],
        (Shallow, 1),
        || writes(|_, _, text| BASE64.encode(text.as_bytes())),
    ),
    row(
        "prefix-never-declared",
        "The root of a success has the prefix iam, which nothing declares.",
        C::WireEnableSuccessRoot,
        // It is the same for each operation; who reads namespaces can't read the document at all.
        &[C::WireResyncSuccessRoot, C::WireDeactivateSuccessRoot, C::WireWellFormed],
        (Shallow, 3),
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Success(_) => prefixed(&text),
                Outcome::Error { .. } => text,
            })
        },
    ),
    row(
        "enable-looks-among-the-users-devices",
        "EnableMFADevice looks for the device among the user's own: NoSuchEntity for one that is nobody's.",
        C::EnableFreshPair,
        // The device's own ARN isn't found; one that is assigned is answered neither as documented.
        &[C::SerialNumberOwnArn, C::EnableCodesByDevice, C::EnableAlreadyEnabled],
        (Shallow, 3),
        looks_among_the_users,
    ),
    row(
        "milliseconds-taken-for-seconds",
        "The step is the time in milliseconds divided by 30, so that no code is ever right.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        (Shallow, 3),
        || documented().and_recogniser(Hasty),
    ),
    row(
        "error-parts-as-attributes",
        "Type, Code and Message are attributes of Error instead of elements in it.",
        C::WireErrorEnvelope,
        &[],
        (Shallow, 1),
        || writes(|_, _, text| with_attributes(&text)),
    ),
];

#[cfg(test)]
mod tests {
    use mfa_reference::{Operation, SuccessBody};

    use super::*;
    use crate::seeded::late2::played::Played;

    /// What a fault's service and the documented one write.
    fn written(name: &str, outcome: &Outcome) -> [String; 2] {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        [(fault.service)(), documented()].map(|altered| {
            let reply = altered.behaviour.renderer.render(Some(Operation::ResyncMfaDevice), outcome, "id");
            String::from_utf8(reply.body).unwrap()
        })
    }

    #[test]
    fn a_reply_is_base64_of_the_documented_one() {
        let [odd, right] = written("replies-left-in-base64", &Outcome::Success(SuccessBody::Empty));
        assert_eq!(BASE64.decode(odd.as_bytes()).unwrap(), right.as_bytes());
    }

    #[test]
    fn a_success_cannot_be_parsed_for_its_prefix_and_an_error_can() {
        let [odd, right] = written("prefix-never-declared", &Outcome::Success(SuccessBody::Empty));
        assert_eq!(odd.replace("iam:", ""), right);
        assert!(odd.starts_with("<iam:ResyncMFADeviceResponse ") && odd.ends_with("</iam:ResyncMFADeviceResponse>"));
        let error = Outcome::Error { code: MISSING, message: "Gone.".to_owned() };
        let [odd, right] = written("prefix-never-declared", &error);
        assert_eq!(odd, right);
    }

    #[test]
    fn a_device_that_is_nobodys_is_not_found() {
        let mut played = Played::on(looks_among_the_users());
        assert_eq!((played.user("CreateUser", "bob"), played.make_device("one")), (None, None));
        assert_eq!((played.enable("bob", "one"), played.listed("bob")), (Some(MISSING), 0));
    }

    #[test]
    fn codes_are_right_a_thousand_times_later() {
        let (seed, now) = (Seed::from_bytes(b"12345678901234567890"), Millis(1_800_000_000_000));
        let codes = |at: Millis| [-1, 0].map(|steps| seed.code(at.step().plus(steps)).to_string());
        let ([one, two], [far_one, far_two]) = (codes(now), codes(Millis(now.0 * 1_000)));
        assert_eq!(Hasty.recognise(&seed, &one, &two, now, None), None);
        assert!(Hasty.recognise(&seed, &far_one, &far_two, now, None).is_some());
    }

    #[test]
    fn an_errors_parts_are_attributes() {
        let error = Outcome::Error { code: MISSING, message: "\"x\" < y".to_owned() };
        let [odd, right] = written("error-parts-as-attributes", &error);
        let attributes = r#"<Error Type="Sender" Code="NoSuchEntity" Message="&quot;x&quot; &lt; y"/>"#;
        assert!(odd.contains(attributes), "{odd}");
        assert!(!right.contains(attributes), "{right}");
    }
}
