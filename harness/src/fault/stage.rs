//! Plays scenarios on an altered service in this process: one service for a whole run, as a target would be, and one
//! virtual clock, so that waiting takes no time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::wire::HttpResponse;
use mfa_reference::world::World;

use super::altered::Altered;
use super::host::{Connection, Host};
use super::line::Lost;
use crate::run::Stage;
use crate::transport::in_process::{received, unsigned_by};
use crate::transport::{Credentials, HttpReply, Transport, TransportError};
use crate::wire::{Encoded, Method};

/// How long a call takes on the virtual clock, in milliseconds: so that a run crosses the edges of some steps.
const CALL_MS: i64 = 5;

/// How long nothing may come back, on the virtual clock.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// An altered service in this process.
#[derive(Clone, Debug)]
pub struct AlteredStage {
    host: Arc<Host>,
    clock: Arc<AtomicI64>,
    under_test: Arc<AtomicU64>,
}

impl AlteredStage {
    /// A stage for a service; its ids and seeds are drawn from a number, and its clock begins at `now`.
    #[must_use]
    pub fn new(altered: Altered, seed: u64, now: Millis) -> Self {
        Self { host: Host::new(altered, seed), clock: Arc::new(AtomicI64::new(now.0)), under_test: Arc::default() }
    }

    /// How many calls of the operations under test have been sent.
    #[must_use]
    pub fn calls(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.under_test)
    }

    /// Looks at the account as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.host.look(look)
    }

    /// A way to the service; its clock is `skew_ms` ahead, as far as the sender knows.
    #[must_use]
    pub fn connect(&self, skew_ms: i64) -> AlteredTransport {
        AlteredTransport { stage: self.clone(), connection: self.host.connect(), skew_ms }
    }
}

impl Stage for AlteredStage {
    type Transport = AlteredTransport;

    const ONE_SERVICE_A_SCENARIO: bool = false;

    fn transport(&self, skew_ms: i64) -> Result<AlteredTransport, TransportError> {
        Ok(self.connect(skew_ms))
    }
}

/// A connection to an altered service.
#[derive(Debug)]
pub struct AlteredTransport {
    stage: AlteredStage,
    connection: Connection,
    skew_ms: i64,
}

impl Transport for AlteredTransport {
    async fn send(&mut self, request: &Encoded, credentials: &Credentials) -> Result<HttpReply, TransportError> {
        let authorization = unsigned_by(credentials);
        let http = received(request, &authorization);
        let parameters = match request.method {
            Method::Get => request.path_and_query.as_bytes(),
            Method::Post => &request.body,
        };
        let named = ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"];
        if parameters.split(|byte| matches!(byte, b'&' | b'?')).any(|pair| {
            pair.strip_prefix(b"Action=").is_some_and(|action| named.iter().any(|named| named.as_bytes() == action))
        }) {
            self.stage.under_test.fetch_add(1, Ordering::Relaxed);
        }
        let now = Millis(self.stage.clock.fetch_add(CALL_MS, Ordering::Relaxed));
        let kept = self.connection.is_kept();
        let mut answered = self.connection.answer(&http, now);
        // A client sends a request once more if the connection that broke under it was a kept one.
        let retried = kept && matches!(answered, Err(Lost::HungUp));
        if retried {
            self.connection = self.stage.host.connect();
            answered = self.connection.answer(&http, now);
        }
        let ahead = self.stage.host.ahead_ms();
        match answered {
            Ok(sent) if sent.delay < REQUEST_TIMEOUT => {
                self.wait(sent.delay).await;
                let response = sent.response;
                let retry_after = retry_after(&response);
                Ok(HttpReply {
                    status: response.status,
                    content_type: Some(response.content_type.to_string()),
                    date: Some(Millis(now.plus(ahead + self.stage.host.date_shift_ms()).seconds() * 1000)),
                    body: response.body,
                    retried,
                    retry_after,
                })
            }
            Ok(_) | Err(Lost::Silence) => {
                self.wait(REQUEST_TIMEOUT).await;
                Err(TransportError::Timeout(REQUEST_TIMEOUT))
            }
            Err(Lost::HungUp) => {
                self.connection = self.stage.host.connect();
                Err(TransportError::Broken("the connection was closed before the reply".to_owned()))
            }
        }
    }

    fn now(&self) -> Millis {
        Millis(self.stage.clock.load(Ordering::Relaxed)).plus(self.skew_ms)
    }

    fn clock_tolerance(&self) -> i64 {
        crate::clock::Clock::DEFAULT_TOLERANCE_MS
    }

    async fn wait(&mut self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.stage.clock.fetch_add(millis, Ordering::Relaxed);
    }

    fn is_virtual(&self) -> bool {
        true
    }
}

/// The `Retry-After` header of a response, in seconds.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let (_, value) = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    value.parse().ok().map(Duration::from_secs)
}
