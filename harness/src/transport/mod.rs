//! A transport takes a call to a service and brings back its reply, or tells what broke.
//!
//! - [`http`]: reqwest and SigV4, to any endpoint that is allowed.
//! - [`in_process`]: straight into a [`mfa_reference::service::Service`], with a virtual clock.

pub mod http;
pub mod in_process;

use std::time::Duration;

pub use futures::future::BoxFuture;
use mfa_reference::Millis;

use crate::wire::Encoded;

/// Who signs a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// An HTTP reply, read whole within the body cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Date` header, as milliseconds since the epoch (it has whole seconds).
    pub date: Option<Millis>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the request was sent twice, because a kept connection broke under the first one: the service may have
    /// carried it out twice, and the reply is the second one's.
    pub retried: bool,
    /// How long the service asks to wait before the next try: the `Retry-After` header.
    pub retry_after: Option<Duration>,
}

/// Why there is no HTTP reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke before the reply was whole.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// No reply within the request time-out.
    #[error("no reply within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The reply's body is larger than the cap.
    #[error("the reply is larger than {0} bytes")]
    TooLarge(usize),
    /// What came back isn't HTTP.
    #[error("not an HTTP reply: {0}")]
    NotHttp(String),
    /// The request could not be built or signed.
    #[error("the request could not be sent: {0}")]
    Request(String),
}

/// By which connections requests come. A service may keep something for each of them, or for the process behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionPlan {
    /// One connection carries all of them.
    #[default]
    Kept,
    /// Each has a connection of its own.
    NewEach,
    /// So many connections carry one after another by turns.
    Alternate(u8),
}

impl ConnectionPlan {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(crate) fn is_kept(&self) -> bool {
        *self == Self::Kept
    }
}

/// A way to a service. One transport carries one scenario at a time: one request after another.
pub trait Transport: Send {
    /// By which connections the next requests go. A transport without connections has no use for it.
    fn connect_by(&mut self, plan: ConnectionPlan);

    /// Sends one request and waits for its reply.
    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>>;

    /// The service's clock, as well as this side knows it.
    fn now(&self) -> Millis;

    /// How far [`Transport::now`] may be off, in milliseconds either way.
    fn clock_tolerance(&self) -> i64;

    /// Lets time pass: the virtual clock jumps, the real one is waited for.
    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Whether the clock is virtual, so that a wait costs nobody time.
    fn is_virtual(&self) -> bool {
        false
    }
}
