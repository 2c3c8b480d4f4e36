//! Where scenarios are played: over HTTP at an endpoint, or on a service in this process.

use std::sync::Arc;
use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::service::{Behaviour, Service};

use crate::clock::Clock;
use crate::endpoint::PinnedEndpoint;
use crate::execute::Patience;
use crate::target::Started;
use crate::transport::http::{Http, Options};
use crate::transport::in_process::InProcess;
use crate::transport::{BoxFuture, Transport, TransportError};

/// Where scenarios are played.
pub trait TransportFactory: Send + Sync + 'static {
    /// Whether each scenario needs a transport of its own, because the service ends with it.
    fn one_service_a_scenario(&self) -> bool {
        false
    }

    /// A way of one's own to the service, whose clock is `skew_ms` milliseconds ahead of ours.
    ///
    /// # Errors
    /// The client could not be built.
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError>;

    /// The same for a scenario that may have to wait for unused codes, and how long it may, if a run may wait this
    /// long.
    ///
    /// # Errors
    /// The client could not be built.
    fn patient_transport(
        &self,
        skew_ms: i64,
        max_wait: Duration,
    ) -> Result<(Box<dyn Transport>, Patience), TransportError> {
        Ok((self.transport(skew_ms)?, Patience::WhenAsked(max_wait)))
    }

    /// Starts the service again after its death, if this side has started it. Tells whether it is there again.
    fn restart(&self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }
}

/// An endpoint that is reached over HTTP.
#[derive(Clone, Debug)]
pub struct HttpFactory {
    /// The endpoint.
    pub endpoint: PinnedEndpoint,
    /// Our clock.
    pub clock: Clock,
    /// The client's limits.
    pub options: Options,
}

impl TransportFactory for HttpFactory {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Http::new(&self.endpoint, self.clock.with_skew(skew_ms), self.options.clone())?))
    }
}

/// An emulator that this program has started, reached over HTTP.
#[derive(Clone, Debug)]
pub struct StartedFactory {
    /// The way to it.
    pub http: HttpFactory,
    /// The emulator.
    pub target: Arc<Started>,
}

impl TransportFactory for StartedFactory {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        self.http.transport(skew_ms)
    }

    fn restart(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { self.target.restart().await.is_ok() })
    }
}

/// A service in this process; each scenario has one of its own, and a virtual clock.
#[derive(Clone, Debug)]
pub struct InProcessFactory {
    /// How the service behaves.
    pub behaviour: Behaviour,
    /// Where its clock begins.
    pub now: Millis,
}

impl TransportFactory for InProcessFactory {
    fn one_service_a_scenario(&self) -> bool {
        true
    }

    fn transport(&self, _: i64) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(InProcess::new(Service::new(self.behaviour.clone(), 1), self.now)))
    }

    fn patient_transport(&self, skew_ms: i64, _: Duration) -> Result<(Box<dyn Transport>, Patience), TransportError> {
        Ok((self.transport(skew_ms)?, Patience::Always))
    }
}

/// The embedded reference: over HTTP like any other endpoint, but what would have to wait for unused codes is played
/// in this process, where waiting takes no time.
#[derive(Clone, Debug)]
pub struct EmbeddedFactory {
    /// The embedded server.
    pub http: HttpFactory,
    /// The same service without a socket.
    pub in_process: InProcessFactory,
}

impl TransportFactory for EmbeddedFactory {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        self.http.transport(skew_ms)
    }

    fn patient_transport(
        &self,
        skew_ms: i64,
        max_wait: Duration,
    ) -> Result<(Box<dyn Transport>, Patience), TransportError> {
        self.in_process.patient_transport(skew_ms, max_wait)
    }
}
