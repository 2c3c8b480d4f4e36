//! What comes back: a reply as the documented service renders it, altered where a row says so, or none.

use mfa_reference::wire::{Documented, Renderer};
use mfa_reference::{ErrorCode, MfaDeviceEntry, Operation, Outcome, Page, SuccessBody, UserEntry, VirtualDeviceEntry};

use super::ask::serial;
use crate::transport::{HttpReply, TransportError};
use crate::wire::{Observed, read};

/// What stands for a request id until the reply is sent: each gets one of its own.
const ID: &str = "REQUEST-ID";
/// The date that listings tell unless a row says another.
pub(super) const DATE: &str = "2026-01-01T00:00:00Z";

/// What comes back for a request.
#[derive(Clone, Debug)]
pub(super) enum Came {
    Outcome(Outcome),
    Http(HttpReply),
    Broken(TransportError),
}

/// A success without a result.
pub(super) const fn done() -> Came {
    Came::Outcome(Outcome::Success(SuccessBody::Empty))
}

/// A success with this result.
pub(super) const fn told(body: SuccessBody) -> Came {
    Came::Outcome(Outcome::Success(body))
}

/// A refusal in words of no meaning.
pub(super) fn refused(code: ErrorCode) -> Came {
    saying(code, "No.")
}

pub(super) fn saying(code: ErrorCode, message: &str) -> Came {
    Came::Outcome(Outcome::Error { code, message: message.to_owned() })
}

/// An HTTP reply with this body.
pub(super) fn page(status: u16, body: &str) -> Came {
    let content_type = Some("text/xml".to_owned());
    Came::Http(HttpReply {
        status,
        content_type,
        date: None,
        body: body.as_bytes().to_vec(),
        retried: false,
        retry_after: None,
    })
}

pub(super) fn broken() -> Came {
    Came::Broken(TransportError::Broken("reset".to_owned()))
}

/// A user's devices, each with the name that it is listed under and its date.
pub(super) fn dated(listed: &[(&str, &str, &str)]) -> SuccessBody {
    let item = |(device, user, date): &(&str, &str, &str)| MfaDeviceEntry {
        user_name: (*user).to_owned(),
        serial_number: serial(device),
        enable_date: (*date).to_owned(),
    };
    SuccessBody::MfaDevices(Page::whole(listed.iter().map(item).collect()))
}

/// The user's devices.
pub(super) fn devices_of(user: &str, devices: &[&str]) -> SuccessBody {
    dated(&devices.iter().map(|device| (*device, user, DATE)).collect::<Vec<_>>())
}

/// The account's devices, each with its owner.
pub(super) fn all_devices(listed: &[(&str, Option<&str>)]) -> SuccessBody {
    let item = |(device, owner): &(&str, Option<&str>)| VirtualDeviceEntry {
        serial_number: serial(device),
        user: owner.map(entry),
        enable_date: owner.map(|_| DATE.to_owned()),
        ..VirtualDeviceEntry::default()
    };
    SuccessBody::VirtualDevices(Page::whole(listed.iter().map(item).collect()))
}

pub(super) fn entry(user: &str) -> UserEntry {
    UserEntry {
        user_name: user.to_owned(),
        arn: format!("arn:aws:iam::123456789012:user/{user}"),
        user_id: format!("AIDA{user}"),
        path: "/".to_owned(),
        create_date: DATE.to_owned(),
        tags: Vec::new(),
    }
}

impl Came {
    /// As the HTTP reply to a call of an operation.
    fn http(self, operation: Operation) -> Result<HttpReply, TransportError> {
        match self {
            Self::Outcome(outcome) => {
                let response = Documented.render(Some(operation), &outcome, ID);
                let content_type = Some(response.content_type.into_owned());
                let (status, body) = (response.status, response.body);
                Ok(HttpReply { status, content_type, date: None, body, retried: false, retry_after: None })
            }
            Self::Http(reply) => Ok(reply),
            Self::Broken(error) => Err(error),
        }
    }

    fn altered(self, operation: Operation, alter: impl FnOnce(&mut HttpReply)) -> Self {
        let mut reply = self.http(operation).unwrap();
        alter(&mut reply);
        Self::Http(reply)
    }

    /// An error with another status.
    pub(super) fn status(self, status: u16) -> Self {
        self.to(Operation::EnableMfaDevice, status)
    }

    /// A reply to a call of the operation, with another status.
    pub(super) fn to(self, operation: Operation, status: u16) -> Self {
        self.altered(operation, |reply| reply.status = status)
    }

    /// With another text in the place of one in its body, as the reply to `EnableMFADevice`.
    pub(super) fn replacing(self, old: &str, new: &str) -> Self {
        self.altered(Operation::EnableMfaDevice, |reply| {
            let body = String::from_utf8(reply.body.clone()).unwrap();
            assert!(body.contains(old), "{old} in {body}");
            reply.body = body.replace(old, new).into_bytes();
        })
    }

    pub(super) fn content_type(self, content_type: Option<&str>) -> Self {
        self.altered(Operation::EnableMfaDevice, |reply| reply.content_type = content_type.map(str::to_owned))
    }

    /// As the harness reads it, with a request id of this number.
    pub(super) fn observed(self, operation: Operation, number: usize) -> Observed {
        match self.http(operation) {
            Err(error) => Observed::Broken(error),
            Ok(reply) => {
                let body = match String::from_utf8(reply.body) {
                    Ok(text) => text.replace(ID, &format!("request-{number}")).into_bytes(),
                    Err(other) => other.into_bytes(),
                };
                read(operation, HttpReply { body, ..reply })
            }
        }
    }
}
