//! The listener and its connections, and how they end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answer::{Answerer, Connect, Handler, Same};
use super::exchange::respond;
use super::worded::Worded;

/// How long a connection may take for the head of its next request, idle time included. Clients keep connections idle
/// for one or two time steps while they wait for unused codes.
const HEAD_TIMEOUT: Duration = Duration::from_mins(2);

/// How long the server waits for a connection to end before it retries a failed accept.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long a shutdown waits for the requests that have begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A bound listener that accepts nothing yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Binds the address. Port 0 means a free port.
    ///
    /// # Errors
    ///
    /// The operating system's error, for example if the port is in use.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The bound address, with the actual port.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes, then finishes the requests that have begun, for at most five seconds.
    pub async fn run(self, handler: Handler, shutdown: impl Future<Output = ()>) {
        self.run_each(Arc::new(move || Box::new(Same(Arc::clone(&handler)))), shutdown).await;
    }

    /// Serves like [`Self::run`], with a new [`Answerer`] for each connection.
    pub async fn run_each(self, connect: Connect, shutdown: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        // Connections that outlast the shutdown are aborted when the set is dropped.
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => accepted,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) => {
                    let _task = connections.spawn(connection(stream, connect(), graceful.watcher()));
                }
                // Most likely no file descriptor is left. The end of a connection frees one.
                Err(_) => {
                    if let Ok(None) = tokio::time::timeout(ACCEPT_RETRY, connections.join_next()).await {
                        tokio::task::yield_now().await;
                    }
                }
            }
        }
        drop(self.listener);
        // After the time-out, the rest is aborted.
        let _finished = tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
    }
}

async fn connection(stream: TcpStream, answerer: Box<dyn Answerer>, watcher: Watcher) {
    // Without it a small response may wait for the previous one's acknowledgement, but still works.
    let _set = stream.set_nodelay(true);
    // Requests come one after another, so nothing ever waits for the lock.
    let answerer = Arc::new(Mutex::new(answerer));
    let service = service_fn(move |request| {
        let answerer = Arc::clone(&answerer);
        async move { respond(request, &answerer).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(Worded::new(stream)), service);
    // If a connection fails, the client caused it and has seen it.
    let _ended = watcher.watch(connection).await;
}
