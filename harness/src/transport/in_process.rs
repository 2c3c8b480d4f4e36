//! Calls a service directly, without a socket. Each scenario has its own service and virtual clock, so waiting takes
//! no time.

use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::service::Service;
use mfa_reference::wire::HttpRequest;

use super::{BoxFuture, ConnectionPlan, Credentials, HttpReply, Transport, TransportError};
use crate::wire::{Encoded, Method};

/// The content type of a POST's form.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A service in this process, and its clock.
#[derive(Debug)]
pub struct InProcess {
    service: Service,
    now: Millis,
}

impl InProcess {
    /// How long a call takes on the virtual clock, in milliseconds.
    const CALL: i64 = 1;

    /// A transport to a service whose clock shows `now`.
    #[must_use]
    pub const fn new(service: Service, now: Millis) -> Self {
        Self { service, now }
    }
}

/// An `Authorization` header that names the key and has no valid signature.
#[must_use]
pub fn unsigned_by(credentials: &Credentials) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
        credentials.access_key_id
    )
}

/// A request in the form that a service receives.
#[must_use]
pub fn received<'a>(request: &'a Encoded, authorization: &'a str) -> HttpRequest<'a> {
    let (method, content_type) = match request.method {
        Method::Get => ("GET", None),
        Method::Post => ("POST", Some(request.content_type.as_deref().unwrap_or(FORM))),
    };
    HttpRequest {
        method,
        target: &request.path_and_query,
        content_type,
        authorization: Some(authorization),
        body: &request.body,
    }
}

impl Transport for InProcess {
    fn connect_by(&mut self, _: ConnectionPlan) {}

    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move {
            let authorization = unsigned_by(credentials);
            let response = self.service.handle(&received(request, &authorization), self.now);
            let date = Some(Millis(self.now.seconds() * 1000));
            self.now = self.now.plus(Self::CALL);
            Ok(HttpReply {
                status: response.status,
                content_type: Some(response.content_type.to_string()),
                date,
                body: response.body,
                retried: false,
                retry_after: None,
            })
        })
    }

    fn now(&self) -> Millis {
        self.now
    }

    fn clock_tolerance(&self) -> i64 {
        0
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.now = self.now.plus(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX));
        })
    }

    fn is_virtual(&self) -> bool {
        true
    }
}
