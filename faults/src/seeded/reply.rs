//! Services whose replies have the wrong form.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode, MfaOperation, Operation, Outcome};

use crate::altered::{Altered, decides, documented, documented_reply, edited, renders, writes};
use crate::entry::Difficulty::{Narrow, Shallow};
use crate::entry::{FaultRow, row};
use crate::line::{Lost, by_get, laid, parameter, parameters, rewrite};

/// The namespace as a reply declares it.
const XMLNS: &str = " xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"";

/// Writes the successes of one operation otherwise.
fn successes(operation: MfaOperation, change: fn(String) -> String) -> Altered {
    writes(move |asked, outcome, text| match outcome {
        Outcome::Success(_) if asked == operation.operation() => change(text),
        Outcome::Success(_) | Outcome::Error { .. } => text,
    })
}

/// Writes errors otherwise.
fn errors(change: fn(String) -> String) -> Altered {
    renders(move |operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        // What names no action has no operation.
        let support = operation.is_some_and(|operation| operation.under_test().is_none());
        match outcome {
            Outcome::Error { .. } if !support => edited(reply, change),
            Outcome::Error { .. } | Outcome::Success(_) => reply,
        }
    })
}

/// Answers the successes of one operation with another status.
fn success_status(operation: MfaOperation, status: u16) -> Altered {
    renders(move |asked, outcome, id| {
        let mut reply = documented_reply(asked, outcome, id);
        if asked == Some(operation.operation()) && matches!(outcome, Outcome::Success(_)) {
            reply.status = status;
        }
        reply
    })
}

/// A text without what stands between two others, and without these.
fn cut(text: &str, from: &str, to: &str) -> String {
    match text.split_once(from).and_then(|(before, rest)| Some((before, rest.split_once(to)?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// A success with a result before its metadata.
fn with_result(text: &str, operation: Operation, content: &str) -> String {
    let result = format!("<{operation}Result>{content}</{operation}Result><ResponseMetadata>");
    text.replacen("<ResponseMetadata>", &result, 1)
}

/// Whether a request is for an operation under test and names a value like this.
fn asks(request: &mfa_reference::wire::HttpRequest<'_>, name: &str, holds: fn(&str) -> bool) -> bool {
    let parameters = parameters(request);
    let under_test = parameter(&parameters, "Action")
        .is_some_and(|action| Operation::from_name(action).is_some_and(|operation| operation.under_test().is_some()));
    under_test && parameter(&parameters, name).is_some_and(holds)
}

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-created",
        "EnableMFADevice succeeds with the status 201.",
        C::WireEnableSuccessStatus,
        &[],
        Shallow,
        || success_status(ENABLE, 201),
    ),
    row(
        "resync-accepted",
        "ResyncMFADevice succeeds with the status 202.",
        C::WireResyncSuccessStatus,
        &[],
        Shallow,
        || success_status(RESYNC, 202),
    ),
    row(
        "deactivate-reset-content",
        "DeactivateMFADevice succeeds with the status 203.",
        C::WireDeactivateSuccessStatus,
        &[],
        Shallow,
        || success_status(DEACTIVATE, 203),
    ),
    row(
        "enable-answers-as-create",
        "The root of EnableMFADevice's reply is CreateVirtualMFADeviceResponse.",
        C::WireEnableSuccessRoot,
        &[],
        Shallow,
        || successes(ENABLE, |text| text.replace("EnableMFADeviceResponse", "CreateVirtualMFADeviceResponse")),
    ),
    row(
        "enable-root-without-a-namespace",
        "EnableMFADevice's reply stands in no namespace.",
        C::WireEnableSuccessRoot,
        &[],
        Shallow,
        || successes(ENABLE, |text| text.replace(XMLNS, "")),
    ),
    row(
        "resync-answers-as-enable",
        "The root of ResyncMFADevice's reply is EnableMFADeviceResponse.",
        C::WireResyncSuccessRoot,
        &[],
        Shallow,
        || successes(RESYNC, |text| text.replace("ResyncMFADeviceResponse", "EnableMFADeviceResponse")),
    ),
    row(
        "deactivate-root-in-another-version",
        "DeactivateMFADevice's reply stands in the namespace of another version.",
        C::WireDeactivateSuccessRoot,
        &[],
        Shallow,
        || successes(DEACTIVATE, |text| text.replace("2010-05-08", "2010-05-09")),
    ),
    row(
        "enable-without-a-request-id",
        "EnableMFADevice's reply has no ResponseMetadata.",
        C::WireEnableSuccessRequestId,
        &[],
        Shallow,
        || successes(ENABLE, |text| cut(&text, "<ResponseMetadata>", "</ResponseMetadata>")),
    ),
    row(
        "resync-with-an-empty-request-id",
        "ResyncMFADevice's reply has an empty RequestId.",
        C::WireResyncSuccessRequestId,
        &[],
        Shallow,
        || {
            successes(RESYNC, |text| {
                cut(&text, "<RequestId>", "</RequestId>")
                    .replace("</ResponseMetadata>", "<RequestId></RequestId></ResponseMetadata>")
            })
        },
    ),
    row(
        "deactivate-request-id-at-the-root",
        "DeactivateMFADevice's reply has its RequestId outside ResponseMetadata.",
        C::WireDeactivateSuccessRequestId,
        &[],
        Narrow,
        || successes(DEACTIVATE, |text| text.replace("<ResponseMetadata>", "").replace("</ResponseMetadata>", "")),
    ),
    row(
        "enable-returns-the-device",
        "EnableMFADevice's reply holds a result with the device.",
        C::WireEnableNoResult,
        &[],
        Shallow,
        || {
            successes(ENABLE, |text| {
                with_result(&text, Operation::EnableMfaDevice, "<SerialNumber>arn:aws:iam::1:mfa/a</SerialNumber>")
            })
        },
    ),
    row(
        "resync-returns-true",
        "ResyncMFADevice's reply holds a result with the text true.",
        C::WireResyncNoResult,
        &[],
        Shallow,
        || successes(RESYNC, |text| with_result(&text, Operation::ResyncMfaDevice, "true")),
    ),
    row(
        "deactivate-returns-true",
        "DeactivateMFADevice's reply holds a result with an element.",
        C::WireDeactivateNoResult,
        // boto3 hands the result to its caller.
        &[C::SdkBoto3Returns],
        Shallow,
        || successes(DEACTIVATE, |text| with_result(&text, Operation::DeactivateMfaDevice, "<return>true</return>")),
    ),
    row("error-without-a-type", "Errors have no Type.", C::WireErrorEnvelope, &[], Shallow, || {
        errors(|text| cut(&text, "<Type>", "</Type>"))
    }),
    row("error-without-a-code", "Errors have no Code.", C::WireErrorEnvelope, &[], Shallow, || {
        errors(|text| cut(&text, "<Code>", "</Code>"))
    }),
    row(
        "error-without-a-message",
        "Errors have no Message.",
        C::WireErrorEnvelope,
        // No message describes nothing.
        &[C::ErrorMessage(mfa_reference::ErrorCode::NoSuchEntity)],
        Shallow,
        || errors(|text| cut(&text, "<Message>", "</Message>")),
    ),
    row(
        "error-with-a-lower-case-message",
        "Errors have a message instead of a Message.",
        C::WireErrorEnvelope,
        &[C::ErrorMessage(mfa_reference::ErrorCode::NoSuchEntity)],
        Shallow,
        || errors(|text| text.replace("Message>", "message>")),
    ),
    row("error-without-a-request-id", "Errors have no RequestId.", C::WireErrorEnvelope, &[], Shallow, || {
        errors(|text| cut(&text, "<RequestId>", "</RequestId>"))
    }),
    row(
        "error-at-the-root",
        "Errors have Error as their root, without ErrorResponse.",
        C::WireErrorEnvelope,
        // What is no ErrorResponse can't be read as a reply at all.
        &[C::WireWellFormed],
        Shallow,
        || {
            errors(|text| {
                let inner = text.split_once("<Error>").and_then(|(_, rest)| rest.split_once("</Error>"));
                inner.map_or(text.clone(), |(inner, _)| format!("<Error>{inner}</Error>"))
            })
        },
    ),
    row(
        "error-in-a-list",
        "Errors have the form of EC2: Response, Errors, Error.",
        C::WireErrorEnvelope,
        &[C::WireWellFormed],
        Shallow,
        || {
            errors(|text| {
                let text = text.replace("<Error>", "<Errors><Error>").replace("</Error>", "</Error></Errors>");
                text.replace("ErrorResponse", "Response").replace("RequestId", "RequestID")
            })
        },
    ),
    row(
        "error-as-json",
        "Errors are JSON.",
        C::WireWellFormed,
        // An error's envelope is what is missing.
        &[C::WireErrorEnvelope],
        Shallow,
        || errors(|_| "{\"Error\":{\"Code\":\"NoSuchEntity\",\"Message\":\"absent\"}}".to_owned()),
    ),
    row("reply-cut-off", "Replies end before their last tag is closed.", C::WireWellFormed, &[], Shallow, || {
        writes(|_, _, text| {
            let end = text.len().saturating_sub(3);
            text.get(..end).unwrap_or_default().to_owned()
        })
    }),
    row("reply-with-two-roots", "Replies are followed by an empty element.", C::WireWellFormed, &[], Shallow, || {
        writes(|_, _, text| format!("{text}<end/>"))
    }),
    row(
        "reply-with-a-foreign-entity",
        "Replies hold an entity that nothing declares.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| text.replace("<RequestId>", "<RequestId>&nbsp;")),
    ),
    row(
        "reply-with-a-control-character",
        "Messages hold a control character.",
        C::WireWellFormed,
        &[],
        Shallow,
        || writes(|_, _, text| text.replace("<Message>", "<Message>\u{1}")),
    ),
    row(
        "message-not-escaped",
        "Messages repeat what came in the request without escaping it.",
        C::WireWellFormed,
        &[],
        Narrow,
        || {
            decides(|_, request, decision| {
                let texts = request.violations().into_iter().filter_map(|violation| violation.text);
                match decision {
                    Decision::Refuse { code: ErrorCode::ValidationError, message } => {
                        let texts: Vec<&str> = texts.collect();
                        Decision::refuse(ErrorCode::ValidationError, format!("{message}: {}", texts.join(", ")))
                    }
                    other => other,
                }
            })
            .and_renderer(|operation, outcome, id| {
                let reply = documented_reply(operation, outcome, id);
                edited(reply, |text| text.replace("&lt;", "<").replace("&amp;", "&").replace("&gt;", ">"))
            })
        },
    ),
    row(
        "hangs-up-on-long-values",
        "A serial number of more than 1,000 characters breaks the connection.",
        C::RobustnessNoCrash,
        &[],
        Narrow,
        || {
            documented().behind(laid(|incoming, service| {
                if asks(&incoming.request, "SerialNumber", |value| value.len() > 1_000) {
                    return Err(Lost::HungUp);
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    row(
        "hangs-up-on-letters-in-a-code",
        "A code that is no number breaks the connection.",
        C::RobustnessNoCrash,
        &[],
        Narrow,
        || {
            documented().behind(laid(|incoming, service| {
                if asks(&incoming.request, "AuthenticationCode1", |value| {
                    value.parse::<u64>().is_err() && !value.is_empty()
                }) {
                    return Err(Lost::HungUp);
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    row(
        "page-of-an-exception",
        "A code that is no number is answered 500 with an HTML page.",
        C::RobustnessNoCrash,
        &[],
        Narrow,
        || {
            documented().behind(rewrite(|incoming, mut response| {
                if asks(&incoming.request, "AuthenticationCode2", |value| value.parse::<u64>().is_err()) {
                    response.status = 500;
                    response.body = b"<!doctype html>\n<title>500 Internal Server Error</title>\n<p>oops".to_vec();
                }
                response
            }))
        },
    ),
    row(
        "silent-on-an-empty-user-name",
        "A call with an empty UserName is never answered.",
        C::RobustnessAnswers,
        &[],
        Narrow,
        || {
            documented().behind(laid(|incoming, service| {
                if asks(&incoming.request, "UserName", str::is_empty) {
                    return Err(Lost::Silence);
                }
                Ok(service(&incoming.request).into())
            }))
        },
    ),
    row(
        "slow-by-get",
        "A call by GET is answered after 20 seconds.",
        C::RobustnessAnswers,
        // The samples are GETs.
        &[C::WireGet],
        Narrow,
        || {
            documented().behind(laid(|incoming, service| {
                let mut sent: crate::line::Sent = service(&incoming.request).into();
                if by_get(&incoming.request) {
                    sent.delay = std::time::Duration::from_secs(20);
                }
                Ok(sent)
            }))
        },
    ),
];
