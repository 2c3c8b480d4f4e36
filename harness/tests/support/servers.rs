//! Small servers on free ports of this machine, which run until their value is dropped.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a broken one has to fail the test")]

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mfa_conformance::clock::Clock;
use mfa_conformance::serve::{Handler, Server};
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::wire::{HttpRequest, HttpResponse};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server that is stopped when the value is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a handler.
pub(crate) async fn serve(handler: impl Fn(HttpRequest<'_>) -> HttpResponse + Send + Sync + 'static) -> Served {
    serve_until(Arc::new(handler), std::future::pending()).await
}

async fn serve_until(handler: Handler, end: impl Future<Output = ()> + Send + 'static) -> Served {
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let url = format!("http://{}", server.local_addr());
    Served { url, task: tokio::spawn(server.run(handler, end)) }
}

/// Answers every request with the same reply.
pub(crate) async fn always(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Served {
    let body = body.into();
    serve(move |_| reply(status, content_type, body.clone())).await
}

/// A reply.
pub(crate) fn reply(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse {
        status,
        content_type: Cow::Borrowed(content_type),
        request_id: String::new(),
        headers: Vec::new(),
        body: body.into(),
    }
}

/// An error in the documented envelope.
pub(crate) fn error(code: &str, message: &str) -> String {
    let fault = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    format!("<ErrorResponse xmlns=\"{NAMESPACE}\">{fault}<RequestId>r-1</RequestId></ErrorResponse>")
}

/// The namespace of IAM's replies.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Handles each connection the same way.
pub(crate) async fn connections<F, R>(with_connection: F) -> Served
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(with_connection(stream));
        }
    });
    Served { url, task }
}

/// Reads everything, and never answers.
pub(crate) async fn swallow(mut stream: TcpStream) {
    let mut bytes = [0; 4_096];
    while matches!(stream.read(&mut bytes).await, Ok(length) if length > 0) {}
}

/// Forwards another port to a service until `hangs` happens. From then on it sends no reply.
pub(crate) async fn until_it_hangs(url: &str, hangs: Event) -> Served {
    let behind = url.trim_start_matches("http://").to_owned();
    connections(move |mut outer| {
        let (behind, hangs) = (behind.clone(), hangs.clone());
        async move {
            let through = async {
                if let Ok(mut inner) = TcpStream::connect(behind).await {
                    let _ended = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                }
            };
            tokio::select! {
                biased;
                () = hangs.wait() => {}
                () = through => hangs.wait().await,
            }
            swallow(outer).await;
        }
    })
    .await
}

/// A port where nothing listens.
pub(crate) async fn closed_port() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Answers a request in place of the service, if it returns a response.
type Instead = Box<dyn Fn(&HttpRequest<'_>) -> Option<HttpResponse> + Send + Sync>;

/// A one-time event.
#[derive(Clone)]
pub(crate) struct Event(Arc<tokio::sync::Semaphore>);

impl Event {
    pub(crate) fn new() -> Self {
        Self(Arc::new(tokio::sync::Semaphore::new(0)))
    }

    /// Triggers the event.
    pub(crate) fn happen(&self) {
        self.0.close();
    }

    /// Waits for the event.
    pub(crate) async fn wait(&self) {
        let _closed = self.0.acquire().await;
    }
}

/// A service behind a socket whose account tests can inspect.
pub(crate) struct Account {
    pub(crate) served: Served,
    service: Arc<Mutex<Service>>,
    requests: Arc<AtomicU64>,
    over: Event,
}

impl Account {
    /// An empty account on a service with this behaviour.
    pub(crate) async fn new(behaviour: Behaviour) -> Self {
        Self::start(behaviour, u64::MAX, Box::new(|_| None)).await
    }

    /// An account whose server ends after this many requests.
    pub(crate) async fn with_most(behaviour: Behaviour, requests: u64) -> Self {
        Self::start(behaviour, requests, Box::new(|_| None)).await
    }

    /// The documented service, with another function that may answer in its place.
    pub(crate) async fn answering(
        instead: impl Fn(&HttpRequest<'_>) -> Option<HttpResponse> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Behaviour::default(), u64::MAX, Box::new(instead)).await
    }

    async fn start(behaviour: Behaviour, requests: u64, instead: Instead) -> Self {
        let clock = Clock::system();
        let service = Arc::new(Mutex::new(Service::new(behaviour, 1)));
        let (answering, most, over) = (service.clone(), requests, Event::new());
        let (ends, requests) = (over.clone(), Arc::<AtomicU64>::default());
        let count = requests.clone();
        let handler = move |request: HttpRequest<'_>| {
            if count.fetch_add(1, Ordering::Relaxed) + 1 == most {
                ends.happen();
            }
            instead(&request).unwrap_or_else(|| lock(&answering).handle(&request, clock.now()))
        };
        let ended = over.clone();
        let served = serve_until(Arc::new(handler), async move { ended.wait().await }).await;
        Self { served, service, requests, over }
    }

    /// How many requests were answered.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The event of the server's end.
    pub(crate) fn over(&self) -> Event {
        self.over.clone()
    }

    /// The URL.
    pub(crate) fn url(&self) -> &str {
        &self.served.url
    }

    /// The names and serial numbers of what runs left in it.
    pub(crate) fn remains(&self) -> Vec<String> {
        let service = lock(&self.service);
        let users = service.account().users().map(|(_, user)| user.entry.user_name.clone());
        let devices = service.account().devices_after("").map(|(_, device)| device.serial_number.to_string());
        users.chain(devices).filter(|name| name.contains("mfac-")).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
