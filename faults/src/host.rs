//! A host runs one altered service, and accepts its connections.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_conformance::serve::Answer;
use mfa_reference::Millis;
use mfa_reference::account::Account;
use mfa_reference::service::Service;
use mfa_reference::wire::HttpRequest;

use super::altered::Altered;
use super::line::{Incoming, Line, lock};
use super::race::{Calls, Owned};

/// A running service.
pub struct Host {
    altered: Altered,
    running: Mutex<Running>,
}

struct Running {
    service: Service,
    calls: u64,
    /// How many connections there were.
    connections: u64,
    /// The calls, if they last.
    lasting: Option<Calls>,
}

impl Host {
    /// A service of this kind with an empty account. `seed` determines its ids and seeds.
    #[must_use]
    pub fn new(altered: Altered, seed: u64) -> Arc<Self> {
        let behaviour = altered.behaviour.clone();
        let (lasting, behaviour) = match altered.race {
            Some(race) => {
                let (calls, behaviour) = Calls::new(race, behaviour);
                (Some(calls), behaviour)
            }
            None => (None, behaviour),
        };
        let service = Service::new(behaviour, seed);
        Arc::new(Self { altered, running: Mutex::new(Running { service, calls: 0, connections: 0, lasting }) })
    }

    /// A new connection to it.
    #[must_use]
    pub fn connect(self: &Arc<Self>) -> Connection {
        let mut running = lock(&self.running);
        running.connections += 1;
        let number = running.connections;
        Connection { host: Arc::clone(self), line: (self.altered.lay)(), carried: 0, number }
    }

    /// Inspects the present state of the account.
    pub fn look<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        look(lock(&self.running).service.account())
    }

    /// How far its clock is ahead, in milliseconds.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.altered.ahead_ms
    }

    /// How far its `Date` header is ahead of its clock, in milliseconds.
    #[must_use]
    pub fn date_shift_ms(&self) -> i64 {
        self.altered.date_shift_ms
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("altered", &self.altered).finish_non_exhaustive()
    }
}

/// A connection to a host.
pub struct Connection {
    host: Arc<Host>,
    line: Box<dyn Line>,
    carried: u64,
    number: u64,
}

/// A call that has begun.
#[derive(Debug)]
pub struct Begun {
    host: Arc<Host>,
    number: u64,
}

impl Begun {
    /// Ends the call.
    #[must_use]
    pub fn end(self, now: Millis) -> Answer {
        let now = now.plus(self.host.altered.ahead_ms);
        let running = &mut *lock(&self.host.running);
        running.lasting.as_mut().map_or(Answer::Silence, |calls| calls.end(&mut running.service, self.number, now))
    }

    /// How long it lasts behind a socket.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        let under_way = lock(&self.host.running).lasting.as_ref().map_or(0, Calls::under_way);
        Duration::from_millis(self.host.altered.lasts_ms) * u32::try_from(under_way).unwrap_or(1)
    }
}

/// A call that may not begin yet.
#[derive(Debug)]
pub struct Waiting {
    connection: Connection,
    request: Owned,
}

impl Waiting {
    /// Begins the call, if it may begin now.
    ///
    /// # Errors
    /// It still has to wait.
    pub fn begin(mut self: Box<Self>, now: Millis) -> Result<Begun, Box<Self>> {
        if self.connection.is_full() {
            return Err(self);
        }
        match self.connection.begin(&self.request.http(), now) {
            Some(begun) => Ok(begun),
            None => Err(self),
        }
    }
}

impl Connection {
    /// Whether as many calls are under way as the service takes at once.
    fn is_full(&self) -> bool {
        let under_way = lock(&self.host.running).lasting.as_ref().map_or(0, Calls::under_way);
        under_way >= self.host.altered.most_at_once
    }

    /// The call, if it has to wait for others to end.
    #[must_use]
    pub fn begins_later(&self, request: &HttpRequest<'_>) -> Option<Box<Waiting>> {
        self.is_full().then(|| Box::new(Waiting { connection: self.host.connect(), request: request.into() }))
    }

    /// Begins a call, if the service's calls last.
    pub fn begin(&mut self, request: &HttpRequest<'_>, now: Millis) -> Option<Begun> {
        let now = now.plus(self.host.altered.ahead_ms);
        let running = &mut *lock(&self.host.running);
        let calls = running.lasting.as_mut()?;
        running.calls += 1;
        self.carried += 1;
        let number = calls.begin(&mut running.service, request, self.number, now);
        Some(Begun { host: Arc::clone(&self.host), number })
    }
    /// Whether it was used for a request before.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.carried > 0
    }

    /// Answers a request. `now` is the time, and the service's clock may be ahead of it.
    pub fn answer(&mut self, request: &HttpRequest<'_>, now: Millis) -> Answer {
        if let Some(begun) = self.begin(request, now) {
            return begun.end(now);
        }
        let now = now.plus(self.host.altered.ahead_ms);
        let mut running = lock(&self.host.running);
        let incoming = Incoming { request: *request, now, calls: running.calls, carried: self.carried };
        running.calls += 1;
        self.carried += 1;
        self.line.pass(&incoming, &mut |request| running.service.handle(request, now))
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("carried", &self.carried).finish_non_exhaustive()
    }
}
