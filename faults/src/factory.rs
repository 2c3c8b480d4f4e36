//! Plays scenarios on an altered service in this process. A whole run has one service, like a target, and one virtual
//! clock, so that waiting takes no time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use mfa_conformance::serve::Answer;
use mfa_reference::Millis;
use mfa_reference::account::Account;
use mfa_reference::wire::{HttpRequest, HttpResponse};

use super::altered::Altered;
use super::host::{Begun, Connection, Host};
use mfa_conformance::execute::Patience;
use mfa_conformance::run::TransportFactory;
use mfa_conformance::transport::in_process::{received, unsigned_by};
use mfa_conformance::transport::{
    BoxFuture, ConnectionPlan, Credentials, HttpReply, Interleaving, Overlapped, Overlapping, Transport, TransportError,
};
use mfa_conformance::wire::{Encoded, Method};

/// How long a call takes on the virtual clock, in milliseconds. So a run crosses the boundaries of some time steps.
const CALL_MS: i64 = 5;

/// How long a reply may take, on the virtual clock.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// An altered service in this process.
#[derive(Clone, Debug)]
pub struct AlteredFactory {
    host: Arc<Host>,
    clock: Arc<AtomicI64>,
    under_test: Arc<AtomicU64>,
}

impl AlteredFactory {
    /// A factory for a service. `seed` determines its ids and seeds, and its clock begins at `now`.
    #[must_use]
    pub fn new(altered: Altered, seed: u64, now: Millis) -> Self {
        Self { host: Host::new(altered, seed), clock: Arc::new(AtomicI64::new(now.0)), under_test: Arc::default() }
    }

    /// How many calls of the operations under test have been sent.
    #[must_use]
    pub fn calls(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.under_test)
    }

    /// Inspects the present state of the account.
    pub fn look<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        self.host.look(look)
    }

    /// A new transport to the service. The sender takes the service's clock to be `skew_ms` ahead.
    #[must_use]
    pub fn connect(&self, skew_ms: i64) -> AlteredTransport {
        AlteredTransport {
            factory: self.clone(),
            connections: vec![self.host.connect()],
            plan: ConnectionPlan::Kept,
            sent: 0,
            skew_ms,
        }
    }
}

impl TransportFactory for AlteredFactory {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(self.connect(skew_ms)))
    }

    fn patient_transport(&self, skew_ms: i64, _: Duration) -> Result<(Box<dyn Transport>, Patience), TransportError> {
        Ok((Box::new(self.connect(skew_ms)), Patience::Always))
    }
}

/// A transport to an altered service, with one connection or several.
#[derive(Debug)]
pub struct AlteredTransport {
    factory: AlteredFactory,
    connections: Vec<Connection>,
    plan: ConnectionPlan,
    /// How many requests were sent under the plan.
    sent: usize,
    skew_ms: i64,
}

impl AlteredTransport {
    /// The number of the next connection in turn, which it creates if necessary.
    fn turn(&mut self) -> usize {
        let turn = match self.plan {
            ConnectionPlan::Kept => 0,
            ConnectionPlan::Alternate(connections) => self.sent % usize::from(connections.max(1)),
            ConnectionPlan::NewEach => {
                self.connections.clear();
                0
            }
        };
        while self.connections.len() <= turn {
            self.connections.push(self.factory.host.connect());
        }
        self.sent += 1;
        turn
    }

    /// Sends a request on a connection. It replaces a broken connection, and retries the request if the connection was
    /// a kept one.
    fn answer(&mut self, turn: usize, http: &HttpRequest<'_>, now: Millis) -> (Answer, bool) {
        let Some(connection) = self.connections.get_mut(turn) else { return (Answer::Silence, false) };
        let kept = connection.is_kept();
        let answered = connection.answer(http, now);
        if !matches!(answered, Answer::HangUp) {
            return (answered, false);
        }
        *connection = self.factory.host.connect();
        if !kept {
            return (answered, false);
        }
        let answered = connection.answer(http, now);
        if matches!(answered, Answer::HangUp) {
            *connection = self.factory.host.connect();
        }
        (answered, true)
    }
}

impl AlteredTransport {
    /// Counts a call of the three operations.
    fn count(&self, request: &Encoded) {
        let parameters = match request.method {
            Method::Get => request.path_and_query.as_bytes(),
            Method::Post => &request.body,
        };
        let named = ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"];
        if parameters.split(|byte| matches!(byte, b'&' | b'?')).any(|pair| {
            pair.strip_prefix(b"Action=").is_some_and(|action| named.iter().any(|named| named.as_bytes() == action))
        }) {
            self.factory.under_test.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What comes of an answer, and after how long.
    fn came(&self, answer: Answer, retried: bool, now: Millis) -> (Result<HttpReply, TransportError>, Duration) {
        let host = &self.factory.host;
        match answer {
            Answer::Response(response, delay) if delay < REQUEST_TIMEOUT => {
                let retry_after = retry_after(&response);
                let reply = HttpReply {
                    status: response.status,
                    content_type: Some(response.content_type.to_string()),
                    date: Some(Millis(now.plus(host.ahead_ms() + host.date_shift_ms()).seconds() * 1000)),
                    body: response.body,
                    retried,
                    retry_after,
                };
                (Ok(reply), delay)
            }
            Answer::Response(..) | Answer::Silence => (Err(TransportError::Timeout(REQUEST_TIMEOUT)), REQUEST_TIMEOUT),
            Answer::HangUp => {
                let why = "the connection was closed before the reply".to_owned();
                (Err(TransportError::Broken(why)), Duration::ZERO)
            }
            // Only a server waits between the beginning and the end of a call.
            Answer::Later(_, finish) => self.came((finish.0)(), retried, now),
        }
    }
}

impl Transport for AlteredTransport {
    fn connect_by(&mut self, plan: ConnectionPlan) {
        (self.plan, self.sent) = (plan, 0);
    }

    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move {
            let authorization = unsigned_by(credentials);
            let http = received(request, &authorization);
            self.count(request);
            let now = Millis(self.factory.clock.fetch_add(CALL_MS, Ordering::Relaxed));
            let turn = self.turn();
            let (answered, retried) = self.answer(turn, &http, now);
            let (came, takes) = self.came(answered, retried, now);
            self.wait(takes).await;
            came
        })
    }

    /// Begins all calls and then ends them, in the orders of the schedule: the same schedule gives the same replies.
    fn send_together<'a>(
        &'a mut self,
        requests: &'a [Overlapping<'a>],
        schedule: u32,
    ) -> BoxFuture<'a, Vec<Overlapped>> {
        Box::pin(async move {
            let order = Interleaving::of(requests.len(), schedule);
            let mut begun: BTreeMap<usize, Begun> = BTreeMap::new();
            for index in order.begin {
                let Some(one) = requests.get(index) else { continue };
                self.count(one.request);
                let authorization = unsigned_by(one.credentials);
                let mut own;
                let connection = if let Some(kept) = self.connections.first_mut().filter(|_| index == 0) {
                    kept
                } else {
                    own = self.factory.host.connect();
                    &mut own
                };
                let http = received(one.request, &authorization);
                let now = Millis(self.factory.clock.load(Ordering::Relaxed));
                begun.extend(connection.begin(&http, now).map(|call| (index, call)));
            }
            let mut replies = BTreeMap::new();
            let mut longest = Duration::ZERO;
            for (position, index) in (1..).zip(order.end) {
                let Some(one) = requests.get(index) else { continue };
                let now = Millis(self.factory.clock.fetch_add(CALL_MS, Ordering::Relaxed));
                let answer = if let Some(call) = begun.remove(&index) {
                    call.end(now)
                } else {
                    let authorization = unsigned_by(one.credentials);
                    self.factory.host.connect().answer(&received(one.request, &authorization), now)
                };
                let (came, takes) = self.came(answer, false, now);
                longest = longest.max(takes);
                let ended = Duration::from_millis(position) + takes;
                replies.insert(index, Overlapped { came, began: Duration::ZERO, ended });
            }
            self.wait(longest).await;
            replies.into_values().collect()
        })
    }

    fn now(&self) -> Millis {
        Millis(self.factory.clock.load(Ordering::Relaxed)).plus(self.skew_ms)
    }

    fn clock_tolerance(&self) -> i64 {
        // Without a difference both sides read the same clock.
        let is_same = self.skew_ms == 0 && self.factory.host.ahead_ms() == 0;
        if is_same { 0 } else { mfa_conformance::clock::Clock::DEFAULT_TOLERANCE_MS }
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
            self.factory.clock.fetch_add(millis, Ordering::Relaxed);
        })
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
