//! A transport sends a call to a service and returns its reply, or the error.
//!
//! - [`http`]: reqwest and SigV4, to any endpoint that is allowed.
//! - [`in_process`]: direct calls of a [`mfa_reference::service::Service`], with a virtual clock.
//! - `interleaving`: in which order a service in this process runs requests that overlap

pub mod http;
pub mod in_process;
mod interleaving;

use std::time::Duration;

pub use futures::future::BoxFuture;
pub use interleaving::Interleaving;
use mfa_reference::Millis;

use crate::wire::Encoded;

/// The credentials that sign a request.
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
    /// Whether the request was sent twice because a kept connection broke. The service may have executed it twice, and
    /// this is the reply to the second one.
    pub retried: bool,
    /// How long the service asks to wait before a retry, from the `Retry-After` header.
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
    /// The reply isn't HTTP.
    #[error("not an HTTP reply: {0}")]
    NotHttp(String),
    /// The request could not be built or signed.
    #[error("the request could not be sent: {0}")]
    Request(String),
}

/// One of several requests that overlap.
#[derive(Clone, Copy, Debug)]
pub struct Overlapping<'a> {
    /// What is sent.
    pub request: &'a Encoded,
    /// Who signs it.
    pub credentials: &'a Credentials,
    /// How long after the release of all requests it is sent. A virtual clock ignores it.
    pub delay: Duration,
}

/// How one of several overlapping requests went. Both instants count from the release of all of them.
#[derive(Clone, Debug)]
pub struct Overlapped {
    /// The reply, or why there is none.
    pub came: Result<HttpReply, TransportError>,
    /// Before it was sent.
    pub began: Duration,
    /// After its reply was read, or the attempt ended.
    pub ended: Duration,
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

/// Sends requests to a service. One transport serves one scenario at a time.
pub trait Transport: Send {
    /// Sets which connections the next requests use. A transport without connections ignores it.
    fn connect_by(&mut self, plan: ConnectionPlan);

    /// Sends one request and waits for its reply.
    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>>;

    /// Sends several requests at once, and waits for all replies. `schedule` chooses the order in which a service in
    /// this process runs them; a live service decides for itself. Without an own implementation, they run one after
    /// another, as if a service locked the account, and count as overlapping.
    fn send_together<'a>(
        &'a mut self,
        requests: &'a [Overlapping<'a>],
        schedule: u32,
    ) -> BoxFuture<'a, Vec<Overlapped>> {
        Box::pin(async move {
            let order = Interleaving::of(requests.len(), schedule).end;
            let mut replies: Vec<(usize, Overlapped)> = Vec::with_capacity(requests.len());
            for (position, index) in (1..).zip(order) {
                let Some(one) = requests.get(index) else { continue };
                let came = self.send(one.request, one.credentials).await;
                let ended = Duration::from_millis(position);
                replies.push((index, Overlapped { came, began: Duration::ZERO, ended }));
            }
            replies.sort_by_key(|(index, _)| *index);
            replies.into_iter().map(|(_, reply)| reply).collect()
        })
    }

    /// The time of the service's clock, as far as this side knows it.
    fn now(&self) -> Millis;

    /// How far [`Transport::now`] may be off, in milliseconds either way.
    fn clock_tolerance(&self) -> i64;

    /// Waits: a virtual clock jumps, and a real one takes the time.
    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Whether the clock is virtual, so that waiting takes no time.
    fn is_virtual(&self) -> bool {
        false
    }
}
