//! A service in this process whose account is looked at around each call.

use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::account::Account;

use crate::play_now::BEGINNING;
use mfa_conformance::transport::{BoxFuture, ConnectionPlan, Credentials, HttpReply, Transport, TransportError};
use mfa_conformance::wire::Encoded;
use mfa_faults::altered::Altered;
use mfa_faults::factory::{AlteredFactory, AlteredTransport};

/// What one call did.
pub(crate) struct Looked {
    /// What came back.
    pub(crate) reply: Result<HttpReply, TransportError>,
    /// The account after it, if it has changed.
    pub(crate) changed: Option<Account>,
    /// When it came, by the service's clock.
    pub(crate) at: Millis,
}

/// A service in this process whose account is looked at around each call. A second one, if there is one, gets the same
/// calls at the same instants.
pub(crate) struct Watched {
    factory: AlteredFactory,
    transport: AlteredTransport,
    beside: Option<Box<Self>>,
    account: Account,
    pub(crate) calls: Vec<Looked>,
}

impl Watched {
    /// A service whose clock begins so many milliseconds into a step; its own clock may be ahead, which is known.
    pub(crate) fn new(altered: Altered, into_step: i64) -> Self {
        let ahead = altered.ahead_ms;
        let factory = AlteredFactory::new(altered, 7, Millis(BEGINNING + into_step));
        let transport = factory.connect(ahead);
        Self { factory, transport, beside: None, account: Account::EMPTY, calls: Vec::new() }
    }

    /// The same, with another one beside it.
    pub(crate) fn beside(self, other: Self) -> Self {
        Self { beside: Some(Box::new(other)), ..self }
    }

    /// Sends a call, and looks.
    async fn pass(&mut self, request: &Encoded, credentials: &Credentials) -> Result<HttpReply, TransportError> {
        let at = self.transport.now();
        let reply = self.transport.send(request, credentials).await;
        let known = &self.account;
        let changed = self.factory.look(|account| (account != known).then(|| account.clone()));
        if let Some(account) = &changed {
            self.account = account.clone();
        }
        self.calls.push(Looked { reply: reply.clone(), changed, at });
        reply
    }

    /// What the service beside this one did.
    pub(crate) fn calls_beside(&self) -> &[Looked] {
        self.beside.as_ref().map_or(&[], |other| &other.calls)
    }
}

impl Transport for Watched {
    fn connect_by(&mut self, plan: ConnectionPlan) {
        self.transport.connect_by(plan);
        if let Some(other) = &mut self.beside {
            other.transport.connect_by(plan);
        }
    }

    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move {
            let reply = self.pass(request, credentials).await;
            if let Some(other) = &mut self.beside {
                let _compared_later = other.pass(request, credentials).await;
            }
            reply
        })
    }

    fn now(&self) -> Millis {
        self.transport.now()
    }

    fn clock_tolerance(&self) -> i64 {
        self.transport.clock_tolerance()
    }

    fn is_virtual(&self) -> bool {
        true
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.transport.wait(duration).await;
            if let Some(other) = &mut self.beside {
                other.transport.wait(duration).await;
            }
        })
    }
}
