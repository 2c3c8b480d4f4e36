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
    /// Whether each scenario needs its own transport, because each has its own service.
    fn one_service_a_scenario(&self) -> bool {
        false
    }

    /// A new transport to the service, whose clock is `skew_ms` milliseconds ahead of this machine's.
    ///
    /// # Errors
    /// The client could not be built.
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError>;

    /// A new transport for a scenario that may have to wait for unused codes, and its patience in a run that may wait
    /// `max_wait`.
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

    /// Restarts the service after its death, if this program started it. Returns whether it runs again.
    fn restart(&self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }
}

/// An endpoint that is reached over HTTP.
#[derive(Clone, Debug)]
pub struct HttpFactory {
    /// The endpoint.
    pub endpoint: PinnedEndpoint,
    /// This machine's clock.
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
    /// How to reach it.
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

/// A service in this process. Each scenario has its own service and virtual clock.
#[derive(Clone, Debug)]
pub struct InProcessFactory {
    /// How the service behaves.
    pub behaviour: Behaviour,
    /// The start time of its clock.
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

/// The embedded reference, reached over HTTP like any other endpoint. Scenarios that may wait for unused codes play in
/// this process instead, where waiting takes no time.
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
