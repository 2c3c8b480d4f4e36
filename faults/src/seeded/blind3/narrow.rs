//! Those that show only with one value or one combination.

use std::sync::Arc;

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, MfaOperation, Operation, Outcome};

use crate::altered::{Altered, carries_out, documented, documented_reply, edited, renders};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, by_get, map_values, misread, parameter};
use crate::parts::{done, on_refusal, on_success, refuse};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
/// How many characters of a message are kept.
const KEPT: usize = 120;
/// A colon and an equals sign, as they may stand in an encoded value.
const COLONS: [&str; 3] = [":", "%3A", "%3a"];
const EQUALS: [&str; 3] = ["=", "%3D", "%3d"];
/// The encoded line feed.
const LINE_FEEDS: [&str; 2] = ["%0A", "%0a"];

/// Reads the values of one parameter of the operations under test otherwise.
fn misreads(read: impl Fn(MfaOperation, &str, &str) -> Option<String> + Clone + Send + Sync + 'static) -> Altered {
    documented().behind(misread(move |_, parameters| {
        let action = parameter(parameters, "Action").and_then(Operation::from_name);
        match action.and_then(Operation::under_test) {
            Some(operation) => {
                map_values(parameters, |name, value| read(operation, name, value).unwrap_or_else(|| value.to_owned()))
            }
            None => parameters.to_owned(),
        }
    }))
}

/// Cuts a long message, and puts the dots behind it that a web page would have.
fn cuts_messages() -> Altered {
    renders(|operation, outcome, id| match outcome {
        Outcome::Error { code: code @ ErrorCode::NoSuchEntity, message } if message.chars().count() > KEPT => {
            let message = message.chars().take(KEPT).collect();
            let reply = documented_reply(operation, &Outcome::Error { code: *code, message }, id);
            edited(reply, |text| text.replace("</Message>", "&hellip;</Message>"))
        }
        Outcome::Error { .. } | Outcome::Success(_) => documented_reply(operation, outcome, id),
    })
}

/// An ARN whose partition is the usual one.
fn in_the_usual_partition(arn: &str) -> Option<String> {
    COLONS.into_iter().find_map(|colon| {
        let (partition, rest) = arn.strip_prefix("arn")?.strip_prefix(colon)?.split_once(colon)?;
        let is_one = partition.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_one && !partition.is_empty()).then(|| format!("arn{colon}aws{colon}{rest}"))
    })
}

/// Answers a refused GET twice on its connection, so that each later reply comes a call late.
fn answers_refused_gets_twice() -> Altered {
    documented().behind(Arc::new(|| {
        let mut unread: Option<HttpResponse> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let response = service(&incoming.request);
            if let Some(unread) = unread.as_mut() {
                return Ok(std::mem::replace(unread, response).into());
            }
            if by_get(&incoming.request) && response.status >= 400 {
                unread = Some(response.clone());
            }
            Ok(response.into())
        })
    }))
}

/// Deletes whatever is stored under the device's serial number and what follows it.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveDevice(device) = effect
            && let Some(serial_number) = account.device(*device).map(|device| device.serial_number.clone())
        {
            let after = account.devices_after(&serial_number);
            let longer = after.take_while(|(_, other)| other.serial_number.starts_with(&*serial_number));
            for device in longer.map(|(id, _)| id).collect::<Vec<_>>() {
                account.apply(&Effect::RemoveDevice(device), None, now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

/// Whether a serial number has a path of two segments or more.
fn has_a_deep_path(serial_number: &str) -> bool {
    let path_and_name = serial_number.split_once(":mfa/").map_or("", |(_, rest)| rest);
    path_and_name.split('/').filter(|segment| !segment.is_empty()).count() > 2
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "long-messages-end-with-an-html-entity",
        "The message of NoSuchEntity is cut after 120 characters, and ends with &hellip;, which XML doesn't know.",
        C::WireWellFormed,
        // A reply that can't be read refuses nothing.
        &[C::WireErrorEnvelope],
        Narrow,
        cuts_messages,
    ),
    row(
        "names-that-begin-with-a-dot-are-hidden",
        "DeactivateMFADevice for a user whose name begins with a dot is answered NoSuchEntity.",
        C::DeactivateByAdministrator,
        // The pattern allows a dot anywhere.
        &[
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::DeactivateUserExists,
            C::DeactivateDissociates,
        ],
        Narrow,
        || {
            on_success(MfaOperation::Deactivate, |named| {
                named.user_name.is_some_and(|name| name.starts_with('.')).then(|| refuse(MISSING))
            })
        },
    ),
    row(
        "partition-of-an-arn-not-looked-at",
        "A serial number in another partition, such as arn:aws-cn:…, is taken for the one in arn:aws:….",
        C::SerialNumberUnique,
        // What it names doesn't exist.
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        Narrow,
        || {
            misreads(|_, name, value| match name {
                "SerialNumber" => in_the_usual_partition(value),
                _ => None,
            })
        },
    ),
    row(
        "deep-paths-not-found-by-resync",
        "ResyncMFADevice of a device whose path has two segments or more is answered NoSuchEntity.",
        C::ResyncSynchronizes,
        // A device's own ARN is never absent.
        &[C::SerialNumberOwnArn],
        Narrow,
        || on_success(MfaOperation::Resync, |named| named.serial.is_some_and(has_a_deep_path).then(|| refuse(MISSING))),
    ),
    row(
        "line-feed-behind-a-serial-number-dropped",
        "ResyncMFADevice takes a SerialNumber with a line feed at its end, and looks for the device without it.",
        C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
        // What is malformed succeeds, and what it names doesn't exist.
        &[C::Parameter(Parameter::ResyncSerialNumber, Aspect::Rejected), C::ResyncDeviceExists, C::SerialNumberUnique],
        Narrow,
        || {
            misreads(|operation, name, value| {
                let is_meant = operation == MfaOperation::Resync && name == "SerialNumber";
                let stripped = LINE_FEEDS.into_iter().find_map(|feed| value.strip_suffix(feed));
                stripped.filter(|_| is_meant).map(str::to_owned)
            })
        },
    ),
    row(
        "values-cut-at-an-equals-sign",
        "The operations under test read the values of their parameters up to the first equals sign.",
        C::WireFormEncoding,
        // Names and serial numbers may hold one, and what is left of them is another name.
        &[
            C::EnableFreshPair,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::DeactivateDissociates,
            C::SerialNumberOwnArn,
            C::SerialNumberUnique,
            C::EnableUserExists,
            C::ResyncUserExists,
            C::DeactivateUserExists,
            C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
        ],
        Narrow,
        || {
            misreads(|_, _, value| {
                let ends = EQUALS.into_iter().filter_map(|sign| value.find(sign));
                ends.min().and_then(|end| value.get(..end)).map(str::to_owned)
            })
        },
    ),
    row(
        "replies-a-call-late-after-a-refused-get",
        "A refused GET is answered twice on its connection, so that each later call has the reply of the one before.",
        C::WireRequestBoundary,
        // A GET isn't answered as a POST is, and a success has the root of another call's.
        &[
            C::WireGet,
            C::WireEnableSuccessRoot,
            C::WireResyncSuccessRoot,
            C::WireDeactivateSuccessRoot,
            C::WireEnableListedErrors,
            C::WireResyncListedErrors,
            C::WireDeactivateListedErrors,
        ],
        Narrow,
        answers_refused_gets_twice,
    ),
    row(
        "deactivation-of-nothing-for-nobody-succeeds",
        "DeactivateMFADevice that names neither a user nor a device that exists is answered 200.",
        C::DeactivateDeviceExists,
        &[C::DeactivateUserExists],
        Narrow,
        || {
            on_refusal(MfaOperation::Deactivate, MISSING, |named| {
                (named.user.is_none() && named.device.is_none()).then(|| done(Effect::None))
            })
        },
    ),
    row(
        "longer-serial-numbers-deleted-too",
        "DeleteVirtualMFADevice deletes each device whose serial number begins with the one named, whoever has it.",
        C::StateDurable,
        // A call on one device changes another's, and calls about that one find nothing.
        &[
            C::StateIsolation,
            C::StateSettles,
            C::SerialNumberUnique,
            C::SerialNumberOwnArn,
            C::ResyncSynchronizes,
            C::EnableFreshPair,
            C::DeactivateByAdministrator,
        ],
        Narrow,
        deletes_by_prefix,
    ),
];
