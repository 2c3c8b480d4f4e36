//! What the benchmark sends to: the documented service behind a socket of this process, and a client that keeps what is
//! sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXUPPER;
use mfa_conformance::clock::Clock;
use mfa_conformance::endpoint::{Endpoint, Policy};
use mfa_conformance::run::{HttpFactory, TransportFactory};
use mfa_conformance::serve::Server;
use mfa_conformance::transport::http::Options;
use mfa_conformance::transport::{BoxFuture, ConnectionPlan, Credentials, HttpReply, Transport, TransportError};
use mfa_conformance::wire::Encoded;
use mfa_reference::service::behaviour::{Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::service::{Behaviour, Decision, Memory, Service};
use mfa_reference::totp::Seed;
use mfa_reference::{Millis, Request, SuccessBody};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What one worker sent, in order.
pub(super) type Sent = Arc<Mutex<Vec<(Encoded, Credentials)>>>;

/// The documented rules, with seeds and keys that hang on names: the same in whatever order requests come.
struct Repeatable(Documented);

impl Rules for Repeatable {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut decision = self.0.decide(situation, request, memory);
        match &mut decision {
            Decision::CarryOut { body: SuccessBody::VirtualDevice { serial_number, seed_blob, .. }, .. } => {
                *seed_blob = Seed::from_bytes(&Sha256::digest(serial_number.as_bytes())).to_blob();
            }
            Decision::CarryOut { body: SuccessBody::AccessKey(entry), .. } => {
                // A name may have marks that part the fields of an Authorization header.
                let digest = HEXUPPER.encode(&Sha256::digest(entry.user_name.as_bytes()));
                entry.access_key_id = format!("AKIA{}", digest.get(..16).unwrap_or_default());
            }
            Decision::CarryOut { .. } | Decision::Refuse { .. } | Decision::FailAfter { .. } => {}
        }
        decision
    }
}

/// The documented service behind a socket of this process.
pub(super) struct Embedded {
    pub(super) factory: HttpFactory,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Embedded {
    /// Starts a server whose clock shows `from` now; without it, this machine's time.
    pub(super) async fn start(from: Option<Millis>) -> Self {
        let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.expect("a free port");
        let url = format!("http://{}", server.local_addr());
        let clock = Clock::system();
        let its_clock = clock.with_skew(from.map_or(0, |from| from.0 - clock.now().0));
        let behaviour = Behaviour { rules: Arc::new(Repeatable(Documented::default())), ..Behaviour::default() };
        let service = Mutex::new(Service::new(behaviour, 1));
        let (stop, stopped) = oneshot::channel();
        let handler: mfa_conformance::serve::Handler = Arc::new(move |request| {
            service.lock().unwrap_or_else(PoisonError::into_inner).handle(&request, its_clock.now())
        });
        let task = tokio::spawn(server.run(handler, async {
            let _stop = stopped.await;
        }));
        let policy = Policy { allow_hosts: Vec::new(), allow_aws: false, real_credentials: false, rate_limited: false };
        let endpoint = Endpoint::parse(&url, &policy).expect("a URL").resolve().await.expect("an address");
        Self { factory: HttpFactory { endpoint, clock, options: Options::default() }, stop, task }
    }

    pub(super) async fn close(self) {
        let _gone = self.stop.send(());
        let _gone = self.task.await;
    }
}

/// A factory that keeps what each of its transports sends.
pub(super) struct Recording {
    pub(super) http: HttpFactory,
    /// By the transports in the order in which they were made.
    pub(super) sent: Arc<Mutex<Vec<Sent>>>,
}

pub(super) struct RecordingHttp {
    http: Box<dyn Transport>,
    sent: Sent,
}

impl TransportFactory for Recording {
    fn transport(&self, skew_ms: i64) -> Result<Box<dyn Transport>, TransportError> {
        let sent = Sent::default();
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent.clone());
        Ok(Box::new(RecordingHttp { http: self.http.transport(skew_ms)?, sent }))
    }
}

impl Transport for RecordingHttp {
    fn connect_by(&mut self, plan: ConnectionPlan) {
        self.http.connect_by(plan);
    }

    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move {
            let copy = (request.clone(), credentials.clone());
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(copy);
            self.http.send(request, credentials).await
        })
    }

    fn now(&self) -> Millis {
        self.http.now()
    }

    fn clock_tolerance(&self) -> i64 {
        self.http.clock_tolerance()
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.http.wait(duration).await;
        })
    }
}
