//! A host runs one altered service, and accepts its connections.

use std::sync::{Arc, Mutex};

use mfa_conformance::serve::Answer;
use mfa_reference::Millis;
use mfa_reference::account::Account;
use mfa_reference::service::Service;
use mfa_reference::wire::HttpRequest;

use super::altered::Altered;
use super::line::{Incoming, Line, lock};

/// A running service.
pub struct Host {
    altered: Altered,
    running: Mutex<Running>,
}

struct Running {
    service: Service,
    calls: u64,
}

impl Host {
    /// A service of this kind with an empty account. `seed` determines its ids and seeds.
    #[must_use]
    pub fn new(altered: Altered, seed: u64) -> Arc<Self> {
        let service = Service::new(altered.behaviour.clone(), seed);
        Arc::new(Self { altered, running: Mutex::new(Running { service, calls: 0 }) })
    }

    /// A new connection to it.
    #[must_use]
    pub fn connect(self: &Arc<Self>) -> Connection {
        Connection { host: Arc::clone(self), line: (self.altered.lay)(), carried: 0 }
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
}

impl Connection {
    /// Whether it was used for a request before.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.carried > 0
    }

    /// Answers a request. `now` is the time, and the service's clock may be ahead of it.
    pub fn answer(&mut self, request: &HttpRequest<'_>, now: Millis) -> Answer {
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
