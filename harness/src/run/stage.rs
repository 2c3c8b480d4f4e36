//! Where scenarios are played: over HTTP at an endpoint, or on a service in this process.

use std::time::Duration;

use mfa_reference::Millis;
use mfa_reference::service::{Behaviour, Service};

use crate::clock::Clock;
use crate::endpoint::PinnedEndpoint;
use crate::execute::Patience;
use crate::transport::http::{Http, Options};
use crate::transport::in_process::InProcess;
use crate::transport::{Transport, TransportError};

/// Where scenarios are played.
pub trait Stage: Send + Sync + 'static {
    /// The way to the service.
    type Transport: Transport + 'static;

    /// Whether what one scenario does can be seen by the next: the service outlives the transport.
    const KEEPS_STATE: bool;

    /// A way of one's own to the service, whose clock is `skew_ms` milliseconds ahead of ours.
    ///
    /// # Errors
    /// The client could not be built.
    fn transport(&self, skew_ms: i64) -> Result<Self::Transport, TransportError>;

    /// How long scenarios may wait for unused codes, if a run may wait this long.
    fn patience(&self, max_wait: Duration) -> Patience;
}

/// An endpoint that is reached over HTTP.
#[derive(Clone, Debug)]
pub struct HttpStage {
    /// The endpoint.
    pub endpoint: PinnedEndpoint,
    /// Our clock.
    pub clock: Clock,
    /// The client's limits.
    pub options: Options,
}

impl Stage for HttpStage {
    type Transport = Http;

    const KEEPS_STATE: bool = true;

    fn transport(&self, skew_ms: i64) -> Result<Http, TransportError> {
        Http::new(&self.endpoint, self.clock.with_skew(skew_ms), self.options.clone())
    }

    fn patience(&self, max_wait: Duration) -> Patience {
        Patience::WhenAsked(max_wait)
    }
}

/// A service in this process; each scenario has one of its own, and a virtual clock.
#[derive(Clone, Debug)]
pub struct InProcessStage {
    /// How the service behaves.
    pub behaviour: Behaviour,
    /// Where its clock begins.
    pub now: Millis,
}

impl Stage for InProcessStage {
    type Transport = InProcess;

    const KEEPS_STATE: bool = false;

    fn transport(&self, _: i64) -> Result<InProcess, TransportError> {
        Ok(InProcess::new(Service::new(self.behaviour.clone(), 1), self.now))
    }

    fn patience(&self, _: Duration) -> Patience {
        Patience::Always
    }
}
